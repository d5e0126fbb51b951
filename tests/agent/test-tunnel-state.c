/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole table: every state of NetworkManager with every evidence of the kernel. */
#include "agent/tunnel-state.h"

enum { DEVICE = 1, ROUTE = 2, DEAD = 4, SETTLED = 8, N_EVIDENCES = 16, NO_DNS = 16 };

static SysvpnTunnelEvidence
evidence_of (unsigned bits)
{
  return (SysvpnTunnelEvidence){
    .has_device = (bits & DEVICE) != 0,
    .has_route = (bits & ROUTE) != 0,
    .trouble = (bits & DEAD) != 0 ? SYSVPN_CAUSE_NO_TRAFFIC : SYSVPN_CAUSE_NONE,
    .lacks_dns = (bits & NO_DNS) != 0,
    .activated_ms =
        (bits & SETTLED) != 0 ? SYSVPN_TUNNEL_SETTLING_MS : SYSVPN_TUNNEL_SETTLING_MS - 1,
  };
}

/* What is expected of an activated tunnel, by device, route, life and time. */
static const struct Cell {
  SysvpnTunnel tunnel;
  SysvpnCause cause;
} activated[N_EVIDENCES] = {
  [0] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [DEVICE] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [ROUTE] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [DEVICE | ROUTE] = { SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE },
  [DEAD] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [DEAD | DEVICE] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [DEAD | ROUTE] = { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  [DEAD | DEVICE | ROUTE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_TRAFFIC },
  [SETTLED] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ADDRESS },
  [SETTLED | DEVICE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ROUTE },
  [SETTLED | ROUTE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ADDRESS },
  [SETTLED | DEVICE | ROUTE] = { SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE },
  [SETTLED | DEAD] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ADDRESS },
  [SETTLED | DEAD | DEVICE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ROUTE },
  [SETTLED | DEAD | ROUTE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_ADDRESS },
  [SETTLED | DEAD | DEVICE | ROUTE] = { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_TRAFFIC },
};

static void
check (const SysvpnNmView *view, unsigned bits, SysvpnTunnel tunnel, SysvpnCause cause)
{
  const SysvpnTunnelEvidence evidence = evidence_of (bits);
  SysvpnCause ret_cause = SYSVPN_N_CAUSES;

  g_test_message ("evidence %u", bits);
  g_assert_cmpint (sysvpn_tunnel_state_judge (view, &evidence, &ret_cause), ==, tunnel);
  g_assert_cmpint (ret_cause, ==, cause);
}

static void
test_activated (void)
{
  const SysvpnNmView view = { .is_known = true,
                              .is_running = true,
                              .state = SYSVPN_NM_ACTIVATED };

  for (unsigned bits = 0; bits < N_EVIDENCES; bits++)
    check (&view, bits, activated[bits].tunnel, activated[bits].cause);
}

/* WireGuard is not up before something was received, whatever NetworkManager calls it. */
static void
test_handshake (void)
{
  const SysvpnNmView view = { .is_known = true,
                              .is_running = true,
                              .type = SYSVPN_PROFILE_TYPE_WIREGUARD,
                              .state = SYSVPN_NM_ACTIVATED };
  static const struct {
    bool has_received;
    int64_t activated_ms;
    struct Cell is;
  } cases[] = {
    { false, 0, { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE } },
    { false, SYSVPN_TUNNEL_HANDSHAKE_MS - 1, { SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE } },
    { false,
      SYSVPN_TUNNEL_HANDSHAKE_MS,
      { SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_HANDSHAKE } },
    { true, 0, { SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE } },
    { true, SYSVPN_TUNNEL_HANDSHAKE_MS, { SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    const SysvpnTunnelEvidence evidence = { .has_device = true,
                                            .has_route = true,
                                            .has_received = cases[i].has_received,
                                            .activated_ms = cases[i].activated_ms };
    SysvpnCause cause = SYSVPN_N_CAUSES;

    g_assert_cmpint (sysvpn_tunnel_state_judge (&view, &evidence, &cause), ==,
                     cases[i].is.tunnel);
    g_assert_cmpint (cause, ==, cases[i].is.cause);
  }
}

static void
test_other_states (void)
{
  static const struct {
    SysvpnNmState state;
    SysvpnTunnel tunnel;
  } states[] = {
    { SYSVPN_NM_NONE, SYSVPN_TUNNEL_DOWN },
    { SYSVPN_NM_ACTIVATING, SYSVPN_TUNNEL_CONNECTING },
    { SYSVPN_NM_DEACTIVATING, SYSVPN_TUNNEL_DISCONNECTING },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (states); i++) {
    const SysvpnNmView view = { .is_known = true,
                                .is_running = true,
                                .state = states[i].state };

    for (unsigned bits = 0; bits < N_EVIDENCES; bits++)
      check (&view, bits, states[i].tunnel, SYSVPN_CAUSE_NONE);
  }
}

static void
test_without_network_manager (void)
{
  const SysvpnNmView view = { .is_known = true, .state = SYSVPN_NM_ACTIVATED };

  for (unsigned bits = 0; bits < N_EVIDENCES; bits++)
    check (&view, bits, (bits & DEVICE) != 0 ? SYSVPN_TUNNEL_UNKNOWN : SYSVPN_TUNNEL_DOWN,
           SYSVPN_CAUSE_NO_NETWORK_MANAGER);
}

static void
test_before_the_first_look (void)
{
  const SysvpnNmView view = { .is_running = true, .state = SYSVPN_NM_ACTIVATED };

  for (unsigned bits = 0; bits < N_EVIDENCES; bits++)
    check (&view, bits, SYSVPN_TUNNEL_UNKNOWN, SYSVPN_CAUSE_NONE);
}

/* The one sentence that people's safety hangs on, without a table that could be wrong. */
static void
test_up_needs_everything (void)
{
  for (unsigned running = 0; running < 4; running++)
    for (unsigned state = SYSVPN_NM_NONE; state <= SYSVPN_NM_DEACTIVATING; state++)
      for (unsigned bits = 0; bits < N_EVIDENCES; bits++) {
        const SysvpnNmView view = { .is_known = (running & 1) != 0,
                                    .is_running = (running & 2) != 0,
                                    .state = (SysvpnNmState) state };
        const SysvpnTunnelEvidence evidence = evidence_of (bits);
        SysvpnCause cause;

        if (sysvpn_tunnel_state_judge (&view, &evidence, &cause) != SYSVPN_TUNNEL_UP)
          continue;
        g_assert_true (view.is_known && view.is_running);
        g_assert_cmpuint (state, ==, SYSVPN_NM_ACTIVATED);
        g_assert_true (evidence.has_device && evidence.has_route &&
                       evidence.trouble == SYSVPN_CAUSE_NONE);
        g_assert_cmpint (cause, ==, SYSVPN_CAUSE_NONE);
      }
}

/* Where clients depend on the tunnel's resolver, one without is not up; nothing else changes.
 */
static void
test_no_resolver (void)
{
  const SysvpnNmView view = { .is_known = true,
                              .is_running = true,
                              .state = SYSVPN_NM_ACTIVATED };

  for (unsigned bits = 0; bits < N_EVIDENCES; bits++) {
    bool only_that = activated[bits].tunnel == SYSVPN_TUNNEL_UP;

    check (&view, bits | NO_DNS, only_that ? SYSVPN_TUNNEL_DEGRADED : activated[bits].tunnel,
           only_that ? SYSVPN_CAUSE_NO_DNS : activated[bits].cause);
  }
}

static void
test_explain_down (void)
{
  static const struct {
    SysvpnWanted wanted;
    bool has_profile;
    bool has_uplink;
    SysvpnCause cause;
  } rows[] = {
    { SYSVPN_WANTED_DOWN, true, true, SYSVPN_CAUSE_ASKED },
    { SYSVPN_WANTED_DOWN, true, false, SYSVPN_CAUSE_ASKED },
    { SYSVPN_WANTED_DOWN, false, true, SYSVPN_CAUSE_ASKED },
    { SYSVPN_WANTED_DOWN, false, false, SYSVPN_CAUSE_ASKED },
    { SYSVPN_WANTED_UP, true, true, SYSVPN_CAUSE_LOST },
    { SYSVPN_WANTED_UP, true, false, SYSVPN_CAUSE_UPLINK_DOWN },
    { SYSVPN_WANTED_UP, false, true, SYSVPN_CAUSE_NO_PROFILE },
    { SYSVPN_WANTED_UP, false, false, SYSVPN_CAUSE_NO_PROFILE },
    { SYSVPN_WANTED_UNKNOWN, true, true, SYSVPN_CAUSE_LOST },
    { SYSVPN_WANTED_UNKNOWN, true, false, SYSVPN_CAUSE_UPLINK_DOWN },
    { SYSVPN_WANTED_UNKNOWN, false, true, SYSVPN_CAUSE_NO_PROFILE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (sysvpn_tunnel_state_explain_down (rows[i].wanted, rows[i].has_profile,
                                                       rows[i].has_uplink, SYSVPN_CAUSE_LOST),
                     ==, rows[i].cause);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tunnel-state/handshake", test_handshake);
  g_test_add_func ("/tunnel-state/activated", test_activated);
  g_test_add_func ("/tunnel-state/other-states", test_other_states);
  g_test_add_func ("/tunnel-state/without-network-manager", test_without_network_manager);
  g_test_add_func ("/tunnel-state/before-the-first-look", test_before_the_first_look);
  g_test_add_func ("/tunnel-state/up-needs-everything", test_up_needs_everything);
  g_test_add_func ("/tunnel-state/no-resolver", test_no_resolver);
  g_test_add_func ("/tunnel-state/explain-down", test_explain_down);
  return g_test_run ();
}

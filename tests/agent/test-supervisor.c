/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the agent tries by itself: every condition alone, and the times between tries. */
#include "agent/supervisor.h"

#define UUID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
#define S ((int64_t) G_USEC_PER_SEC)

static SysvpnSupervisor
wanting_up (void)
{
  SysvpnSupervisor supervisor = { 0 };

  sysvpn_supervisor_want_up (&supervisor, UUID);
  return supervisor;
}

static SysvpnSupervisorScene
lost (int64_t now_us)
{
  return (SysvpnSupervisorScene){
    .tunnel = SYSVPN_TUNNEL_DOWN,
    .cause = SYSVPN_CAUSE_LOST,
    .can_try = true,
    .now_us = now_us,
    .random = 0, /* the longest of each delay */
  };
}

static const struct SceneCase {
  const char *name;
  SysvpnWanted wanted;
  const char *uuid;
  SysvpnTunnel tunnel;
  SysvpnCause cause;
  bool is_busy;
  bool cannot;
  bool tries;
} cases[] = {
  { "down", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST, .tries = true },
  { "degraded", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_TRAFFIC,
    .tries = true },
  { "wanted-down", SYSVPN_WANTED_DOWN, UUID, SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_ASKED },
  { "wanted-down-and-degraded", SYSVPN_WANTED_DOWN, UUID, SYSVPN_TUNNEL_DEGRADED,
    SYSVPN_CAUSE_NO_ROUTE },
  { "nobody-has-said", SYSVPN_WANTED_UNKNOWN, UUID, SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST },
  { "no-profile", SYSVPN_WANTED_UP, "", SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST },
  { "unknown", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_UNKNOWN, SYSVPN_CAUSE_NONE },
  { "connecting", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE },
  { "up", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE },
  { "disconnecting", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_DISCONNECTING, SYSVPN_CAUSE_NONE },
  { "busy", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST, .is_busy = true },
  { "no-uplink", SYSVPN_WANTED_UP, UUID, SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST,
    .cannot = true },
};

/* Asked again and again for two minutes. */
static void
test_scene (gconstpointer data)
{
  const struct SceneCase *c = data;
  SysvpnSupervisor supervisor = { .wanted = c->wanted };
  unsigned n_tries = 0;

  g_strlcpy (supervisor.uuid, c->uuid, sizeof supervisor.uuid);
  for (int second = 1; second <= 120; second++) {
    SysvpnSupervisorScene scene = {
      .tunnel = c->tunnel,
      .cause = c->cause,
      .is_busy = c->is_busy,
      .can_try = !c->cannot,
      .now_us = second * S,
    };

    n_tries += sysvpn_supervisor_decide (&supervisor, &scene);
  }
  g_assert_cmpint (n_tries > 0, ==, c->tries);
  if (!c->tries)
    g_assert_cmpint (supervisor.retry_at_us, ==, 0); /* no timer is set, none is told */
}

/* Those that another try may mend, and those that it cannot. */
static void
test_causes (void)
{
  for (unsigned cause = 0; cause < SYSVPN_N_CAUSES; cause++) {
    bool needs_the_user = cause == SYSVPN_CAUSE_NO_PROFILE ||
                          cause == SYSVPN_CAUSE_CREDENTIALS ||
                          cause == SYSVPN_CAUSE_SECRET_MISSING ||
                          cause == SYSVPN_CAUSE_PLUGIN_MISSING || cause == SYSVPN_CAUSE_NO_DNS;
    SysvpnSupervisor supervisor = wanting_up ();
    SysvpnSupervisorScene scene = lost (1 * S);

    g_test_message ("%s", sysvpn_words_get (&sysvpn_cause_words, cause));
    scene.cause = (SysvpnCause) cause;
    g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
    scene.now_us += 3600 * S;
    g_assert_cmpint (sysvpn_supervisor_decide (&supervisor, &scene), ==, !needs_the_user);
  }
}

/* The pauses before each try, in seconds, when every try fails at once. */
static void
test_pauses (void)
{
  static const int pauses_s[] = { 30, 5, 10, 20, 40, 60, 60, 60 };
  SysvpnSupervisor supervisor = wanting_up ();
  int64_t now_us = 1000 * S;

  for (size_t i = 0; i < G_N_ELEMENTS (pauses_s); i++) {
    SysvpnSupervisorScene scene = lost (now_us);

    g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
    g_assert_cmpint (supervisor.retry_at_us, ==, now_us + pauses_s[i] * S);
    scene.now_us = now_us += pauses_s[i] * S;
    scene.now_us--;
    g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
    scene.now_us = now_us;
    g_assert_true (sysvpn_supervisor_decide (&supervisor, &scene));
    g_assert_cmpint (supervisor.retry_at_us, ==, 0);
    g_assert_cmpuint (supervisor.failures, ==, i + 1);
  }
}

/* Chance takes away from the later pauses, never from the patience. */
static void
test_chance (void)
{
  SysvpnSupervisor supervisor = wanting_up ();
  SysvpnSupervisorScene scene = lost (1 * S);

  scene.random = UINT32_MAX;
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, 31 * S);
  scene.now_us = 31 * S;
  g_assert_true (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, 31 * S + 3750000);
}

static void
test_up_resets (void)
{
  SysvpnSupervisor supervisor = wanting_up ();
  SysvpnSupervisorScene scene = lost (1 * S);

  for (int i = 0; i < 4; i++) {
    scene.now_us += 100 * S;
    while (!sysvpn_supervisor_decide (&supervisor, &scene))
      scene.now_us += 1 * S;
  }
  g_assert_cmpuint (supervisor.failures, ==, 4);
  scene.tunnel = SYSVPN_TUNNEL_CONNECTING;
  sysvpn_supervisor_decide (&supervisor, &scene);
  g_assert_cmpuint (supervisor.failures, ==, 4);
  scene.tunnel = SYSVPN_TUNNEL_UP;
  sysvpn_supervisor_decide (&supervisor, &scene);
  g_assert_cmpuint (supervisor.failures, ==, 0);
  scene.tunnel = SYSVPN_TUNNEL_DOWN;
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, scene.now_us + 30 * S);
}

/* What was amiss must be so without a break: patience begins again after each recovery. */
static void
test_recovery_ends_waiting (void)
{
  SysvpnSupervisor supervisor = wanting_up ();
  SysvpnSupervisorScene scene = lost (1 * S);

  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  scene.tunnel = SYSVPN_TUNNEL_UP;
  scene.now_us = 29 * S;
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, 0);
  scene.tunnel = SYSVPN_TUNNEL_DEGRADED;
  scene.now_us = 31 * S;
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, 61 * S);
}

static void
test_urgent (void)
{
  SysvpnSupervisor supervisor = wanting_up ();
  SysvpnSupervisorScene scene = lost (1 * S);

  supervisor.is_urgent = true;
  scene.can_try = false; /* the uplink comes later than the wish */
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  scene.can_try = true;
  g_assert_true (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_false (supervisor.is_urgent);
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_cmpint (supervisor.retry_at_us, ==, 6 * S);

  supervisor = wanting_up ();
  supervisor.is_urgent = true; /* and it was up all the time: nothing is urgent any more */
  scene.tunnel = SYSVPN_TUNNEL_UP;
  g_assert_false (sysvpn_supervisor_decide (&supervisor, &scene));
  g_assert_false (supervisor.is_urgent);
}

static void
test_wishes (void)
{
  SysvpnSupervisor supervisor = { .failures = 3, .retry_at_us = 7 };

  sysvpn_supervisor_want_up (&supervisor, UUID);
  g_assert_cmpint (supervisor.wanted, ==, SYSVPN_WANTED_UP);
  g_assert_cmpstr (supervisor.uuid, ==, UUID);
  g_assert_cmpuint (supervisor.failures, ==, 0);
  g_assert_cmpint (supervisor.retry_at_us, ==, 0);

  supervisor.failures = 3;
  supervisor.retry_at_us = 7;
  sysvpn_supervisor_want_down (&supervisor);
  g_assert_cmpint (supervisor.wanted, ==, SYSVPN_WANTED_DOWN);
  g_assert_cmpstr (supervisor.uuid, ==, UUID); /* the one that Connect means */
  g_assert_cmpuint (supervisor.failures, ==, 0);
  g_assert_cmpint (supervisor.retry_at_us, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/supervisor/scene/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_scene);
  }
  g_test_add_func ("/supervisor/causes", test_causes);
  g_test_add_func ("/supervisor/pauses", test_pauses);
  g_test_add_func ("/supervisor/chance", test_chance);
  g_test_add_func ("/supervisor/up-resets", test_up_resets);
  g_test_add_func ("/supervisor/recovery-ends-waiting", test_recovery_ends_waiting);
  g_test_add_func ("/supervisor/urgent", test_urgent);
  g_test_add_func ("/supervisor/wishes", test_wishes);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/click.h"

enum { SHOWNS = SYSVPN_N_SHOWNS, ACTIONS = SYSVPN_N_ACTIONS };

/* One line a state: the letters are what a click means while nothing, Connect, Disconnect,
 * Reconnect, Start is pending. Where the tunnel matters, its line follows. */
static const struct {
  SysvpnShown shown;
  int tunnel; /* -1: any that is not in a line above of the same state */
  const char *meanings;
} table[] = {
  { SYSVPN_SHOWN_UNKNOWN, -1, "EEIEI" },
  { SYSVPN_SHOWN_OFF, -1, "EEIEI" },
  { SYSVPN_SHOWN_PROTECTED, -1, "DIIII" },
  { SYSVPN_SHOWN_CONNECTING, SYSVPN_TUNNEL_CONNECTING, "XXIXI" },
  { SYSVPN_SHOWN_CONNECTING, -1, "IIIII" }, /* the killswitch is being loaded */
  { SYSVPN_SHOWN_BLOCKED, SYSVPN_TUNNEL_DISCONNECTING, "IIIII" },
  { SYSVPN_SHOWN_BLOCKED, -1, "CIIII" },
  { SYSVPN_SHOWN_DEGRADED, -1, "RIIII" },
  { SYSVPN_SHOWN_EXPOSED, -1, "EEIEI" },
};

static char
letter (SysvpnClick click)
{
  static const char letters[] = "ICDRXSE";

  G_STATIC_ASSERT (sizeof letters == SYSVPN_N_CLICKS + 1);
  g_assert_cmpuint (click, <, SYSVPN_N_CLICKS);
  return letters[click];
}

static const char *
expected (SysvpnShown shown, int tunnel)
{
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].shown == shown && (table[i].tunnel == tunnel || table[i].tunnel == -1))
      return table[i].meanings;
  g_assert_not_reached ();
}

static void
test_table (void)
{
  for (int shown = 0; shown < SHOWNS; shown++)
    for (int tunnel = 0; tunnel < (int) SYSVPN_N_TUNNELS; tunnel++)
      for (int pending = 0; pending < ACTIONS; pending++) {
        SysvpnClick click =
            sysvpn_click_meaning ((SysvpnShown) shown, SYSVPN_POWER_PAUSED,
                                  (SysvpnTunnel) tunnel, (SysvpnAction) pending);

        g_assert_cmpint (letter (click), ==, expected ((SysvpnShown) shown, tunnel)[pending]);
      }
}

/* Without a killswitch that is armed no click takes a tunnel away, and none connects blindly.
 */
static void
test_harmless (void)
{
  static const SysvpnShown unarmed[] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_OFF,
                                         SYSVPN_SHOWN_EXPOSED, SYSVPN_N_SHOWNS };

  for (size_t i = 0; i < G_N_ELEMENTS (unarmed); i++)
    for (int tunnel = 0; tunnel < (int) SYSVPN_N_TUNNELS; tunnel++)
      g_assert_cmpint (sysvpn_click_meaning (unarmed[i], SYSVPN_POWER_UNKNOWN,
                                             (SysvpnTunnel) tunnel, SYSVPN_ACTION_NONE),
                       ==, SYSVPN_CLICK_EXPLAIN);
}

/* Only a qube that is known to be halted is ever started, and only once. */
static void
test_start (void)
{
  for (int shown = 0; shown < SHOWNS; shown++)
    for (int power = 0; power < (int) SYSVPN_N_POWERS; power++)
      for (int pending = 0; pending < ACTIONS; pending++) {
        SysvpnClick click =
            sysvpn_click_meaning ((SysvpnShown) shown, (SysvpnPower) power,
                                  SYSVPN_TUNNEL_UNKNOWN, (SysvpnAction) pending);
        bool starts = shown == SYSVPN_SHOWN_OFF && power == SYSVPN_POWER_HALTED &&
                      pending == SYSVPN_ACTION_NONE;

        g_assert_cmpint (click == SYSVPN_CLICK_START, ==, starts);
      }
}

static void
test_labels (void)
{
  for (int a = 0; a < (int) SYSVPN_N_CLICKS; a++) {
    const char *label = sysvpn_click_label ((SysvpnClick) a);

    g_assert_nonnull (strchr (label, '_')); /* reached by keyboard */
    for (int b = 0; b < a; b++)
      g_assert_cmpstr (label, !=, sysvpn_click_label ((SysvpnClick) b));
  }
}

static void
test_double (void)
{
  int64_t last = 0;

  g_assert_false (sysvpn_click_is_double (&last, 1)); /* the first click after the boot */
  g_assert_true (sysvpn_click_is_double (&last, 1));
  g_assert_true (sysvpn_click_is_double (&last, 400));
  g_assert_false (sysvpn_click_is_double (&last, 800));
  /* each click of a volley is half of a double one with the one before it */
  for (int64_t now = 1000; now < 5000; now += 200)
    g_assert_true (sysvpn_click_is_double (&last, now));
  g_assert_false (sysvpn_click_is_double (&last, 4800 + SYSVPN_CLICK_DEBOUNCE_MS));
}

/* Clicks as letters, as above: what was there before, and which of the meanings a click that
 * comes just after the change has all the same. */
static void
test_settle (void)
{
  static const struct {
    SysvpnClick before;
    const char *acts;
  } cases[] = {
    { SYSVPN_CLICK_IGNORE, "IE" },       { SYSVPN_CLICK_CONNECT, "ICRE" },
    { SYSVPN_CLICK_DISCONNECT, "IDXE" }, { SYSVPN_CLICK_RECONNECT, "ICRE" },
    { SYSVPN_CLICK_CANCEL, "IDXE" },     { SYSVPN_CLICK_START, "ISE" },
    { SYSVPN_CLICK_EXPLAIN, "IE" },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (cases) == SYSVPN_N_CLICKS);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int now = 0; now < (int) SYSVPN_N_CLICKS; now++) {
      SysvpnClickTrail trail = { cases[i].before, cases[i].before, 0 };
      bool acts = strchr (cases[i].acts, letter ((SysvpnClick) now)) != NULL;
      SysvpnClick just_after;

      sysvpn_click_note (&trail, (SysvpnClick) now, 10000);
      sysvpn_click_note (&trail, (SysvpnClick) now, 10300); /* a report that changes nothing */
      just_after = sysvpn_click_settle (&trail, 10000 + SYSVPN_CLICK_SETTLE_MS - 1);
      g_assert_cmpint (just_after, ==, acts ? now : SYSVPN_CLICK_IGNORE);
      g_assert_cmpint (sysvpn_click_settle (&trail, 10000 + SYSVPN_CLICK_SETTLE_MS), ==, now);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/click/means-what-the-table-says", test_table);
  g_test_add_func ("/click/changes-nothing-while-not-armed", test_harmless);
  g_test_add_func ("/click/starts-only-what-is-halted", test_start);
  g_test_add_func ("/click/just-after-a-change", test_settle);
  g_test_add_func ("/click/labels-differ-and-have-mnemonics", test_labels);
  g_test_add_func ("/click/a-double-click-is-one", test_double);
  return g_test_run ();
}

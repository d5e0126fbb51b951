/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

static void
test_exits (void)
{
  static const SysvpnExit exits[SYSVPN_N_SHOWNS] = {
    [SYSVPN_SHOWN_PROTECTED] = 0, [SYSVPN_SHOWN_BLOCKED] = 3, [SYSVPN_SHOWN_CONNECTING] = 3,
    [SYSVPN_SHOWN_DEGRADED] = 3,  [SYSVPN_SHOWN_EXPOSED] = 4, [SYSVPN_SHOWN_UNKNOWN] = 5,
    [SYSVPN_SHOWN_OFF] = 6,
  };

  for (unsigned i = 0; i < SYSVPN_N_SHOWNS; i++)
    g_assert_cmpint (sysvpn_exit_of_shown (i), ==, exits[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/exits", test_exits);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/pace.h"

enum { GAP = SYSVPN_PACE_GAP_MS, START = 1000000 };

/* Takes every turn that is due at a time; returns how many. */
static unsigned
take_all (SysvpnPace *pace, int64_t now_ms)
{
  unsigned n = 0;

  while (sysvpn_pace_wait_ms (pace, now_ms) == 0 && n < 100) {
    sysvpn_pace_take (pace, now_ms);
    n++;
  }
  return n;
}

static void
test_burst (void)
{
  SysvpnPace pace = { 0 };

  g_assert_cmpuint (take_all (&pace, START), ==, SYSVPN_PACE_BURST);
  g_assert_cmpint (sysvpn_pace_wait_ms (&pace, START), ==, GAP);
  g_assert_cmpint (sysvpn_pace_wait_ms (&pace, START + GAP - 1), ==, 1);
  g_assert_cmpuint (take_all (&pace, START + GAP - 1), ==, 0);
  g_assert_cmpuint (take_all (&pace, START + GAP), ==, 1);
}

/* What was not used is there again, but not more than a burst, however long the quiet was. */
static void
test_rest (void)
{
  SysvpnPace pace = { 0 };

  take_all (&pace, START);
  g_assert_cmpuint (take_all (&pace, START + 2 * GAP), ==, 2);
  g_assert_cmpuint (take_all (&pace, START + 1000 * GAP), ==, SYSVPN_PACE_BURST);
}

/* A turn out of turn puts the next ones off. */
static void
test_out_of_turn (void)
{
  SysvpnPace pace = { 0 };

  take_all (&pace, START);
  sysvpn_pace_take (&pace, START);
  g_assert_cmpint (sysvpn_pace_wait_ms (&pace, START), ==, 2 * GAP);
}

/* In no second more than ten, whenever it begins and however often is asked. */
static void
test_ten_a_second (void)
{
  SysvpnPace pace = { 0 };
  unsigned turns[5000] = { 0 };
  unsigned in_a_second = 0;

  for (unsigned ms = 0; ms < G_N_ELEMENTS (turns); ms++) {
    if (ms < 1500 || ms > 3000) /* a quiet time between */
      turns[ms] = take_all (&pace, START + ms);
    in_a_second += turns[ms];
    if (ms >= 1000)
      in_a_second -= turns[ms - 1000];
    g_assert_cmpuint (in_a_second, <=, 10);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace/burst", test_burst);
  g_test_add_func ("/pace/rest", test_rest);
  g_test_add_func ("/pace/out-of-turn", test_out_of_turn);
  g_test_add_func ("/pace/ten-a-second", test_ten_a_second);
  return g_test_run ();
}

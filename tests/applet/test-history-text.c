/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/history-text.h"

static const SysvpnHistoryEvent plain = {
  .at_s = 1700000000,
  .first_s = 1700000000,
  .times = 1,
  .shown = SYSVPN_SHOWN_EXPOSED,
  .sentence = "Exposed: it is missing; reload it",
  .outage_s = SYSVPN_ABSENT,
  .exposed_s = SYSVPN_ABSENT,
};

static void
test_parts (void)
{
  g_autofree char *when = sysvpn_history_text_when (&plain);
  g_autofree char *state = sysvpn_history_text_state (&plain);
  g_autofree char *why = sysvpn_history_text_why (&plain);

  g_assert_cmpstr (when, ==, "11/14/23 22:13:20");
  g_assert_cmpstr (state, ==, "Exposed");
  g_assert_cmpstr (why, ==, "it is missing");
}

static void
test_measured (void)
{
  static const struct {
    unsigned times;
    uint64_t outage_s, exposed_s;
    const char *text;
  } cases[] = {
    { 1, SYSVPN_ABSENT, SYSVPN_ABSENT, "" },
    { 1, 20, 0, "away for 20 s" },
    { 1, 20, SYSVPN_ABSENT, "away for 20 s" },
    { 1, 61, 3, "away for 1 min 1 s, exposed for 3 s of it" },
    { 2, SYSVPN_ABSENT, SYSVPN_ABSENT, "2 times since 11/14/23 22:11:40" },
    { 14, 45, 0, "14 times since 11/14/23 22:11:40, away for 45 s in all" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    SysvpnHistoryEvent event = plain;
    g_autofree char *text = NULL;

    event.first_s -= 100;
    event.times = cases[i].times;
    event.outage_s = cases[i].outage_s;
    event.exposed_s = cases[i].exposed_s;
    text = sysvpn_history_text_measured (&event);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-text/parts", test_parts);
  g_test_add_func ("/history-text/measured", test_measured);
  return g_test_run ();
}

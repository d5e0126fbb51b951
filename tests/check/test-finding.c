/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/finding.h"

static const struct VerdictCase {
  const char *name;
  unsigned inconclusive, passed, failed, skipped;
  SysvpnOutcome verdict;
  const char *text;
} cases[] = {
  { "nothing", 0, 0, 0, 0, SYSVPN_OUTCOME_INCONCLUSIVE, "" },
  { "passed", 0, 3, 0, 0, SYSVPN_OUTCOME_PASSED, "3 passed" },
  { "passed-and-skipped", 0, 3, 0, 2, SYSVPN_OUTCOME_PASSED, "3 passed, 2 skipped" },
  { "skipped-alone", 0, 0, 0, 2, SYSVPN_OUTCOME_INCONCLUSIVE, "2 skipped" },
  { "one-not-known", 1, 9, 0, 0, SYSVPN_OUTCOME_INCONCLUSIVE, "1 inconclusive, 9 passed" },
  { "one-failed", 1, 9, 1, 1, SYSVPN_OUTCOME_FAILED,
    "1 failed, 1 inconclusive, 9 passed, 1 skipped" },
};

static void
test_verdict (gconstpointer data)
{
  const struct VerdictCase *c = data;
  const unsigned counts[SYSVPN_N_OUTCOMES] = {
    [SYSVPN_OUTCOME_INCONCLUSIVE] = c->inconclusive,
    [SYSVPN_OUTCOME_PASSED] = c->passed,
    [SYSVPN_OUTCOME_FAILED] = c->failed,
    [SYSVPN_OUTCOME_SKIPPED] = c->skipped,
  };
  SysvpnTally tally = { 0 };
  g_autofree char *text = NULL;

  for (unsigned outcome = 0; outcome < SYSVPN_N_OUTCOMES; outcome++)
    for (unsigned i = 0; i < counts[outcome]; i++)
      sysvpn_tally_add (&tally, (SysvpnOutcome) outcome);
  g_assert_cmpint (sysvpn_tally_verdict (&tally), ==, c->verdict);
  text = sysvpn_tally_text (&tally);
  g_assert_cmpstr (text, ==, c->text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/finding/verdict/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_verdict);
  }
  return g_test_run ();
}

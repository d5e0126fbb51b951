/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/finding-line.h"

static void
test_finding (gconstpointer data)
{
  SysvpnOutcome outcome = (SysvpnOutcome) GPOINTER_TO_UINT (data);

  for (unsigned step = 0; step < SYSVPN_N_STEPS; step++) {
    const SysvpnFinding finding = { (SysvpnStep) step, outcome, (char *) "a: b - c # ok",
                                    NULL };
    g_autofree char *text = sysvpn_check_line_finding (&finding, step + 1);
    g_auto (SysvpnCheckLine) line = sysvpn_check_line_parse (text);

    g_assert_cmpint (line.kind, ==, SYSVPN_CHECK_LINE_FINDING);
    g_assert_cmpint (line.step, ==, step);
    g_assert_cmpint (line.outcome, ==, outcome);
    g_assert_cmpstr (line.text, ==, "a: b - c # ok");
  }
}

static void
test_remedy (void)
{
  const SysvpnFinding finding = { SYSVPN_STEP_AGENT, SYSVPN_OUTCOME_FAILED,
                                  (char *) "it is gone", (char *) "start it" };
  g_autofree char *text = sysvpn_check_line_finding (&finding, 4);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_auto (SysvpnCheckLine) remedy = { 0 };

  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_cmpstr (lines[0], ==, "not ok 4 - agent: it is gone");
  remedy = sysvpn_check_line_parse (lines[1]);
  g_assert_cmpint (remedy.kind, ==, SYSVPN_CHECK_LINE_REMEDY);
  g_assert_cmpstr (remedy.text, ==, "start it");
}

static void
test_between_findings (void)
{
  g_autofree char *progress_text = sysvpn_check_line_progress ("asking the agent");
  g_autofree char *plan_text = sysvpn_check_line_plan (22);
  g_autofree char *bail_out_text = sysvpn_check_line_bail_out ("interrupted");
  g_auto (SysvpnCheckLine) progress = sysvpn_check_line_parse (progress_text);
  g_auto (SysvpnCheckLine) plan = sysvpn_check_line_parse (plan_text);
  g_auto (SysvpnCheckLine) bail_out = sysvpn_check_line_parse (bail_out_text);

  g_assert_cmpint (progress.kind, ==, SYSVPN_CHECK_LINE_PROGRESS);
  g_assert_cmpstr (progress.text, ==, "asking the agent");
  g_assert_cmpint (plan.kind, ==, SYSVPN_CHECK_LINE_PLAN);
  g_assert_cmpstr (bail_out_text, ==, "Bail out! interrupted");
  g_assert_cmpint (bail_out.kind, ==, SYSVPN_CHECK_LINE_BAIL_OUT);
  g_assert_cmpstr (bail_out.text, ==, "interrupted");
}

/* What is no line of a check is not taken for one, least of all for one that passed. */
static void
test_other (void)
{
  static const char *const others[] = {
    "",           "ok",
    "ok ",        "ok 1",
    "ok 1 - ",    "ok 1 - wiring",
    "not ok 1",   "ok 1 - wirin: x",
    "# ",         "# ...",
    "passed: 22", "sysvpn: qrexec's client cannot be run here",
    "okay",       "ok 1 - nosuchstep: all is well",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
    g_auto (SysvpnCheckLine) line = sysvpn_check_line_parse (others[i]);

    g_assert_cmpint (line.kind, ==, SYSVPN_CHECK_LINE_OTHER);
    g_assert_cmpstr (line.text, ==, others[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (unsigned outcome = 0; outcome < SYSVPN_N_OUTCOMES; outcome++) {
    g_autofree char *path = g_strconcat (
        "/finding-line/finding/", sysvpn_words_get (&sysvpn_outcome_words, outcome), NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (outcome), test_finding);
  }
  g_test_add_func ("/finding-line/remedy", test_remedy);
  g_test_add_func ("/finding-line/between-findings", test_between_findings);
  g_test_add_func ("/finding-line/other", test_other);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `sysvpn check` writes down what it finds, for people and for the applet, which reads it
 * again: lines like those of the Test Anything Protocol. Pure. */
#include "check/finding-line.h"

#include <assert.h>
#include <string.h>

static const char progress_begin[] = "# ";
static const char progress_end[] = " ...";
static const char remedy_begin[] = "#   ";
static const char plan_begin[] = "1..";
static const char bail_out_begin[] = "Bail out! ";

static const struct {
  const char *word;
  const char *directive;
} forms[] = {
  [SYSVPN_OUTCOME_INCONCLUSIVE] = { "not ok ", " # inconclusive" },
  [SYSVPN_OUTCOME_PASSED] = { "ok ", "" },
  [SYSVPN_OUTCOME_FAILED] = { "not ok ", "" },
  [SYSVPN_OUTCOME_SKIPPED] = { "ok ", " # skipped" },
};
static_assert (G_N_ELEMENTS (forms) == SYSVPN_N_OUTCOMES, "a form for each outcome");

/**
 * sysvpn_check_line_clear:
 * @line: a line that was parsed, or zeroed
 */
void
sysvpn_check_line_clear (SysvpnCheckLine *line)
{
  g_clear_pointer (&line->text, g_free);
}

/**
 * sysvpn_check_line_progress:
 * @text: what is being done now
 *
 * Returns: (transfer full): its line, without the line's end like all of these
 */
char *
sysvpn_check_line_progress (const char *text)
{
  return g_strconcat (progress_begin, text, progress_end, NULL);
}

/**
 * sysvpn_check_line_finding:
 * @finding: a finding
 * @number: counted from 1
 *
 * Returns: (transfer full): its line, and a second one for its remedy if it has one
 */
char *
sysvpn_check_line_finding (const SysvpnFinding *finding, unsigned number)
{
  bool has_remedy = finding->remedy != NULL;

  return g_strdup_printf ("%s%u - %s: %s%s%s%s%s", forms[finding->outcome].word, number,
                          sysvpn_words_get (&sysvpn_step_words, finding->step), finding->text,
                          forms[finding->outcome].directive, has_remedy ? "\n" : "",
                          has_remedy ? remedy_begin : "", has_remedy ? finding->remedy : "");
}

/**
 * sysvpn_check_line_plan:
 * @n_findings: how many were told
 *
 * Returns: (transfer full): the line after the last finding
 */
char *
sysvpn_check_line_plan (unsigned n_findings)
{
  return g_strdup_printf ("%s%u", plan_begin, n_findings);
}

/**
 * sysvpn_check_line_bail_out:
 * @reason: why it ends before its end
 *
 * Returns: (transfer full): the line after the last finding, in place of the plan
 */
char *
sysvpn_check_line_bail_out (const char *reason)
{
  return g_strconcat (bail_out_begin, reason, NULL);
}

static SysvpnOutcome
parse_outcome (const char *line, size_t *ret_text_end)
{
  size_t length = strlen (line);

  /* those without a directive match every line, so they are tried last */
  for (unsigned pass = 0; pass < 2; pass++)
    for (unsigned i = 0; i < G_N_ELEMENTS (forms); i++)
      if ((forms[i].directive[0] == '\0') == (pass == 1) &&
          g_str_has_prefix (line, forms[i].word) &&
          g_str_has_suffix (line, forms[i].directive)) {
        *ret_text_end = length - strlen (forms[i].directive);
        return (SysvpnOutcome) i;
      }
  return SYSVPN_N_OUTCOMES;
}

static bool
parse_step (const char *word, size_t length, SysvpnStep *ret_step)
{
  for (unsigned step = 0; step < SYSVPN_N_STEPS; step++) {
    const char *known = sysvpn_words_get (&sysvpn_step_words, step);

    if (strlen (known) == length && strncmp (known, word, length) == 0) {
      *ret_step = (SysvpnStep) step;
      return true;
    }
  }
  return false;
}

static bool
parse_finding (const char *line, SysvpnCheckLine *ret_line)
{
  size_t end = 0;
  SysvpnOutcome outcome = parse_outcome (line, &end);
  const char *step, *text;

  if (outcome == SYSVPN_N_OUTCOMES || (step = strstr (line, " - ")) == NULL)
    return false;
  step += strlen (" - ");
  text = strstr (step, ": ");
  if (text == NULL || !parse_step (step, (size_t) (text - step), &ret_line->step))
    return false;
  text += strlen (": ");
  if (text > line + end)
    return false;
  ret_line->kind = SYSVPN_CHECK_LINE_FINDING;
  ret_line->outcome = outcome;
  ret_line->text = g_strndup (text, (size_t) (line + end - text));
  return true;
}

/**
 * sysvpn_check_line_parse:
 * @line: a line without its end
 *
 * Returns: (transfer full): what it is; its text is to be freed with sysvpn_check_line_clear()
 */
SysvpnCheckLine
sysvpn_check_line_parse (const char *line)
{
  SysvpnCheckLine parsed = { .kind = SYSVPN_CHECK_LINE_OTHER };

  if (parse_finding (line, &parsed))
    return parsed;
  if (g_str_has_prefix (line, plan_begin)) {
    parsed.kind = SYSVPN_CHECK_LINE_PLAN;
    return parsed;
  }
  if (g_str_has_prefix (line, bail_out_begin)) {
    parsed.kind = SYSVPN_CHECK_LINE_BAIL_OUT;
    parsed.text = g_strdup (line + strlen (bail_out_begin));
  } else if (g_str_has_prefix (line, remedy_begin)) {
    parsed.kind = SYSVPN_CHECK_LINE_REMEDY;
    parsed.text = g_strdup (line + strlen (remedy_begin));
  } else if (g_str_has_prefix (line, progress_begin) &&
             g_str_has_suffix (line + strlen (progress_begin), progress_end)) {
    parsed.kind = SYSVPN_CHECK_LINE_PROGRESS;
    parsed.text = g_strndup (line + strlen (progress_begin),
                             strlen (line) - strlen (progress_begin) - strlen (progress_end));
  } else {
    parsed.text = g_strdup (line);
  }
  return parsed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the check found out at one step, and what all of it comes to. */
#include "check/finding.h"

#include <assert.h>
#include <glib/gi18n.h>

static const char *const steps[] = {
  [SYSVPN_STEP_WIRING] = "wiring",
  [SYSVPN_STEP_QUBES] = "qubes",
  [SYSVPN_STEP_SERVICES] = "services",
  [SYSVPN_STEP_AGENT] = "agent",
  [SYSVPN_STEP_KILLSWITCH] = "killswitch",
  [SYSVPN_STEP_PROFILE] = "profile",
  [SYSVPN_STEP_TUNNEL] = "tunnel",
  [SYSVPN_STEP_EGRESS_VPN] = "egress-vpn",
  [SYSVPN_STEP_EGRESS4] = "egress4",
  [SYSVPN_STEP_EGRESS6] = "egress6",
  [SYSVPN_STEP_UPLINK_ADDRESS] = "uplink-address",
  [SYSVPN_STEP_NAMES] = "names",
  [SYSVPN_STEP_PLAIN_DNS] = "plain-dns",
  [SYSVPN_STEP_OWN_DNS] = "own-dns",
  [SYSVPN_STEP_UPLINK] = "uplink",
  [SYSVPN_STEP_DROP] = "drop",
  [SYSVPN_STEP_DROP4] = "drop4",
  [SYSVPN_STEP_DROP6] = "drop6",
  [SYSVPN_STEP_DROP_DNS] = "drop-dns",
  [SYSVPN_STEP_DROP_OWN] = "drop-own",
  [SYSVPN_STEP_DROP_UPLINK] = "drop-uplink",
  [SYSVPN_STEP_RESTORE] = "restore",
};
static const char *const outcomes[] = {
  [SYSVPN_OUTCOME_INCONCLUSIVE] = "inconclusive",
  [SYSVPN_OUTCOME_PASSED] = "passed",
  [SYSVPN_OUTCOME_FAILED] = "failed",
  [SYSVPN_OUTCOME_SKIPPED] = "skipped",
};
static const char *const step_titles[] = {
  [SYSVPN_STEP_WIRING] = N_ ("How the qubes are wired"),
  [SYSVPN_STEP_QUBES] = N_ ("The qubes run"),
  [SYSVPN_STEP_SERVICES] = N_ ("Services of the VPN qube"),
  [SYSVPN_STEP_AGENT] = N_ ("Agent"),
  [SYSVPN_STEP_KILLSWITCH] = N_ ("Killswitch"),
  [SYSVPN_STEP_PROFILE] = N_ ("Profile"),
  [SYSVPN_STEP_TUNNEL] = N_ ("Tunnel"),
  [SYSVPN_STEP_EGRESS_VPN] = N_ ("Egress of the VPN qube"),
  [SYSVPN_STEP_EGRESS4] = N_ ("Egress of the client, IPv4"),
  [SYSVPN_STEP_EGRESS6] = N_ ("Egress of the client, IPv6"),
  [SYSVPN_STEP_UPLINK_ADDRESS] = N_ ("Not your own address"),
  [SYSVPN_STEP_NAMES] = N_ ("Names resolve"),
  [SYSVPN_STEP_PLAIN_DNS] = N_ ("No DNS in plain text"),
  [SYSVPN_STEP_OWN_DNS] = N_ ("DNS of the VPN qube itself"),
  [SYSVPN_STEP_UPLINK] = N_ ("Nothing but the tunnel on the uplink"),
  [SYSVPN_STEP_DROP] = N_ ("Tunnel taken down"),
  [SYSVPN_STEP_DROP4] = N_ ("Without the tunnel: IPv4"),
  [SYSVPN_STEP_DROP6] = N_ ("Without the tunnel: IPv6"),
  [SYSVPN_STEP_DROP_DNS] = N_ ("Without the tunnel: DNS"),
  [SYSVPN_STEP_DROP_OWN] = N_ ("Without the tunnel: the VPN qube itself"),
  [SYSVPN_STEP_DROP_UPLINK] = N_ ("Without the tunnel: the uplink"),
  [SYSVPN_STEP_RESTORE] = N_ ("Tunnel brought back"),
};
static const char *const outcome_titles[] = {
  [SYSVPN_OUTCOME_INCONCLUSIVE] = N_ ("inconclusive"),
  [SYSVPN_OUTCOME_PASSED] = N_ ("passed"),
  [SYSVPN_OUTCOME_FAILED] = N_ ("failed"),
  [SYSVPN_OUTCOME_SKIPPED] = N_ ("skipped"),
};
static_assert (G_N_ELEMENTS (steps) == SYSVPN_N_STEPS, "a word for each step");
static_assert (G_N_ELEMENTS (outcomes) == SYSVPN_N_OUTCOMES, "a word for each outcome");
static_assert (G_N_ELEMENTS (step_titles) == SYSVPN_N_STEPS, "a title for each step");
static_assert (G_N_ELEMENTS (outcome_titles) == SYSVPN_N_OUTCOMES, "a title for each outcome");

const SysvpnWords sysvpn_step_words = { steps, G_N_ELEMENTS (steps) };
const SysvpnWords sysvpn_outcome_words = { outcomes, G_N_ELEMENTS (outcomes) };

/**
 * sysvpn_step_title:
 * @step: a step
 *
 * Returns: (transfer none): what it is about, for people
 */
const char *
sysvpn_step_title (SysvpnStep step)
{
  return _ (step_titles[step]);
}

/**
 * sysvpn_outcome_title:
 * @outcome: an outcome
 *
 * Returns: (transfer none): its word, for people
 */
const char *
sysvpn_outcome_title (SysvpnOutcome outcome)
{
  return _ (outcome_titles[outcome]);
}

/**
 * sysvpn_finding_clear:
 * @finding: a finding, or zeroed
 */
void
sysvpn_finding_clear (SysvpnFinding *finding)
{
  g_clear_pointer (&finding->text, g_free);
  g_clear_pointer (&finding->remedy, g_free);
}

/**
 * sysvpn_finding:
 * @step: what was checked
 * @outcome: how it went
 * @text: (transfer full): what was found
 * @remedy: (transfer full) (nullable): what to do
 *
 * Returns: (transfer full): a finding
 */
SysvpnFinding
sysvpn_finding (SysvpnStep step, SysvpnOutcome outcome, char *text, char *remedy)
{
  return (SysvpnFinding){ step, outcome, text, remedy };
}

/**
 * sysvpn_passed:
 * @step: what was checked
 * @format: what was found, for printf
 * @...: its arguments
 *
 * Returns: (transfer full): a finding that needs no remedy
 */
SysvpnFinding
sysvpn_passed (SysvpnStep step, const char *format, ...)
{
  va_list arguments;
  char *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return sysvpn_finding (step, SYSVPN_OUTCOME_PASSED, text, NULL);
}

/**
 * sysvpn_not_passed:
 * @step: what was checked
 * @outcome: any but passed
 * @text: what was found
 * @remedy: (nullable): what to do
 *
 * Returns: (transfer full): a finding in words that are always the same
 */
SysvpnFinding
sysvpn_not_passed (SysvpnStep step, SysvpnOutcome outcome, const char *text, const char *remedy)
{
  return sysvpn_finding (step, outcome, g_strdup (text), g_strdup (remedy));
}

/**
 * sysvpn_tally_add:
 * @tally: what was counted so far, zeroed at first
 * @outcome: of one more step
 */
void
sysvpn_tally_add (SysvpnTally *tally, SysvpnOutcome outcome)
{
  tally->counts[outcome]++;
}

/**
 * sysvpn_tally_verdict:
 * @tally: all steps
 *
 * Returns: failed where a step was; else inconclusive where one was, or none passed; else
 * passed
 */
SysvpnOutcome
sysvpn_tally_verdict (const SysvpnTally *tally)
{
  if (tally->counts[SYSVPN_OUTCOME_FAILED] > 0)
    return SYSVPN_OUTCOME_FAILED;
  if (tally->counts[SYSVPN_OUTCOME_INCONCLUSIVE] > 0 ||
      tally->counts[SYSVPN_OUTCOME_PASSED] == 0)
    return SYSVPN_OUTCOME_INCONCLUSIVE;
  return SYSVPN_OUTCOME_PASSED;
}

/**
 * sysvpn_tally_text:
 * @tally: all steps
 *
 * Returns: (transfer full): how many of each, those that are bad news first: "2 failed, 1
 * inconclusive, 12 passed, 1 skipped"
 */
char *
sysvpn_tally_text (const SysvpnTally *tally)
{
  static const SysvpnOutcome order[] = { SYSVPN_OUTCOME_FAILED, SYSVPN_OUTCOME_INCONCLUSIVE,
                                         SYSVPN_OUTCOME_PASSED, SYSVPN_OUTCOME_SKIPPED };
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    if (tally->counts[order[i]] > 0)
      g_string_append_printf (text, "%s%u %s", text->len > 0 ? ", " : "",
                              tally->counts[order[i]], sysvpn_outcome_title (order[i]));
  return g_strdup (text->str);
}

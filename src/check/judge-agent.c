/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent's report says, as findings. The sentences are those of the applet. */
#include "check/judgement.h"

#include "base/safe-text.h"
#include "client/shown.h"

#include <string.h>

#include <glib/gi18n.h>

enum { NAME_SHOWN_MAX = 40 };

/**
 * sysvpn_report_is_armed:
 * @report: a fresh report
 *
 * Returns: whether the killswitch was compared lately and is whole
 */
bool
sysvpn_report_is_armed (const SysvpnStatus *report)
{
  return report->killswitch == SYSVPN_KILLSWITCH_ARMED &&
         report->killswitch_break == SYSVPN_BREAK_NONE &&
         report->killswitch_age_s <= SYSVPN_HEARTBEAT_MAX_S;
}

/**
 * sysvpn_judge_sentence:
 * @step: what was checked
 * @outcome: how it went
 * @sentence: "State: what is the matter; what to do", or without one of the ends
 *
 * Returns: (transfer full): the same as a finding
 */
SysvpnFinding
sysvpn_judge_sentence (SysvpnStep step, SysvpnOutcome outcome, const char *sentence)
{
  const char *translated = _ (sentence);
  const char *colon = strstr (translated, ": ");
  const char *text = colon != NULL ? colon + 2 : translated;
  const char *semicolon = strstr (text, "; ");

  if (semicolon == NULL)
    return sysvpn_finding (step, outcome, g_strdup (text), NULL);
  return sysvpn_finding (step, outcome, g_strndup (text, (gsize) (semicolon - text)),
                         g_strdup (semicolon + 2));
}

/**
 * sysvpn_judge_unseen:
 * @step: what was to be checked
 * @qube: the qube that did not say what it should
 * @end: why not
 *
 * Returns: (transfer full): that nothing can be told
 */
SysvpnFinding
sysvpn_judge_unseen (SysvpnStep step, const char *qube, SysvpnCommandEnd end)
{
  static const char *const remedies[SYSVPN_N_COMMAND_ENDS] = {
    [SYSVPN_COMMAND_DONE] = N_ ("try: qvm-run -p QUBE 'python3 --version'"),
    [SYSVPN_COMMAND_FLOOD] = N_ ("look at what its shell prints at login"),
    [SYSVPN_COMMAND_NO_QVM_RUN] =
        N_ ("run this in dom0, where qvm-run belongs to qubes-core-admin-client"),
    [SYSVPN_COMMAND_NOT_RUN] = N_ ("start it, and try: qvm-run -p QUBE true"),
    [SYSVPN_COMMAND_NO_PYTHON] =
        N_ ("Qubes' own agent needs python3: install it in the template"),
    [SYSVPN_COMMAND_DIED] = N_ ("look whether it still runs, then check again"),
    [SYSVPN_COMMAND_TIMEOUT] = N_ ("look whether it is overloaded, then check again"),
  };

  return sysvpn_finding (step, SYSVPN_OUTCOME_INCONCLUSIVE,
                         g_strdup_printf (_ ("nothing is known from %s: %s"), qube,
                                          sysvpn_command_end_clause (end)),
                         g_strdup (_ (remedies[end])));
}

static SysvpnFinding
no_report (SysvpnStep step)
{
  return sysvpn_not_passed (step, SYSVPN_OUTCOME_INCONCLUSIVE,
                            _ ("not known, as the agent did not tell"),
                            _ ("have the agent answer first, as said there"));
}

/**
 * sysvpn_judge_agent:
 * @round: what is known
 *
 * Returns: (transfer full): whether the agent answers
 */
SysvpnFinding
sysvpn_judge_agent (const SysvpnRound *round)
{
  if (round->silence == SYSVPN_SILENCE_NONE)
    return sysvpn_passed (SYSVPN_STEP_AGENT, _ ("the agent in %s answers"), round->wish.vpn);
  return sysvpn_judge_sentence (SYSVPN_STEP_AGENT, SYSVPN_OUTCOME_FAILED,
                                sysvpn_silence_sentence (round->silence));
}

/**
 * sysvpn_judge_killswitch:
 * @round: what is known
 *
 * Returns: (transfer full): whether the killswitch is armed, and what is broken
 */
SysvpnFinding
sysvpn_judge_killswitch (const SysvpnRound *round)
{
  const SysvpnStatus *report = &round->report;
  SysvpnView view;

  if (round->silence != SYSVPN_SILENCE_NONE)
    return no_report (SYSVPN_STEP_KILLSWITCH);
  if (sysvpn_report_is_armed (report)) {
    if (report->endpoints_any_port != SYSVPN_ABSENT && report->endpoints_any_port > 0)
      return sysvpn_passed (
          SYSVPN_STEP_KILLSWITCH,
          _ ("the killswitch is armed; of %llu VPN servers every port is open"),
          (unsigned long long) report->endpoints_any_port);
    return sysvpn_passed (SYSVPN_STEP_KILLSWITCH, _ ("the killswitch is armed"));
  }
  view = sysvpn_view_judge (SYSVPN_POWER_RUNNING, report, SYSVPN_SILENCE_NONE);
  if (view.shown == SYSVPN_SHOWN_EXPOSED)
    return sysvpn_judge_sentence (SYSVPN_STEP_KILLSWITCH, SYSVPN_OUTCOME_FAILED, view.sentence);
  return sysvpn_not_passed (SYSVPN_STEP_KILLSWITCH, SYSVPN_OUTCOME_INCONCLUSIVE,
                            report->killswitch == SYSVPN_KILLSWITCH_LOADING
                                ? _ ("the killswitch is being loaded")
                                : _ ("the agent does not know whether the killswitch works"),
                            _ ("check again in a moment; if this lasts, see journalctl -u "
                               "sysvpn-agent in the VPN qube"));
}

/* The tunnel alone, as it would be shown behind a killswitch that works. */
static SysvpnView
judge_tunnel_alone (const SysvpnStatus *report)
{
  SysvpnStatus copy = *report;

  copy.killswitch = SYSVPN_KILLSWITCH_ARMED;
  copy.killswitch_break = SYSVPN_BREAK_NONE;
  copy.killswitch_age_s = 0;
  return sysvpn_view_judge (SYSVPN_POWER_RUNNING, &copy, SYSVPN_SILENCE_NONE);
}

/**
 * sysvpn_judge_profile:
 * @round: what is known
 *
 * Returns: (transfer full): whether a profile is active, and which
 */
SysvpnFinding
sysvpn_judge_profile (const SysvpnRound *round)
{
  const SysvpnStatus *report = &round->report;
  bool is_active =
      report->tunnel == SYSVPN_TUNNEL_UP || report->tunnel == SYSVPN_TUNNEL_DEGRADED;
  g_autofree char *name = NULL;

  if (round->silence != SYSVPN_SILENCE_NONE)
    return no_report (SYSVPN_STEP_PROFILE);
  if (!is_active || report->profile_uuid[0] == '\0')
    return sysvpn_not_passed (SYSVPN_STEP_PROFILE, SYSVPN_OUTCOME_FAILED,
                              _ ("no profile is active"),
                              _ ("sysvpn connect; sysvpn profiles lists them"));
  name = sysvpn_text_sanitize (report->profile_name, NAME_SHOWN_MAX);
  return sysvpn_passed (SYSVPN_STEP_PROFILE, _ ("the profile \"%s\" is active"), name);
}

/**
 * sysvpn_judge_tunnel:
 * @round: what is known
 *
 * Returns: (transfer full): whether the tunnel is up and carries traffic, whatever the
 * killswitch does
 */
SysvpnFinding
sysvpn_judge_tunnel (const SysvpnRound *round)
{
  SysvpnFinding finding;
  SysvpnView view;

  if (round->silence != SYSVPN_SILENCE_NONE)
    return no_report (SYSVPN_STEP_TUNNEL);
  view = judge_tunnel_alone (&round->report);
  if (view.shown == SYSVPN_SHOWN_PROTECTED)
    return sysvpn_passed (SYSVPN_STEP_TUNNEL, _ ("the tunnel is up"));
  finding = sysvpn_judge_sentence (
      SYSVPN_STEP_TUNNEL,
      view.shown == SYSVPN_SHOWN_UNKNOWN ? SYSVPN_OUTCOME_INCONCLUSIVE : SYSVPN_OUTCOME_FAILED,
      view.sentence);
  if (finding.remedy == NULL) /* the icon needs no words for it */
    finding.remedy = g_strdup (_ ("bring it up: sysvpn connect"));
  return finding;
}

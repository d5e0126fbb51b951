/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where traffic goes while the tunnel is down: nowhere, and it was seen to be sent. */
#include "check/judgement.h"
#include "check/sight.h"

#include <glib/gi18n.h>

static SysvpnFinding
inconclusive (SysvpnStep step, char *text)
{
  return sysvpn_finding (step, SYSVPN_OUTCOME_INCONCLUSIVE, text, g_strdup (_ ("check again")));
}

static char *
reload (const SysvpnRound *round)
{
  return g_strdup_printf (_ ("stop using the network; in %s: sudo systemctl reload-or-restart "
                             "sysvpn-killswitch, then check again"),
                          round->wish.vpn);
}

/**
 * sysvpn_drop_is_possible:
 * @round: what is known with the tunnel up
 * @ret_finding: (out): why the tunnel is not taken down; written only then
 *
 * The tunnel is taken down only behind a killswitch that is armed, and only where the client
 * is known to reach something that it then can fail to reach.
 *
 * Returns: %TRUE if it may be
 */
bool
sysvpn_drop_is_possible (const SysvpnRound *round, SysvpnFinding *ret_finding)
{
  bool is_reported = round->silence == SYSVPN_SILENCE_NONE;
  bool is_up = is_reported && round->report.tunnel == SYSVPN_TUNNEL_UP &&
               round->report.profile_uuid[0] != '\0';

  if (!is_reported || !sysvpn_report_is_armed (&round->report))
    *ret_finding = sysvpn_not_passed (
        SYSVPN_STEP_DROP, SYSVPN_OUTCOME_SKIPPED,
        _ ("the tunnel was not taken down, because the killswitch is not known to be armed"),
        _ ("mend the killswitch, then check again"));
  else if (!is_up)
    *ret_finding = sysvpn_not_passed (SYSVPN_STEP_DROP, SYSVPN_OUTCOME_INCONCLUSIVE,
                                      _ ("there is no tunnel to take down"),
                                      _ ("sysvpn connect, then check again"));
  else if (!round->is_wired || !round->look.client.is_told ||
           round->look.client.answers.echo[0] != SYSVPN_REACH_ANSWER ||
           !round->look.at_vpn.is_seen)
    *ret_finding = sysvpn_not_passed (SYSVPN_STEP_DROP, SYSVPN_OUTCOME_INCONCLUSIVE,
                                      _ ("the tunnel was not taken down: the client was not "
                                         "seen to reach anything through it, "
                                         "so that reaching nothing would not tell"),
                                      _ ("mend what failed above, then check again"));
  else
    return true;
  return false;
}

/**
 * sysvpn_judge_drop:
 * @round: what is known right after the tunnel was to be taken down
 * @call_error: (nullable): what the agent answered
 * @ret_finding: (out) (transfer full): how that went
 *
 * Returns: %TRUE if the tunnel is down behind an armed killswitch, so that it can be tried
 * whether anything leaves
 */
bool
sysvpn_judge_drop (const SysvpnRound *round,
                   const GError *call_error,
                   SysvpnFinding *ret_finding)
{
  bool is_reported = round->silence == SYSVPN_SILENCE_NONE;
  bool is_armed = is_reported && sysvpn_report_is_armed (&round->report);
  const char *reason = call_error != NULL ? call_error->message
                       : !is_reported     ? sysvpn_silence_clause (round->silence)
                                          : _ ("it is still there");

  if (is_armed && call_error == NULL && round->report.tunnel == SYSVPN_TUNNEL_DOWN) {
    *ret_finding = sysvpn_passed (SYSVPN_STEP_DROP,
                                  _ ("the tunnel is down, and the killswitch is still armed"));
    return true;
  }
  if (is_reported && !is_armed)
    *ret_finding =
        sysvpn_finding (SYSVPN_STEP_DROP, SYSVPN_OUTCOME_FAILED,
                        g_strdup (_ ("the killswitch is no longer armed with the tunnel down")),
                        reload (round));
  else
    *ret_finding = sysvpn_finding (
        SYSVPN_STEP_DROP, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (_ ("the tunnel could not be taken down: %s"), reason),
        g_strdup_printf (_ ("see journalctl -u sysvpn-agent in %s"), round->wish.vpn));
  return false;
}

/* Returns: %FALSE if what was seen cannot be laid to a tunnel that was down all the time */
static bool
stayed_down (const SysvpnRound *round, SysvpnStep step, SysvpnFinding *ret_finding)
{
  if (round->has_end && round->end_report.tunnel == SYSVPN_TUNNEL_DOWN &&
      sysvpn_report_is_armed (&round->end_report) &&
      round->end_report.tunnel_age_s >= round->report.tunnel_age_s)
    return true;
  *ret_finding = inconclusive (
      step,
      g_strdup (round->has_end ? _ ("the tunnel or the killswitch changed in the middle")
                               : _ ("the agent did not say that the tunnel stayed down")));
  return false;
}

static bool
reaches_something (const SysvpnAnswers *answers, unsigned i)
{
  return answers->tcp[i] == SYSVPN_REACH_OPEN || answers->echo[i] == SYSVPN_REACH_ANSWER ||
         answers->ping[i] == SYSVPN_REACH_ANSWER;
}

static SysvpnFinding
judge_client (const SysvpnRound *round, SysvpnStep step, unsigned i)
{
  const SysvpnAnswers *answers = &round->look.client.answers;
  const char *client = round->wish.client;
  unsigned version = i == 0 ? 4 : 6;
  SysvpnFinding finding;
  uint64_t n;

  if (!round->look.client.is_told)
    return sysvpn_judge_unseen (step, client, round->look.client.end);
  if (!stayed_down (round, step, &finding))
    return finding;
  if (reaches_something (answers, i))
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("%s reaches the internet by IPv%u though the tunnel "
                            "is down"),
                         client, version),
        reload (round));
  if (!answers->has[i] && version == 6)
    return sysvpn_passed (step, _ ("%s has no IPv6, so that none can leave"), client);
  if (!round->look.at_vpn.is_seen)
    return sysvpn_judge_unseen (step, round->wish.vpn, round->look.at_vpn.end);
  n = sysvpn_sight_count_probes (&round->look.at_vpn.sighting, SYSVPN_WAY_IN, version);
  if (n == 0)
    return inconclusive (step,
                         g_strdup_printf (_ ("nothing that %s sent by IPv%u arrived in %s"),
                                          client, version, round->wish.vpn));
  return sysvpn_passed (step,
                        _ ("%llu IPv%u packets of %s came to %s, and none was "
                           "answered"),
                        (unsigned long long) n, version, client, round->wish.vpn);
}

/**
 * sysvpn_judge_drop4:
 * @round: what is known with the tunnel down
 *
 * Returns: (transfer full): whether the client reaches nothing by IPv4
 */
SysvpnFinding
sysvpn_judge_drop4 (const SysvpnRound *round)
{
  return judge_client (round, SYSVPN_STEP_DROP4, 0);
}

/**
 * sysvpn_judge_drop6:
 * @round: what is known with the tunnel down
 *
 * Returns: (transfer full): whether the client reaches nothing by IPv6
 */
SysvpnFinding
sysvpn_judge_drop6 (const SysvpnRound *round)
{
  return judge_client (round, SYSVPN_STEP_DROP6, 1);
}

static bool
any_name_resolved (const SysvpnAnswers *answers)
{
  for (unsigned i = 0; i < 2; i++)
    if (answers->names_udp[i] == SYSVPN_REACH_ANSWER ||
        answers->names_tcp[i] == SYSVPN_REACH_ANSWER ||
        answers->others_udp[i] == SYSVPN_REACH_ANSWER ||
        answers->others_tcp[i] == SYSVPN_REACH_ANSWER)
      return true;
  return false;
}

/**
 * sysvpn_judge_drop_dns:
 * @round: what is known with the tunnel down
 *
 * A resolver qube may answer from what it remembers, so that there only what leaves it counts.
 *
 * Returns: (transfer full): whether questions for names go nowhere
 */
SysvpnFinding
sysvpn_judge_drop_dns (const SysvpnRound *round)
{
  const char *resolver = round->wish.resolver;
  const char *where = resolver != NULL ? resolver : round->wish.vpn;
  const SysvpnSeen *seen = resolver != NULL ? &round->look.at_resolver : &round->look.at_vpn;
  SysvpnFinding finding;
  uint64_t n;

  if (!round->look.client.is_told)
    return sysvpn_judge_unseen (SYSVPN_STEP_DROP_DNS, round->wish.client,
                                round->look.client.end);
  if (!seen->is_seen)
    return sysvpn_judge_unseen (SYSVPN_STEP_DROP_DNS, where, seen->end);
  if (!stayed_down (round, SYSVPN_STEP_DROP_DNS, &finding))
    return finding;
  if (sysvpn_sight_find_names (&seen->sighting, SYSVPN_WAY_UP) != NULL ||
      (resolver == NULL && any_name_resolved (&round->look.client.answers)))
    return sysvpn_finding (
        SYSVPN_STEP_DROP_DNS, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("questions for names leave %s though the tunnel is "
                            "down"),
                         where),
        reload (round));
  n = sysvpn_sight_count_names (&seen->sighting, SYSVPN_WAY_IN);
  if (n == 0 || !sysvpn_sight_is_complete (&seen->sighting))
    return inconclusive (SYSVPN_STEP_DROP_DNS,
                         g_strdup_printf (_ ("no question for a name was seen in %s"), where));
  return sysvpn_passed (SYSVPN_STEP_DROP_DNS,
                        _ ("%llu packets of questions for names came to %s, and "
                           "none went on"),
                        (unsigned long long) n, where);
}

static uint64_t
count_own_drops (const SysvpnStatus *report)
{
  uint64_t drop4 = report->output_drop4 != SYSVPN_ABSENT ? report->output_drop4 : 0;
  uint64_t drop6 = report->output_drop6 != SYSVPN_ABSENT ? report->output_drop6 : 0;

  return drop4 + drop6;
}

/**
 * sysvpn_judge_drop_own:
 * @round: what is known with the tunnel down
 *
 * Returns: (transfer full): whether the VPN qube itself reaches nothing, and its killswitch
 * counted what it tried
 */
SysvpnFinding
sysvpn_judge_drop_own (const SysvpnRound *round)
{
  const SysvpnAnswers *answers = &round->look.own.answers;
  const char *vpn = round->wish.vpn;
  SysvpnFinding finding;
  uint64_t before, after;

  if (!round->look.own.is_told)
    return sysvpn_judge_unseen (SYSVPN_STEP_DROP_OWN, vpn, round->look.own.end);
  if (!stayed_down (round, SYSVPN_STEP_DROP_OWN, &finding))
    return finding;
  if (reaches_something (answers, 0) || reaches_something (answers, 1) ||
      any_name_resolved (answers))
    return sysvpn_finding (
        SYSVPN_STEP_DROP_OWN, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("%s itself reaches the internet though the tunnel is down"), vpn),
        reload (round));
  before = count_own_drops (&round->report);
  after = count_own_drops (&round->end_report);
  if (after <= before)
    return inconclusive (
        SYSVPN_STEP_DROP_OWN,
        g_strdup_printf (_ ("the killswitch has counted nothing that %s itself tried"), vpn));
  return sysvpn_passed (
      SYSVPN_STEP_DROP_OWN,
      _ ("%s itself reaches nothing, and %llu packets of its own were dropped"), vpn,
      (unsigned long long) (after - before));
}

/**
 * sysvpn_judge_drop_uplink:
 * @round: what is known with the tunnel down
 *
 * Returns: (transfer full): whether anything left by the uplink but to the VPN server
 */
SysvpnFinding
sysvpn_judge_drop_uplink (const SysvpnRound *round)
{
  const SysvpnSighting *sighting = &round->look.at_vpn.sighting;
  const char *vpn = round->wish.vpn;
  const SysvpnFlow *stray;
  SysvpnFinding finding;

  if (!round->look.at_vpn.is_seen)
    return sysvpn_judge_unseen (SYSVPN_STEP_DROP_UPLINK, vpn, round->look.at_vpn.end);
  if (!stayed_down (round, SYSVPN_STEP_DROP_UPLINK, &finding))
    return finding;
  stray = sysvpn_sight_find_stray (sighting, round->report.endpoint);
  if (stray != NULL) {
    g_autofree char *text = sysvpn_flow_text (stray);

    return sysvpn_finding (
        SYSVPN_STEP_DROP_UPLINK, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("packets leave %s though the tunnel is down: %s"), vpn, text),
        reload (round));
  }
  if (!sysvpn_sight_is_complete (sighting) ||
      sysvpn_sight_count_probes (sighting, SYSVPN_WAY_IN, 4) == 0)
    return inconclusive (SYSVPN_STEP_DROP_UPLINK,
                         g_strdup_printf (_ ("not all that left %s could be looked at"), vpn));
  return sysvpn_passed (SYSVPN_STEP_DROP_UPLINK, _ ("nothing left %s by the uplink"), vpn);
}

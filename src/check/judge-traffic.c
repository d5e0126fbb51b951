/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where traffic goes while the tunnel is up. A leak is told from one sign of it; that there is
 * none is believed only where what would have leaked was seen on its way. */
#include "check/judgement.h"
#include "check/sight.h"

#include <string.h>

#include <glib/gi18n.h>

#define UNTRUSTED_CERTIFICATE                                                                  \
  N_ ("is its clock right, and ca-certificates installed? else somebody between reads along")

static bool
tunnel_is_up (const SysvpnRound *round)
{
  return round->silence == SYSVPN_SILENCE_NONE && round->report.tunnel == SYSVPN_TUNNEL_UP;
}

/* The VPN qube's address as it says itself, now, else as its agent last found out. */
static const char *
vpn_egress (const SysvpnRound *round, unsigned i)
{
  if (round->look.own.is_told && round->look.own.answers.egress[i][0] != '\0')
    return round->look.own.answers.egress[i];
  if (round->silence != SYSVPN_SILENCE_NONE || round->report.egress != SYSVPN_EGRESS_OK)
    return "";
  return i == 0 ? round->report.egress4 : round->report.egress6;
}

/**
 * sysvpn_judge_egress_vpn:
 * @round: what is known
 *
 * Returns: (transfer full): by which address the internet sees the VPN qube
 */
SysvpnFinding
sysvpn_judge_egress_vpn (const SysvpnRound *round)
{
  const char *address4 = vpn_egress (round, 0);
  const char *address6 = vpn_egress (round, 1);

  if (address4[0] == '\0' && address6[0] == '\0') {
    if (!round->look.own.is_told)
      return sysvpn_judge_unseen (SYSVPN_STEP_EGRESS_VPN, round->wish.vpn, round->look.own.end);
    return sysvpn_finding (
        SYSVPN_STEP_EGRESS_VPN, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (_ ("%s reaches no service that tells its address"), round->wish.vpn),
        g_strdup (tunnel_is_up (round) ? _ ("1.1.1.1 is asked; does the VPN provider block it?")
                                       : _ ("bring the tunnel up: sysvpn connect")));
  }
  if (address4[0] != '\0' && address6[0] != '\0')
    return sysvpn_passed (SYSVPN_STEP_EGRESS_VPN, _ ("the internet sees %s as %s and %s"),
                          round->wish.vpn, address4, address6);
  return sysvpn_passed (SYSVPN_STEP_EGRESS_VPN, _ ("the internet sees %s as %s"),
                        round->wish.vpn, address4[0] != '\0' ? address4 : address6);
}

static SysvpnFinding
judge_known_egress (const SysvpnRound *round, SysvpnStep step, unsigned i)
{
  const char *client = round->wish.client;
  const char *address = round->look.client.answers.egress[i];
  const char *vpn = vpn_egress (round, i);

  if (sysvpn_uplink_addresses_has (&round->uplink, address))
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("the internet sees %s as %s, the uplink's own address: its traffic "
                            "leaves outside of the tunnel"),
                         client, address),
        g_strdup_printf (
            _ ("disconnect it: qvm-prefs %s netvm none; then mend what failed above"), client));
  if (vpn[0] == '\0')
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (
            _ ("the internet sees %s as %s, and it is not known as what it sees %s"), client,
            address, round->wish.vpn),
        g_strdup (_ ("mend what failed above, then check again")));
  if (!g_str_equal (address, vpn))
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (
            _ ("the internet sees %s as %s, but %s as %s: its traffic leaves elsewhere"),
            client, address, round->wish.vpn, vpn),
        g_strdup (_ ("compare qvm-ls --network with the wiring above")));
  if (!tunnel_is_up (round) || !round->is_wired)
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (_ ("the internet sees %s as %s, as it does %s, but that "
                            "is not known to be the tunnel's"),
                         client, address, round->wish.vpn),
        g_strdup (_ ("mend what failed above, then check again")));
  return sysvpn_passed (step, _ ("the internet sees %s as %s, as it does %s"), client, address,
                        round->wish.vpn);
}

/* What the client sends gets no answer: is that because of the tunnel, or before it? */
static SysvpnFinding
judge_silence (const SysvpnRound *round, SysvpnStep step, unsigned i)
{
  const char *client = round->wish.client;
  unsigned version = i == 0 ? 4 : 6;
  bool arrives =
      round->look.at_vpn.is_seen &&
      sysvpn_sight_count_probes (&round->look.at_vpn.sighting, SYSVPN_WAY_IN, version) > 0;

  if (arrives && version == 6 && sysvpn_sight_is_complete (&round->look.at_vpn.sighting))
    return sysvpn_passed (step, _ ("%s's IPv6 ends in %s, whose tunnel has none"), client,
                          round->wish.vpn);
  if (arrives && tunnel_is_up (round))
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("what %s sends arrives in %s, and nothing comes back"), client,
                         round->wish.vpn),
        g_strdup (_ ("sysvpn reconnect, or another profile")));
  return sysvpn_finding (
      step, SYSVPN_OUTCOME_INCONCLUSIVE,
      g_strdup_printf (_ ("%s reaches no service that tells its IPv%u address"), client,
                       version),
      arrives || !tunnel_is_up (round)
          ? g_strdup (_ ("bring the tunnel up: sysvpn connect"))
          : g_strdup_printf (
                _ ("what it sends does not arrive in %s: look at qvm-firewall %s, or "
                   "name another qube with --client"),
                round->wish.vpn, client));
}

static SysvpnFinding
judge_egress (const SysvpnRound *round, SysvpnStep step, unsigned i)
{
  const SysvpnAnswers *answers = &round->look.client.answers;
  const char *client = round->wish.client;
  unsigned version = i == 0 ? 4 : 6;

  if (round->look.at_vpn.is_seen &&
      sysvpn_sight_count_probes (&round->look.at_vpn.sighting, SYSVPN_WAY_UP, version) > 0)
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("IPv%u traffic leaves %s by the uplink, outside of the tunnel"),
                         version, round->wish.vpn),
        g_strdup_printf (_ ("load the killswitch in %s: sudo systemctl reload-or-restart "
                            "sysvpn-killswitch"),
                         round->wish.vpn));
  if (!round->look.client.is_told)
    return sysvpn_judge_unseen (step, client, round->look.client.end);
  if (answers->echo[i] == SYSVPN_REACH_ANSWER)
    return judge_known_egress (round, step, i);
  if (!answers->has[i])
    return version == 6
               ? sysvpn_passed (step, _ ("%s has no IPv6, so that none can leave"), client)
               : sysvpn_finding (
                     step, SYSVPN_OUTCOME_INCONCLUSIVE,
                     g_strdup_printf (_ ("%s has no IPv4 route"), client),
                     g_strdup_printf (_ ("restart %s, or name another with --client"), client));
  if (answers->tcp[i] == SYSVPN_REACH_OPEN)
    return sysvpn_finding (
        step, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (
            _ ("%s reached a service that should tell its address, but %s"), client,
            answers->echo[i] == SYSVPN_REACH_TLS ? _ ("does not trust its certificate")
                                                 : _ ("it said nothing that makes sense")),
        g_strdup (answers->echo[i] == SYSVPN_REACH_TLS ? _ (UNTRUSTED_CERTIFICATE)
                                                       : _ ("check again in a moment")));
  return judge_silence (round, step, i);
}

/**
 * sysvpn_judge_egress4:
 * @round: what is known
 *
 * Returns: (transfer full): whether the client's IPv4 leaves where the VPN qube's does
 */
SysvpnFinding
sysvpn_judge_egress4 (const SysvpnRound *round)
{
  return judge_egress (round, SYSVPN_STEP_EGRESS4, 0);
}

/**
 * sysvpn_judge_egress6:
 * @round: what is known
 *
 * Returns: (transfer full): whether the client's IPv6 leaves where the VPN qube's does, or not
 * at all
 */
SysvpnFinding
sysvpn_judge_egress6 (const SysvpnRound *round)
{
  return judge_egress (round, SYSVPN_STEP_EGRESS6, 1);
}

/**
 * sysvpn_judge_uplink_address:
 * @round: what is known
 *
 * Returns: (transfer full): whether an egress address is one that the user had recorded as the
 * uplink's own
 */
SysvpnFinding
sysvpn_judge_uplink_address (const SysvpnRound *round)
{
  unsigned n_compared = 0;

  if (!round->uplink_is_known)
    return sysvpn_not_passed (SYSVPN_STEP_UPLINK_ADDRESS, SYSVPN_OUTCOME_INCONCLUSIVE,
                              _ ("the recorded addresses of the uplink cannot be read"),
                              _ ("sysvpn check --record-uplink says what is wrong"));
  if (round->uplink.n == 0)
    return sysvpn_not_passed (
        SYSVPN_STEP_UPLINK_ADDRESS, SYSVPN_OUTCOME_SKIPPED,
        _ ("the uplink's own address is not recorded"),
        _ ("sysvpn check --record-uplink asks for it once, in the clear"));
  for (unsigned i = 0; i < 2; i++) {
    const char *addresses[] = { vpn_egress (round, i), round->look.client.answers.egress[i] };

    for (unsigned j = 0; j < 2; j++) {
      n_compared += addresses[j][0] != '\0';
      if (sysvpn_uplink_addresses_has (&round->uplink, addresses[j]))
        return sysvpn_finding (
            SYSVPN_STEP_UPLINK_ADDRESS, SYSVPN_OUTCOME_FAILED,
            g_strdup_printf (
                _ ("the internet sees %s as %s, which is the uplink's own address"),
                j == 0 ? round->wish.vpn : round->wish.client, addresses[j]),
            g_strdup (_ ("stop using the network until what failed above is mended")));
    }
  }
  if (n_compared == 0)
    return sysvpn_not_passed (SYSVPN_STEP_UPLINK_ADDRESS, SYSVPN_OUTCOME_INCONCLUSIVE,
                              _ ("there is no address to compare with the uplink's"), NULL);
  return sysvpn_passed (SYSVPN_STEP_UPLINK_ADDRESS,
                        _ ("none of that is the uplink's own address"));
}

/* Names what does not resolve: "10.139.1.2 by TCP". */
static unsigned
count_unanswered (const SysvpnAnswers *answers, GString *ret_text)
{
  const struct {
    SysvpnReach reach;
    const char *name;
  } ways[] = {
    { answers->names_udp[0], N_ ("10.139.1.1 by UDP") },
    { answers->names_tcp[0], N_ ("10.139.1.1 by TCP") },
    { answers->names_udp[1], N_ ("10.139.1.2 by UDP") },
    { answers->names_tcp[1], N_ ("10.139.1.2 by TCP") },
  };
  unsigned n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++)
    if (ways[i].reach != SYSVPN_REACH_ANSWER) {
      g_string_append_printf (ret_text, "%s%s", n > 0 ? ", " : "", _ (ways[i].name));
      n++;
    }
  return n;
}

/**
 * sysvpn_judge_names:
 * @round: what is known
 *
 * Returns: (transfer full): whether names resolve in the client, at both addresses that Qubes
 * gives it, by UDP and TCP
 */
SysvpnFinding
sysvpn_judge_names (const SysvpnRound *round)
{
  g_autoptr (GString) missing = g_string_new (NULL);
  const char *resolver = round->wish.resolver;
  unsigned n;

  if (!round->look.client.is_told)
    return sysvpn_judge_unseen (SYSVPN_STEP_NAMES, round->wish.client, round->look.client.end);
  n = count_unanswered (&round->look.client.answers, missing);
  if (n == 0)
    return sysvpn_passed (SYSVPN_STEP_NAMES,
                          _ ("names resolve in %s, at both addresses, by UDP and TCP"),
                          round->wish.client);
  if (!tunnel_is_up (round))
    return sysvpn_finding (SYSVPN_STEP_NAMES, SYSVPN_OUTCOME_INCONCLUSIVE,
                           g_strdup_printf (_ ("names do not resolve in %s, without a tunnel"),
                                            round->wish.client),
                           g_strdup (_ ("bring the tunnel up: sysvpn connect")));
  return sysvpn_finding (
      SYSVPN_STEP_NAMES, SYSVPN_OUTCOME_FAILED,
      n == 4 ? g_strdup_printf (_ ("names do not resolve in %s"), round->wish.client)
             : g_strdup_printf (_ ("names do not resolve in %s at %s"), round->wish.client,
                                missing->str),
      resolver != NULL
          ? g_strdup_printf (_ ("look at the resolver in %s: systemctl status sysvpn-resolver "
                                "sysvpn-resolver-redirect"),
                             resolver)
          : g_strdup_printf (
                _ ("qvm-service %s sysvpn-dns on, then restart it; or put a resolver "
                   "qube between"),
                round->wish.vpn));
}

/**
 * sysvpn_judge_plain_dns:
 * @round: what is known
 *
 * Returns: (transfer full): whether questions for names leave the resolver in plain text, as
 * those that its redirect misses do
 */
SysvpnFinding
sysvpn_judge_plain_dns (const SysvpnRound *round)
{
  const SysvpnSighting *sighting = &round->look.at_resolver.sighting;
  const char *resolver = round->wish.resolver;
  const SysvpnFlow *leak;
  uint64_t n;

  if (resolver == NULL)
    return sysvpn_not_passed (
        SYSVPN_STEP_PLAIN_DNS, SYSVPN_OUTCOME_SKIPPED,
        _ ("there is no resolver qube: the VPN's resolver is asked, through "
           "the tunnel"),
        NULL);
  if (!round->look.at_resolver.is_seen)
    return sysvpn_judge_unseen (SYSVPN_STEP_PLAIN_DNS, resolver, round->look.at_resolver.end);
  leak = sysvpn_sight_find_names (sighting, SYSVPN_WAY_UP);
  if (leak != NULL) {
    g_autofree char *text = sysvpn_flow_text (leak);

    return sysvpn_finding (
        SYSVPN_STEP_PLAIN_DNS, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("questions for names leave %s in plain text: %s"), resolver, text),
        g_strdup_printf (_ ("the redirect to its resolver is missing or not whole; in %s: sudo "
                            "systemctl restart sysvpn-resolver-guard sysvpn-resolver-redirect"),
                         resolver));
  }
  n = sysvpn_sight_count_names (sighting, SYSVPN_WAY_IN);
  if (n == 0 || !sysvpn_sight_is_complete (sighting))
    return sysvpn_finding (
        SYSVPN_STEP_PLAIN_DNS, SYSVPN_OUTCOME_INCONCLUSIVE,
        n == 0 ? g_strdup_printf (_ ("no question for a name arrived in %s"), resolver)
               : g_strdup_printf (_ ("not all that passed in %s could be looked at"), resolver),
        g_strdup (
            n == 0
                ? _ ("does a firewall rule keep the client's DNS? name another with --client")
                : _ ("check again with less traffic")));
  return sysvpn_passed (SYSVPN_STEP_PLAIN_DNS,
                        _ ("%llu packets of questions for names came to %s, and "
                           "none left it in plain text"),
                        (unsigned long long) n, resolver);
}

/**
 * sysvpn_judge_own_dns:
 * @round: what is known
 *
 * Returns: (transfer full): whether the VPN qube's own questions for names stay in the tunnel
 */
SysvpnFinding
sysvpn_judge_own_dns (const SysvpnRound *round)
{
  const SysvpnSighting *sighting = &round->look.at_vpn.sighting;
  const char *vpn = round->wish.vpn;

  if (!round->look.at_vpn.is_seen)
    return sysvpn_judge_unseen (SYSVPN_STEP_OWN_DNS, vpn, round->look.at_vpn.end);
  if (sysvpn_sight_find_names (sighting, SYSVPN_WAY_UP) != NULL)
    return sysvpn_finding (
        SYSVPN_STEP_OWN_DNS, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("questions for names leave %s by the uplink, in plain text"), vpn),
        g_strdup_printf (_ ("load the killswitch in %s: sudo systemctl reload-or-restart "
                            "sysvpn-killswitch"),
                         vpn));
  if (sysvpn_sight_count_names (sighting, SYSVPN_WAY_TUNNEL) == 0 ||
      !sysvpn_sight_is_complete (sighting))
    return sysvpn_finding (
        SYSVPN_STEP_OWN_DNS, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (_ ("no question for a name was seen to leave %s"), vpn),
        g_strdup (_ ("mend what failed above, then check again")));
  return sysvpn_passed (SYSVPN_STEP_OWN_DNS,
                        _ ("%s's own questions for names stay in the tunnel"), vpn);
}

/**
 * sysvpn_judge_uplink:
 * @round: what is known
 *
 * Returns: (transfer full): whether anything but the tunnel's own packets left by the uplink
 */
SysvpnFinding
sysvpn_judge_uplink (const SysvpnRound *round)
{
  const SysvpnSighting *sighting = &round->look.at_vpn.sighting;
  const char *endpoint = round->silence == SYSVPN_SILENCE_NONE ? round->report.endpoint : "";
  const char *vpn = round->wish.vpn;
  const SysvpnFlow *stray;

  if (!round->look.at_vpn.is_seen)
    return sysvpn_judge_unseen (SYSVPN_STEP_UPLINK, vpn, round->look.at_vpn.end);
  stray = sysvpn_sight_find_stray (sighting, endpoint);
  if (stray != NULL && (endpoint[0] != '\0' || sysvpn_flow_is_probe (stray))) {
    g_autofree char *text = sysvpn_flow_text (stray);

    return sysvpn_finding (
        SYSVPN_STEP_UPLINK, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("packets leave %s outside of the tunnel: %s"), vpn, text),
        g_strdup_printf (_ ("load the killswitch in %s: sudo systemctl reload-or-restart "
                            "sysvpn-killswitch"),
                         vpn));
  }
  if (endpoint[0] == '\0' || !sysvpn_sight_is_complete (sighting) ||
      sysvpn_sight_count_endpoint (sighting, endpoint) == 0)
    return sysvpn_finding (
        SYSVPN_STEP_UPLINK, SYSVPN_OUTCOME_INCONCLUSIVE,
        endpoint[0] == '\0'
            ? g_strdup_printf (_ ("it is not known which of %s's packets are the tunnel's"),
                               vpn)
        : sysvpn_sight_is_complete (sighting)
            ? g_strdup_printf (_ ("not even the tunnel's own packets were seen to leave %s"),
                               vpn)
            : g_strdup_printf (_ ("not all that left %s could be looked at"), vpn),
        g_strdup (_ ("mend what failed above, then check again with less traffic")));
  return sysvpn_passed (SYSVPN_STEP_UPLINK,
                        _ ("nothing left %s by the uplink but the tunnel's own packets"), vpn);
}

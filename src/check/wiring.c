/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a qube's traffic is led the right way, from what dom0 itself knows: client, firewall,
 * resolver where there is one, VPN qube, uplink. No I/O. */
#include "check/wiring.h"

#include <string.h>

#include <glib/gi18n.h>

#define ARROW " -> " /* for a terminal of any kind */

static bool
leads_through (const GArray *qubes, const char *from, const char *to)
{
  SysvpnChain chain = sysvpn_chain_walk (qubes, from);

  return sysvpn_chain_find (&chain, to) > 0;
}

/* Whonix is a matter of its own: what leaves there has Tor's address, and rightly so. */
static bool
passes_whonix (const GArray *qubes, const char *client)
{
  SysvpnChain chain = sysvpn_chain_walk (qubes, client);

  for (unsigned i = 0; i < chain.n; i++)
    if (strstr (chain.hops[i]->name, "whonix") != NULL)
      return true;
  return false;
}

/**
 * sysvpn_wiring_choose_client:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @vpn: the VPN qube
 *
 * Returns: (nullable) (transfer none): the first by name of the running qubes that send through
 * @vpn, or where there is none, that have a network at all; never one that other qubes use
 */
const char *
sysvpn_wiring_choose_client (const GArray *qubes, const char *vpn)
{
  const char *best = NULL;
  bool best_leads = false;

  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);
    bool leads;

    if (qube->power != SYSVPN_POWER_RUNNING || qube->netvm[0] == '\0' ||
        g_str_equal (qube->name, vpn) || sysvpn_wired_qube_is_net_qube (qubes, qube->name) ||
        passes_whonix (qubes, qube->name))
      continue;
    leads = leads_through (qubes, qube->name, vpn);
    if (best == NULL || leads > best_leads ||
        (leads == best_leads && strcmp (qube->name, best) < 0)) {
      best = qube->name;
      best_leads = leads;
    }
  }
  return best;
}

/* A firewall that leads to the VPN, for clients that are behind another one. */
static const char *
find_right_firewall (const GArray *qubes, const SysvpnWiringWish *wish)
{
  for (unsigned i = 0; i < qubes->len; i++) {
    const char *name = g_array_index (qubes, SysvpnWiredQube, i).name;

    if (!g_str_equal (name, wish->client) &&
        (wish->resolver == NULL || !g_str_equal (name, wish->resolver)) &&
        (sysvpn_wired_qube_is_net_qube (qubes, name) || strstr (name, "firewall") != NULL) &&
        strstr (name, "whonix") == NULL && leads_through (qubes, name, wish->vpn))
      return name;
  }
  return NULL;
}

static char *
command (const char *qube, const char *netvm)
{
  return g_strdup_printf ("qvm-prefs %s netvm %s", qube, netvm);
}

/* The qube in the chain from which the way would lead to the VPN, and to where. */
static char *
remedy_without_vpn (const GArray *qubes, const SysvpnChain *chain, const SysvpnWiringWish *wish)
{
  const char *firewall = find_right_firewall (qubes, wish);
  int resolver_at = sysvpn_chain_find (chain, wish->resolver);

  if (resolver_at > 0)
    return command (wish->resolver, wish->vpn);
  if (firewall != NULL && sysvpn_chain_find (chain, firewall) < 0)
    return command (wish->client, firewall);
  if (chain->n > 2) /* the hop that leads to the uplink */
    return command (chain->hops[chain->n - 2]->name,
                    wish->resolver != NULL ? wish->resolver : wish->vpn);
  return g_strdup_printf (
      _ ("give %s a firewall qube as its net qube whose own net qube is %s"), wish->client,
      wish->resolver != NULL ? wish->resolver : wish->vpn);
}

static SysvpnFinding
failed (char *text, char *remedy)
{
  return sysvpn_finding (SYSVPN_STEP_WIRING, SYSVPN_OUTCOME_FAILED, text, remedy);
}

/* Everything before the VPN qube. Returns: %FALSE if something is wrong with it */
static bool
judge_front (const SysvpnChain *chain, const SysvpnWiringWish *wish, SysvpnFinding *ret_finding)
{
  int vpn_at = sysvpn_chain_find (chain, wish->vpn);
  int resolver_at = sysvpn_chain_find (chain, wish->resolver);
  g_autofree char *text = sysvpn_chain_text (chain, ARROW);

  if (wish->resolver != NULL && resolver_at < 0)
    *ret_finding =
        failed (g_strdup_printf (_ ("%s's traffic does not pass the resolver %s: %s"),
                                 wish->client, wish->resolver, text),
                g_strdup_printf (
                    _ ("qvm-prefs %s netvm %s; or sysvpn check --resolver none, if that is "
                       "meant to be so"),
                    chain->hops[vpn_at - 1]->name, wish->resolver));
  else if (resolver_at > vpn_at)
    *ret_finding =
        failed (g_strdup_printf (
                    _ ("the resolver %s is behind %s, so its questions leave outside of the "
                       "tunnel: %s"),
                    wish->resolver, wish->vpn, text),
                g_strdup_printf ("qvm-prefs %s netvm %s, then qvm-prefs %s netvm %s", wish->vpn,
                                 chain->hops[chain->n - 1]->name, wish->resolver, wish->vpn));
  else if (vpn_at < 2 || resolver_at == 1)
    *ret_finding = failed (
        g_strdup_printf (_ ("no firewall qube is between %s and %s, so that its firewall "
                            "rules are kept by a qube with other work: %s"),
                         wish->client, chain->hops[1]->name, text),
        command (wish->client, "sys-firewall"));
  else
    return true;
  return false;
}

/**
 * sysvpn_wiring_judge:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @wish: how it shall be
 *
 * Returns: (transfer full): whether @wish's client sends through the VPN qube, in the right
 * order
 */
SysvpnFinding
sysvpn_wiring_judge (const GArray *qubes, const SysvpnWiringWish *wish)
{
  SysvpnChain chain = sysvpn_chain_walk (qubes, wish->client);
  int vpn_at = sysvpn_chain_find (&chain, wish->vpn);
  g_autofree char *text = sysvpn_chain_text (&chain, ARROW);
  SysvpnFinding finding;

  if (chain.n == 0)
    return failed (g_strdup_printf (_ ("there is no qube %s"), wish->client),
                   g_strdup (_ ("--client takes the name of a qube that runs")));
  if (!chain.is_whole && (chain.n == SYSVPN_CHAIN_MAX || vpn_at < 0))
    return sysvpn_finding (
        SYSVPN_STEP_WIRING, SYSVPN_OUTCOME_INCONCLUSIVE,
        g_strdup_printf (_ ("dom0 does not tell where %s's traffic goes: %s"), wish->client,
                         text),
        g_strdup (_ ("look at qvm-ls --network and journalctl -u qubesd")));
  if (vpn_at == 0 || sysvpn_wired_qube_is_net_qube (qubes, wish->client))
    return failed (g_strdup_printf (_ ("%s is there to pass on the traffic of other qubes, and "
                                       "is no client of %s: %s"),
                                    wish->client, wish->vpn, text),
                   g_strdup (_ ("--client takes a qube that no other one sends through")));
  if (chain.n == 1)
    return failed (g_strdup_printf (_ ("%s has no net qube"), wish->client),
                   command (wish->client, "sys-firewall"));
  if (vpn_at < 0)
    return failed (g_strdup_printf (_ ("%s's traffic does not go through %s: %s"), wish->client,
                                    wish->vpn, text),
                   remedy_without_vpn (qubes, &chain, wish));
  if (!judge_front (&chain, wish, &finding))
    return finding;
  if ((unsigned) vpn_at + 1 >= chain.n)
    return failed (g_strdup_printf (_ ("%s itself has no net qube: %s"), wish->vpn, text),
                   command (wish->vpn, "sys-net"));
  if (wish->sandwich && (unsigned) vpn_at + 2 >= chain.n)
    return failed (g_strdup_printf (_ ("no second firewall is between %s and the uplink: %s"),
                                    wish->vpn, text),
                   g_strdup_printf (
                       _ ("qvm-prefs %s netvm to a firewall qube of its own whose net qube is "
                          "%s"),
                       wish->vpn, chain.hops[chain.n - 1]->name));
  return sysvpn_passed (SYSVPN_STEP_WIRING, _ ("%s's traffic goes through %s: %s"),
                        wish->client, wish->vpn, text);
}

/**
 * sysvpn_wiring_judge_power:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @wish: how it shall be
 *
 * Returns: (transfer full): whether the qubes of the chain run; and the VPN qube, where it is
 * not in the chain
 */
SysvpnFinding
sysvpn_wiring_judge_power (const GArray *qubes, const SysvpnWiringWish *wish)
{
  SysvpnChain chain = sysvpn_chain_walk (qubes, wish->client);
  const SysvpnWiredQube *vpn = sysvpn_wired_qube_find (qubes, wish->vpn);

  if (vpn == NULL)
    return sysvpn_finding (SYSVPN_STEP_QUBES, SYSVPN_OUTCOME_FAILED,
                           g_strdup_printf (_ ("there is no qube %s"), wish->vpn),
                           g_strdup (_ ("name the VPN qube with --qube")));
  if (sysvpn_chain_find (&chain, wish->vpn) < 0 && chain.n < SYSVPN_CHAIN_MAX)
    chain.hops[chain.n++] = vpn;
  for (unsigned i = 0; i < chain.n; i++) {
    const SysvpnWiredQube *qube = chain.hops[i];
    bool paused = qube->power == SYSVPN_POWER_PAUSED;

    if (qube->power == SYSVPN_POWER_UNKNOWN)
      return sysvpn_finding (
          SYSVPN_STEP_QUBES, SYSVPN_OUTCOME_INCONCLUSIVE,
          g_strdup_printf (_ ("dom0 does not tell whether %s runs"), qube->name),
          g_strdup (_ ("look at qvm-ls and journalctl -u qubesd")));
    if (qube->power != SYSVPN_POWER_RUNNING)
      return sysvpn_finding (
          SYSVPN_STEP_QUBES, SYSVPN_OUTCOME_FAILED,
          g_strdup_printf (paused ? _ ("%s is paused") : _ ("%s does not run"), qube->name),
          g_strdup_printf ("%s %s", paused ? "qvm-unpause" : "qvm-start", qube->name));
  }
  return sysvpn_passed (SYSVPN_STEP_QUBES, _ ("all qubes of the chain run"));
}

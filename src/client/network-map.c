/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which qubes send through a VPN qube and which do not, from the net qubes that dom0 gave them.
 * What dom0 does not tell stays unknown. Pure. */
#include "client/network-map.h"

#include <gio/gio.h>
#include <stdint.h>
#include <string.h>

static int
find_first (const SysvpnChain *chain, const char *const *vpns)
{
  int first = -1;

  for (; *vpns != NULL; vpns++) {
    int at = sysvpn_chain_find (chain, *vpns);

    if (at > 0 && (first < 0 || at < first))
      first = at;
  }
  return first;
}

/**
 * sysvpn_route_judge:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @client: one's name
 * @vpns: the names of VPN qubes, ends with %NULL
 * @ret_chain: (out): by which way: to the first VPN qube on it, or as far as it is known
 *
 * A qube without a net qube of its own has no network, unless others send through it: then it
 * is where all of them leave.
 *
 * Returns: where its traffic goes
 */
SysvpnRoute
sysvpn_route_judge (const GArray *qubes,
                    const char *client,
                    const char *const *vpns,
                    SysvpnChain *ret_chain)
{
  SysvpnChain chain = sysvpn_chain_walk (qubes, client);
  int at = find_first (&chain, vpns);

  if (at > 0) {
    chain.n = (unsigned) at + 1;
    chain.is_whole = true;
  }
  *ret_chain = chain;
  if (at > 0)
    return SYSVPN_ROUTE_THROUGH;
  if (!chain.is_whole)
    return SYSVPN_ROUTE_UNKNOWN;
  return chain.n > 1 || sysvpn_wired_qube_is_net_qube (qubes, client) ? SYSVPN_ROUTE_PAST
                                                                      : SYSVPN_ROUTE_NOWHERE;
}

/**
 * sysvpn_network_is_stray:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @qube: one of them
 * @vpns: the names of all VPN qubes, ends with %NULL
 *
 * Returns: %TRUE if it runs and is tagged to send through a VPN qube only, and is known not to
 */
bool
sysvpn_network_is_stray (const GArray *qubes,
                         const SysvpnWiredQube *qube,
                         const char *const *vpns)
{
  SysvpnChain chain;

  return qube->is_vpn_only && qube->power == SYSVPN_POWER_RUNNING &&
         !g_strv_contains (vpns, qube->name) &&
         sysvpn_route_judge (qubes, qube->name, vpns, &chain) == SYSVPN_ROUTE_PAST;
}

/* What matters comes first: strays, then what runs, then by name. */
static int
compare_clients (gconstpointer a, gconstpointer b)
{
  static const int ranks[] = {
    [SYSVPN_ROUTE_THROUGH] = 0,
    [SYSVPN_ROUTE_UNKNOWN] = 1,
    [SYSVPN_ROUTE_PAST] = 2,
    [SYSVPN_ROUTE_NOWHERE] = 3,
  };
  const SysvpnNetworkClient *left = a, *right = b;
  bool left_runs = left->qube->power == SYSVPN_POWER_RUNNING;
  bool right_runs = right->qube->power == SYSVPN_POWER_RUNNING;

  if (left->is_stray != right->is_stray)
    return left->is_stray ? -1 : 1;
  if (left->route != right->route)
    return ranks[left->route] - ranks[right->route];
  if (left_runs != right_runs)
    return left_runs ? -1 : 1;
  return strcmp (left->qube->name, right->qube->name);
}

/* Those on the VPN qube's own way out send for it, and other VPN qubes have a map of their own;
 * neither is a client that has lost its way. */
static bool
is_of_interest (const SysvpnNetworkClient *client,
                const SysvpnChain *way_out,
                const char *const *all_vpns)
{
  if (client->route == SYSVPN_ROUTE_THROUGH || client->is_stray)
    return true;
  return client->route != SYSVPN_ROUTE_NOWHERE &&
         sysvpn_chain_find (way_out, client->qube->name) < 0 &&
         !g_strv_contains (all_vpns, client->qube->name);
}

/**
 * sysvpn_network_map_new:
 * @qubes: (element-type SysvpnWiredQube): all qubes; outlives the map
 * @vpn: the name of a VPN qube
 * @all_vpns: the names of all VPN qubes, ends with %NULL
 *
 * Returns: (transfer full) (element-type SysvpnNetworkClient): the qubes that have a network,
 * and whether they send through @vpn, what matters first; not those that @vpn itself sends
 * through
 */
GArray *
sysvpn_network_map_new (const GArray *qubes, const char *vpn, const char *const *all_vpns)
{
  GArray *map = g_array_new (FALSE, FALSE, sizeof (SysvpnNetworkClient));
  const char *const vpns[] = { vpn, NULL };
  SysvpnChain way_out = sysvpn_chain_walk (qubes, vpn);

  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);
    SysvpnNetworkClient client = { .qube = qube };

    if (g_str_equal (qube->name, vpn))
      continue;
    client.route = sysvpn_route_judge (qubes, qube->name, vpns, &client.chain);
    client.is_stray = sysvpn_network_is_stray (qubes, qube, all_vpns);
    client.is_net_qube = sysvpn_wired_qube_is_net_qube (qubes, qube->name);
    if (is_of_interest (&client, &way_out, all_vpns))
      g_array_append_val (map, client);
  }
  g_array_sort (map, compare_clients);
  return map;
}

/**
 * sysvpn_network_map_count:
 * @map: (element-type SysvpnNetworkClient): a map
 * @route: a route
 * @are_net_qubes: whether those are counted that pass others' traffic on, or the rest
 *
 * Returns: how many such qubes run and take it
 */
unsigned
sysvpn_network_map_count (const GArray *map, SysvpnRoute route, bool are_net_qubes)
{
  unsigned n = 0;

  for (unsigned i = 0; i < map->len; i++) {
    const SysvpnNetworkClient *client = &g_array_index (map, SysvpnNetworkClient, i);

    n += client->route == route && client->is_net_qube == are_net_qubes &&
         client->qube->power == SYSVPN_POWER_RUNNING;
  }
  return n;
}

/**
 * sysvpn_network_dup_strays:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @vpns: the names of all VPN qubes, ends with %NULL
 *
 * Returns: (transfer full): the names of those of which sysvpn_network_is_stray() is true, ends
 * with %NULL
 */
char **
sysvpn_network_dup_strays (const GArray *qubes, const char *const *vpns)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (sysvpn_network_is_stray (qubes, qube, vpns))
      g_ptr_array_add (names, (char *) (uintptr_t) qube->name);
  }
  g_ptr_array_add (names, NULL);
  return g_strdupv ((char **) names->pdata);
}

static bool
is_same_address (const char *text, GInetAddress *address)
{
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string (text);

  return other != NULL && g_inet_address_equal (other, address);
}

/**
 * sysvpn_network_find_address:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @vpn: the name of a VPN qube
 * @address: from which a packet came there
 *
 * Net qubes send what they pass on under their own address, so it is always one of the qubes
 * that are next to @vpn.
 *
 * Returns: (nullable): that one, borrowed from @qubes
 */
const SysvpnWiredQube *
sysvpn_network_find_address (const GArray *qubes, const char *vpn, const char *address)
{
  g_autoptr (GInetAddress) wanted = g_inet_address_new_from_string (address);

  for (unsigned i = 0; wanted != NULL && i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (g_str_equal (qube->netvm, vpn) &&
        (is_same_address (qube->ip, wanted) || is_same_address (qube->ip6, wanted)))
      return qube;
  }
  return NULL;
}

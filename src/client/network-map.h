/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/chain.h"

G_BEGIN_DECLS

/* Where a qube's traffic goes, as to the VPN. */
typedef enum {
  SYSVPN_ROUTE_UNKNOWN, /* dom0 does not tell: never to be taken for protected */
  SYSVPN_ROUTE_THROUGH, /* through a VPN qube */
  SYSVPN_ROUTE_PAST,    /* to the network, and through none */
  SYSVPN_ROUTE_NOWHERE, /* it has no network */
  SYSVPN_N_ROUTES
} SysvpnRoute;

/**
 * SysvpnNetworkClient:
 * @qube: a qube, borrowed from the list of all
 * @route: where its traffic goes
 * @chain: by which way: to the VPN qube, or as far as it is known
 * @is_stray: it runs and shall send through a VPN qube only, and does not
 * @is_net_qube: others send through it
 */
typedef struct {
  const SysvpnWiredQube *qube;
  SysvpnRoute route;
  SysvpnChain chain;
  bool is_stray;
  bool is_net_qube;
} SysvpnNetworkClient;

SysvpnRoute sysvpn_route_judge (const GArray *qubes,
                                const char *client,
                                const char *const *vpns,
                                SysvpnChain *ret_chain);
bool sysvpn_network_is_stray (const GArray *qubes,
                              const SysvpnWiredQube *qube,
                              const char *const *vpns);
GArray *
sysvpn_network_map_new (const GArray *qubes, const char *vpn, const char *const *all_vpns);
unsigned sysvpn_network_map_count (const GArray *map, SysvpnRoute route, bool are_net_qubes);
char **sysvpn_network_dup_strays (const GArray *qubes, const char *const *vpns);
const SysvpnWiredQube *
sysvpn_network_find_address (const GArray *qubes, const char *vpn, const char *address);

G_END_DECLS

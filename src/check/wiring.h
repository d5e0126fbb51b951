/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/finding.h"
#include "client/chain.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnWiringWish:
 * @client: the qube whose traffic is checked
 * @vpn: the VPN qube
 * @resolver: (nullable): the qube that shall answer DNS, where there is one
 * @sandwich: whether a second firewall shall stand between the VPN qube and the uplink
 */
typedef struct {
  const char *client;
  const char *vpn;
  const char *resolver;
  bool sandwich;
} SysvpnWiringWish;

const char *sysvpn_wiring_choose_client (const GArray *qubes, const char *vpn);
SysvpnFinding sysvpn_wiring_judge (const GArray *qubes, const SysvpnWiringWish *wish);
SysvpnFinding sysvpn_wiring_judge_power (const GArray *qubes, const SysvpnWiringWish *wish);

G_END_DECLS

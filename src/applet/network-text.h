/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/wording.h"
#include "client/network-map.h"
#include "client/network-watch.h"

G_BEGIN_DECLS

const char *sysvpn_network_text_power (SysvpnPower power);
const char *sysvpn_network_text_route (SysvpnRoute route);
char *sysvpn_network_text_way (const SysvpnNetworkClient *client);
char *sysvpn_network_text_overview (const GArray *map, const char *vpn);
const char *
sysvpn_network_text_missing (SysvpnNetworkState state, bool is_incomplete, bool has_any);
char *sysvpn_network_text_warning (unsigned n_strays);
void sysvpn_network_text_notice (const char *const *strays, SysvpnMessage *ret_message);

G_END_DECLS

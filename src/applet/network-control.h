/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/network-watch.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_NETWORK_CONTROL (sysvpn_network_control_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnNetworkControl, sysvpn_network_control, SYSVPN, NETWORK_CONTROL, GObject)

SysvpnNetworkControl *sysvpn_network_control_new (SysvpnNetworkWatch *watch);
void sysvpn_network_control_close (SysvpnNetworkControl *self);

char **sysvpn_network_control_dup_strays (SysvpnNetworkControl *self);
bool sysvpn_network_control_count_through (SysvpnNetworkControl *self,
                                           const char *vpn,
                                           unsigned *ret_n);

G_END_DECLS

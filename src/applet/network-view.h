/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/network-watch.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_NETWORK_VIEW (sysvpn_network_view_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnNetworkView, sysvpn_network_view, SYSVPN, NETWORK_VIEW, GtkBox)

void sysvpn_network_view_set_network (SysvpnNetworkView *self,
                                      SysvpnNetworkWatch *network,
                                      const char *vpn);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/chain.h"
#include "client/qubesd-watch.h"
#include "client/transport.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_NETWORK_WATCH (sysvpn_network_watch_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnNetworkWatch, sysvpn_network_watch, SYSVPN, NETWORK_WATCH, GObject)

/* How far dom0 has told of its qubes. */
typedef enum {
  SYSVPN_NETWORK_WAITING, /* it has just been asked */
  SYSVPN_NETWORK_KNOWN,
  SYSVPN_NETWORK_UNKNOWN, /* there is nobody to ask, or it does not tell */
} SysvpnNetworkState;

SysvpnNetworkWatch *sysvpn_network_watch_new (SysvpnQubesdWatch *qubesd,
                                              SysvpnTransport *transport);
void sysvpn_network_watch_set_vpn_qubes (SysvpnNetworkWatch *self, const char *const *vpns);
const char *const *sysvpn_network_watch_get_vpn_qubes (SysvpnNetworkWatch *self);
SysvpnNetworkState sysvpn_network_watch_get_state (SysvpnNetworkWatch *self);
bool sysvpn_network_watch_is_asking (SysvpnNetworkWatch *self);
const GArray *sysvpn_network_watch_get_qubes (SysvpnNetworkWatch *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnTunnelDevice:
 * @name: the interface
 * @is_tunnel: its link kind is one that the killswitch lets traffic into: tun or wireguard
 * @is_wireguard: the latter
 * @is_up: administratively up
 * @rx_bytes: received so far
 * @tx_bytes: sent so far
 */
typedef struct {
  char name[SYSVPN_INTERFACE_MAX + 1];
  bool is_tunnel;
  bool is_wireguard;
  bool is_up;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
} SysvpnTunnelDevice;

bool sysvpn_links_find_address (const char *address, SysvpnTunnelDevice *ret_device);
bool sysvpn_links_routes_through (const char *address);

/**
 * SysvpnLinksFunc:
 * @data: user data
 */
typedef void (*SysvpnLinksFunc) (gpointer data);

void sysvpn_links_watch (guint *id, SysvpnLinksFunc changed, gpointer data);

G_END_DECLS

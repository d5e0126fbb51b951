/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

enum { SYSVPN_UPLINK_ADDRESSES_MAX = 16 };

/**
 * SysvpnUplinkAddresses:
 * @addresses: as inet_ntop prints them, the one recorded last first
 * @n: how many
 *
 * The public addresses that this machine has without the VPN, as far as the user had them
 * recorded. Zeroed, it is none: then nothing can be said of an egress address.
 */
typedef struct {
  char addresses[SYSVPN_UPLINK_ADDRESSES_MAX][SYSVPN_ADDRESS_MAX + 1];
  unsigned n;
} SysvpnUplinkAddresses;

char *sysvpn_uplink_addresses_path (void);
bool sysvpn_uplink_addresses_load (const char *path,
                                   SysvpnUplinkAddresses *ret_uplink,
                                   GError **error);
bool sysvpn_uplink_addresses_store (const char *path,
                                    const SysvpnUplinkAddresses *uplink,
                                    GError **error);
bool sysvpn_uplink_addresses_add (SysvpnUplinkAddresses *uplink, const char *address);
bool sysvpn_uplink_addresses_has (const SysvpnUplinkAddresses *uplink, const char *address);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The interface group that Qubes gives a qube's uplink (setup-ip: ip link set eth0 group 1). */
enum { SYSVPN_UPLINK_GROUP = 1 };

bool sysvpn_uplink_check (bool *ret_is_stray, GError **error);
bool sysvpn_uplink_check_tables (uint8_t family,
                                 GHashTable *tables,
                                 bool *ret_leads_out,
                                 GError **error);

G_END_DECLS

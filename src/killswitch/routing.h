/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The bit of a packet's mark with which the table asks these rules about a client's packet. */
#define SYSVPN_ROUTING_MARK 0x40000000

bool sysvpn_routing_rules_add (GError **error);
bool sysvpn_routing_rules_check (bool *ret_present, GError **error);

G_END_DECLS

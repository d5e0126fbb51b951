/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

bool sysvpn_routing_rules_add (GError **error);
bool sysvpn_routing_rules_check (bool *ret_present, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "import/config.h"

G_BEGIN_DECLS

GHashTable *sysvpn_hosts_new (void);
bool sysvpn_hosts_parse (const char *text, size_t len, GHashTable *hosts, GError **error);
void sysvpn_hosts_set (GHashTable *hosts, const char *name, const char *const *addresses);
const char *const *sysvpn_hosts_find (GHashTable *hosts, const char *name);
char *sysvpn_hosts_join (const char *const *addresses);
bool sysvpn_hosts_is_address (const char *text);
bool sysvpn_hosts_render (const SysvpnConfig *config,
                          GHashTable *hosts,
                          char **ret_text,
                          GPtrArray *ret_endpoints,
                          GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "import/config.h"
#include "import/credentials.h"
#include "import/plan.h"

G_BEGIN_DECLS

/* One file of /rw/config/vpn. */
typedef struct {
  char *file;
  char *stem; /* NULL when the name is not acceptable */
  SysvpnConfigKind kind;
  char uuid[SYSVPN_UUID_SIZE];
  GError *failure; /* why it cannot be imported */
  SysvpnConfig *config;
  /* from sysvpn_item_prepare() on */
  SysvpnCredentials *credentials;
  char *text;           /* for the importer */
  GPtrArray *endpoints; /* of char * */
  char *digest;
} SysvpnItem;

GPtrArray *sysvpn_items_load (const char *folder, GError **error);
void sysvpn_item_prepare (SysvpnItem *item, const char *folder, GHashTable *pins);

G_END_DECLS

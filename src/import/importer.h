/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <NetworkManager.h>
#include <glib.h>
#include <stdbool.h>

#include "import/config.h"
#include "import/credentials.h"

G_BEGIN_DECLS

typedef struct {
  const char *stem; /* the profile's name */
  const char *uuid;
  SysvpnConfigKind kind;
  const char *text; /* what NetworkManager's importer reads */
  const SysvpnCredentials *credentials;
} SysvpnSource;

NMConnection *sysvpn_importer_read (const char *scratch,
                                    const char *certificates,
                                    const SysvpnSource *source,
                                    char ***ret_certificates,
                                    GError **error);
void sysvpn_importer_make_safe (NMConnection *connection, const SysvpnSource *source);

G_END_DECLS

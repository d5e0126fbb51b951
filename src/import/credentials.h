/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "import/config.h"

G_BEGIN_DECLS

/* Secrets that the profile itself carries; never printed, never logged. */
typedef struct {
  char *user;
  char *password;
  char *passphrase; /* of the key */
} SysvpnCredentials;

void sysvpn_credentials_free (SysvpnCredentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnCredentials, sysvpn_credentials_free)
SysvpnCredentials *sysvpn_credentials_load (const char *folder,
                                            const char *stem,
                                            SysvpnConfig *config,
                                            GChecksum *digest,
                                            GError **error);

G_END_DECLS

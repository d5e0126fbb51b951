/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "killswitch/endpoints.h"

G_BEGIN_DECLS

typedef enum {
  SYSVPN_KILLSWITCH_FILE_ENDPOINTS,
  SYSVPN_KILLSWITCH_FILE_IMPORTED,
  SYSVPN_KILLSWITCH_FILE_DIGEST,
  SYSVPN_KILLSWITCH_FILE_LOCK,
  SYSVPN_KILLSWITCH_FILE_FLAG,
  SYSVPN_N_KILLSWITCH_FILES,
} SysvpnKillswitchFile;

char *sysvpn_killswitch_path (const char *root, SysvpnKillswitchFile file);
bool
sysvpn_killswitch_load_endpoints (const char *root, SysvpnEndpoints *ret_list, GError **error);
char *sysvpn_killswitch_load_digest (const char *root);
bool sysvpn_killswitch_drop_digest (const char *root, GError **error);
bool sysvpn_killswitch_save_digest (const char *root, const char *digest, GError **error);
int sysvpn_killswitch_lock (const char *root, unsigned timeout_ms, GError **error);
bool sysvpn_killswitch_is_locked (const char *root);

G_END_DECLS

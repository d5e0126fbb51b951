/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "killswitch/endpoints.h"

G_BEGIN_DECLS

typedef enum {
  SYSVPN_KILLSWITCH_FILE_ENDPOINTS,
  SYSVPN_KILLSWITCH_FILE_IMPORTED,
  SYSVPN_KILLSWITCH_FILE_DIGEST,
  SYSVPN_KILLSWITCH_FILE_LOCK,
  SYSVPN_KILLSWITCH_FILE_LOADING,
  SYSVPN_KILLSWITCH_FILE_FLAG,
  SYSVPN_N_KILLSWITCH_FILES,
} SysvpnKillswitchFile;

/* a loader that takes longer has failed, and what is there is judged */
enum { SYSVPN_KILLSWITCH_LOADING_MAX_MS = 1000 };

char *sysvpn_killswitch_path (const char *root, SysvpnKillswitchFile file);
bool
sysvpn_killswitch_load_endpoints (const char *root, SysvpnEndpoints *ret_list, GError **error);
bool sysvpn_killswitch_check_imported (const char *root, const char *text, GError **error);
char *sysvpn_killswitch_load_digest (const char *root);
bool sysvpn_killswitch_drop_digest (const char *root, GError **error);
bool sysvpn_killswitch_save_digest (const char *root, const char *digest, GError **error);
int sysvpn_killswitch_lock (const char *root, unsigned timeout_ms, GError **error);
void sysvpn_killswitch_begin_loading (const char *root, int64_t now_us);
void sysvpn_killswitch_end_loading (const char *root);
bool sysvpn_killswitch_is_loading (const char *root, int64_t now_us);

G_END_DECLS

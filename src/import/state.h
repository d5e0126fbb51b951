/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Places, and what was remembered in them. */
typedef struct {
  char *folder;       /* /rw/config/vpn */
  char *imported;     /* ours alone, for the agent to read */
  char *certificates; /* of blocks in the files */
  char *scratch;      /* of this run, and its $HOME */
  char *records_path;
  char *autoconnect_path;
  char *endpoints_path;
  char *records_text;   /* as read */
  char *endpoints_text; /* as read */
  char *autoconnect;    /* UUID; empty for "none, and that is meant"; NULL */
  GHashTable *records;
  GHashTable *pins;
} SysvpnImportState;

SysvpnImportState *sysvpn_import_state_open (const char *root, bool dry_run, GError **error);
void sysvpn_import_state_free (SysvpnImportState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnImportState, sysvpn_import_state_free)
void sysvpn_import_state_remove_certificates (SysvpnImportState *state,
                                              char *const *names,
                                              const char *const *kept);
bool sysvpn_import_state_save (SysvpnImportState *state,
                               const char *autoconnect,
                               bool *ret_endpoints_changed,
                               GError **error);

G_END_DECLS

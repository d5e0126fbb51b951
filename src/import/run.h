/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *root;
  char *hosts_file;
  char *autoconnect;
  gboolean resolve;
  gboolean prune;
  gboolean force;
  gboolean dry_run;
  gboolean load;
} SysvpnImportOptions;

enum {
  SYSVPN_IMPORT_EXIT_FINE = 0,
  SYSVPN_IMPORT_EXIT_SOME = 1, /* some file was refused */
  SYSVPN_IMPORT_EXIT_USAGE = 2,
  SYSVPN_IMPORT_EXIT_UNABLE = 3, /* nothing was done: no NetworkManager, no folder */
};

int sysvpn_import_run (const SysvpnImportOptions *options);

G_END_DECLS

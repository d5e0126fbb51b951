/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_FILE_ANY,     /* only read */
  SYSVPN_FILE_OURS,    /* nobody but us can have written it */
  SYSVPN_FILE_PRIVATE, /* ... and nobody else can read it */
} SysvpnFileCare;

bool sysvpn_file_read (const char *path,
                       SysvpnFileCare care,
                       size_t max,
                       char **ret_text,
                       size_t *ret_len,
                       GError **error);
bool sysvpn_file_write (const char *path, const char *text, int mode, GError **error);
bool sysvpn_file_check_folder (const char *path, GError **error);
bool sysvpn_file_check_way (const char *folder, const char *path, GError **error);
bool sysvpn_file_make_folder (const char *path, int mode, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define SYSVPN_IMPORT_ERROR (sysvpn_import_error_quark ())

typedef enum {
  SYSVPN_IMPORT_ERROR_REFUSED,    /* a file is not acceptable; the others go on */
  SYSVPN_IMPORT_ERROR_NO_MANAGER, /* NetworkManager cannot be asked: nothing goes on */
  SYSVPN_IMPORT_ERROR_FAILED,
} SysvpnImportError;

GQuark sysvpn_import_error_quark (void);
bool sysvpn_import_refuse (GError **error, unsigned line, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_END_DECLS

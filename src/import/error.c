/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the import. Their texts are for a terminal of this qube; whoever prints them
 * sanitizes them, because file names and host names are the user's. */
#include "import/error.h"

G_DEFINE_QUARK (sysvpn - import - error, sysvpn_import_error)

/**
 * sysvpn_import_refuse:
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 * @line: the number of the line it is about, from 1; 0 for none
 * @format: the reason
 *
 * Returns: %FALSE, for the caller to return
 */
bool
sysvpn_import_refuse (GError **error, unsigned line, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (line > 0)
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED, "line %u: %s", line,
                 text);
  else
    g_set_error_literal (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED, text);
  return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language in which dom0's programs speak to people. What programs read is never
 * translated: JSON, exit codes, the words of the wire. */
#include "client/translation.h"

#include <glib/gi18n.h>
#include <locale.h>

/**
 * sysvpn_translation_start:
 *
 * Sets the user's locale and where translations are: the first thing that a main() does.
 * SYSVPN_LOCALE_DIR names another place for them, for a program that is run from its build.
 */
void
sysvpn_translation_start (void)
{
  const char *elsewhere = g_getenv ("SYSVPN_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, elsewhere != NULL ? elsewhere : LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

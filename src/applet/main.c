/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-applet: arguments, then the application. */
#include "applet/application.h"

#include "client/translation.h"
#include "client/vpn-qubes.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>

static char **qubes;
static char *connect_to;
static gboolean show_version;
static gboolean verbose;

static const GOptionEntry options[] = {
  { "qube", 'q', 0, G_OPTION_ARG_STRING_ARRAY, &qubes,
    N_ ("A VPN qube, instead of those of the preferences; may be given several times"),
    N_ ("QUBE") },
  { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_to,
    N_ ("Reach an agent on this machine, for development"), "unix:PATH" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, N_ ("Log every decision"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, N_ ("Print the version"), NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static int
complain (const char *message)
{
  fprintf (stderr, "sysvpn-applet: %s\n", message);
  return EXIT_FAILURE;
}

static int
run (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose (connect_to, &error);
  g_autoptr (SysvpnApplication) application = NULL;

  if (transport == NULL)
    return complain (error->message);
  if (!gtk_init_check (NULL, NULL))
    return complain (_ ("cannot open the display; start this in the desktop session"));
  application = sysvpn_application_new ((const char *const *) qubes, transport);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  sysvpn_translation_start ();
  g_option_context_set_summary (context,
                                _ ("Shows in the panel whether a VPN qube protects what goes "
                                   "through it; a click toggles its tunnel."));
  g_option_context_add_main_entries (context, options, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return complain (error->message);
  if (argc != 1)
    return complain (_ ("too many arguments; see sysvpn-applet --help"));
  if (show_version) {
    puts ("sysvpn-applet " SYSVPN_VERSION);
    return EXIT_SUCCESS;
  }
  for (size_t i = 0; qubes != NULL && qubes[i] != NULL; i++)
    if (!sysvpn_qube_name_is_valid (qubes[i]))
      return complain (
          _ ("--qube wants the name of a qube: letters, digits, - and _, 31 at most"));
  if (connect_to != NULL && qubes != NULL && g_strv_length (qubes) > 1)
    return complain (_ ("--connect reaches one agent, so --qube may be given once"));
  if (connect_to != NULL && qubes == NULL) /* whatever the preferences name */
    qubes = g_strdupv ((char *[]){ (char[]){ SYSVPN_USUAL_QUBE }, NULL });
  if (verbose)
    g_setenv ("G_MESSAGES_DEBUG", "sysvpn-applet sysvpn-client", TRUE);
  gdk_set_allowed_backends ("x11"); /* the old kind of tray icon exists on X11 alone */
  return run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-applet: arguments, then the application. */
#include "applet/application.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static char *qube = NULL;
static char *connect_to;
static gboolean show_version;
static gboolean verbose;

static const GOptionEntry options[] = {
  { "qube", 'q', 0, G_OPTION_ARG_STRING, &qube, "The VPN qube (sys-vpn)", "QUBE" },
  { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_to,
    "Reach an agent on this machine, for development", "unix:PATH" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Log every decision", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Print the version", NULL },
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
    return complain ("cannot open the display; start this in the desktop session");
  application = sysvpn_application_new (qube, transport);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context,
                                "Shows in the panel whether a VPN qube protects what goes "
                                "through it; a click toggles its tunnel.");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return complain (error->message);
  if (argc != 1)
    return complain ("too many arguments; see sysvpn-applet --help");
  if (show_version) {
    puts ("sysvpn-applet " SYSVPN_VERSION);
    return EXIT_SUCCESS;
  }
  if (qube == NULL)
    qube = g_strdup ("sys-vpn");
  if (!sysvpn_qube_name_is_valid (qube))
    return complain ("--qube wants the name of a qube: letters, digits, - and _, 31 at most");
  if (verbose)
    g_setenv ("G_MESSAGES_DEBUG", "sysvpn-applet sysvpn-client", TRUE);
  gdk_set_allowed_backends ("x11"); /* the old kind of tray icon exists on X11 alone */
  return run ();
}

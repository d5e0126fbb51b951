/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-import: providers' files into NetworkManager. Run at boot and by hand, any number of
 * times. */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/run.h"

static SysvpnImportOptions options;
static gboolean show_version;

static const GOptionEntry entries[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry_run,
    "Say what would change, and change nothing", NULL },
  { "autoconnect", 0, 0, G_OPTION_ARG_STRING, &options.autoconnect,
    "The profile that comes up at boot, or none", "NAME" },
  { "hosts", 0, 0, G_OPTION_ARG_FILENAME, &options.hosts_file,
    "Pin names of servers to addresses: lines NAME ADDRESS...", "FILE" },
  { "resolve", 0, 0, G_OPTION_ARG_NONE, &options.resolve,
    "Pin names of servers by asking through the tunnel that is up", NULL },
  { "prune", 0, 0, G_OPTION_ARG_NONE, &options.prune,
    "Remove profiles whose files are gone; only those that were imported by this", NULL },
  { "force", 0, 0, G_OPTION_ARG_NONE, &options.force,
    "Replace or remove profiles that were edited since", NULL },
  { "load", 0, 0, G_OPTION_ARG_NONE, &options.load,
    "Load changed endpoints into the killswitch", NULL },
  { "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root, "Use the files below DIR; for tests",
    "DIR" },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Print the version", NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  setvbuf (stdout, NULL, _IOLBF, 0); /* in order with what others write to the journal */
  umask (022); /* the agent, another user, reads the endpoints and the choice for boot */
  g_option_context_set_summary (
      context,
      "Imports /rw/config/vpn/*.ovpn and *.conf into NetworkManager, and writes their\n"
      "servers into /rw/config/vpn/endpoints.imported. Credentials: see "
      "/rw/config/vpn/credentials.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 1) {
    fprintf (stderr, "sysvpn-import: %s\n",
             error != NULL ? error->message : "too many arguments");
    return SYSVPN_IMPORT_EXIT_USAGE;
  }
  if (show_version)
    return puts ("sysvpn-import " SYSVPN_VERSION) >= 0 ? SYSVPN_IMPORT_EXIT_FINE
                                                       : SYSVPN_IMPORT_EXIT_UNABLE;
  if (geteuid () != 0) {
    fprintf (stderr, "sysvpn-import: must be run as root\n");
    return SYSVPN_IMPORT_EXIT_UNABLE;
  }
  if (options.root == NULL)
    options.root = g_strdup ("/");
  return sysvpn_import_run (&options);
}

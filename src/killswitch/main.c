/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-killswitch: loads the killswitch, or says whether it is armed. */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "killswitch/facts.h"
#include "killswitch/files.h"
#include "killswitch/loader.h"
#include "killswitch/statement.h"

enum { EXIT_ARMED = 0, EXIT_NOT_AS_WANTED = 1, EXIT_USAGE = 2, EXIT_UNABLE = 3 };

static char *root;
static gboolean want_check;
static gboolean want_print;
static gboolean want_version;
static gboolean is_verbose;

static const GOptionEntry options[] = {
  { "check", 0, 0, G_OPTION_ARG_NONE, &want_check, "Say whether it is armed; load nothing",
    NULL },
  { "print", 0, 0, G_OPTION_ARG_NONE, &want_print, "Print the ruleset; load nothing", NULL },
  { "root", 0, 0, G_OPTION_ARG_FILENAME, &root, "Use the files below DIR (for tests)", "DIR" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &is_verbose, "Say more", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &want_version, "Print the version", NULL },
  G_OPTION_ENTRY_NULL,
};

static const char description[] =
    "Endpoints are read from /rw/config/vpn/endpoints.txt and endpoints.imported beside it.\n"
    "Exit status: 0 armed; 1 a bad endpoints file, so that nothing passes (with --check: not\n"
    "armed); 2 wrong usage; 3 it could not be loaded or looked at.\n";

static int
fail (const char *message)
{
  fprintf (stderr, "sysvpn-killswitch: %s\n", message);
  return EXIT_UNABLE;
}

static int
complain_about_file (const char *message)
{
  fprintf (stderr,
           "sysvpn-killswitch: %s\n"
           "sysvpn-killswitch: nothing passes until that file is corrected; then run: "
           "sudo sysvpn-killswitch\n",
           message);
  return EXIT_NOT_AS_WANTED;
}

static int
load (void)
{
  g_auto (SysvpnLoaderReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  if (!sysvpn_loader_load (root, &report, &error))
    return fail (error->message);
  sysvpn_statement_print_armed (report.n_endpoints, report.n_any_port);
  if (is_verbose)
    printf ("it was %s before%s\n",
            report.was_armed ? "armed" : "not armed, so tracked connections were flushed",
            report.was_rebuilt ? ", and built anew" : "");
  return report.endpoints_error != NULL ? complain_about_file (report.endpoints_error)
                                        : EXIT_ARMED;
}

static int
check (void)
{
  g_autoptr (SysvpnNftReader) reader = sysvpn_nft_reader_new ();
  g_auto (SysvpnKillswitchFacts) facts = { 0 };
  g_auto (SysvpnEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;

  if (!sysvpn_killswitch_examine (reader, root, &facts, &error))
    return fail (error->message);
  sysvpn_statement_print_facts (&facts, is_verbose);
  if (is_verbose && sysvpn_killswitch_load_endpoints (root, &endpoints, NULL))
    sysvpn_statement_print_endpoints (&endpoints); /* of a bad file the facts tell */
  return facts.reason == SYSVPN_KILLSWITCH_REASON_NONE ? EXIT_ARMED : EXIT_NOT_AS_WANTED;
}

static int
print (void)
{
  g_auto (SysvpnEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  bool is_good = sysvpn_killswitch_load_endpoints (root, &endpoints, &error);

  text = sysvpn_ruleset_print (&endpoints, SYSVPN_RULESET_KEEP);
  fputs (text, stdout);
  return is_good ? EXIT_ARMED : complain_about_file (error->message);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[load]");
  g_autoptr (GError) error = NULL;

  setlocale (LC_CTYPE, "");
  g_option_context_set_summary (context,
                                "Loads the VPN killswitch; run again, it changes nothing.");
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 2 ||
      (argc == 2 && !g_str_equal (argv[1], "load"))) {
    fprintf (stderr, "sysvpn-killswitch: %s; see sysvpn-killswitch --help\n",
             error != NULL ? error->message : "the only command is load");
    return EXIT_USAGE;
  }
  umask (022); /* the agent, another user, reads the digest */
  if (want_version)
    return printf ("sysvpn-killswitch %s\n", SYSVPN_VERSION) > 0 ? EXIT_ARMED : EXIT_UNABLE;
  if (want_print)
    return print ();
  return want_check ? check () : load ();
}

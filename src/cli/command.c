/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: the table of commands, from which the usage text is made, and what each of
 * them takes. */
#include "cli/command.h"

#include "base/parse-number.h"
#include "client/vpn-qubes.h"

#include <glib/gi18n.h>

enum { TIMEOUT_MAX_S = 86400, TIMEOUT_DEFAULT_S = 30 };

static const SysvpnCommand commands[] = {
  { "status", "[--json]", N_ ("how each VPN qube is; the exit code tells the worst"),
    sysvpn_status_command, .takes_all = true, .takes_json = true },
  { "watch", "[--json]", N_ ("a line for each change, until interrupted"), sysvpn_watch_command,
    .takes_json = true },
  { "profiles", "[--json]", N_ ("the VPN profiles, the active one marked with *"),
    sysvpn_profiles_command, .takes_json = true },
  { "connect", "[NAME|UUID]", N_ ("bring a profile up; without one, the last used"),
    sysvpn_connect_command, .takes_profile = true },
  { "disconnect", "", N_ ("bring the tunnel down; the killswitch stays"),
    sysvpn_disconnect_command },
  { "reconnect", "", N_ ("the same profile, down and up"), sysvpn_reconnect_command },
  { "wait", "--for STATE [--timeout S]",
    N_ ("until the state is there, 30 s if not said otherwise"), sysvpn_wait_command,
    .waits = true },
  { "diagnose", "", N_ ("a text for a bug report, without names and addresses"),
    sysvpn_diagnose_command },
  { "check", "[--quick] [--json] ...", N_ ("test the whole chain, and restore what was found"),
    sysvpn_check_command, .takes_json = true, .checks = true },
};

static char *
summary (void)
{
  g_autoptr (GString) text = g_string_new (_ ("Commands:"));

  g_string_append_c (text, '\n');
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_autofree char *usage = g_strconcat (commands[i].name, " ", commands[i].arguments, NULL);

    g_string_append_printf (text, "  %-30s %s\n", usage, _ (commands[i].summary));
  }
  g_string_append_printf (text, "\n%s", _ ("States:"));
  for (unsigned i = 0; i < sysvpn_shown_words.n_words; i++)
    g_string_append_printf (text, " %s", sysvpn_shown_words.words[i]);
  return g_strdup (text->str);
}

/**
 * sysvpn_command_line_parse:
 * @line: zeroed
 * @argc: from main()
 * @argv: from main()
 * @error: return location for a %G_OPTION_ERROR
 *
 * Prints the usage and exits when asked to.
 *
 * Returns: %TRUE if there are only options that exist
 */
bool
sysvpn_command_line_parse (SysvpnCommandLine *line, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "qube", 'q', 0, G_OPTION_ARG_STRING, &line->qube,
      N_ ("the VPN qube, if there are several"), N_ ("QUBE") },
    { "connect", 0, 0, G_OPTION_ARG_STRING, &line->connect,
      N_ ("an agent on this machine instead, for development"), "unix:PATH" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &line->json, N_ ("print JSON"), NULL },
    { "for", 0, 0, G_OPTION_ARG_STRING, &line->wanted, N_ ("what to wait for"), N_ ("STATE") },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &line->timeout, N_ ("how long to wait"),
      N_ ("SECONDS") },
    { "client", 0, 0, G_OPTION_ARG_STRING, &line->client,
      N_ ("the qube whose traffic is checked"), N_ ("QUBE") },
    { "resolver", 0, 0, G_OPTION_ARG_STRING, &line->resolver,
      N_ ("the qube that answers DNS, or none"), N_ ("QUBE") },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &line->quick, N_ ("leave the tunnel alone"), NULL },
    { "sandwich", 0, 0, G_OPTION_ARG_NONE, &line->sandwich,
      N_ ("a second firewall is to stand behind the VPN qube"), NULL },
    { "record-uplink", 0, 0, G_OPTION_ARG_NONE, &line->record_uplink,
      N_ ("remember this machine's address without the VPN"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &line->version, N_ ("print the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &line->words, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("COMMAND"));
  g_autofree char *commands_text = summary ();

  g_option_context_set_summary (context, commands_text);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return g_option_context_parse (context, &argc, &argv, error);
}

/**
 * sysvpn_command_line_clear:
 * @line: what was parsed, or zeroed
 */
void
sysvpn_command_line_clear (SysvpnCommandLine *line)
{
  g_free (line->qube);
  g_free (line->connect);
  g_free (line->wanted);
  g_free (line->timeout);
  g_free (line->client);
  g_free (line->resolver);
  g_strfreev (line->words);
}

static const SysvpnCommand *
find_command (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

static bool
check_wait (const SysvpnCommandLine *line, SysvpnRun *run)
{
  uint64_t timeout_s = TIMEOUT_DEFAULT_S;

  if (line->wanted == NULL)
    return false;
  run->wanted = sysvpn_words_find (&sysvpn_shown_words, line->wanted);
  if (!g_str_equal (sysvpn_words_get (&sysvpn_shown_words, run->wanted), line->wanted))
    return false;
  if (line->timeout != NULL && !sysvpn_parse_u64 (line->timeout, TIMEOUT_MAX_S, &timeout_s))
    return false;
  run->timeout_s = (unsigned) timeout_s;
  return true;
}

static bool
fits_command (const SysvpnCommandLine *line,
              const SysvpnCommand *command,
              unsigned n_words,
              GError **error)
{
  const struct {
    bool is_wrong;
    const char *problem;
  } checks[] = {
    { n_words > (command->takes_profile ? 2u : 1u),
      N_ ("too many words; a name with blanks needs quotes") },
    { line->json && !command->takes_json,
      N_ ("--json is for status, watch, profiles and check") },
    { !command->checks && (line->client != NULL || line->resolver != NULL || line->quick ||
                           line->sandwich || line->record_uplink),
      N_ ("--client, --resolver, --quick, --sandwich and --record-uplink are for check") },
    { line->record_uplink && (line->client != NULL || line->resolver != NULL || line->quick ||
                              line->sandwich || line->json),
      N_ ("--record-uplink checks nothing, so it stands alone") },
    { (line->client != NULL && !sysvpn_qube_name_is_valid (line->client)) ||
          (line->resolver != NULL && !sysvpn_qube_name_is_valid (line->resolver)),
      N_ ("--client and --resolver take names of qubes") },
    { !command->waits && (line->wanted != NULL || line->timeout != NULL),
      N_ ("--for and --timeout are for wait") },
    { line->qube != NULL && !sysvpn_qube_name_is_valid (line->qube),
      N_ ("--qube takes the name of a qube") },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
    if (checks[i].is_wrong) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%s; see sysvpn --help"),
                   _ (checks[i].problem));
      return false;
    }
  return true;
}

/**
 * sysvpn_command_line_check:
 * @line: what was parsed; outlives @run
 * @run: its qube, argument, format and what to wait for are set
 * @error: return location for a %G_OPTION_ERROR
 *
 * Returns: (nullable): the command, if everything that was typed makes sense for it
 */
const SysvpnCommand *
sysvpn_command_line_check (const SysvpnCommandLine *line, SysvpnRun *run, GError **error)
{
  unsigned n_words = line->words != NULL ? g_strv_length (line->words) : 0;
  const SysvpnCommand *command = n_words > 0 ? find_command (line->words[0]) : NULL;

  if (command == NULL) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("expected a command; see sysvpn --help"));
    return NULL;
  }
  if (!fits_command (line, command, n_words, error))
    return NULL;
  if (command->waits && !check_wait (line, run)) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("wait needs --for and one of the states of sysvpn --help, and "
                            "--timeout takes 0 to 86400 seconds"));
    return NULL;
  }

  run->qube = line->qube != NULL ? line->qube : SYSVPN_USUAL_QUBE;
  run->is_qube_named = line->qube != NULL;
  run->argument = n_words == 2 ? line->words[1] : NULL;
  run->json = line->json;
  run->check.client = line->client;
  run->check.resolver = line->resolver;
  run->check.quick = line->quick;
  run->check.sandwich = line->sandwich;
  run->check.record_uplink = line->record_uplink;
  return command;
}

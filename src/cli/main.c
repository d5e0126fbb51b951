/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn: the VPN qube from dom0's command line. */
#include "cli/command.h"

#include "client/translation.h"
#include "client/vpn-qubes.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdio.h>

typedef struct {
  const SysvpnCommand *command;
  SysvpnRun *run;
  char **names; /* of VPN qubes; NULL: none was looked for */
} Start;

/* Where dom0 does not tell, or knows of none, it is the usual one. */
static void
on_found (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Start *start = data;
  SysvpnRun *run = start->run;
  g_autoptr (GArray) qubes = sysvpn_vpn_qubes_find_finish (result, NULL);
  const char *qube = run->qube;

  if (qubes != NULL) {
    start->names = sysvpn_vpn_qubes_dup_names (qubes);
    qube = sysvpn_vpn_qubes_choose ((const char *const *) start->names);
  }
  if (qube == NULL) {
    g_autofree char *names = g_strjoinv (", ", start->names);
    g_autofree char *message =
        g_strdup_printf (_ ("there are several VPN qubes, name one with --qube: %s"), names);

    sysvpn_run_fail (run, message);
    run->exit = SYSVPN_EXIT_USAGE;
    return;
  }
  run->qube = qube;
  start->command->start (run);
}

static int
run_command (const SysvpnCommand *command, SysvpnRun *run, const char *connect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose (connect, &error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Start start = { .command = command, .run = run };

  if (transport == NULL) {
    fprintf (stderr, "sysvpn: %s\n", error->message);
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
               ? SYSVPN_EXIT_USAGE
               : SYSVPN_EXIT_FAILED;
  }
  run->transport = transport;
  run->loop = loop;
  if (run->is_qube_named || command->takes_all)
    command->start (run);
  else
    sysvpn_vpn_qubes_find_async (transport, NULL, on_found, &start);
  g_main_loop_run (loop);
  if (run->data_free != NULL)
    run->data_free (run->data);
  g_strfreev (start.names);
  return (int) run->exit;
}

int
main (int argc, char **argv)
{
  g_auto (SysvpnCommandLine) line = { 0 };
  g_autoptr (GError) error = NULL;
  SysvpnRun run = { .exit = SYSVPN_EXIT_FAILED };
  const SysvpnCommand *command;

  sysvpn_translation_start ();
  if (!sysvpn_command_line_parse (&line, argc, argv, &error)) {
    g_autofree char *message = g_strdup_printf (_ ("%s; see sysvpn --help"), error->message);

    fprintf (stderr, "sysvpn: %s\n", message);
    return SYSVPN_EXIT_USAGE;
  }
  if (line.version) {
    puts ("sysvpn " SYSVPN_VERSION);
    return SYSVPN_EXIT_OK;
  }
  command = sysvpn_command_line_check (&line, &run, &error);
  if (command == NULL) {
    fprintf (stderr, "sysvpn: %s\n", error->message);
    return SYSVPN_EXIT_USAGE;
  }
  return run_command (command, &run, line.connect);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn: the VPN qube from dom0's command line. */
#include "cli/command.h"

#include <gio/gio.h>
#include <locale.h>
#include <stdio.h>

static int
run_command (const SysvpnCommand *command, SysvpnRun *run, const char *connect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose (connect, &error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  if (transport == NULL) {
    fprintf (stderr, "sysvpn: %s\n", error->message);
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
               ? SYSVPN_EXIT_USAGE
               : SYSVPN_EXIT_FAILED;
  }
  run->transport = transport;
  run->loop = loop;
  command->start (run);
  g_main_loop_run (loop);
  if (run->data_free != NULL)
    run->data_free (run->data);
  return (int) run->exit;
}

int
main (int argc, char **argv)
{
  g_auto (SysvpnCommandLine) line = { 0 };
  g_autoptr (GError) error = NULL;
  SysvpnRun run = { .exit = SYSVPN_EXIT_FAILED };
  const SysvpnCommand *command;

  setlocale (LC_ALL, "");
  if (!sysvpn_command_line_parse (&line, argc, argv, &error)) {
    fprintf (stderr, "sysvpn: %s; see sysvpn --help\n", error->message);
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

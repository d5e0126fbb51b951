/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn diagnose: a text for a bug report. */
#include "cli/run.h"
#include "client/call.h"
#include "client/diagnostics.h"

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *diagnosis = sysvpn_diagnostics_finish (result, &error);
  g_autofree char *text =
      sysvpn_diagnostics_text (error != NULL ? error->message : NULL, diagnosis);

  if (!sysvpn_run_print (run, text))
    return;
  if (error != NULL)
    sysvpn_run_fail (run, error->message);
  else
    sysvpn_run_end (run, SYSVPN_EXIT_OK);
}

/**
 * sysvpn_diagnose_command:
 * @run: the run
 *
 * Prints what dom0 and the VPN qube can say for a bug report. That the qube does not answer is
 * a part of it, and an error too.
 */
void
sysvpn_diagnose_command (SysvpnRun *run)
{
  sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ SYSVPN_SERVICE_DIAGNOSE }, NULL,
                     on_answer, run);
}

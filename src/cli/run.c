/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands have in common: how they print, and how they end. */
#include "cli/run.h"

#include <assert.h>
#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>

static const SysvpnExit exits[] = {
  [SYSVPN_SHOWN_UNKNOWN] = SYSVPN_EXIT_UNKNOWN, [SYSVPN_SHOWN_OFF] = SYSVPN_EXIT_OFF,
  [SYSVPN_SHOWN_PROTECTED] = SYSVPN_EXIT_OK,    [SYSVPN_SHOWN_CONNECTING] = SYSVPN_EXIT_BLOCKED,
  [SYSVPN_SHOWN_BLOCKED] = SYSVPN_EXIT_BLOCKED, [SYSVPN_SHOWN_DEGRADED] = SYSVPN_EXIT_BLOCKED,
  [SYSVPN_SHOWN_EXPOSED] = SYSVPN_EXIT_EXPOSED,
};
static_assert (G_N_ELEMENTS (exits) == SYSVPN_N_SHOWNS, "an exit code for each state");

/**
 * sysvpn_exit_of_shown:
 * @shown: a state
 *
 * Returns: the exit code that tells it
 */
SysvpnExit
sysvpn_exit_of_shown (SysvpnShown shown)
{
  return exits[shown];
}

/**
 * sysvpn_run_end:
 * @run: the run
 * @exit: how it ends
 */
void
sysvpn_run_end (SysvpnRun *run, SysvpnExit exit)
{
  run->exit = exit;
  g_main_loop_quit (run->loop);
}

/**
 * sysvpn_run_fail:
 * @run: the run
 * @message: what went wrong and what to do, without a full stop
 *
 * Ends the run with %SYSVPN_EXIT_FAILED and one line on stderr.
 */
void
sysvpn_run_fail (SysvpnRun *run, const char *message)
{
  fprintf (stderr, "sysvpn: %s\n", message);
  sysvpn_run_end (run, SYSVPN_EXIT_FAILED);
}

/**
 * sysvpn_run_print:
 * @run: the run
 * @text: what to print, with its newlines
 *
 * Prints at once, for whoever reads through a pipe. Ends the run if nobody does any more, which
 * is no error worth a message when the reader has just gone, as head does.
 *
 * Returns: %FALSE if the run has ended
 */
bool
sysvpn_run_print (SysvpnRun *run, const char *text)
{
  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return true;
  if (errno == EPIPE)
    sysvpn_run_end (run, SYSVPN_EXIT_FAILED);
  else
    sysvpn_run_fail (run, _ ("cannot write to standard output"));
  return false;
}

/**
 * sysvpn_run_view:
 * @run: the run
 * @qube: the qube of the run
 *
 * Returns: what to show for it. Where qubesd cannot be asked it looks whether the qube is off
 * when nobody answers
 */
SysvpnView
sysvpn_run_view (const SysvpnRun *run, SysvpnQube *qube)
{
  SysvpnSilence silence = sysvpn_qube_get_silence (qube);

  if (silence == SYSVPN_SILENCE_NO_QUBE && sysvpn_transport_is_off (run->transport, run->qube))
    return sysvpn_view_judge (SYSVPN_POWER_HALTED, NULL, silence);
  return sysvpn_qube_get_view (qube);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn status: one report. */
#include "cli/report-json.h"
#include "cli/report-text.h"
#include "cli/run.h"
#include "client/call.h"

#include <unistd.h>

static char *
format (const SysvpnRun *run, SysvpnView view, const SysvpnStatus *report)
{
  bool colour = isatty (STDOUT_FILENO) == 1 && g_getenv ("NO_COLOR") == NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *rest = NULL;

  if (run->json)
    return sysvpn_report_json (run->qube, view, report, report != NULL ? 0 : SYSVPN_ABSENT,
                               true);
  sentence = sysvpn_sentence_text (view, colour);
  rest = report != NULL ? sysvpn_report_text (report) : NULL;
  return g_strconcat (sentence, rest, NULL);
}

static SysvpnSilence
read_report (const SysvpnBlock *block, SysvpnStatus *ret_report)
{
  if (!block->ok)
    return sysvpn_reply_decode (block).code == SYSVPN_CODE_REFUSED ? SYSVPN_SILENCE_REFUSED
                                                                   : SYSVPN_SILENCE_AGENT_ERROR;
  return sysvpn_status_decode (block, ret_report, NULL) ? SYSVPN_SILENCE_NONE
                                                        : SYSVPN_SILENCE_GARBAGE;
}

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  SysvpnStatus report;
  SysvpnSilence silence = SYSVPN_SILENCE_NONE;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, &silence, NULL);
  SysvpnPower power = SYSVPN_POWER_UNKNOWN;
  g_autofree char *text = NULL;
  SysvpnView view;
  bool heard;

  if (block != NULL)
    silence = read_report (block, &report);
  if (silence == SYSVPN_SILENCE_NO_QUBE && sysvpn_transport_is_off (run->transport, run->qube))
    power = SYSVPN_POWER_HALTED;
  heard = silence == SYSVPN_SILENCE_NONE;
  view = sysvpn_view_judge (power, heard ? &report : NULL, silence);
  text = format (run, view, heard ? &report : NULL);
  if (sysvpn_run_print (run, text))
    sysvpn_run_end (run, sysvpn_exit_of_shown (view.shown));
}

/**
 * sysvpn_status_command:
 * @run: the run
 *
 * Prints how the qube is, whatever that is, and ends with the exit code of its state. That
 * nobody answers is an answer to the question as well, not a failure of the program.
 */
void
sysvpn_status_command (SysvpnRun *run)
{
  sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ SYSVPN_SERVICE_STATUS }, NULL,
                     on_answer, run);
}

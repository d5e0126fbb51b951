/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn status: one report. */
#include "cli/report-json.h"
#include "cli/report-text.h"
#include "cli/run.h"
#include "client/alarm.h"
#include "client/call.h"
#include "client/qubesd-call.h"

#include <unistd.h>

/* An answer that is older tells of the past. */
enum { FRESH_MS = (SYSVPN_HEARTBEAT_S + SYSVPN_GRACE_S) * 1000 };

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
show (SysvpnRun *run, SysvpnPower power, const SysvpnStatus *report, SysvpnSilence silence)
{
  SysvpnView view = sysvpn_view_judge (power, report, silence);
  g_autofree char *text = format (run, view, report);

  if (sysvpn_run_print (run, text))
    sysvpn_run_end (run, sysvpn_exit_of_shown (view.shown));
}

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  SysvpnStatus report;
  SysvpnSilence silence = SYSVPN_SILENCE_NONE;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, &silence, NULL);
  SysvpnPower power = SYSVPN_POWER_UNKNOWN;

  if (block != NULL)
    silence = read_report (block, &report);
  /* the machine may have slept while the answer was under way */
  if (silence == SYSVPN_SILENCE_NONE && sysvpn_alarm_now_ms () - run->asked_ms >= FRESH_MS)
    silence = SYSVPN_SILENCE_TIMEOUT;
  if (silence == SYSVPN_SILENCE_NO_QUBE && sysvpn_transport_is_off (run->transport, run->qube))
    power = SYSVPN_POWER_HALTED;
  show (run, power, silence == SYSVPN_SILENCE_NONE ? &report : NULL, silence);
}

static void
on_list (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GBytes) answer = sysvpn_qubesd_call_finish (result, NULL);
  SysvpnPower power = SYSVPN_POWER_UNKNOWN;

  if (answer != NULL) {
    gsize len;
    const char *text = g_bytes_get_data (answer, &len);
    g_autoptr (GArray) qubes = sysvpn_qubesd_list_decode (text, len);

    power = sysvpn_qubesd_list_find (qubes, run->qube);
  }
  if (sysvpn_view_judge (power, NULL, SYSVPN_SILENCE_WAITING).shown == SYSVPN_SHOWN_OFF)
    show (run, power, NULL, SYSVPN_SILENCE_WAITING);
  else {
    run->asked_ms = sysvpn_alarm_now_ms ();
    sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ SYSVPN_SERVICE_STATUS }, NULL,
                       on_answer, run);
  }
}

/**
 * sysvpn_status_command:
 * @run: the run
 *
 * Prints how the qube is, whatever that is, and ends with the exit code of its state. That
 * nobody answers is an answer to the question as well, not a failure of the program. A qube
 * that is off is not called: one that is paused would take the call and not answer.
 */
void
sysvpn_status_command (SysvpnRun *run)
{
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };

  sysvpn_qubesd_call_async (run->transport, &query, NULL, on_list, run);
}

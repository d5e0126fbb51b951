/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn status: one report of each VPN qube. */
#include "cli/report-json.h"
#include "cli/run.h"
#include "client/alarm.h"
#include "client/call.h"
#include "client/qubesd-call.h"
#include "client/report-text.h"
#include "client/vpn-qubes.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

/* An answer that is older tells of the past. */
enum { FRESH_MS = (SYSVPN_HEARTBEAT_S + SYSVPN_GRACE_S) * 1000 };

typedef struct {
  SysvpnRun *run;
  char *qube;
  int64_t asked_ms; /* by CLOCK_BOOTTIME */
  bool is_answered;
  SysvpnView view;
  bool has_report;
  SysvpnStatus report;
} Question;

/* What the run holds. */
typedef struct {
  GPtrArray *questions;
  bool is_incomplete; /* there may be another VPN qube */
} Answers;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->qube);
  g_free (question);
}

static void
answers_free (gpointer data)
{
  Answers *answers = data;

  g_ptr_array_unref (answers->questions);
  g_free (answers);
}

static char *
format (const Question *question, bool is_alone)
{
  bool colour = isatty (STDOUT_FILENO) == 1 && g_getenv ("NO_COLOR") == NULL;
  const SysvpnStatus *report = question->has_report ? &question->report : NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *rest = NULL;

  if (question->run->json)
    return sysvpn_report_json (question->qube, question->view, report,
                               report != NULL ? 0 : SYSVPN_ABSENT, is_alone);
  sentence = sysvpn_sentence_text (question->view, colour);
  rest = report != NULL ? sysvpn_report_text (report) : NULL;
  return g_strconcat (is_alone ? "" : question->qube, is_alone ? "" : "\n", sentence, rest,
                      NULL);
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

/* Once all have answered: a block for each, under its name where there are several. */
static void
print_all (SysvpnRun *run)
{
  const Answers *answers = run->data;
  const GPtrArray *questions = answers->questions;
  SysvpnShown worst = SYSVPN_SHOWN_OFF;
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned i = 0; i < questions->len; i++) {
    const Question *question = questions->pdata[i];
    g_autofree char *block = NULL;

    if (!question->is_answered)
      return;
    block = format (question, questions->len == 1);
    g_string_append_printf (text, "%s%s", i > 0 && !run->json ? "\n" : "", block);
    worst = i > 0 ? sysvpn_shown_worst (worst, question->view.shown) : question->view.shown;
  }
  if (answers->is_incomplete)
    worst = sysvpn_shown_worst (worst, SYSVPN_SHOWN_UNKNOWN);
  if (sysvpn_run_print (run, text->str))
    sysvpn_run_end (run, sysvpn_exit_of_shown (worst));
}

static void
answer (Question *question,
        SysvpnPower power,
        const SysvpnStatus *report,
        SysvpnSilence silence)
{
  question->is_answered = true;
  question->view = sysvpn_view_judge (power, report, silence);
  question->has_report = report != NULL;
  if (report != NULL)
    question->report = *report;
}

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  SysvpnStatus report;
  SysvpnSilence silence = SYSVPN_SILENCE_NONE;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, &silence, NULL);
  SysvpnPower power = SYSVPN_POWER_UNKNOWN;

  if (block != NULL)
    silence = read_report (block, &report);
  /* the machine may have slept while the answer was under way */
  if (silence == SYSVPN_SILENCE_NONE && sysvpn_alarm_now_ms () - question->asked_ms >= FRESH_MS)
    silence = SYSVPN_SILENCE_TIMEOUT;
  if (silence == SYSVPN_SILENCE_NO_QUBE &&
      sysvpn_transport_is_off (question->run->transport, question->qube))
    power = SYSVPN_POWER_HALTED;
  answer (question, power, silence == SYSVPN_SILENCE_NONE ? &report : NULL, silence);
  print_all (question->run);
}

static void
ask (SysvpnRun *run, const char *qube, SysvpnPower power)
{
  Answers *answers = run->data;
  Question *question = g_new0 (Question, 1);

  question->run = run;
  question->qube = g_strdup (qube);
  g_ptr_array_add (answers->questions, question);
  if (sysvpn_view_judge (power, NULL, SYSVPN_SILENCE_WAITING).shown == SYSVPN_SHOWN_OFF) {
    answer (question, power, NULL, SYSVPN_SILENCE_WAITING);
    return;
  }
  question->asked_ms = sysvpn_alarm_now_ms ();
  sysvpn_call_async (run->transport, question->qube, (SysvpnQuery){ SYSVPN_SERVICE_STATUS },
                     NULL, on_answer, question);
}

static void
on_list (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GBytes) list = sysvpn_qubesd_call_finish (result, NULL);
  SysvpnPower power = SYSVPN_POWER_UNKNOWN;

  if (list != NULL) {
    gsize len;
    const char *text = g_bytes_get_data (list, &len);
    g_autoptr (GArray) qubes = sysvpn_qubesd_list_decode (text, len);

    power = sysvpn_qubesd_list_find (qubes, run->qube);
  }
  ask (run, run->qube, power);
  print_all (run);
}

/* Protected is not said of all while one more may be a VPN qube. */
static void
look_for_untold (Answers *answers, const GArray *qubes)
{
  const char *untold = sysvpn_vpn_qubes_find_untold (qubes);

  if (untold == NULL)
    return;
  answers->is_incomplete = true;
  fprintf (stderr,
           _ ("sysvpn: dom0 does not tell whether %s is a VPN qube, too; see journalctl -u "
              "qubesd in dom0, or name one with --qube\n"),
           untold);
}

/* Where dom0 does not tell, or knows of none, it is the usual one. */
static void
on_found (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GArray) qubes = sysvpn_vpn_qubes_find_finish (result, NULL);
  g_auto (GStrv) names = qubes != NULL ? sysvpn_vpn_qubes_dup_names (qubes) : NULL;
  const char *const usual[] = { run->qube, NULL };
  const char *const *name =
      names != NULL && names[0] != NULL ? (const char *const *) names : usual;

  if (name != usual)
    look_for_untold (run->data, qubes);
  for (; *name != NULL; name++) {
    const SysvpnWiredQube *qube = qubes != NULL ? sysvpn_wired_qube_find (qubes, *name) : NULL;

    ask (run, *name, qube != NULL ? qube->power : SYSVPN_POWER_UNKNOWN);
  }
  print_all (run);
}

/**
 * sysvpn_status_command:
 * @run: the run
 *
 * Prints how the qube is, whatever that is, and ends with the exit code of its state; where
 * none was named, of all that dom0 knows as VPN qubes, with that of the worst. That nobody
 * answers is an answer to the question as well, not a failure of the program. A qube that is
 * off is not called: one that is paused would take the call and not answer.
 */
void
sysvpn_status_command (SysvpnRun *run)
{
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };
  Answers *answers = g_new0 (Answers, 1);

  answers->questions = g_ptr_array_new_with_free_func (question_free);
  run->data = answers;
  run->data_free = answers_free;
  if (run->is_qube_named)
    sysvpn_qubesd_call_async (run->transport, &query, NULL, on_list, run);
  else
    sysvpn_vpn_qubes_find_async (run->transport, NULL, on_found, run);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn watch: a line for each change. sysvpn wait: until a state is there. */
#include "cli/report-json.h"
#include "cli/run.h"
#include "client/power-watch.h"
#include "client/report-text.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

typedef struct {
  SysvpnRun *run;
  SysvpnQube *qube;
  SysvpnQubesdWatch *qubesd;
  SysvpnPowerWatch *power_watch;
  guint timeout_id; /* of wait */
  bool printed;
  const char *sentence; /* what was printed last; static strings */
  SysvpnStatus report;
  bool has_report;
} Watch;

static void
watch_free (Watch *watch)
{
  g_clear_handle_id (&watch->timeout_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (watch->qube, watch);
  g_object_unref (watch->qube);
  g_signal_handlers_disconnect_by_data (watch->power_watch, watch);
  g_object_unref (watch->power_watch);
  g_object_run_dispose (G_OBJECT (watch->qubesd));
  g_object_unref (watch->qubesd);
  g_free (watch);
}

static void
on_power (Watch *watch, const char *name G_GNUC_UNUSED, guint power)
{
  sysvpn_qube_set_power (watch->qube, (SysvpnPower) power);
  sysvpn_qube_start (watch->qube);
}

static Watch *
watch_new (SysvpnRun *run, GCallback on_changed)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->run = run;
  watch->qube = sysvpn_qube_new (run->qube, run->transport);
  g_signal_connect_swapped (watch->qube, "changed", on_changed, watch);
  watch->qubesd = sysvpn_qubesd_watch_new (run->transport);
  watch->power_watch = sysvpn_power_watch_new (watch->qubesd);
  g_signal_connect_swapped (watch->power_watch, "changed", G_CALLBACK (on_power), watch);
  sysvpn_power_watch_add (watch->power_watch, run->qube);
  sysvpn_qubesd_watch_start (watch->qubesd);
  return watch;
}

static char *
line_text (SysvpnView view, const SysvpnStatus *report)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "%s %s", time, _ (view.sentence));
  if (report != NULL && report->profile_uuid[0] != '\0') {
    g_autofree char *name = sysvpn_name_text (report->profile_name);

    g_string_append_printf (line, _ ("; profile %s"), name);
  }
  if (report != NULL && report->egress4[0] != '\0')
    g_string_append_printf (line, _ ("; egress %s"), report->egress4);
  if (report != NULL && report->egress6[0] != '\0')
    g_string_append_printf (line, _ ("; egress %s"), report->egress6);
  g_string_append_c (line, '\n');
  return g_strdup (line->str);
}

/* Notes what is there now. Returns: whether it is worth a line */
static bool
take_change (Watch *watch, SysvpnView view, const SysvpnStatus *report)
{
  bool news = !watch->printed || view.sentence != watch->sentence ||
              (report != NULL) != watch->has_report ||
              (report != NULL && sysvpn_status_is_news (&watch->report, report));

  watch->printed = true;
  watch->sentence = view.sentence;
  watch->has_report = report != NULL;
  if (report != NULL)
    watch->report = *report;
  return news;
}

static void
on_watch_changed (Watch *watch)
{
  SysvpnView view = sysvpn_run_view (watch->run, watch->qube);
  bool believed = sysvpn_qube_get_silence (watch->qube) == SYSVPN_SILENCE_NONE;
  const SysvpnStatus *report = believed ? sysvpn_qube_get_report (watch->qube) : NULL;
  g_autofree char *line = NULL;

  if (!take_change (watch, view, report))
    return;
  line = watch->run->json
             ? sysvpn_report_json (
                   watch->run->qube, view, report,
                   report != NULL ? sysvpn_qube_get_age_ms (watch->qube) : SYSVPN_ABSENT, false)
             : line_text (view, report);
  sysvpn_run_print (watch->run, line);
}

static gboolean
on_interrupted (gpointer data)
{
  sysvpn_run_end (data, SYSVPN_EXIT_OK);
  return G_SOURCE_CONTINUE;
}

/* For as long as the program runs. */
static void
end_on_signals (SysvpnRun *run)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_source_set_name_by_id (g_unix_signal_add (numbers[i], on_interrupted, run),
                             "sysvpn: interrupted");
}

/**
 * sysvpn_watch_command:
 * @run: the run
 *
 * Prints a line for each change, until it is interrupted.
 */
void
sysvpn_watch_command (SysvpnRun *run)
{
  Watch *watch = watch_new (run, G_CALLBACK (on_watch_changed));

  end_on_signals (run);
  run->data = watch;
  run->data_free = (GDestroyNotify) watch_free;
}

static void
on_wait_changed (Watch *watch)
{
  SysvpnView view = sysvpn_run_view (watch->run, watch->qube);
  g_autofree char *sentence = NULL;

  if (view.shown != watch->run->wanted)
    return;
  sentence = sysvpn_sentence_text (view, false);
  if (sysvpn_run_print (watch->run, sentence))
    sysvpn_run_end (watch->run, SYSVPN_EXIT_OK);
}

static gboolean
on_waited (gpointer data)
{
  Watch *watch = data;
  SysvpnView view = sysvpn_run_view (watch->run, watch->qube);
  g_autofree char *message = g_strdup_printf (
      _ ("waited %u s for %s in vain; %s"), watch->run->timeout_s,
      sysvpn_words_get (&sysvpn_shown_words, watch->run->wanted), _ (view.sentence));

  sysvpn_run_fail (watch->run, message);
  return G_SOURCE_CONTINUE;
}

/**
 * sysvpn_wait_command:
 * @run: the run
 *
 * Ends as soon as the wanted state is there, or fails after the time limit.
 */
void
sysvpn_wait_command (SysvpnRun *run)
{
  Watch *watch = watch_new (run, G_CALLBACK (on_wait_changed));

  watch->timeout_id = g_timeout_add_seconds (run->timeout_s, on_waited, watch);
  g_source_set_name_by_id (watch->timeout_id, "sysvpn: time limit of wait");
  run->data = watch;
  run->data_free = (GDestroyNotify) watch_free;
}

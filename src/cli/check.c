/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn check: prints a check of the whole chain while it goes on. However it ends, by Ctrl-C,
 * SIGTERM or because nobody reads any more, the check itself brings the tunnel back first. */
#include "check/check.h"
#include "check/finding-line.h"
#include "cli/report-json.h"
#include "cli/run.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>

typedef struct {
  SysvpnRun *run;
  SysvpnCheck *check;
  JsonBuilder *json; /* NULL: lines */
  unsigned n_findings;
  guint signal_ids[3];
} Printer;

/* Of the verdict. 5 is "not known" for status as well. */
static const SysvpnExit exits[SYSVPN_N_OUTCOMES] = {
  [SYSVPN_OUTCOME_INCONCLUSIVE] = SYSVPN_EXIT_UNKNOWN,
  [SYSVPN_OUTCOME_PASSED] = SYSVPN_EXIT_OK,
  [SYSVPN_OUTCOME_FAILED] = SYSVPN_EXIT_FAILED,
  [SYSVPN_OUTCOME_SKIPPED] = SYSVPN_EXIT_UNKNOWN,
};

static void
printer_free (gpointer data)
{
  Printer *printer = data;

  for (size_t i = 0; i < G_N_ELEMENTS (printer->signal_ids); i++)
    g_clear_handle_id (&printer->signal_ids[i], g_source_remove);
  g_clear_object (&printer->check);
  g_clear_object (&printer->json);
  g_free (printer);
}

/* The run must go on where nobody reads: the tunnel may be down. */
static void
print (Printer *printer, const char *text)
{
  if (fputs (text, stdout) == EOF || fputc ('\n', stdout) == EOF || fflush (stdout) != 0)
    sysvpn_check_interrupt (printer->check);
}

static void
on_progress (Printer *printer, const char *text)
{
  g_autofree char *line = sysvpn_check_line_progress (text);

  if (printer->json == NULL)
    print (printer, line);
}

static void
add_text (JsonBuilder *json, const char *key, const char *text)
{
  json_builder_set_member_name (json, key);
  if (text != NULL)
    json_builder_add_string_value (json, text);
  else
    json_builder_add_null_value (json);
}

static void
on_finding (Printer *printer, const SysvpnFinding *finding)
{
  g_autofree char *line = sysvpn_check_line_finding (finding, ++printer->n_findings);

  if (printer->json == NULL) {
    print (printer, line);
    return;
  }
  json_builder_begin_object (printer->json);
  add_text (printer->json, "step", sysvpn_words_get (&sysvpn_step_words, finding->step));
  add_text (printer->json, "outcome",
            sysvpn_words_get (&sysvpn_outcome_words, finding->outcome));
  add_text (printer->json, "text", finding->text);
  add_text (printer->json, "remedy", finding->remedy);
  json_builder_end_object (printer->json);
}

static void
on_done (Printer *printer)
{
  SysvpnTally tally = sysvpn_check_get_tally (printer->check);
  bool interrupted = sysvpn_check_was_interrupted (printer->check);
  SysvpnOutcome verdict = sysvpn_tally_verdict (&tally);
  g_autofree char *counts = sysvpn_tally_text (&tally);

  if (interrupted && verdict == SYSVPN_OUTCOME_PASSED)
    verdict = SYSVPN_OUTCOME_INCONCLUSIVE;
  if (printer->json != NULL) {
    g_autofree char *text = NULL;

    json_builder_end_array (printer->json);
    add_text (printer->json, "verdict", sysvpn_words_get (&sysvpn_outcome_words, verdict));
    json_builder_set_member_name (printer->json, "interrupted");
    json_builder_add_boolean_value (printer->json, interrupted);
    json_builder_end_object (printer->json);
    text = sysvpn_json_text (printer->json, true);
    print (printer, g_strchomp (text));
  } else {
    g_autofree char *last = interrupted ? sysvpn_check_line_bail_out ("interrupted")
                                        : sysvpn_check_line_plan (printer->n_findings);
    g_autofree char *result =
        g_strdup_printf ("%s%s: %s", interrupted ? "interrupted, " : "",
                         sysvpn_words_get (&sysvpn_outcome_words, verdict), counts);

    print (printer, last);
    print (printer, result);
  }
  sysvpn_run_end (printer->run, exits[verdict]);
}

static gboolean
on_stop (gpointer data)
{
  Printer *printer = data;

  sysvpn_check_interrupt (printer->check);
  return G_SOURCE_CONTINUE;
}

/* Ctrl-\, which GLib cannot watch, must not leave the tunnel down either. */
static void
on_quit (int number G_GNUC_UNUSED)
{
  raise (SIGTERM);
}

/**
 * sysvpn_check_command:
 * @run: the run
 *
 * Checks the chain and prints a line for each step, with what to do about what is wrong.
 */
void
sysvpn_check_command (SysvpnRun *run)
{
  static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
  Printer *printer = g_new0 (Printer, 1);

  if (run->check.record_uplink) {
    g_free (printer);
    sysvpn_record_uplink_command (run);
    return;
  }
  signal (SIGPIPE, SIG_IGN);
  printer->run = run;
  printer->check = sysvpn_check_new (run->transport, &(SysvpnCheckOptions){
                                                         .vpn = run->qube,
                                                         .client = run->check.client,
                                                         .resolver = run->check.resolver,
                                                         .sandwich = run->check.sandwich,
                                                         .quick = run->check.quick,
                                                     });
  if (run->json) {
    printer->json = json_builder_new ();
    json_builder_begin_object (printer->json);
    json_builder_set_member_name (printer->json, "findings");
    json_builder_begin_array (printer->json);
  }
  run->data = printer;
  run->data_free = printer_free;
  g_signal_connect_swapped (printer->check, "progress", G_CALLBACK (on_progress), printer);
  g_signal_connect_swapped (printer->check, "finding", G_CALLBACK (on_finding), printer);
  g_signal_connect_swapped (printer->check, "done", G_CALLBACK (on_done), printer);
  for (size_t i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    printer->signal_ids[i] = g_unix_signal_add (stop_signals[i], on_stop, printer);
  signal (SIGQUIT, on_quit);
  sysvpn_check_start (printer->check);
}

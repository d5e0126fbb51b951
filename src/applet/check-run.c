/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of `sysvpn check`. It is a process of its own: whatever becomes of the applet and of
 * the session, that process brings the tunnel back which it took down. */
#include "applet/check-run.h"

#include "check/finding-line.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <signal.h>

struct _SysvpnCheckRun {
  GObject parent_instance;

  char *qube;
  bool quick;
  GSubprocess *process; /* NULL: not running */
  GDataInputStream *lines;
  SysvpnFinding held; /* its remedy may follow; no text: none is */
  char *other;        /* the last line that is none of a check */
  bool is_whole;
  bool is_stopped;     /* as the user wanted */
  bool is_interrupted; /* it says that it was ended before its end */
};

G_DEFINE_FINAL_TYPE (SysvpnCheckRun, sysvpn_check_run, G_TYPE_OBJECT)

enum { SIGNAL_PROGRESS, SIGNAL_FINDING, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void read_next (SysvpnCheckRun *self);

static void
sysvpn_check_run_finalize (GObject *object)
{
  SysvpnCheckRun *self = SYSVPN_CHECK_RUN (object);

  g_clear_object (&self->lines);
  g_clear_object (&self->process);
  sysvpn_finding_clear (&self->held);
  g_free (self->other);
  g_free (self->qube);
  G_OBJECT_CLASS (sysvpn_check_run_parent_class)->finalize (object);
}

static void
sysvpn_check_run_class_init (SysvpnCheckRunClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sysvpn_check_run_finalize;
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", SYSVPN_TYPE_CHECK_RUN, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_FINDING] = g_signal_new ("finding", SYSVPN_TYPE_CHECK_RUN, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", SYSVPN_TYPE_CHECK_RUN, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sysvpn_check_run_init (SysvpnCheckRun *self G_GNUC_UNUSED)
{
}

static void
tell_held (SysvpnCheckRun *self)
{
  g_auto (SysvpnFinding) finding = self->held;

  self->held = (SysvpnFinding){ 0 };
  if (finding.text != NULL)
    g_signal_emit (self, signals[SIGNAL_FINDING], 0, &finding);
}

static void
handle (SysvpnCheckRun *self, const char *text)
{
  g_auto (SysvpnCheckLine) line = sysvpn_check_line_parse (text);

  if (line.kind == SYSVPN_CHECK_LINE_REMEDY && self->held.text != NULL)
    self->held.remedy = g_steal_pointer (&line.text);
  tell_held (self);
  switch (line.kind) {
  case SYSVPN_CHECK_LINE_PROGRESS:
    g_signal_emit (self, signals[SIGNAL_PROGRESS], 0, line.text);
    break;
  case SYSVPN_CHECK_LINE_FINDING:
    self->held = (SysvpnFinding){ line.step, line.outcome, g_steal_pointer (&line.text), NULL };
    if (line.outcome == SYSVPN_OUTCOME_PASSED)
      tell_held (self); /* which never has a remedy */
    break;
  case SYSVPN_CHECK_LINE_PLAN:
    self->is_whole = true;
    break;
  case SYSVPN_CHECK_LINE_BAIL_OUT:
    self->is_interrupted = true;
    break;
  case SYSVPN_CHECK_LINE_OTHER:
    g_free (self->other);
    self->other = g_steal_pointer (&line.text);
    break;
  case SYSVPN_CHECK_LINE_REMEDY:
    break;
  }
}

static void
end (SysvpnCheckRun *self, const char *problem)
{
  tell_held (self);
  g_clear_object (&self->lines);
  g_clear_object (&self->process);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, problem);
}

/* Returns: (nullable): why it did not come to its end, unless the user stopped it */
static const char *
problem_of (SysvpnCheckRun *self)
{
  if (self->is_whole || (self->is_interrupted && self->is_stopped))
    return NULL;
  if (self->is_interrupted)
    return _ ("somebody else ended it before its end");
  return self->other != NULL ? self->other : _ ("sysvpn check died; see journalctl in dom0");
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnCheckRun) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (
      G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (line != NULL) {
    handle (self, line);
    read_next (self);
  } else {
    end (self, error != NULL ? error->message : problem_of (self));
  }
}

static void
read_next (SysvpnCheckRun *self)
{
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_object_ref (self));
}

/**
 * sysvpn_check_run_new:
 * @qube: the VPN qube
 * @quick: whether to leave the tunnel alone
 *
 * Returns: (transfer full): a run that has not begun
 */
SysvpnCheckRun *
sysvpn_check_run_new (const char *qube, bool quick)
{
  SysvpnCheckRun *self = g_object_new (SYSVPN_TYPE_CHECK_RUN, NULL);

  self->qube = g_strdup (qube);
  self->quick = quick;
  return self;
}

/**
 * sysvpn_check_run_start:
 * @self: a run; once
 *
 * "ended" may be told before this returns, if the program cannot be run.
 */
void
sysvpn_check_run_start (SysvpnCheckRun *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;

  g_return_if_fail (SYSVPN_IS_CHECK_RUN (self) && self->process == NULL);

  self->process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, "sysvpn",
      "--qube", self->qube, "check", self->quick ? "--quick" : NULL, NULL);
  if (self->process == NULL) {
    problem = g_strdup_printf (
        _ ("the program sysvpn cannot be run (%s); install its package again"), error->message);
    end (self, problem);
    return;
  }
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  read_next (self);
}

/**
 * sysvpn_check_run_stop:
 * @self: a run
 *
 * Has it end soon. If it took the tunnel down it brings it back first. Until then @self holds
 * itself.
 */
void
sysvpn_check_run_stop (SysvpnCheckRun *self)
{
  self->is_stopped = true;
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
}

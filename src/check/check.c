/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The course of a check: one phase after another, each with one call. What they bring is judged
 * elsewhere. The tunnel is taken down in one place, and from there every way leads through
 * restoring it: success, failure, interruption, silence. */
#include "check/check.h"

#include "check/judgement.h"
#include "check/survey.h"
#include "client/alarm.h"
#include "client/call.h"
#include "proto/reply.h"

#include <assert.h>
#include <glib/gi18n.h>

enum {
  /* an answer that is older tells of the past: the machine slept meanwhile */
  FRESH_MS = (SYSVPN_HEARTBEAT_S + SYSVPN_GRACE_S) * 1000,
  RESTORE_TRIES = 5,
  RESTORE_PAUSE_MS = 2000,
  RESTORE_MS = 180000, /* a Connect that hangs takes half of it */
};

typedef enum {
  PHASE_SURVEY,
  PHASE_REPORT,
  PHASE_LOOK,
  PHASE_DOWN, /* from here on the tunnel may be down */
  PHASE_DOWN_REPORT,
  PHASE_DOWN_LOOK,
  PHASE_DOWN_END_REPORT,
  PHASE_RESTORE,
  PHASE_RESTORE_REPORT,
  PHASE_RESTORE_PAUSE,
  PHASE_RESTORE_LOOK,
  PHASE_DONE,
  N_PHASES
} Phase;

struct _SysvpnCheck {
  GObject parent_instance;

  SysvpnTransport *transport;
  char *vpn, *client, *resolver, *wanted_resolver;
  bool sandwich, quick;

  Phase phase;
  SysvpnSurvey *survey;
  GError *survey_error;
  SysvpnRound *up, *down;   /* what is known of both states */
  SysvpnStatus last_report; /* of the call that ended last */
  SysvpnSilence last_silence;
  SysvpnLook *last_look;
  int64_t asked_ms;
  GError *call_error; /* of Disconnect or Connect */
  unsigned n_tries;   /* to restore */
  int64_t restoring_since_ms;
  guint pause_id;

  GCancellable *cancellable;
  bool was_interrupted;
  bool is_wired;
  SysvpnTally tally;
};

G_DEFINE_FINAL_TYPE (SysvpnCheck, sysvpn_check, G_TYPE_OBJECT)

enum { SIGNAL_PROGRESS, SIGNAL_FINDING, SIGNAL_DONE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void advance (SysvpnCheck *self);

static void
sysvpn_check_finalize (GObject *object)
{
  SysvpnCheck *self = SYSVPN_CHECK (object);

  g_clear_handle_id (&self->pause_id, g_source_remove);
  g_clear_pointer (&self->transport, sysvpn_transport_unref);
  g_free (self->vpn);
  g_free (self->client);
  g_free (self->resolver);
  g_free (self->wanted_resolver);
  g_clear_pointer (&self->survey, sysvpn_survey_free);
  g_clear_error (&self->survey_error);
  g_clear_error (&self->call_error);
  g_free (self->up);
  g_free (self->down);
  g_free (self->last_look);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (sysvpn_check_parent_class)->finalize (object);
}

static void
sysvpn_check_class_init (SysvpnCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sysvpn_check_finalize;
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", SYSVPN_TYPE_CHECK, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_FINDING] = g_signal_new ("finding", SYSVPN_TYPE_CHECK, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_DONE] = g_signal_new ("done", SYSVPN_TYPE_CHECK, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_check_init (SysvpnCheck *self)
{
  self->cancellable = g_cancellable_new ();
  self->up = g_new0 (SysvpnRound, 1);
  self->down = g_new0 (SysvpnRound, 1);
}

static void
tell (SysvpnCheck *self, SysvpnFinding finding)
{
  g_auto (SysvpnFinding) told = finding;

  sysvpn_tally_add (&self->tally, told.outcome);
  g_signal_emit (self, signals[SIGNAL_FINDING], 0, &told);
}

/* Calls of the agent */

static void
on_status (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnCheck) self = data;
  SysvpnSilence silence = SYSVPN_SILENCE_NONE;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, &silence, NULL);

  if (block != NULL && !block->ok)
    silence = sysvpn_reply_decode (block).code == SYSVPN_CODE_REFUSED
                  ? SYSVPN_SILENCE_REFUSED
                  : SYSVPN_SILENCE_AGENT_ERROR;
  else if (block != NULL && !sysvpn_status_decode (block, &self->last_report, NULL))
    silence = SYSVPN_SILENCE_GARBAGE;
  else if (block == NULL && silence == SYSVPN_SILENCE_NONE) /* cancelled */
    silence = SYSVPN_SILENCE_TIMEOUT;
  if (silence == SYSVPN_SILENCE_NONE && sysvpn_alarm_now_ms () - self->asked_ms >= FRESH_MS)
    silence = SYSVPN_SILENCE_TIMEOUT;
  self->last_silence = silence;
  advance (self);
}

static bool
runs (SysvpnCheck *self, const char *name)
{
  const SysvpnWiredQube *qube =
      self->survey != NULL ? sysvpn_wired_qube_find (self->survey->qubes, name) : NULL;

  /* where dom0 does not tell, it is tried: nothing here starts a qube */
  return self->survey == NULL || (qube != NULL && (qube->power == SYSVPN_POWER_RUNNING ||
                                                   qube->power == SYSVPN_POWER_UNKNOWN));
}

static void
ask_status (SysvpnCheck *self)
{
  bool restoring = self->phase >= PHASE_RESTORE;

  self->asked_ms = sysvpn_alarm_now_ms ();
  sysvpn_call_async (self->transport, self->vpn, (SysvpnQuery){ SYSVPN_SERVICE_STATUS },
                     restoring ? NULL : self->cancellable, on_status, g_object_ref (self));
}

static void
start_report (SysvpnCheck *self)
{
  if (runs (self, self->vpn)) {
    ask_status (self);
    return;
  }
  self->last_silence = SYSVPN_SILENCE_NO_QUBE; /* one that is paused would not answer */
  advance (self);
}

static void
on_acted (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnCheck) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, &error);

  g_clear_error (&self->call_error);
  if (block != NULL && !block->ok)
    error = sysvpn_call_error_of_reply (sysvpn_reply_decode (block));
  self->call_error = g_steal_pointer (&error);
  advance (self);
}

/* Not given up for an interruption: it would go on in the qube, against what restores. */
static void
start_down (SysvpnCheck *self)
{
  sysvpn_call_async (self->transport, self->vpn, (SysvpnQuery){ SYSVPN_SERVICE_DISCONNECT },
                     NULL, on_acted, g_object_ref (self));
}

/* Also where the tunnel seems to be up: a Disconnect that was not answered may be under way. */
static void
start_restore (SysvpnCheck *self)
{
  if (self->n_tries++ == 0)
    self->restoring_since_ms = sysvpn_alarm_now_ms ();
  sysvpn_call_async (self->transport, self->vpn,
                     (SysvpnQuery){ SYSVPN_SERVICE_CONNECT, self->up->report.profile_uuid },
                     NULL, on_acted, g_object_ref (self));
}

static gboolean
on_pause (gpointer data)
{
  SysvpnCheck *self = data;

  self->pause_id = 0;
  advance (self);
  return G_SOURCE_REMOVE;
}

static void
start_pause (SysvpnCheck *self)
{
  self->pause_id = g_timeout_add (RESTORE_PAUSE_MS, on_pause, self);
  g_source_set_name_by_id (self->pause_id, "sysvpn: before the tunnel is brought up again");
}

/* Commands in qubes */

static void
on_look (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnCheck) self = data;

  g_free (self->last_look);
  self->last_look = sysvpn_look_finish (result, NULL);
  if (self->last_look == NULL) /* cancelled */
    self->last_look = g_new0 (SysvpnLook, 1);
  advance (self);
}

static const char *
if_it_runs (SysvpnCheck *self, const char *qube)
{
  return qube != NULL && runs (self, qube) ? qube : NULL;
}

static void
start_look (SysvpnCheck *self)
{
  const SysvpnLookPlan plan = { if_it_runs (self, self->client), if_it_runs (self, self->vpn),
                                if_it_runs (self, self->resolver), SYSVPN_SCRIPT_ASK };

  sysvpn_look_async (&plan, self->cancellable, on_look, g_object_ref (self));
}

static void
start_restore_look (SysvpnCheck *self)
{
  const SysvpnLookPlan plan = { self->client, NULL, NULL, SYSVPN_SCRIPT_ASK_ADDRESS };

  sysvpn_look_async (&plan, NULL, on_look, g_object_ref (self));
}

/* The beginning: what dom0 knows */

static void
on_survey (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnCheck) self = data;

  self->survey = sysvpn_survey_finish (result, &self->survey_error);
  advance (self);
}

static void
start_survey (SysvpnCheck *self)
{
  sysvpn_survey_async (self->transport, self->vpn, self->cancellable, on_survey,
                       g_object_ref (self));
}

static void
judge_survey (SysvpnCheck *self, const SysvpnWiringWish *wish)
{
  if (self->survey == NULL) {
    for (unsigned step = SYSVPN_STEP_WIRING; step <= SYSVPN_STEP_SERVICES; step++)
      tell (self, sysvpn_not_passed ((SysvpnStep) step, SYSVPN_OUTCOME_INCONCLUSIVE,
                                     self->survey_error->message,
                                     _ ("see journalctl -u qubesd in dom0")));
    return;
  }
  if (self->client != NULL) {
    SysvpnChain chain = sysvpn_chain_walk (self->survey->qubes, self->client);

    self->is_wired = sysvpn_chain_find (&chain, self->vpn) > 0;
    tell (self, sysvpn_wiring_judge (self->survey->qubes, wish));
  } else {
    tell (self, sysvpn_not_passed (SYSVPN_STEP_WIRING, SYSVPN_OUTCOME_INCONCLUSIVE,
                                   _ ("no running qube has a network to look at"),
                                   _ ("start one, or name it with --client")));
  }
  tell (self, sysvpn_wiring_judge_power (self->survey->qubes, wish));
  tell (self, sysvpn_survey_judge_services (self->survey, wish));
}

static Phase
end_survey (SysvpnCheck *self)
{
  g_autofree char *path = sysvpn_uplink_addresses_path ();
  SysvpnWiringWish wish;

  if (self->survey != NULL && self->client == NULL)
    self->client = g_strdup (sysvpn_wiring_choose_client (self->survey->qubes, self->vpn));
  if (self->survey != NULL)
    self->resolver =
        g_strdup (sysvpn_survey_choose_resolver (self->survey, self->wanted_resolver));
  wish = (SysvpnWiringWish){ self->client != NULL ? self->client : _ ("the client"), self->vpn,
                             self->resolver, self->sandwich };
  judge_survey (self, &wish);
  self->up->wish = wish;
  self->up->is_wired = self->is_wired;
  self->up->uplink_is_known = sysvpn_uplink_addresses_load (path, &self->up->uplink, NULL);
  return PHASE_REPORT;
}

/* With the tunnel as it is */

static Phase
end_report (SysvpnCheck *self)
{
  self->up->report = self->last_report;
  self->up->silence = self->last_silence;
  tell (self, sysvpn_judge_agent (self->up));
  tell (self, sysvpn_judge_killswitch (self->up));
  tell (self, sysvpn_judge_profile (self->up));
  tell (self, sysvpn_judge_tunnel (self->up));
  return PHASE_LOOK;
}

static Phase
end_look (SysvpnCheck *self)
{
  static SysvpnFinding (*const judges[]) (const SysvpnRound *round) = {
    sysvpn_judge_egress_vpn,     sysvpn_judge_egress4, sysvpn_judge_egress6,
    sysvpn_judge_uplink_address, sysvpn_judge_names,   sysvpn_judge_plain_dns,
    sysvpn_judge_own_dns,        sysvpn_judge_uplink,
  };
  SysvpnFinding finding;

  self->up->look = *self->last_look;
  for (size_t i = 0; i < G_N_ELEMENTS (judges); i++)
    tell (self, judges[i](self->up));
  if (self->quick)
    tell (self, sysvpn_not_passed (SYSVPN_STEP_DROP, SYSVPN_OUTCOME_SKIPPED,
                                   _ ("the tunnel was not taken down, as asked"), NULL));
  else if (sysvpn_drop_is_possible (self->up, &finding))
    return PHASE_DOWN;
  else
    tell (self, finding);
  return PHASE_DONE;
}

/* With the tunnel down */

static Phase
end_down_report (SysvpnCheck *self)
{
  SysvpnFinding finding;
  bool is_down;

  *self->down = (SysvpnRound){ .wish = self->up->wish,
                               .is_wired = self->is_wired,
                               .report = self->last_report,
                               .silence = self->last_silence };
  /* what is left of the old tunnel goes to its server */
  g_strlcpy (self->down->report.endpoint, self->up->report.endpoint,
             sizeof self->down->report.endpoint);
  is_down = sysvpn_judge_drop (self->down, self->call_error, &finding);
  tell (self, finding);
  return is_down ? PHASE_DOWN_LOOK : PHASE_RESTORE;
}

static Phase
end_down_look (SysvpnCheck *self)
{
  self->down->look = *self->last_look;
  return PHASE_DOWN_END_REPORT;
}

static Phase
end_down_end_report (SysvpnCheck *self)
{
  static SysvpnFinding (*const judges[]) (const SysvpnRound *round) = {
    sysvpn_judge_drop4,    sysvpn_judge_drop6,       sysvpn_judge_drop_dns,
    sysvpn_judge_drop_own, sysvpn_judge_drop_uplink,
  };

  self->down->end_report = self->last_report;
  self->down->has_end = self->last_silence == SYSVPN_SILENCE_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS (judges); i++)
    tell (self, judges[i](self->down));
  return PHASE_RESTORE;
}

/* Back */

/* Another action is under way, which will change what is told now. */
static bool
is_unsettled (SysvpnCheck *self)
{
  return g_error_matches (self->call_error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_BUSY);
}

static bool
is_back (SysvpnCheck *self)
{
  const SysvpnStatus *report = &self->last_report;

  return !is_unsettled (self) && self->last_silence == SYSVPN_SILENCE_NONE &&
         report->tunnel == SYSVPN_TUNNEL_UP &&
         g_str_equal (report->profile_uuid, self->up->report.profile_uuid);
}

static void
tell_restored (SysvpnCheck *self, bool is_asked)
{
  SysvpnReturn way_back = {
    .vpn = self->vpn,
    .client = is_asked ? self->client : NULL,
    .profile_uuid = self->up->report.profile_uuid,
    .is_back = is_asked || is_back (self),
    .told = is_asked ? self->last_look->client : (SysvpnTold){ 0 },
    .reason = self->call_error != NULL ? self->call_error->message
              : self->last_silence != SYSVPN_SILENCE_NONE
                  ? sysvpn_silence_clause (self->last_silence)
                  : NULL,
  };

  tell (self, sysvpn_judge_restore (&way_back));
}

static Phase
end_restore_report (SysvpnCheck *self)
{
  bool has_time = sysvpn_alarm_now_ms () - self->restoring_since_ms < RESTORE_MS;

  if (is_back (self) && !self->was_interrupted && self->client != NULL)
    return PHASE_RESTORE_LOOK;
  if (!is_back (self) && has_time && (self->n_tries < RESTORE_TRIES || is_unsettled (self)))
    return PHASE_RESTORE_PAUSE;
  tell_restored (self, false);
  return PHASE_DONE;
}

static Phase
end_restore_look (SysvpnCheck *self)
{
  tell_restored (self, true);
  return PHASE_DONE;
}

static void
start_done (SysvpnCheck *self)
{
  g_signal_emit (self, signals[SIGNAL_DONE], 0);
}

static const struct {
  const char *progress; /* NULL: not worth a word */
  void (*start) (SysvpnCheck *self);
  Phase (*end) (SysvpnCheck *self); /* NULL: the next one follows */
} phases[] = {
  [PHASE_SURVEY] = { N_ ("asking dom0 how the qubes are wired"), start_survey, end_survey },
  [PHASE_REPORT] = { N_ ("asking the agent"), start_report, end_report },
  [PHASE_LOOK] = { N_ ("asking the internet from the qubes, and watching the uplink"),
                   start_look, end_look },
  [PHASE_DOWN] = { N_ ("taking the tunnel down for some seconds"), start_down, NULL },
  [PHASE_DOWN_REPORT] = { NULL, start_report, end_down_report },
  [PHASE_DOWN_LOOK] = { N_ ("trying to get out without the tunnel"), start_look,
                        end_down_look },
  [PHASE_DOWN_END_REPORT] = { NULL, start_report, end_down_end_report },
  [PHASE_RESTORE] = { N_ ("bringing the tunnel back"), start_restore, NULL },
  [PHASE_RESTORE_REPORT] = { NULL, ask_status, end_restore_report },
  [PHASE_RESTORE_PAUSE] = { NULL, start_pause, NULL },
  [PHASE_RESTORE_LOOK] = { NULL, start_restore_look, end_restore_look },
  [PHASE_DONE] = { NULL, start_done, NULL },
};
static_assert (G_N_ELEMENTS (phases) == N_PHASES, "each phase");

static bool
is_broken_off (SysvpnCheck *self)
{
  return self->was_interrupted && self->phase < PHASE_RESTORE;
}

static Phase
next_phase (SysvpnCheck *self)
{
  Phase next = self->phase == PHASE_RESTORE_PAUSE ? PHASE_RESTORE : self->phase + 1;

  if (phases[self->phase].end != NULL && !is_broken_off (self))
    next = phases[self->phase].end (self);
  if (is_broken_off (self)) /* by who was told of a finding just now, maybe */
    next = self->phase >= PHASE_DOWN ? PHASE_RESTORE : PHASE_DONE;
  return next;
}

static void
begin (SysvpnCheck *self, Phase phase)
{
  self->phase = phase;
  if (phases[phase].progress != NULL)
    g_signal_emit (self, signals[SIGNAL_PROGRESS], 0, _ (phases[phase].progress));
  phases[phase].start (self);
}

static void
advance (SysvpnCheck *self)
{
  begin (self, next_phase (self));
}

/**
 * sysvpn_check_new:
 * @transport: how agents are reached
 * @options: what to check; its names are valid
 *
 * Returns: (transfer full): a check that has not begun
 */
SysvpnCheck *
sysvpn_check_new (SysvpnTransport *transport, const SysvpnCheckOptions *options)
{
  SysvpnCheck *self = g_object_new (SYSVPN_TYPE_CHECK, NULL);

  self->transport = sysvpn_transport_ref (transport);
  self->vpn = g_strdup (options->vpn);
  self->client = g_strdup (options->client);
  self->wanted_resolver = g_strdup (options->resolver);
  self->sandwich = options->sandwich;
  self->quick = options->quick;
  return self;
}

/**
 * sysvpn_check_start:
 * @self: a check; once
 *
 * Nothing is told before the main loop runs.
 */
void
sysvpn_check_start (SysvpnCheck *self)
{
  g_return_if_fail (SYSVPN_IS_CHECK (self));

  begin (self, PHASE_SURVEY);
}

/**
 * sysvpn_check_interrupt:
 * @self: a check that runs
 *
 * Has it end soon, the tunnel restored if it was taken down; "done" comes when that is so. May
 * be called again, which changes nothing: restoring is not given up.
 */
void
sysvpn_check_interrupt (SysvpnCheck *self)
{
  g_return_if_fail (SYSVPN_IS_CHECK (self));

  if (self->was_interrupted)
    return;
  self->was_interrupted = true;
  if (self->phase < PHASE_RESTORE)
    g_cancellable_cancel (self->cancellable);
}

/**
 * sysvpn_check_was_interrupted:
 * @self: a check
 *
 * Returns: whether it was not let go on to its end
 */
bool
sysvpn_check_was_interrupted (SysvpnCheck *self)
{
  return self->was_interrupted;
}

/**
 * sysvpn_check_get_tally:
 * @self: a check
 *
 * Returns: how many steps went how, so far
 */
SysvpnTally
sysvpn_check_get_tally (SysvpnCheck *self)
{
  return self->tally;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One VPN qube as dom0 knows it: what it last said and how far to believe that, its profiles,
 * and what the user asked of it. */
#include "client/qube.h"

#include "client/alarm.h"
#include "client/call.h"
#include "client/feed.h"
#include "client/qubesd-call.h"
#include "proto/request.h"

/* From one call for the profiles to the next that reports bring about: each is a process, and a
 * qube can claim another profile in each report. */
enum { PROFILES_GAP_MS = 5000 };

struct _SysvpnQube {
  GObject parent_instance;

  char *name;
  SysvpnTransport *transport;
  SysvpnFeed *feed;
  SysvpnPower power;
  bool started;

  SysvpnStatus report;
  bool has_report;
  int64_t report_at_us; /* dom0's wall clock */

  GArray *profiles; /* of SysvpnProfile; NULL before the first answer */
  GCancellable *profiles_call;
  SysvpnAlarm *profiles_alarm;
  int64_t profiles_due_ms; /* not asked for before that because of a report */

  SysvpnAction pending;
  unsigned pending_serial; /* tells which action's answer ends it */
};

G_DEFINE_FINAL_TYPE (SysvpnQube, sysvpn_qube, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_PROFILES_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const SysvpnService action_services[SYSVPN_N_ACTIONS] = {
  [SYSVPN_ACTION_CONNECT] = SYSVPN_SERVICE_CONNECT,
  [SYSVPN_ACTION_DISCONNECT] = SYSVPN_SERVICE_DISCONNECT,
  [SYSVPN_ACTION_RECONNECT] = SYSVPN_SERVICE_RECONNECT,
};

static void
sysvpn_qube_dispose (GObject *object)
{
  SysvpnQube *self = SYSVPN_QUBE (object);

  g_cancellable_cancel (self->profiles_call);
  g_clear_object (&self->profiles_call);
  g_clear_pointer (&self->profiles_alarm, sysvpn_alarm_free);
  if (self->feed != NULL) {
    g_signal_handlers_disconnect_by_data (self->feed, self);
    sysvpn_feed_pause (self->feed);
  }
  g_clear_object (&self->feed);
  G_OBJECT_CLASS (sysvpn_qube_parent_class)->dispose (object);
}

static void
sysvpn_qube_finalize (GObject *object)
{
  SysvpnQube *self = SYSVPN_QUBE (object);

  g_clear_pointer (&self->profiles, g_array_unref);
  sysvpn_transport_unref (self->transport);
  g_free (self->name);
  G_OBJECT_CLASS (sysvpn_qube_parent_class)->finalize (object);
}

static void
sysvpn_qube_class_init (SysvpnQubeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qube_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_qube_finalize;

  /**
   * SysvpnQube::changed:
   *
   * The view, the report, the power state or the pending action may have changed. At most ten
   * times a second for reports.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", SYSVPN_TYPE_QUBE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SysvpnQube::profiles-changed:
   *
   * sysvpn_qube_get_profiles() has a new answer.
   */
  signals[SIGNAL_PROFILES_CHANGED] =
      g_signal_new ("profiles-changed", SYSVPN_TYPE_QUBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

/* At once after a quiet time, else as soon as it may be. */
static void
want_profiles (gpointer data)
{
  SysvpnQube *self = data;
  int64_t now_ms = sysvpn_alarm_now_ms ();

  if (self->profiles_call != NULL) /* which may be answered with what was before */
    self->profiles_due_ms = MAX (self->profiles_due_ms, now_ms + PROFILES_GAP_MS);
  if (now_ms < self->profiles_due_ms)
    sysvpn_alarm_set (self->profiles_alarm, self->profiles_due_ms);
  else
    sysvpn_qube_fetch_profiles (self);
}

static void
sysvpn_qube_init (SysvpnQube *self)
{
  sysvpn_status_init (&self->report);
  self->profiles_alarm = sysvpn_alarm_new ("sysvpn: profiles", want_profiles, self);
}

static void
emit_changed (SysvpnQube *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_report (SysvpnQube *self, const SysvpnStatus *report)
{
  /* the second for agents without a serial, and for which of the profiles is active */
  bool new_profiles = !self->has_report ||
                      self->report.profiles_serial != report->profiles_serial ||
                      !g_str_equal (self->report.profile_uuid, report->profile_uuid);

  self->report = *report;
  self->has_report = true;
  self->report_at_us = g_get_real_time ();
  if (new_profiles || (self->profiles == NULL && self->profiles_call == NULL))
    want_profiles (self);
  emit_changed (self);
}

/**
 * sysvpn_qube_new:
 * @name: the name of a VPN qube, valid
 * @transport: how to reach it
 *
 * Returns: (transfer full): a qube that nobody has asked yet; see sysvpn_qube_start()
 */
SysvpnQube *
sysvpn_qube_new (const char *name, SysvpnTransport *transport)
{
  SysvpnQube *self = g_object_new (SYSVPN_TYPE_QUBE, NULL);

  self->name = g_strdup (name);
  self->transport = sysvpn_transport_ref (transport);
  self->feed = sysvpn_feed_new (name, transport);
  g_signal_connect_swapped (self->feed, "report", G_CALLBACK (on_report), self);
  g_signal_connect_swapped (self->feed, "lost", G_CALLBACK (emit_changed), self);
  return self;
}

/**
 * sysvpn_qube_get_name:
 * @self: a qube
 *
 * Returns: its name
 */
const char *
sysvpn_qube_get_name (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), NULL);

  return self->name;
}

static bool
is_off (const SysvpnQube *self)
{
  return sysvpn_view_judge (self->power, NULL, SYSVPN_SILENCE_WAITING).shown ==
         SYSVPN_SHOWN_OFF;
}

static void
listen_if_on (SysvpnQube *self)
{
  if (!self->started)
    return;
  if (is_off (self))
    sysvpn_feed_pause (self->feed);
  else
    sysvpn_feed_resume (self->feed);
}

/**
 * sysvpn_qube_start:
 * @self: a qube
 *
 * Begins to listen to it, unless it is known to be off.
 */
void
sysvpn_qube_start (SysvpnQube *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self));

  self->started = true;
  listen_if_on (self);
}

/**
 * sysvpn_qube_refresh:
 * @self: a qube
 *
 * Asks at once, for instance after a suspend.
 */
void
sysvpn_qube_refresh (SysvpnQube *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self));

  sysvpn_feed_refresh (self->feed);
}

/**
 * sysvpn_qube_set_attentive:
 * @self: a qube
 * @attentive: whether somebody looks at the menu or a window
 */
void
sysvpn_qube_set_attentive (SysvpnQube *self, bool attentive)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self));

  sysvpn_feed_set_attentive (self->feed, attentive);
}

/**
 * sysvpn_qube_set_power:
 * @self: a qube
 * @power: what dom0 now knows of it
 *
 * A qube that is off is not called, and what it said is forgotten.
 */
void
sysvpn_qube_set_power (SysvpnQube *self, SysvpnPower power)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self));

  if (self->power == power)
    return;
  self->power = power;
  if (is_off (self))
    self->has_report = false;
  listen_if_on (self);
  emit_changed (self);
}

/**
 * sysvpn_qube_get_power:
 * @self: a qube
 *
 * Returns: what was set last
 */
SysvpnPower
sysvpn_qube_get_power (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), SYSVPN_POWER_UNKNOWN);

  return self->power;
}

/**
 * sysvpn_qube_get_view:
 * @self: a qube
 *
 * Returns: what to show
 */
SysvpnView
sysvpn_qube_get_view (SysvpnQube *self)
{
  return sysvpn_view_judge (sysvpn_qube_get_power (self), sysvpn_qube_get_report (self),
                            sysvpn_qube_get_silence (self));
}

/**
 * sysvpn_qube_get_report:
 * @self: a qube
 *
 * Returns: (nullable): the last report, which is to be believed only while
 * sysvpn_qube_get_silence() is %SYSVPN_SILENCE_NONE; %NULL if there was none since it is on.
 * Valid until the main loop runs
 */
const SysvpnStatus *
sysvpn_qube_get_report (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), NULL);

  return self->has_report ? &self->report : NULL;
}

/**
 * sysvpn_qube_get_believed:
 * @self: a qube
 *
 * Returns: (nullable): the last report if it is to be believed. Valid until the main loop runs
 */
const SysvpnStatus *
sysvpn_qube_get_believed (SysvpnQube *self)
{
  return sysvpn_qube_get_silence (self) == SYSVPN_SILENCE_NONE ? sysvpn_qube_get_report (self)
                                                               : NULL;
}

/**
 * sysvpn_qube_get_silence:
 * @self: a qube
 *
 * Returns: why the last report is not to be believed
 */
SysvpnSilence
sysvpn_qube_get_silence (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), SYSVPN_SILENCE_WAITING);

  return sysvpn_feed_get_silence (self->feed);
}

/**
 * sysvpn_qube_get_age_ms:
 * @self: a qube
 *
 * Returns: how old the last report is; %SYSVPN_ABSENT if there was none
 */
uint64_t
sysvpn_qube_get_age_ms (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), SYSVPN_ABSENT);

  return sysvpn_feed_get_age_ms (self->feed);
}

/**
 * sysvpn_qube_dup_report_time:
 * @self: a qube
 *
 * Returns: (transfer full) (nullable): when, by dom0's clock, the last report came; %NULL if
 * there was none since it is on
 */
GDateTime *
sysvpn_qube_dup_report_time (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), NULL);

  return self->has_report
             ? g_date_time_new_from_unix_local (self->report_at_us / G_USEC_PER_SEC)
             : NULL;
}

/**
 * sysvpn_qube_dup_verified_time:
 * @self: a qube
 *
 * Returns: (transfer full) (nullable): when, by dom0's clock, the killswitch was compared in
 * full; %NULL if the last report does not tell
 */
GDateTime *
sysvpn_qube_dup_verified_time (SysvpnQube *self)
{
  g_autoptr (GDateTime) heard = sysvpn_qube_dup_report_time (self);

  if (heard == NULL || self->report.killswitch_age_s > G_MAXINT)
    return NULL;
  return g_date_time_add_seconds (heard, -(double) self->report.killswitch_age_s);
}

static void
on_profiles (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQube) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, &error);
  GArray *profiles;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->profiles_call);
  /* without an answer the list stays as it was: it is no claim about protection */
  profiles = block != NULL && block->ok ? sysvpn_profile_list_decode (block, NULL) : NULL;
  if (profiles == NULL)
    return;
  g_clear_pointer (&self->profiles, g_array_unref);
  self->profiles = profiles;
  g_signal_emit (self, signals[SIGNAL_PROFILES_CHANGED], 0);
}

/**
 * sysvpn_qube_fetch_profiles:
 * @self: a qube
 *
 * Asks for the profiles, for instance because the menu opens; nothing when it was asked already
 * and has not answered.
 */
void
sysvpn_qube_fetch_profiles (SysvpnQube *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self));

  if (self->profiles_call != NULL || is_off (self))
    return;
  sysvpn_alarm_clear (self->profiles_alarm);
  self->profiles_due_ms = sysvpn_alarm_now_ms () + PROFILES_GAP_MS;
  self->profiles_call = g_cancellable_new ();
  sysvpn_call_async (self->transport, self->name, (SysvpnQuery){ SYSVPN_SERVICE_PROFILES },
                     self->profiles_call, on_profiles, g_object_ref (self));
}

/**
 * sysvpn_qube_diagnose_async:
 * @self: a qube
 * @cancellable: (nullable): stops waiting for the answer
 * @callback: called with what sysvpn_diagnostics_finish() wants
 * @data: passed to @callback
 *
 * Asks for what it can say for a bug report. Not one that is off: the call would start it.
 */
void
sysvpn_qube_diagnose_async (SysvpnQube *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  g_return_if_fail (SYSVPN_IS_QUBE (self) && !is_off (self));

  sysvpn_call_async (self->transport, self->name, (SysvpnQuery){ SYSVPN_SERVICE_DIAGNOSE },
                     cancellable, callback, data);
}

/**
 * sysvpn_qube_get_profiles:
 * @self: a qube
 *
 * Returns: (nullable) (element-type SysvpnProfile): the last answer; %NULL if there was none
 */
const GArray *
sysvpn_qube_get_profiles (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), NULL);

  return self->profiles;
}

/**
 * sysvpn_qube_get_pending:
 * @self: a qube
 *
 * Returns: what was asked for last and is not answered yet
 */
SysvpnAction
sysvpn_qube_get_pending (SysvpnQube *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE (self), SYSVPN_ACTION_NONE);

  return self->pending;
}

static void
end_pending (SysvpnQube *self, GTask *task)
{
  if (GPOINTER_TO_UINT (g_task_get_task_data (task)) != self->pending_serial)
    return;
  self->pending = SYSVPN_ACTION_NONE;
  emit_changed (self);
}

static void
on_started (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = sysvpn_qubesd_call_finish (result, &error);

  end_pending (g_task_get_source_object (task), task);
  /* somebody else was faster */
  if (answer != NULL ||
      g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_NOT_HALTED))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_acted (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, &error);

  end_pending (g_task_get_source_object (task), task);
  if (block == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (!block->ok)
    g_task_return_error (task, sysvpn_call_error_of_reply (sysvpn_reply_decode (block)));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * sysvpn_qube_act_async:
 * @self: a qube
 * @action: what to do
 * @uuid: (nullable): for %SYSVPN_ACTION_CONNECT, the profile; %NULL for the one used last
 * @cancellable: (nullable): stops waiting for the answer; the action goes on in the qube
 * @callback: called when it is done or has failed
 * @data: passed to @callback
 *
 * While an action is pending the only other one that is let through is a disconnect, which
 * cancels it. A start is dom0's to do, and answers when the qube runs.
 */
void
sysvpn_qube_act_async (SysvpnQube *self,
                       SysvpnAction action,
                       const char *uuid,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  g_autoptr (GTask) task = NULL;
  bool in_the_way;

  g_return_if_fail (SYSVPN_IS_QUBE (self));
  g_return_if_fail (action > SYSVPN_ACTION_NONE && action < SYSVPN_N_ACTIONS);
  g_return_if_fail (uuid == NULL || sysvpn_uuid_is_valid (uuid));

  in_the_way = self->pending != SYSVPN_ACTION_NONE &&
               (action != SYSVPN_ACTION_DISCONNECT || self->pending == action);
  task = g_task_new (self, cancellable, callback, data);
  if (in_the_way) {
    g_task_return_error (
        task, sysvpn_call_error_of_reply ((SysvpnReply){ .code = SYSVPN_CODE_BUSY }));
    return;
  }

  self->pending = action;
  self->pending_serial++;
  g_task_set_task_data (task, GUINT_TO_POINTER (self->pending_serial), NULL);
  if (action == SYSVPN_ACTION_START)
    sysvpn_qubesd_call_async (self->transport,
                              &(SysvpnQubesdQuery){ SYSVPN_QUBESD_START, NULL, self->name },
                              cancellable, on_started, g_steal_pointer (&task));
  else
    sysvpn_call_async (self->transport, self->name,
                       (SysvpnQuery){ action_services[action], uuid }, cancellable, on_acted,
                       g_steal_pointer (&task));
  emit_changed (self);
}

/**
 * sysvpn_qube_act_finish:
 * @self: a qube
 * @result: what the callback was given
 * @error: return location for a #SysvpnCallError, a #SysvpnQubesdError or
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: %TRUE if it was done
 */
bool
sysvpn_qube_act_finish (SysvpnQube *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), false);

  return g_task_propagate_boolean (G_TASK (result), error);
}

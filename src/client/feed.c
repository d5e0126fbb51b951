/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps hearing from one VPN qube: one Watch for as long as it lasts, Status at intervals while
 * it does not. Tells the newest report, at most ten times a second, and its loss at once. Reads
 * the clocks for the pure decisions of freshness.c; what to show for a report is not decided
 * here. */
#include "client/feed.h"

#include "base/backoff.h"
#include "base/pace.h"
#include "client/alarm.h"
#include "client/call.h"
#include "client/freshness.h"
#include "client/stream.h"
#include "proto/wire-error.h"

enum {
  FIRST_REPORT_MS = (SYSVPN_HEARTBEAT_S + SYSVPN_GRACE_S) * 1000,
  FIRST_RETRY_MS = 1000,
  LAST_RETRY_MS = 30000,
  STEADY_MS = 30000,       /* a Watch that lasted so long did not fail */
  POLL_AFTER_FAILURES = 2, /* an agent that restarts breaks one Watch, and is back at once */
  POLL_CHANGING_S = 2,
  POLL_ATTENTIVE_S = 5,
  POLL_STABLE_S = 15,
};

struct _SysvpnFeed {
  GObject parent_instance;

  char *qube;
  SysvpnTransport *transport;
  bool running;
  bool attentive;

  SysvpnStream *watch;
  SysvpnFreshness watch_freshness;
  int64_t watch_heard_ms;    /* when it told its first report; 0 before */
  SysvpnSilence watch_fault; /* a block that is no report; drained() acts on it */
  unsigned failures;
  guint retry_id;

  bool polling;
  int64_t polled_ms; /* when the last poll began */
  guint poll_id;
  GCancellable *poll; /* the one that is under way */

  SysvpnFreshness freshness; /* of the newest report, whichever way it came */
  SysvpnStatus newest;
  bool untold;               /* newest waits to be told */
  int64_t believed_until_ms; /* the end of the newest report */
  SysvpnPace pace;
  guint tell_id;
  SysvpnSilence silence;
  SysvpnAlarm
      *alarm; /* when the newest report is no longer believed, or the first is overdue */
};

G_DEFINE_FINAL_TYPE (SysvpnFeed, sysvpn_feed, G_TYPE_OBJECT)

enum { SIGNAL_REPORT, SIGNAL_LOST, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Whether Status may answer where Watch does not. The others would fail in the same way. */
static const bool worth_polling[SYSVPN_N_SILENCES] = {
  [SYSVPN_SILENCE_HUNG_UP] = true,     [SYSVPN_SILENCE_CUT] = true,
  [SYSVPN_SILENCE_AGENT_ERROR] = true, [SYSVPN_SILENCE_REFUSED] = true,
  [SYSVPN_SILENCE_NO_SERVICE] = true,  [SYSVPN_SILENCE_TIMEOUT] = true,
  [SYSVPN_SILENCE_FLOOD] = true,
};
/* Whether it is certain at the first failure that Watch will not do. */
static const bool polls_at_once[SYSVPN_N_SILENCES] = {
  [SYSVPN_SILENCE_REFUSED] = true,
  [SYSVPN_SILENCE_NO_SERVICE] = true,
  [SYSVPN_SILENCE_FLOOD] = true,
};

static void open_watch (SysvpnFeed *self);
static void schedule_poll (SysvpnFeed *self);

static void
drop_watch (SysvpnFeed *self)
{
  if (self->watch == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->watch, self);
  sysvpn_stream_close (self->watch);
  g_clear_object (&self->watch);
}

static void
stop_polling (SysvpnFeed *self)
{
  self->polling = false;
  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_cancellable_cancel (self->poll);
  g_clear_object (&self->poll);
}

static void
stop (SysvpnFeed *self)
{
  drop_watch (self);
  stop_polling (self);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->tell_id, g_source_remove);
  self->untold = false;
  self->running = false;
}

static void
sysvpn_feed_dispose (GObject *object)
{
  SysvpnFeed *self = SYSVPN_FEED (object);

  stop (self);
  g_clear_pointer (&self->alarm, sysvpn_alarm_free);
  g_clear_pointer (&self->transport, sysvpn_transport_unref);
  G_OBJECT_CLASS (sysvpn_feed_parent_class)->dispose (object);
}

static void
sysvpn_feed_finalize (GObject *object)
{
  g_free (SYSVPN_FEED (object)->qube);
  G_OBJECT_CLASS (sysvpn_feed_parent_class)->finalize (object);
}

static void
sysvpn_feed_class_init (SysvpnFeedClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_feed_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_feed_finalize;

  /**
   * SysvpnFeed::report:
   * @report: (type SysvpnStatus) (transfer none): the newest, and believed
   */
  signals[SIGNAL_REPORT] = g_signal_new ("report", SYSVPN_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * SysvpnFeed::lost:
   * @silence: a #SysvpnSilence, why nothing that was reported is believed any more
   */
  signals[SIGNAL_LOST] = g_signal_new ("lost", SYSVPN_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
lose (SysvpnFeed *self, SysvpnSilence silence)
{
  self->untold = false;
  g_clear_handle_id (&self->tell_id, g_source_remove);
  sysvpn_alarm_clear (self->alarm);
  if (self->silence == silence)
    return;
  self->silence = silence;
  g_signal_emit (self, signals[SIGNAL_LOST], 0, (guint) silence);
}

static void
tell (SysvpnFeed *self)
{
  SysvpnStatus report = self->newest; /* a handler may cause the next one */
  int64_t now_ms = sysvpn_alarm_now_ms ();

  /* the machine may have slept between its arrival and now */
  if (now_ms >= self->believed_until_ms) {
    lose (self, SYSVPN_SILENCE_TIMEOUT);
    return;
  }
  self->untold = false;
  sysvpn_pace_take (&self->pace, now_ms);
  self->silence = SYSVPN_SILENCE_NONE;
  g_signal_emit (self, signals[SIGNAL_REPORT], 0, &report);
}

static gboolean
on_tell (gpointer data)
{
  SysvpnFeed *self = data;

  self->tell_id = 0;
  tell (self);
  return G_SOURCE_REMOVE;
}

/* Tells the newest report now, or as soon as its pace allows. */
static void
tell_soon (SysvpnFeed *self)
{
  int64_t wait_ms = sysvpn_pace_wait_ms (&self->pace, sysvpn_alarm_now_ms ());

  if (!self->untold || self->tell_id != 0)
    return;
  if (wait_ms == 0) {
    tell (self);
    return;
  }
  self->tell_id = g_timeout_add ((guint) wait_ms, on_tell, self);
  g_source_set_name_by_id (self->tell_id, "sysvpn: tell a report");
}

static unsigned
poll_interval_s (const SysvpnFeed *self)
{
  bool changing = self->newest.tunnel == SYSVPN_TUNNEL_CONNECTING ||
                  self->newest.tunnel == SYSVPN_TUNNEL_DISCONNECTING ||
                  self->newest.killswitch == SYSVPN_KILLSWITCH_LOADING;

  if (changing && self->silence == SYSVPN_SILENCE_NONE)
    return POLL_CHANGING_S;
  return self->attentive ? POLL_ATTENTIVE_S : POLL_STABLE_S;
}

/* Makes @report the newest; it is told by tell_soon(). */
static void
accept (SysvpnFeed *self, const SysvpnStatus *report, const SysvpnFreshness *freshness)
{
  self->newest = *report;
  self->freshness = *freshness;
  self->untold = true;
}

static void
believe_until (SysvpnFeed *self, unsigned poll_s)
{
  self->believed_until_ms = sysvpn_freshness_end_ms (&self->freshness, poll_s);
  sysvpn_alarm_set (self->alarm, self->believed_until_ms);
}

static gboolean
on_retry (gpointer data)
{
  SysvpnFeed *self = data;

  self->retry_id = 0;
  open_watch (self);
  return G_SOURCE_REMOVE;
}

static void
watch_failed (SysvpnFeed *self, SysvpnSilence silence)
{
  int64_t now_ms = sysvpn_alarm_now_ms ();
  unsigned delay_ms;

  if (self->watch_heard_ms != 0 && now_ms - self->watch_heard_ms >= STEADY_MS)
    self->failures = 0;
  drop_watch (self);
  self->failures++;
  delay_ms =
      sysvpn_backoff_delay_ms (self->failures, FIRST_RETRY_MS, LAST_RETRY_MS, g_random_int ());
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->retry_id = g_timeout_add (delay_ms, on_retry, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: watch again");
  if (self->polling) /* what is believed did not come from the Watch */
    return;

  if (polls_at_once[silence] ||
      (worth_polling[silence] && self->failures >= POLL_AFTER_FAILURES)) {
    self->polling = true;
    self->polled_ms = 0;
    schedule_poll (self);
  }
  lose (self, silence);
}

/* The answer says that there is no report. */
static SysvpnSilence
silence_of_block (const SysvpnBlock *block)
{
  if (block->ok)
    return SYSVPN_SILENCE_GARBAGE;
  return sysvpn_reply_decode (block).code == SYSVPN_CODE_REFUSED ? SYSVPN_SILENCE_REFUSED
                                                                 : SYSVPN_SILENCE_AGENT_ERROR;
}

static void
on_block (SysvpnFeed *self, const SysvpnBlock *block)
{
  int64_t now_ms = sysvpn_alarm_now_ms ();
  SysvpnStatus report;

  if (self->watch_fault != SYSVPN_SILENCE_NONE)
    return;
  if (!sysvpn_status_decode (block, &report, NULL)) {
    self->watch_fault = silence_of_block (block);
    return;
  }
  if (sysvpn_freshness_take (&self->watch_freshness, &report, now_ms))
    accept (self, &report, &self->watch_freshness);
}

static void
on_drained (SysvpnFeed *self)
{
  int64_t now_ms = sysvpn_alarm_now_ms ();

  if (self->watch_fault != SYSVPN_SILENCE_NONE) {
    watch_failed (self, self->watch_fault);
    return;
  }
  if (!self->watch_freshness.heard)
    return; /* the beginning of a block */
  if (sysvpn_freshness_end_ms (&self->watch_freshness, 0) <= now_ms) {
    /* We slept, or the qube's clock did: only a new call tells which. */
    watch_failed (self, SYSVPN_SILENCE_TIMEOUT);
    return;
  }
  if (self->watch_heard_ms == 0)
    self->watch_heard_ms = now_ms;
  if (!self->untold)
    return;
  stop_polling (self);
  believe_until (self, 0);
  tell_soon (self);
}

static void
open_watch (SysvpnFeed *self)
{
  drop_watch (self);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->watch_freshness = (SysvpnFreshness){ 0 };
  self->watch_heard_ms = 0;
  self->watch_fault = SYSVPN_SILENCE_NONE;
  self->watch = sysvpn_stream_open (self->transport, self->qube, SYSVPN_SERVICE_WATCH, NULL);
  g_signal_connect_swapped (self->watch, "block", G_CALLBACK (on_block), self);
  g_signal_connect_swapped (self->watch, "drained", G_CALLBACK (on_drained), self);
  g_signal_connect_swapped (self->watch, "ended", G_CALLBACK (watch_failed), self);
  /* while an earlier report is believed the alarm stands for its end, which is sooner */
  if (self->silence != SYSVPN_SILENCE_NONE && !self->polling)
    sysvpn_alarm_set (self->alarm, sysvpn_alarm_now_ms () + FIRST_REPORT_MS);
}

static void
on_alarm (gpointer data)
{
  SysvpnFeed *self = data;

  if (self->polling)
    lose (self, SYSVPN_SILENCE_TIMEOUT);
  else if (self->watch != NULL)
    watch_failed (self, SYSVPN_SILENCE_TIMEOUT);
}

static void
take_poll (SysvpnFeed *self, const SysvpnBlock *block)
{
  SysvpnFreshness freshness = { 0 };
  SysvpnStatus report;

  if (!sysvpn_status_decode (block, &report, NULL)) {
    lose (self, silence_of_block (block));
    return;
  }
  /* it was made after we asked: to count from there is to err on the safe side */
  sysvpn_freshness_take (&freshness, &report, self->polled_ms);
  accept (self, &report, &freshness);
  believe_until (self, poll_interval_s (self));
  tell_soon (self);
}

static void
on_polled (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnFeed) self = data;
  g_autoptr (GError) error = NULL;
  SysvpnSilence silence = SYSVPN_SILENCE_NONE;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, &silence, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->polling)
    return; /* by stop_polling(), maybe long ago */
  g_clear_object (&self->poll);
  if (block != NULL)
    take_poll (self, block);
  else
    lose (self, silence);
  schedule_poll (self);
}

static gboolean
on_poll (gpointer data)
{
  SysvpnFeed *self = data;

  self->poll_id = 0;
  self->polled_ms = sysvpn_alarm_now_ms ();
  self->poll = g_cancellable_new ();
  sysvpn_call_async (self->transport, self->qube, (SysvpnQuery){ SYSVPN_SERVICE_STATUS },
                     self->poll, on_polled, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* Sets the next poll for its interval after the last one began; at once if that is over. */
static void
schedule_poll (SysvpnFeed *self)
{
  int64_t due_ms = self->polled_ms + (int64_t) poll_interval_s (self) * 1000;
  int64_t left_ms = due_ms - sysvpn_alarm_now_ms ();

  if (!self->polling || self->poll != NULL)
    return;
  g_clear_handle_id (&self->poll_id, g_source_remove);
  self->poll_id = g_timeout_add ((guint) MAX (left_ms, 0), on_poll, self);
  g_source_set_name_by_id (self->poll_id, "sysvpn: poll");
}

static void
sysvpn_feed_init (SysvpnFeed *self)
{
  sysvpn_status_init (&self->newest);
  self->silence = SYSVPN_SILENCE_WAITING;
  self->alarm = sysvpn_alarm_new ("sysvpn: end of a report", on_alarm, self);
}

/**
 * sysvpn_feed_new:
 * @qube: the name of the VPN qube, valid
 * @transport: how to reach it
 *
 * Returns: (transfer full): a feed that waits for sysvpn_feed_resume()
 */
SysvpnFeed *
sysvpn_feed_new (const char *qube, SysvpnTransport *transport)
{
  SysvpnFeed *self = g_object_new (SYSVPN_TYPE_FEED, NULL);

  self->qube = g_strdup (qube);
  self->transport = sysvpn_transport_ref (transport);
  return self;
}

/**
 * sysvpn_feed_resume:
 * @self: a feed
 *
 * Begins to listen, or does nothing when it already does.
 */
void
sysvpn_feed_resume (SysvpnFeed *self)
{
  g_return_if_fail (SYSVPN_IS_FEED (self));

  if (self->running)
    return;
  self->running = true;
  self->failures = 0;
  open_watch (self);
}

/**
 * sysvpn_feed_pause:
 * @self: a feed
 *
 * Hangs up and forgets, without a signal: the qube is known to be off, and must not be called.
 */
void
sysvpn_feed_pause (SysvpnFeed *self)
{
  g_return_if_fail (SYSVPN_IS_FEED (self));

  stop (self);
  sysvpn_alarm_clear (self->alarm);
  self->freshness = (SysvpnFreshness){ 0 };
  self->silence = SYSVPN_SILENCE_WAITING;
}

/**
 * sysvpn_feed_refresh:
 * @self: a feed
 *
 * Asks at once, with a new call: after a suspend the old one may hold a backlog, and after
 * failures there is no need to wait. What was reported is believed for as long as it would be.
 */
void
sysvpn_feed_refresh (SysvpnFeed *self)
{
  g_return_if_fail (SYSVPN_IS_FEED (self));

  if (!self->running)
    return;
  self->failures = 0;
  open_watch (self);
  if (self->polling) {
    self->polled_ms = 0;
    schedule_poll (self);
  }
}

/**
 * sysvpn_feed_set_attentive:
 * @self: a feed
 * @attentive: whether somebody looks at the menu or a window
 */
void
sysvpn_feed_set_attentive (SysvpnFeed *self, bool attentive)
{
  g_return_if_fail (SYSVPN_IS_FEED (self));

  self->attentive = attentive;
  if (self->polling && self->silence == SYSVPN_SILENCE_NONE)
    believe_until (self, poll_interval_s (self)); /* the next may come later now */
  schedule_poll (self);
}

/**
 * sysvpn_feed_get_silence:
 * @self: a feed
 *
 * Returns: why nothing is believed now, %SYSVPN_SILENCE_NONE if the newest report is
 */
SysvpnSilence
sysvpn_feed_get_silence (SysvpnFeed *self)
{
  g_return_val_if_fail (SYSVPN_IS_FEED (self), SYSVPN_SILENCE_NONE);

  return self->silence;
}

/**
 * sysvpn_feed_get_age_ms:
 * @self: a feed
 *
 * Returns: how old the newest report is, by CLOCK_BOOTTIME; %SYSVPN_ABSENT if there was none
 */
uint64_t
sysvpn_feed_get_age_ms (SysvpnFeed *self)
{
  g_return_val_if_fail (SYSVPN_IS_FEED (self), SYSVPN_ABSENT);

  if (!self->freshness.heard)
    return SYSVPN_ABSENT;
  return (uint64_t) MAX (sysvpn_alarm_now_ms () - self->freshness.made_ms, 0);
}

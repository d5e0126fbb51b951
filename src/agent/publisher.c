/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds the newest report and tells it: to who asks once, and to watchers when it is news (at
 * the pace of base/pace.h) and at each heartbeat. What comes meanwhile is told in one report,
 * but an alarm is told even if it is over by then. */
#include "agent/publisher.h"

#include "agent/clock.h"
#include "base/pace.h"

struct _SysvpnPublisher {
  GObject parent_instance;

  SysvpnStatus status;
  SysvpnStatus alarm; /* a report of a broken killswitch that waits to be told */
  bool has_alarm;
  uint64_t seq;
  GPtrArray *watchers; /* of SysvpnConnection */
  SysvpnPace pace;
  guint later_id;
};

G_DEFINE_FINAL_TYPE (SysvpnPublisher, sysvpn_publisher, G_TYPE_OBJECT)

static void
sysvpn_publisher_dispose (GObject *object)
{
  SysvpnPublisher *self = SYSVPN_PUBLISHER (object);

  g_clear_handle_id (&self->later_id, g_source_remove);
  g_clear_pointer (&self->watchers, g_ptr_array_unref);
  G_OBJECT_CLASS (sysvpn_publisher_parent_class)->dispose (object);
}

static void
sysvpn_publisher_class_init (SysvpnPublisherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_publisher_dispose;
}

static void
sysvpn_publisher_init (SysvpnPublisher *self)
{
  sysvpn_status_init (&self->status);
  self->watchers = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * sysvpn_publisher_new:
 *
 * Returns: (transfer full): a publisher that knows nothing yet
 */
SysvpnPublisher *
sysvpn_publisher_new (void)
{
  return g_object_new (SYSVPN_TYPE_PUBLISHER, NULL);
}

static GString *
encode (SysvpnPublisher *self, SysvpnStatus *status)
{
  GString *block = g_string_sized_new (2048);

  status->seq = ++self->seq;
  status->boottime_ms = (uint64_t) (sysvpn_clock_us () / 1000);
  sysvpn_status_encode (block, status);
  return block;
}

static gboolean on_later (gpointer data);

static void
plan_later (SysvpnPublisher *self, int64_t delay_ms)
{
  self->later_id = g_timeout_add ((guint) delay_ms, on_later, self);
  g_source_set_name_by_id (self->later_id, "sysvpn: tell watchers");
}

static int64_t
now_ms (void)
{
  return sysvpn_clock_us () / 1000;
}

static void
tell_watchers (SysvpnPublisher *self)
{
  g_autoptr (GPtrArray) watchers = g_ptr_array_new_with_free_func (g_object_unref);
  bool is_over = self->has_alarm && self->status.killswitch != SYSVPN_KILLSWITCH_BROKEN;
  g_autoptr (GString) block = encode (self, is_over ? &self->alarm : &self->status);

  g_clear_handle_id (&self->later_id, g_source_remove);
  sysvpn_pace_take (&self->pace, now_ms ());
  self->has_alarm = false;
  if (is_over)
    plan_later (self, SYSVPN_PACE_GAP_MS);
  /* a copy: a watcher that hung up takes itself out of the list meanwhile */
  for (unsigned i = 0; i < self->watchers->len; i++)
    g_ptr_array_add (watchers, g_object_ref (self->watchers->pdata[i]));
  for (unsigned i = 0; i < watchers->len; i++)
    sysvpn_connection_send (watchers->pdata[i], block);
}

static gboolean
on_later (gpointer data)
{
  SysvpnPublisher *self = data;

  self->later_id = 0;
  tell_watchers (self);
  return G_SOURCE_REMOVE;
}

/**
 * sysvpn_publisher_update:
 * @self: a publisher
 * @status: the newest report; its sequence number and time are set here
 */
void
sysvpn_publisher_update (SysvpnPublisher *self, const SysvpnStatus *status)
{
  bool is_news = sysvpn_status_is_news (&self->status, status);
  int64_t wait_ms = sysvpn_pace_wait_ms (&self->pace, now_ms ());

  self->status = *status;
  if (is_news && status->killswitch == SYSVPN_KILLSWITCH_BROKEN) {
    self->alarm = *status;
    self->has_alarm = true;
  }
  if (!is_news || self->later_id != 0)
    return;
  if (wait_ms == 0)
    tell_watchers (self);
  else
    plan_later (self, wait_ms);
}

/**
 * sysvpn_publisher_beat:
 * @self: a publisher
 *
 * The heartbeat: watchers hear the newest report, news or not.
 */
void
sysvpn_publisher_beat (SysvpnPublisher *self)
{
  if (self->watchers->len > 0)
    tell_watchers (self);
}

static void
on_closed (SysvpnPublisher *self, SysvpnConnection *connection)
{
  g_ptr_array_remove (self->watchers, connection);
}

/**
 * sysvpn_publisher_add_watcher:
 * @self: a publisher
 * @connection: who asked for sysvpn.Watch; hears the newest report at once
 */
void
sysvpn_publisher_add_watcher (SysvpnPublisher *self, SysvpnConnection *connection)
{
  g_autoptr (GString) block = encode (self, &self->status);

  g_ptr_array_add (self->watchers, g_object_ref (connection));
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_closed), self,
                           G_CONNECT_SWAPPED);
  sysvpn_connection_send (connection, block);
}

/**
 * sysvpn_publisher_answer:
 * @self: a publisher
 * @connection: who asked for sysvpn.Status
 */
void
sysvpn_publisher_answer (SysvpnPublisher *self, SysvpnConnection *connection)
{
  g_autoptr (GString) block = encode (self, &self->status);

  sysvpn_connection_finish (connection, block);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps qubesd's events open, for all who want them, and asks for the list of qubes once they
 * come, so that nothing falls between the two. Comes back when it is lost. Asks nothing that
 * could start a qube. */
#include "client/qubesd-watch.h"

#include "base/backoff.h"
#include "client/qubesd-call.h"
#include "client/qubesd-stream.h"

#include <gio/gio.h>

enum {
  ESTABLISH_MS = 5000, /* from the request to connection-established */
  FIRST_RETRY_MS = 1000,
  LAST_RETRY_MS = 120000,   /* each wakes the applet, where there is no qubesd for ever */
  DENIED_RETRY_MS = 600000, /* each refusal may be a notification in dom0 */
};

struct _SysvpnQubesdWatch {
  GObject parent_instance;

  SysvpnTransport *transport;
  SysvpnQubesdStream *stream;
  SysvpnQubesdReader *reader;
  bool established;
  GCancellable *list; /* the call that is under way */
  bool list_is_old;   /* an event overtook it */
  unsigned failures;
  guint retry_id; /* or the time limit of a connection that is not established */
};

G_DEFINE_FINAL_TYPE (SysvpnQubesdWatch, sysvpn_qubesd_watch, G_TYPE_OBJECT)

enum { SIGNAL_LISTED, SIGNAL_EVENT, SIGNAL_LOST, N_SIGNALS };
static guint signals[N_SIGNALS];

static void connect_to_qubesd (SysvpnQubesdWatch *self);

static void
hang_up (SysvpnQubesdWatch *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_cancellable_cancel (self->list);
  g_clear_object (&self->list);
  if (self->stream != NULL) {
    g_signal_handlers_disconnect_by_data (self->stream, self);
    sysvpn_qubesd_stream_close (self->stream);
  }
  g_clear_object (&self->stream);
  g_clear_pointer (&self->reader, sysvpn_qubesd_reader_free);
  self->established = false;
}

static void
sysvpn_qubesd_watch_dispose (GObject *object)
{
  hang_up (SYSVPN_QUBESD_WATCH (object));
  G_OBJECT_CLASS (sysvpn_qubesd_watch_parent_class)->dispose (object);
}

static void
sysvpn_qubesd_watch_finalize (GObject *object)
{
  sysvpn_transport_unref (SYSVPN_QUBESD_WATCH (object)->transport);
  G_OBJECT_CLASS (sysvpn_qubesd_watch_parent_class)->finalize (object);
}

static void
sysvpn_qubesd_watch_class_init (SysvpnQubesdWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qubesd_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_qubesd_watch_finalize;

  /**
   * SysvpnQubesdWatch::listed:
   * @qubes: (type GArray) (element-type SysvpnQubesdQube): all that there are
   *
   * Whenever the connection is there, and after sysvpn_qubesd_watch_ask_list(). Every event
   * from before it can be forgotten.
   */
  signals[SIGNAL_LISTED] = g_signal_new ("listed", SYSVPN_TYPE_QUBESD_WATCH, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * SysvpnQubesdWatch::event:
   * @event: a #SysvpnQubesdEvent, never %SYSVPN_QUBESD_EVENT_ESTABLISHED
   */
  signals[SIGNAL_EVENT] = g_signal_new ("event", SYSVPN_TYPE_QUBESD_WATCH, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * SysvpnQubesdWatch::lost:
   *
   * Events are missed from now on, until the next list. Again after each try in vain.
   */
  signals[SIGNAL_LOST] = g_signal_new ("lost", SYSVPN_TYPE_QUBESD_WATCH, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_qubesd_watch_init (SysvpnQubesdWatch *self G_GNUC_UNUSED)
{
}

static gboolean
on_retry (gpointer data)
{
  SysvpnQubesdWatch *self = data;

  self->retry_id = 0;
  connect_to_qubesd (self);
  return G_SOURCE_REMOVE;
}

static void
lose (SysvpnQubesdWatch *self, const GError *error)
{
  bool is_denied = g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_DENIED);
  unsigned delay_ms = is_denied ? DENIED_RETRY_MS
                                : sysvpn_backoff_delay_ms (++self->failures, FIRST_RETRY_MS,
                                                           LAST_RETRY_MS, g_random_int ());

  g_debug ("no events of qubesd: %s", error != NULL ? error->message : "hung up");
  hang_up (self);
  self->retry_id = g_timeout_add (delay_ms, on_retry, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: qubesd again");
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
}

static void
on_list (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubesdWatch) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sysvpn_qubesd_call_finish (result, &error);
  g_autoptr (GArray) list = NULL;
  const char *text;
  gsize len;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* by hang_up(), maybe long ago */
  g_clear_object (&self->list);
  if (bytes == NULL) {
    lose (self, error);
    return;
  }
  if (self->list_is_old) { /* it may be from before the event, or from after it */
    sysvpn_qubesd_watch_ask_list (self);
    return;
  }
  self->failures = 0;
  text = g_bytes_get_data (bytes, &len);
  list = sysvpn_qubesd_list_decode (text, len);
  g_signal_emit (self, signals[SIGNAL_LISTED], 0, list);
}

/**
 * sysvpn_qubesd_watch_ask_list:
 * @self: a watch
 *
 * Asks for the list again; it comes as #SysvpnQubesdWatch::listed. Nothing while there is no
 * connection, which brings one.
 */
void
sysvpn_qubesd_watch_ask_list (SysvpnQubesdWatch *self)
{
  /* of dom0 also for one qube: qrexec would start a qube that is halted to pass a call on */
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };

  g_return_if_fail (SYSVPN_IS_QUBESD_WATCH (self));

  self->list_is_old = self->list != NULL;
  if (self->list != NULL || !self->established)
    return;
  self->list = g_cancellable_new ();
  sysvpn_qubesd_call_async (self->transport, &query, self->list, on_list, g_object_ref (self));
}

static void
take_event (SysvpnQubesdWatch *self, const SysvpnQubesdEvent *event)
{
  if (event->kind == SYSVPN_QUBESD_EVENT_ESTABLISHED) {
    self->established = true;
    g_clear_handle_id (&self->retry_id, g_source_remove);
    sysvpn_qubesd_watch_ask_list (self);
    return;
  }
  if (!self->established)
    return;
  if (event->kind == SYSVPN_QUBESD_EVENT_POWER)
    self->list_is_old = self->list != NULL;
  g_signal_emit (self, signals[SIGNAL_EVENT], 0, event);
}

static void
on_bytes (SysvpnQubesdWatch *self, const char *bytes, guint n_bytes)
{
  g_autoptr (SysvpnQubesdWatch) alive = g_object_ref (self);
  size_t len = n_bytes;

  while (len > 0 && alive->reader != NULL) {
    g_autoptr (GError) error = NULL;
    SysvpnQubesdEvent event;
    size_t used = 0;

    if (!sysvpn_qubesd_reader_push (alive->reader, bytes, len, &used, &event, &error)) {
      lose (alive, error);
      return;
    }
    bytes += used;
    len -= used;
    if (event.kind != SYSVPN_QUBESD_EVENT_NONE)
      take_event (alive, &event);
  }
}

static gboolean
on_not_established (gpointer data)
{
  SysvpnQubesdWatch *self = data;

  self->retry_id = 0;
  lose (self, NULL);
  return G_SOURCE_REMOVE;
}

static void
connect_to_qubesd (SysvpnQubesdWatch *self)
{
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_EVENTS, NULL, "dom0" };

  hang_up (self);
  self->reader = sysvpn_qubesd_reader_new ();
  self->stream = sysvpn_qubesd_stream_open (self->transport, &query);
  g_signal_connect_swapped (self->stream, "bytes", G_CALLBACK (on_bytes), self);
  g_signal_connect_swapped (self->stream, "ended", G_CALLBACK (lose), self);
  self->retry_id = g_timeout_add (ESTABLISH_MS, on_not_established, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: connection to qubesd");
}

/**
 * sysvpn_qubesd_watch_new:
 * @transport: how qubes are reached from here, which tells where qubesd is
 *
 * Returns: (transfer full): a watch that is not started
 */
SysvpnQubesdWatch *
sysvpn_qubesd_watch_new (SysvpnTransport *transport)
{
  SysvpnQubesdWatch *self = g_object_new (SYSVPN_TYPE_QUBESD_WATCH, NULL);

  self->transport = sysvpn_transport_ref (transport);
  return self;
}

static gboolean
on_no_qubesd (gpointer data)
{
  SysvpnQubesdWatch *self = data;

  self->retry_id = 0;
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
  return G_SOURCE_REMOVE;
}

/**
 * sysvpn_qubesd_watch_start:
 * @self: a watch
 *
 * Connects. No signal comes before this returns; one comes soon after it in any case. A machine
 * that is no part of Qubes OS has no qubesd, which is lost once and for all.
 */
void
sysvpn_qubesd_watch_start (SysvpnQubesdWatch *self)
{
  g_return_if_fail (SYSVPN_IS_QUBESD_WATCH (self));

  if (self->stream != NULL || self->retry_id != 0)
    return;
  if (self->transport->kind != SYSVPN_TRANSPORT_SOCKET) {
    connect_to_qubesd (self);
    return;
  }
  self->retry_id = g_idle_add (on_no_qubesd, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: no qubesd here");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of some qubes run, as qubesd tells: keeps its events open, and asks for the list once
 * they come, so that nothing falls between the two. Asks nothing that could start a qube. Where
 * there is no qubesd all stay unknown, quietly. */
#include "client/power-watch.h"

#include "base/backoff.h"
#include "client/qubesd-call.h"
#include "client/qubesd-event.h"
#include "client/qubesd-stream.h"

#include <gio/gio.h>

enum {
  ESTABLISH_MS = 5000, /* from the request to connection-established */
  FIRST_RETRY_MS = 1000,
  LAST_RETRY_MS = 30000,
  DENIED_RETRY_MS = 600000, /* each refusal may be a notification in dom0 */
  /* How long the last known state outlives the connection: qubesd restarts within that, and
   * while it does nothing is started. */
  FORGET_MS = 5000,
};

typedef struct {
  SysvpnPower power;
  bool told; /* the first state is told whatever it is */
} Qube;

struct _SysvpnPowerWatch {
  GObject parent_instance;

  SysvpnTransport *transport;
  GHashTable *qubes; /* of Qube, by name */
  SysvpnQubesdStream *stream;
  SysvpnQubesdReader *reader;
  bool established;
  GCancellable *list; /* the call that is under way */
  bool list_is_old;   /* an event overtook it */
  unsigned failures;
  guint retry_id; /* or the time limit of a connection that is not established */
  guint forget_id;
};

G_DEFINE_FINAL_TYPE (SysvpnPowerWatch, sysvpn_power_watch, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void connect_to_qubesd (SysvpnPowerWatch *self);
static void ask_list (SysvpnPowerWatch *self);

static void
hang_up (SysvpnPowerWatch *self)
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
sysvpn_power_watch_dispose (GObject *object)
{
  SysvpnPowerWatch *self = SYSVPN_POWER_WATCH (object);

  hang_up (self);
  g_clear_handle_id (&self->forget_id, g_source_remove);
  G_OBJECT_CLASS (sysvpn_power_watch_parent_class)->dispose (object);
}

static void
sysvpn_power_watch_finalize (GObject *object)
{
  SysvpnPowerWatch *self = SYSVPN_POWER_WATCH (object);

  g_hash_table_unref (self->qubes);
  sysvpn_transport_unref (self->transport);
  G_OBJECT_CLASS (sysvpn_power_watch_parent_class)->finalize (object);
}

static void
sysvpn_power_watch_class_init (SysvpnPowerWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_power_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_power_watch_finalize;

  /**
   * SysvpnPowerWatch::changed:
   * @qube: its name
   * @power: a #SysvpnPower
   *
   * The first one of a qube comes soon after the start in any case, with
   * %SYSVPN_POWER_UNKNOWN where nothing can be learnt: until then it is not to be called.
   */
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_POWER_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
sysvpn_power_watch_init (SysvpnPowerWatch *self)
{
  self->qubes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
set_power (SysvpnPowerWatch *self, const char *name, SysvpnPower power)
{
  Qube *qube = g_hash_table_lookup (self->qubes, name);

  if (qube == NULL || (qube->told && qube->power == power))
    return;
  qube->power = power;
  qube->told = true;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, name, (guint) power);
}

/* Gives each qube the state that it has in @list; without one that of each is unknown. */
static void
set_all (SysvpnPowerWatch *self, const GArray *list)
{
  g_autoptr (SysvpnPowerWatch) alive = g_object_ref (self);
  g_autofree char **names = (char **) g_hash_table_get_keys_as_array (self->qubes, NULL);

  for (size_t i = 0; names[i] != NULL; i++)
    set_power (alive, names[i],
               list != NULL ? sysvpn_qubesd_list_find (list, names[i]) : SYSVPN_POWER_UNKNOWN);
}

static gboolean
on_forget (gpointer data)
{
  SysvpnPowerWatch *self = data;

  self->forget_id = 0;
  set_all (self, NULL);
  return G_SOURCE_REMOVE;
}

/* Returns: whether any qube waits for its first state */
static bool
owes_first (SysvpnPowerWatch *self)
{
  GHashTableIter iter;
  gpointer qube;

  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &qube))
    if (!((Qube *) qube)->told)
      return true;
  return false;
}

static gboolean
on_retry (gpointer data)
{
  SysvpnPowerWatch *self = data;

  self->retry_id = 0;
  connect_to_qubesd (self);
  return G_SOURCE_REMOVE;
}

static void
lose (SysvpnPowerWatch *self, const GError *error)
{
  bool is_denied = g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_DENIED);
  unsigned delay_ms = is_denied ? DENIED_RETRY_MS
                                : sysvpn_backoff_delay_ms (++self->failures, FIRST_RETRY_MS,
                                                           LAST_RETRY_MS, g_random_int ());

  g_debug ("no events of qubesd: %s", error != NULL ? error->message : "hung up");
  hang_up (self);
  self->retry_id = g_timeout_add (delay_ms, on_retry, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: qubesd again");
  if (self->forget_id == 0) {
    self->forget_id = g_timeout_add (owes_first (self) ? 0 : FORGET_MS, on_forget, self);
    g_source_set_name_by_id (self->forget_id, "sysvpn: power no longer known");
  }
}

static void
on_list (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnPowerWatch) self = data;
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
    ask_list (self);
    return;
  }
  self->failures = 0;
  g_clear_handle_id (&self->forget_id, g_source_remove);
  text = g_bytes_get_data (bytes, &len);
  list = sysvpn_qubesd_list_decode (text, len);
  set_all (self, list);
}

static void
ask_list (SysvpnPowerWatch *self)
{
  /* of dom0 also for one qube: qrexec would start a qube that is halted to pass a call on */
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };

  self->list_is_old = self->list != NULL;
  if (self->list != NULL)
    return;
  self->list = g_cancellable_new ();
  sysvpn_qubesd_call_async (self->transport, &query, self->list, on_list, g_object_ref (self));
}

static void
take_event (SysvpnPowerWatch *self, const SysvpnQubesdEvent *event)
{
  if (event->kind == SYSVPN_QUBESD_EVENT_ESTABLISHED) {
    self->established = true;
    g_clear_handle_id (&self->retry_id, g_source_remove);
    ask_list (self);
    return;
  }
  if (!self->established || !g_hash_table_contains (self->qubes, event->qube))
    return;
  if (event->kind == SYSVPN_QUBESD_EVENT_QUBES) {
    ask_list (self);
    return;
  }
  self->list_is_old = self->list != NULL;
  set_power (self, event->qube, event->power);
}

static void
on_bytes (SysvpnPowerWatch *self, const char *bytes, guint n_bytes)
{
  g_autoptr (SysvpnPowerWatch) alive = g_object_ref (self);
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
  SysvpnPowerWatch *self = data;

  self->retry_id = 0;
  lose (self, NULL);
  return G_SOURCE_REMOVE;
}

static void
connect_to_qubesd (SysvpnPowerWatch *self)
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
 * sysvpn_power_watch_new:
 * @transport: how qubes are reached from here, which tells where qubesd is
 *
 * Returns: (transfer full): a watch of nothing yet
 */
SysvpnPowerWatch *
sysvpn_power_watch_new (SysvpnTransport *transport)
{
  SysvpnPowerWatch *self = g_object_new (SYSVPN_TYPE_POWER_WATCH, NULL);

  self->transport = sysvpn_transport_ref (transport);
  return self;
}

/**
 * sysvpn_power_watch_add:
 * @self: a watch
 * @qube: a valid name
 *
 * Watches that qube too.
 */
void
sysvpn_power_watch_add (SysvpnPowerWatch *self, const char *qube)
{
  g_return_if_fail (SYSVPN_IS_POWER_WATCH (self));

  if (g_hash_table_contains (self->qubes, qube))
    return;
  g_hash_table_insert (self->qubes, g_strdup (qube), g_new0 (Qube, 1));
  if (self->established)
    ask_list (self);
}

/**
 * sysvpn_power_watch_start:
 * @self: a watch
 *
 * Begins; the answers come as #SysvpnPowerWatch::changed, none before this returns.
 */
void
sysvpn_power_watch_start (SysvpnPowerWatch *self)
{
  g_return_if_fail (SYSVPN_IS_POWER_WATCH (self));

  if (self->stream != NULL || self->forget_id != 0)
    return;
  if (self->transport->kind != SYSVPN_TRANSPORT_SOCKET) {
    connect_to_qubesd (self);
    return;
  }
  self->forget_id = g_idle_add (on_forget, self);
  g_source_set_name_by_id (self->forget_id, "sysvpn: power is not known here");
}

/**
 * sysvpn_power_watch_get:
 * @self: a watch
 * @qube: a name
 *
 * Returns: what was told last of it
 */
SysvpnPower
sysvpn_power_watch_get (SysvpnPowerWatch *self, const char *qube)
{
  const Qube *known;

  g_return_val_if_fail (SYSVPN_IS_POWER_WATCH (self), SYSVPN_POWER_UNKNOWN);

  known = g_hash_table_lookup (self->qubes, qube);
  return known != NULL ? known->power : SYSVPN_POWER_UNKNOWN;
}

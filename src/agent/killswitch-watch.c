/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches the killswitch: looks at once when nftables or routing tell of a change, and at every
 * heartbeat. A broken one is loaded again by systemd; nothing here writes a rule. */
#include "agent/killswitch-watch.h"

#include "agent/clock.h"
#include "agent/links.h"
#include "base/backoff.h"
#include "killswitch/facts.h"
#include "killswitch/files.h"
#include "killswitch/monitor.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

enum {
  LOADING_POLL_MS = 50,
  REPAIR_FIRST_MS = 1000,
  REPAIR_CAP_MS = 60000,
};

struct _SysvpnKillswitchWatch {
  GObject parent_instance;

  char *root;
  SysvpnNftReader *reader;
  SysvpnKillswitchFacts facts;
  SysvpnKillswitch state;
  SysvpnBreak break_;
  int64_t examined_at_us;
  int64_t loading_since_us;
  int64_t exposed_since_us; /* 0: not exposed */
  int64_t exposed_us;       /* before that, since the agent started */

  int monitor_fd;
  guint monitor_id;
  guint links_id; /* the second layer is made of routing rules */
  guint examine_id;
  guint loading_id;
  guint repair_id;
  unsigned n_repairs; /* since it was last armed */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (SysvpnKillswitchWatch, sysvpn_killswitch_watch, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("systemd did not load the killswitch again (%s); run: "
               "systemctl reload-or-restart sysvpn-killswitch.service",
               error->message);
}

static void
on_bus (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  GCancellable *cancellable = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus != NULL) {
    /* GLib ends the program with a bus that it connected to unless told otherwise */
    g_dbus_connection_set_exit_on_close (bus, FALSE);
    g_dbus_connection_call (bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                            "org.freedesktop.systemd1.Manager", "ReloadOrRestartUnit",
                            g_variant_new ("(ss)", "sysvpn-killswitch.service", "replace"),
                            G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable,
                            on_repaired, NULL);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_warning ("no system bus to have the killswitch loaded again");
  }
  g_object_unref (cancellable);
}

/* Not a restart: that would stop NetworkManager, which requires the unit, and with it the only
 * thing that protects now. */
static gboolean
on_repair (gpointer data)
{
  SysvpnKillswitchWatch *self = data;

  self->repair_id = 0;
  self->n_repairs++;
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_bus, g_object_ref (self->cancellable));
  return G_SOURCE_REMOVE;
}

/* The first repair is asked for at once, later ones less and less often: a file that is wrong
 * stays wrong until somebody mends it. */
static void
plan_repair (SysvpnKillswitchWatch *self)
{
  unsigned delay_ms = self->n_repairs == 0
                          ? 0
                          : sysvpn_backoff_delay_ms (self->n_repairs, REPAIR_FIRST_MS,
                                                     REPAIR_CAP_MS, g_random_int ());

  /* loading again does not switch the qube's service on */
  if (self->repair_id != 0 || self->break_ == SYSVPN_BREAK_FLAG)
    return;
  self->repair_id = g_timeout_add (delay_ms, on_repair, self);
  g_source_set_name_by_id (self->repair_id, "sysvpn: repair the killswitch");
}

static gboolean
on_loading (gpointer data)
{
  SysvpnKillswitchWatch *self = data;

  self->loading_id = 0;
  sysvpn_killswitch_watch_examine (self);
  return G_SOURCE_REMOVE;
}

/* While the loader works a broken verdict may be its doing, so it counts as loading, for a
 * second at most. */
static bool
is_loading (SysvpnKillswitchWatch *self)
{
  int64_t now_us = sysvpn_clock_us ();

  if (self->facts.reason == SYSVPN_KILLSWITCH_REASON_NONE || !self->facts.is_loading) {
    self->loading_since_us = 0;
    return false;
  }
  if (self->loading_since_us == 0)
    self->loading_since_us = now_us;
  if (self->loading_id == 0) {
    self->loading_id = g_timeout_add (LOADING_POLL_MS, on_loading, self);
    g_source_set_name_by_id (self->loading_id, "sysvpn: killswitch loads");
  }
  return now_us - self->loading_since_us < (int64_t) SYSVPN_KILLSWITCH_LOADING_MAX_MS * 1000;
}

static void
set_state (SysvpnKillswitchWatch *self, SysvpnKillswitch state, SysvpnBreak break_)
{
  int64_t now_us = sysvpn_clock_us ();

  if (state != self->state || break_ != self->break_)
    g_message ("killswitch: %s (%s)", sysvpn_words_get (&sysvpn_killswitch_words, state),
               sysvpn_words_get (&sysvpn_break_words, break_));
  self->state = state;
  self->break_ = break_;
  if (state == SYSVPN_KILLSWITCH_BROKEN && self->exposed_since_us == 0) {
    self->exposed_since_us = now_us;
  } else if (state == SYSVPN_KILLSWITCH_ARMED && self->exposed_since_us != 0) {
    self->exposed_us += now_us - self->exposed_since_us;
    self->exposed_since_us = 0;
  }
  if (state == SYSVPN_KILLSWITCH_BROKEN) {
    plan_repair (self);
  } else if (state == SYSVPN_KILLSWITCH_ARMED) {
    self->n_repairs = 0;
    g_clear_handle_id (&self->repair_id, g_source_remove);
  }
}

static SysvpnBreak
break_of (SysvpnKillswitchReason reason)
{
  return sysvpn_words_find (&sysvpn_break_words, sysvpn_killswitch_reason_word (reason));
}

/**
 * sysvpn_killswitch_watch_examine:
 * @self: the watch
 *
 * Compares all of it now. Takes about a millisecond.
 */
void
sysvpn_killswitch_watch_examine (SysvpnKillswitchWatch *self)
{
  g_auto (SysvpnKillswitchFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;

  if (!sysvpn_killswitch_examine (self->reader, self->root, &facts, &error)) {
    g_warning ("cannot read the killswitch: %s", error->message);
    set_state (self, SYSVPN_KILLSWITCH_UNKNOWN, SYSVPN_BREAK_UNREADABLE);
  } else {
    sysvpn_killswitch_facts_clear (&self->facts);
    self->facts = facts;
    facts = (SysvpnKillswitchFacts){ 0 };
    self->examined_at_us = sysvpn_clock_us ();
    if (is_loading (self))
      set_state (self, SYSVPN_KILLSWITCH_LOADING, SYSVPN_BREAK_NONE);
    else
      set_state (self,
                 self->facts.reason == SYSVPN_KILLSWITCH_REASON_NONE ? SYSVPN_KILLSWITCH_ARMED
                                                                     : SYSVPN_KILLSWITCH_BROKEN,
                 break_of (self->facts.reason));
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
on_examine (gpointer data)
{
  SysvpnKillswitchWatch *self = data;

  self->examine_id = 0;
  sysvpn_killswitch_watch_examine (self);
  return G_SOURCE_REMOVE;
}

static void
queue_examination (gpointer data)
{
  SysvpnKillswitchWatch *self = data;

  if (self->examine_id != 0)
    return;
  self->examine_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_examine, self, NULL);
  g_source_set_name_by_id (self->examine_id, "sysvpn: examine the killswitch");
}

static gboolean on_monitor (gint fd, GIOCondition condition, gpointer data);

static void
open_monitor (SysvpnKillswitchWatch *self)
{
  g_autoptr (GError) error = NULL;

  self->monitor_fd = sysvpn_nft_monitor_open (&error);
  if (self->monitor_fd < 0) {
    g_warning ("changes of nftables are seen only at heartbeats: %s", error->message);
    return;
  }
  self->monitor_id = g_unix_fd_add (self->monitor_fd, G_IO_IN, on_monitor, self);
  g_source_set_name_by_id (self->monitor_id, "sysvpn: nftables");
}

static gboolean
on_monitor (gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  SysvpnKillswitchWatch *self = data;
  SysvpnNftMonitorResult result = sysvpn_nft_monitor_drain (fd);

  if (result != SYSVPN_NFT_MONITOR_QUIET)
    queue_examination (self);
  if (result != SYSVPN_NFT_MONITOR_FAILED)
    return G_SOURCE_CONTINUE;
  self->monitor_id = 0;
  close (self->monitor_fd);
  self->monitor_fd = -1;
  open_monitor (self);
  return G_SOURCE_REMOVE;
}

static void
sysvpn_killswitch_watch_dispose (GObject *object)
{
  SysvpnKillswitchWatch *self = SYSVPN_KILLSWITCH_WATCH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->monitor_id, g_source_remove);
  g_clear_handle_id (&self->links_id, g_source_remove);
  g_clear_handle_id (&self->examine_id, g_source_remove);
  g_clear_handle_id (&self->loading_id, g_source_remove);
  g_clear_handle_id (&self->repair_id, g_source_remove);
  if (self->monitor_fd >= 0)
    close (self->monitor_fd);
  self->monitor_fd = -1;
  g_clear_pointer (&self->reader, sysvpn_nft_reader_free);
  sysvpn_killswitch_facts_clear (&self->facts);
  g_clear_pointer (&self->root, g_free);
  G_OBJECT_CLASS (sysvpn_killswitch_watch_parent_class)->dispose (object);
}

static void
sysvpn_killswitch_watch_class_init (SysvpnKillswitchWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_killswitch_watch_dispose;

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_KILLSWITCH_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_killswitch_watch_init (SysvpnKillswitchWatch *self)
{
  self->monitor_fd = -1;
  self->cancellable = g_cancellable_new ();
}

/**
 * sysvpn_killswitch_watch_new:
 * @root: where the file system starts
 *
 * Returns: (transfer full): the watch, which has looked once
 */
SysvpnKillswitchWatch *
sysvpn_killswitch_watch_new (const char *root)
{
  SysvpnKillswitchWatch *self = g_object_new (SYSVPN_TYPE_KILLSWITCH_WATCH, NULL);

  self->root = g_strdup (root);
  self->reader = sysvpn_nft_reader_new ();
  sysvpn_links_watch (&self->links_id, queue_examination, self);
  open_monitor (self); /* before the first look, so that nothing falls between */
  sysvpn_killswitch_watch_examine (self);
  return self;
}

/**
 * sysvpn_killswitch_watch_refresh:
 * @self: the watch
 *
 * Looks again if the last look is a second ago: somebody waits for it, but may ask very often.
 */
void
sysvpn_killswitch_watch_refresh (SysvpnKillswitchWatch *self)
{
  if (sysvpn_clock_us () - self->examined_at_us >= G_USEC_PER_SEC)
    sysvpn_killswitch_watch_examine (self);
}

/**
 * sysvpn_killswitch_watch_is_armed:
 * @self: the watch
 *
 * Looks afresh: something that would be left without protection is about to be done.
 *
 * Returns: %TRUE if the killswitch is armed now
 */
bool
sysvpn_killswitch_watch_is_armed (SysvpnKillswitchWatch *self)
{
  sysvpn_killswitch_watch_examine (self);
  return self->state == SYSVPN_KILLSWITCH_ARMED;
}

static bool
covers (const SysvpnEndpoints *endpoints, const SysvpnEndpoint *remote)
{
  for (size_t i = 0; i < endpoints->n_items; i++) {
    const SysvpnEndpoint *endpoint = &endpoints->items[i];
    unsigned whole = endpoint->prefix / 8u, rest = endpoint->prefix % 8u;

    if (endpoint->is_v6 == remote->is_v6 &&
        memcmp (endpoint->address, remote->address, whole) == 0 &&
        (rest == 0 || (endpoint->address[whole] ^ remote->address[whole]) >> (8 - rest) == 0) &&
        (endpoint->port == 0 || endpoint->port == remote->port) &&
        (endpoint->protocols == 0 || (endpoint->protocols & remote->protocols) != 0))
      return true;
  }
  return false;
}

/**
 * sysvpn_killswitch_watch_get_endpoints:
 * @self: the watch
 * @ret_endpoints: (out caller-allocates): what the killswitch lets be reached; empty when a
 * file is bad, because nothing is then
 */
void
sysvpn_killswitch_watch_get_endpoints (SysvpnKillswitchWatch *self,
                                       SysvpnEndpoints *ret_endpoints)
{
  *ret_endpoints = (SysvpnEndpoints){ 0 };
  sysvpn_killswitch_load_endpoints (self->root, ret_endpoints, NULL);
}

/**
 * sysvpn_killswitch_watch_covers:
 * @endpoints: what the killswitch lets be reached
 * @remotes: a profile's servers, each `HOST:PORT/PROTO`
 *
 * Returns: %TRUE if one of them can be reached
 */
bool
sysvpn_killswitch_watch_covers (const SysvpnEndpoints *endpoints, const char *const *remotes)
{
  for (unsigned i = 0; remotes[i] != NULL; i++) {
    SysvpnEndpoint remote;

    if (sysvpn_endpoint_parse (remotes[i], strlen (remotes[i]), &remote, NULL) &&
        covers (endpoints, &remote))
      return true;
  }
  return false;
}

static void
fill_clients (const SysvpnKillswitchFacts *facts, SysvpnStatus *status)
{
  for (size_t i = 0; i < facts->n_clients && i < SYSVPN_STATUS_CLIENTS_MAX; i++) {
    const SysvpnNftClient *from = &facts->clients[i];
    SysvpnClient *to = &status->clients[status->n_clients];

    if (inet_ntop (from->is_v6 ? AF_INET6 : AF_INET, from->address, to->address,
                   sizeof to->address) == NULL)
      continue;
    to->packets = from->packets;
    to->bytes = from->bytes;
    status->n_clients++;
  }
}

/**
 * sysvpn_killswitch_watch_fill:
 * @self: the watch
 * @status: its killswitch part is written
 */
void
sysvpn_killswitch_watch_fill (SysvpnKillswitchWatch *self, SysvpnStatus *status)
{
  const uint64_t *packets = self->facts.packets;
  int64_t now_us = sysvpn_clock_us ();
  int64_t exposed_us = self->exposed_us;

  if (self->exposed_since_us != 0)
    exposed_us += now_us - self->exposed_since_us;
  status->killswitch = self->state;
  status->killswitch_break = self->break_;
  status->exposed_s = (uint64_t) (exposed_us / G_USEC_PER_SEC);
  if (self->examined_at_us == 0)
    return;
  status->killswitch_age_s = (uint64_t) ((now_us - self->examined_at_us) / G_USEC_PER_SEC);
  status->endpoints = self->facts.n_endpoints;
  status->endpoints_any_port = self->facts.n_any_port;
  status->forward_drop4 = packets[SYSVPN_COUNTER_FORWARD_DROP4];
  status->forward_drop6 = packets[SYSVPN_COUNTER_FORWARD_DROP6];
  status->output_drop4 = packets[SYSVPN_COUNTER_OUTPUT_DROP4];
  status->output_drop6 = packets[SYSVPN_COUNTER_OUTPUT_DROP6];
  status->dns_drop = packets[SYSVPN_COUNTER_DNS_DROP];
  status->inject_drop = packets[SYSVPN_COUNTER_INJECT_DROP];
  fill_clients (&self->facts, status);
}

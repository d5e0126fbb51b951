/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent: owns the parts, answers calls, and keeps one report up to date. The only file that
 * knows them all. */
#include "agent/agent.h"

#include "agent/clock.h"
#include "agent/connection.h"
#include "agent/diagnosis.h"
#include "agent/egress-checker.h"
#include "agent/killswitch-watch.h"
#include "agent/publisher.h"
#include "agent/recent-log.h"
#include "agent/service-socket.h"
#include "agent/tunnel-control.h"
#include "proto/diagnosis.h"

struct _SysvpnAgent {
  GObject parent_instance;

  char *root;
  SysvpnCallers *callers;
  SysvpnKillswitchWatch *killswitch;
  SysvpnTunnelControl *tunnel;
  SysvpnEgressChecker *egress;
  SysvpnPublisher *publisher;
  GPtrArray *sockets;     /* of SysvpnServiceSocket */
  GPtrArray *connections; /* of SysvpnConnection: the open ones */
  GPtrArray *waiting;     /* those that asked before NetworkManager was known */
  guint heartbeat_id;
  int64_t began_us;
};

G_DEFINE_FINAL_TYPE (SysvpnAgent, sysvpn_agent, G_TYPE_OBJECT)

static void
fill_own (SysvpnAgent *self, SysvpnStatus *status)
{
  sysvpn_status_init (status);
  status->heartbeat_s = SYSVPN_HEARTBEAT_S;
  g_strlcpy (status->agent, SYSVPN_VERSION, sizeof status->agent);
  sysvpn_killswitch_watch_fill (self->killswitch, status);
  sysvpn_tunnel_control_fill (self->tunnel, status);
}

static void
update (SysvpnAgent *self)
{
  SysvpnStatus status;
  bool may_ask;

  fill_own (self, &status);
  may_ask = status.killswitch == SYSVPN_KILLSWITCH_ARMED && status.interface[0] != '\0' &&
            (status.tunnel == SYSVPN_TUNNEL_UP || status.tunnel == SYSVPN_TUNNEL_DEGRADED ||
             /* WireGuard shakes hands only when there is something to send: the question is */
             (status.tunnel == SYSVPN_TUNNEL_CONNECTING &&
              status.profile_type == SYSVPN_PROFILE_TYPE_WIREGUARD));
  sysvpn_egress_checker_set_tunnel (self->egress, may_ask ? status.interface : NULL);
  if (may_ask && sysvpn_tunnel_control_is_doubtful (self->tunnel))
    sysvpn_egress_checker_ask_now (self->egress);
  sysvpn_egress_checker_fill (self->egress, &status);
  sysvpn_publisher_update (self->publisher, &status);
}

static gboolean
on_heartbeat (gpointer data)
{
  SysvpnAgent *self = data;

  sysvpn_killswitch_watch_examine (self->killswitch);
  sysvpn_tunnel_control_refresh (self->tunnel);
  update (self);
  sysvpn_publisher_beat (self->publisher);
  return G_SOURCE_CONTINUE;
}

static void
answer (SysvpnConnection *connection, SysvpnReply reply)
{
  g_autoptr (GString) block = g_string_new (NULL);

  sysvpn_reply_encode (block, reply);
  sysvpn_connection_finish (connection, block);
}

static void
serve_status (SysvpnAgent *self, SysvpnConnection *connection)
{
  sysvpn_killswitch_watch_refresh (self->killswitch); /* who asks wants to see counters rise */
  update (self);                                      /* ages go on between heartbeats */
  sysvpn_publisher_answer (self->publisher, connection);
}

static void
serve_watch (SysvpnAgent *self, SysvpnConnection *connection)
{
  update (self);
  sysvpn_publisher_add_watcher (self->publisher, connection);
}

static void
serve_profiles (SysvpnAgent *self, SysvpnConnection *connection)
{
  g_autoptr (GArray) profiles = sysvpn_tunnel_control_get_profiles (self->tunnel);
  g_autoptr (GString) block = g_string_new (NULL);

  if (profiles == NULL) {
    answer (connection, (SysvpnReply){ SYSVPN_CODE_NO_NETWORK_MANAGER, SYSVPN_CAUSE_NONE });
    return;
  }
  sysvpn_profile_list_encode (block, profiles);
  sysvpn_connection_finish (connection, block);
}

static void
serve_diagnose (SysvpnAgent *self, SysvpnConnection *connection)
{
  int64_t now_us = sysvpn_clock_us ();
  g_autoptr (GArray) profiles = sysvpn_tunnel_control_get_profiles (self->tunnel);
  g_auto (GStrv) log = sysvpn_recent_log_dup (now_us);
  g_autoptr (GString) block = g_string_new (NULL);
  g_autofree char *text = NULL;
  SysvpnStatus status;

  sysvpn_killswitch_watch_refresh (self->killswitch);
  fill_own (self, &status);
  sysvpn_egress_checker_fill (self->egress, &status);
  text = sysvpn_diagnosis_text (
      &(SysvpnDiagnosis){ .status = &status,
                          .profiles = profiles,
                          .log = (const char *const *) log,
                          .uptime_s = (uint64_t) (now_us - self->began_us) / G_USEC_PER_SEC },
      self->root);
  sysvpn_diagnosis_encode (block, text);
  sysvpn_connection_finish (connection, block);
}

static void
on_done (SysvpnReply reply, gpointer data)
{
  SysvpnConnection *connection = data;

  answer (connection, reply);
  g_object_unref (connection);
}

static void
serve_control (SysvpnAgent *self, SysvpnConnection *connection)
{
  sysvpn_tunnel_control_request (self->tunnel, sysvpn_connection_get_request (connection),
                                 on_done, g_object_ref (connection));
}

static void
serve (SysvpnAgent *self, SysvpnConnection *connection)
{
  static void (*const serve_one[SYSVPN_N_SERVICES]) (SysvpnAgent *, SysvpnConnection *) = {
    [SYSVPN_SERVICE_STATUS] = serve_status,      [SYSVPN_SERVICE_WATCH] = serve_watch,
    [SYSVPN_SERVICE_PROFILES] = serve_profiles,  [SYSVPN_SERVICE_CONNECT] = serve_control,
    [SYSVPN_SERVICE_DISCONNECT] = serve_control, [SYSVPN_SERVICE_RECONNECT] = serve_control,
    [SYSVPN_SERVICE_DIAGNOSE] = serve_diagnose,
  };

  serve_one[sysvpn_connection_get_request (connection)->service](self, connection);
}

static void
on_request (SysvpnAgent *self, SysvpnConnection *connection)
{
  const SysvpnRequest *request = sysvpn_connection_get_request (connection);
  bool only_reports = request->service == SYSVPN_SERVICE_STATUS ||
                      request->service == SYSVPN_SERVICE_WATCH ||
                      request->service == SYSVPN_SERVICE_DIAGNOSE;

  if (!sysvpn_callers_allow (self->callers, request)) {
    g_message ("%s was refused: the caller is not in /etc/sysvpn/callers",
               sysvpn_service_name (request->service));
    answer (connection, (SysvpnReply){ SYSVPN_CODE_REFUSED, SYSVPN_CAUSE_NONE });
    return;
  }
  if (sysvpn_service_controls (request->service))
    g_message ("%s asked by %s", sysvpn_service_name (request->service), request->source);
  /* the call may be what started the agent: NetworkManager is looked for at this moment, and
   * "it does not run" would be wrong */
  if (only_reports || sysvpn_tunnel_control_is_known (self->tunnel))
    serve (self, connection);
  else
    g_ptr_array_add (self->waiting, g_object_ref (connection));
}

static void
on_tunnel_changed (SysvpnAgent *self)
{
  update (self);
  while (sysvpn_tunnel_control_is_known (self->tunnel) && self->waiting->len > 0) {
    g_autoptr (SysvpnConnection) connection = g_ptr_array_steal_index (self->waiting, 0);

    serve (self, connection);
  }
}

static void
on_egress_changed (SysvpnAgent *self)
{
  int64_t asked_at_us = sysvpn_egress_checker_get_failure (self->egress);

  if (asked_at_us != 0)
    sysvpn_tunnel_control_probe_failed (self->tunnel, asked_at_us);
  update (self);
}

static void
on_closed (SysvpnAgent *self, SysvpnConnection *connection)
{
  g_ptr_array_remove (self->waiting, connection);
  g_ptr_array_remove_fast (self->connections, connection);
}

static void
on_connection (SysvpnAgent *self, SysvpnConnection *connection)
{
  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_signal_connect_object (connection, "request", G_CALLBACK (on_request), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_closed), self,
                           G_CONNECT_SWAPPED);
}

static bool
guard_is_armed (gpointer data)
{
  SysvpnAgent *self = data;

  return sysvpn_killswitch_watch_is_armed (self->killswitch);
}

static bool
guard_can_reach (const char *const *servers, gpointer data)
{
  SysvpnAgent *self = data;
  g_auto (SysvpnEndpoints) endpoints = { 0 };

  sysvpn_killswitch_watch_get_endpoints (self->killswitch, &endpoints);
  return sysvpn_killswitch_watch_covers (&endpoints, servers);
}

/* The files are read once for all profiles: there may be a thousand of each. */
static void
guard_mark_pinned (GArray *profiles, gpointer data)
{
  SysvpnAgent *self = data;
  g_auto (SysvpnEndpoints) endpoints = { 0 };

  sysvpn_killswitch_watch_get_endpoints (self->killswitch, &endpoints);
  for (unsigned i = 0; i < profiles->len; i++) {
    SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);
    g_auto (GStrv) remotes = sysvpn_tunnel_control_get_remotes (self->tunnel, profile->uuid);

    profile->pinned =
        sysvpn_killswitch_watch_covers (&endpoints, (const char *const *) remotes);
  }
}

static void
sysvpn_agent_dispose (GObject *object)
{
  SysvpnAgent *self = SYSVPN_AGENT (object);

  g_clear_handle_id (&self->heartbeat_id, g_source_remove);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
  g_clear_object (&self->tunnel); /* answers whoever still waits */
  g_clear_object (&self->egress);
  g_clear_object (&self->killswitch);
  g_clear_object (&self->publisher);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->connections, g_ptr_array_unref);
  g_clear_pointer (&self->callers, sysvpn_callers_free);
  g_clear_pointer (&self->root, g_free);
  G_OBJECT_CLASS (sysvpn_agent_parent_class)->dispose (object);
}

static void
sysvpn_agent_class_init (SysvpnAgentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_agent_dispose;
}

static void
sysvpn_agent_init (SysvpnAgent *self)
{
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * sysvpn_agent_new:
 * @root: where the file system starts, "/" but in tests
 * @callers: (transfer full): who may ask what
 *
 * Returns: (transfer full): the agent, which watches and supervises but serves nobody yet
 */
SysvpnAgent *
sysvpn_agent_new (const char *root, SysvpnCallers *callers)
{
  SysvpnAgent *self = g_object_new (SYSVPN_TYPE_AGENT, NULL);
  const SysvpnTunnelGuard guard = {
    .is_armed = guard_is_armed,
    .mark_pinned = guard_mark_pinned,
    .can_reach = guard_can_reach,
    .data = self,
  };

  self->root = g_strdup (root);
  self->began_us = sysvpn_clock_us ();
  self->callers = callers;
  self->publisher = sysvpn_publisher_new ();
  self->killswitch = sysvpn_killswitch_watch_new (root);
  self->egress = sysvpn_egress_checker_new (root);
  self->tunnel = sysvpn_tunnel_control_new (root, &guard);
  g_signal_connect_object (self->killswitch, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tunnel, "changed", G_CALLBACK (on_tunnel_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->egress, "changed", G_CALLBACK (on_egress_changed), self,
                           G_CONNECT_SWAPPED);
  self->heartbeat_id = g_timeout_add_seconds (SYSVPN_HEARTBEAT_S, on_heartbeat, self);
  g_source_set_name_by_id (self->heartbeat_id, "sysvpn: heartbeat");
  return self;
}

/**
 * sysvpn_agent_serve:
 * @self: the agent
 * @fd: (transfer full): a listening socket
 * @allowed_uids: (element-type uid_t): who may call besides root
 */
void
sysvpn_agent_serve (SysvpnAgent *self, int fd, const GArray *allowed_uids)
{
  SysvpnServiceSocket *socket = sysvpn_service_socket_new (fd, allowed_uids);

  g_signal_connect_object (socket, "connection", G_CALLBACK (on_connection), self,
                           G_CONNECT_SWAPPED);
  g_ptr_array_add (self->sockets, socket);
}

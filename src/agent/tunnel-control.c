/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel: joins what NetworkManager and the kernel say of it, and carries out what the user
 * or the supervisor wants, one operation at a time. A switch takes the old tunnel down first:
 * NetworkManager would keep both, with the route still in the old one. */
#include "agent/tunnel-control.h"

#include "agent/clock.h"
#include "agent/links.h"
#include "agent/memory.h"
#include "agent/network-manager.h"
#include "agent/profile-choice.h"
#include "agent/supervisor.h"
#include "agent/tunnel-sight.h"

typedef enum { PHASE_TAKE_DOWN, PHASE_BRING_UP } Phase;

typedef struct {
  SysvpnService kind; /* CONNECT, DISCONNECT or RECONNECT */
  Phase phase;
  char uuid[SYSVPN_UUID_LEN + 1]; /* what to bring up; empty for DISCONNECT */
  SysvpnDoneFunc done;            /* NULL: the supervisor's, nobody waits for the end */
  gpointer data;
  bool has_ended; /* what was to come up ended instead, with cause */
  SysvpnCause cause;
  guint timeout_id;
} Operation;

struct _SysvpnTunnelControl {
  GObject parent_instance;

  char *root;
  SysvpnTunnelGuard guard;
  SysvpnNetworkManager *nm;
  SysvpnSupervisor supervisor;
  bool boot_choice_pending; /* nothing is remembered: the autoconnect profile is wanted up */
  guint links_id;
  guint evaluate_id;
  guint timer_id;

  Operation *operation;
  bool is_taking_down; /* we asked for it, so that an end by request is not the user's */

  SysvpnTunnelSight sight;
  SysvpnTunnel tunnel;
  SysvpnCause cause;
  SysvpnCause last_cause; /* why the last tunnel ended */
  int64_t since_us;
};

G_DEFINE_FINAL_TYPE (SysvpnTunnelControl, sysvpn_tunnel_control, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void queue_evaluation (SysvpnTunnelControl *self);

static void
save_wish (SysvpnTunnelControl *self)
{
  g_autoptr (GError) error = NULL;

  self->boot_choice_pending = false;
  if (!sysvpn_memory_save (self->root, &self->supervisor, &error))
    g_warning ("cannot remember what is wanted: %s", error->message);
}

static void
want_up (SysvpnTunnelControl *self, const char *uuid)
{
  sysvpn_supervisor_want_up (&self->supervisor, uuid);
  save_wish (self);
}

static void
want_down (SysvpnTunnelControl *self)
{
  sysvpn_supervisor_want_down (&self->supervisor);
  save_wish (self);
}

static void
finish_operation (SysvpnTunnelControl *self, SysvpnCode code, SysvpnCause cause)
{
  Operation *operation = g_steal_pointer (&self->operation);
  SysvpnReply reply = { .code = code, .cause = cause };

  g_clear_handle_id (&operation->timeout_id, g_source_remove);
  sysvpn_openvpn_log_end (self->sight.openvpn_log);
  g_message ("%s%s: %s%s%s", operation->done != NULL ? "" : "by itself, ",
             sysvpn_service_name (operation->kind), sysvpn_words_get (&sysvpn_code_words, code),
             cause != SYSVPN_CAUSE_NONE ? ", " : "",
             cause != SYSVPN_CAUSE_NONE ? sysvpn_words_get (&sysvpn_cause_words, cause) : "");
  if (operation->done != NULL)
    operation->done (reply, operation->data);
  g_free (operation);
  queue_evaluation (self);
}

static void
take_down (SysvpnTunnelControl *self)
{
  self->operation->phase = PHASE_TAKE_DOWN;
  self->is_taking_down = true;
  sysvpn_network_manager_deactivate (self->nm);
  queue_evaluation (self);
}

static void
bring_up (SysvpnTunnelControl *self)
{
  sysvpn_openvpn_log_begin (self->sight.openvpn_log);
  self->operation->phase = PHASE_BRING_UP;
  self->is_taking_down = false;
  if (!self->sight.view.is_running)
    finish_operation (self, SYSVPN_CODE_NO_NETWORK_MANAGER, SYSVPN_CAUSE_NONE);
  else if (!sysvpn_network_manager_activate (self->nm, self->operation->uuid))
    finish_operation (self, SYSVPN_CODE_UNKNOWN_PROFILE, SYSVPN_CAUSE_NONE);
}

static gboolean
on_operation_timeout (gpointer data)
{
  SysvpnTunnelControl *self = data;

  self->operation->timeout_id = 0;
  self->last_cause = sysvpn_tunnel_sight_explain (&self->sight, self->nm, &self->guard,
                                                  self->operation->uuid, SYSVPN_CAUSE_TIMEOUT);
  self->is_taking_down = true;
  sysvpn_network_manager_deactivate (self->nm);
  finish_operation (self, SYSVPN_CODE_TIMEOUT, self->last_cause);
  return G_SOURCE_REMOVE;
}

static void
start_operation (SysvpnTunnelControl *self,
                 SysvpnService kind,
                 const char *uuid,
                 SysvpnDoneFunc done,
                 gpointer data)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->kind = kind;
  operation->done = done;
  operation->data = data;
  operation->cause = SYSVPN_CAUSE_NONE;
  g_strlcpy (operation->uuid, uuid, sizeof operation->uuid);
  operation->timeout_id =
      g_timeout_add_seconds (SYSVPN_CONNECT_TIMEOUT_S, on_operation_timeout, self);
  g_source_set_name_by_id (operation->timeout_id, "sysvpn: operation");
  self->operation = operation;
  self->supervisor.is_urgent = false;
  if (self->sight.view.n_active > 0 || kind == SYSVPN_SERVICE_DISCONNECT)
    take_down (self);
  else
    bring_up (self);
}

/* What the operation waits for may have come. */
static void
continue_operation (SysvpnTunnelControl *self)
{
  Operation *operation = self->operation;

  if (operation->phase == PHASE_TAKE_DOWN) {
    if (self->sight.view.n_active > 0) {
      /* what was only asked to come up before may be there by now */
      sysvpn_network_manager_deactivate (self->nm);
      return;
    }
    self->last_cause = SYSVPN_CAUSE_ASKED;
    if (operation->kind == SYSVPN_SERVICE_DISCONNECT)
      finish_operation (self, SYSVPN_CODE_NONE, SYSVPN_CAUSE_NONE);
    else
      bring_up (self);
    return;
  }
  if (operation->has_ended && operation->cause == SYSVPN_CAUSE_ASKED) {
    finish_operation (self, SYSVPN_CODE_CANCELLED, SYSVPN_CAUSE_NONE);
  } else if (operation->has_ended) {
    self->last_cause = sysvpn_tunnel_sight_explain (&self->sight, self->nm, &self->guard,
                                                    operation->uuid, operation->cause);
    finish_operation (self, SYSVPN_CODE_FAILED, self->last_cause);
  } else if (self->tunnel == SYSVPN_TUNNEL_UP) {
    finish_operation (self, SYSVPN_CODE_NONE, SYSVPN_CAUSE_NONE);
  } else if (self->tunnel == SYSVPN_TUNNEL_DEGRADED) {
    finish_operation (self, SYSVPN_CODE_FAILED, self->cause);
  } else if (!self->sight.view.is_running) {
    finish_operation (self, SYSVPN_CODE_NO_NETWORK_MANAGER, SYSVPN_CAUSE_NONE);
  }
}

static void
look (SysvpnTunnelControl *self)
{
  bool was_running = self->sight.view.is_running;

  sysvpn_tunnel_sight_look (&self->sight, self->nm, self->root, sysvpn_clock_us ());
  if (self->sight.view.n_active == 0)
    self->is_taking_down = false;
  if (self->sight.view.is_running && !was_running)
    self->supervisor.is_urgent = true;
}

static void
judge (SysvpnTunnelControl *self)
{
  SysvpnCause cause;
  SysvpnTunnel tunnel = sysvpn_tunnel_sight_judge (&self->sight, self->nm, &self->guard,
                                                   sysvpn_clock_us (), &cause);

  if (tunnel == SYSVPN_TUNNEL_DOWN && self->operation != NULL &&
      self->operation->phase == PHASE_BRING_UP && !self->operation->has_ended)
    tunnel = SYSVPN_TUNNEL_CONNECTING; /* asked for, and not begun yet */
  if (tunnel == SYSVPN_TUNNEL_DOWN && cause == SYSVPN_CAUSE_NONE)
    cause = sysvpn_tunnel_sight_explain_down (&self->sight, self->nm, &self->supervisor,
                                              self->last_cause);
  if (tunnel != self->tunnel) {
    g_message ("tunnel: %s (%s)", sysvpn_words_get (&sysvpn_tunnel_words, tunnel),
               sysvpn_words_get (&sysvpn_cause_words, cause));
    self->since_us = sysvpn_clock_us ();
  }
  self->tunnel = tunnel;
  self->cause = cause;
}

/* NetworkManager itself does not bring up a profile of type vpn after a boot. */
static void
choose_at_boot (SysvpnTunnelControl *self)
{
  g_autoptr (GArray) profiles = NULL;
  const SysvpnProfile *chosen;

  if (!self->boot_choice_pending || !self->sight.view.is_running)
    return;
  profiles = sysvpn_memory_list_profiles (self->root, self->nm);
  self->boot_choice_pending = profiles->len == 0; /* they may still be coming */
  chosen = sysvpn_profile_choice_at_boot (profiles);
  if (chosen != NULL)
    want_up (self, chosen->uuid);
}

static gboolean
on_timer (gpointer data)
{
  SysvpnTunnelControl *self = data;

  self->timer_id = 0;
  queue_evaluation (self);
  return G_SOURCE_REMOVE;
}

/* The next moment at which time alone changes something. */
static void
set_timer (SysvpnTunnelControl *self)
{
  int64_t now_us = sysvpn_clock_us ();
  int64_t next_us = self->supervisor.retry_at_us;
  int64_t look_us = sysvpn_tunnel_sight_next_look_at (&self->sight, now_us);

  if (look_us != 0 && (next_us == 0 || look_us < next_us))
    next_us = look_us;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (next_us == 0)
    return;
  self->timer_id =
      g_timeout_add ((guint) (MAX (next_us - now_us, 0) / 1000 + 1), on_timer, self);
  g_source_set_name_by_id (self->timer_id, "sysvpn: tunnel");
}

static void
supervise (SysvpnTunnelControl *self)
{
  SysvpnSupervisorScene scene = {
    .tunnel = self->tunnel,
    .cause = self->cause,
    .is_busy = self->operation != NULL,
    .can_try = self->sight.view.is_running && self->sight.view.has_uplink,
    .now_us = sysvpn_clock_us (),
    .random = g_random_int (),
  };

  if (!sysvpn_supervisor_decide (&self->supervisor, &scene))
    return;
  /* a degraded one is taken away only behind the killswitch; the next change asks again */
  if (self->sight.view.n_active == 0 || self->guard.is_armed (self->guard.data))
    start_operation (self, SYSVPN_SERVICE_RECONNECT, self->supervisor.uuid, NULL, NULL);
}

static gboolean
on_evaluate (gpointer data)
{
  SysvpnTunnelControl *self = data;

  self->evaluate_id = 0;
  look (self);
  judge (self);
  if (self->operation != NULL) {
    continue_operation (self);
    judge (self); /* between down and up again nobody is told of a tunnel that is down */
  }
  choose_at_boot (self);
  supervise (self);
  set_timer (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* One change is told in many notices: look once for all of them. */
static void
queue_evaluation (SysvpnTunnelControl *self)
{
  if (self->evaluate_id != 0)
    return;
  self->evaluate_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_evaluate, self, NULL);
  g_source_set_name_by_id (self->evaluate_id, "sysvpn: evaluate");
}

static bool
is_awaited (SysvpnTunnelControl *self, const char *uuid)
{
  return self->operation != NULL && self->operation->phase == PHASE_BRING_UP &&
         g_strcmp0 (self->operation->uuid, uuid) == 0;
}

static void
on_began (SysvpnTunnelControl *self, const char *uuid)
{
  /* somebody else brought it up, with nmcli: that is what the user wants now */
  if (self->operation == NULL && uuid != NULL && sysvpn_uuid_is_valid (uuid)) {
    want_up (self, uuid);
    self->supervisor.is_urgent = false;
  }
}

static void
on_ended (SysvpnTunnelControl *self, const char *uuid, guint cause, gboolean asked)
{
  if (is_awaited (self, uuid)) {
    self->operation->has_ended = true;
    /* it never was up, so it cannot have been lost */
    self->operation->cause = cause == SYSVPN_CAUSE_LOST ? SYSVPN_CAUSE_FAILED : cause;
    if (asked)
      want_down (self);
  } else if (self->operation == NULL && !self->is_taking_down) {
    self->last_cause = cause;
    /* one that the user took down after asking for another is not the one that is wanted */
    if (asked && g_strcmp0 (uuid, self->supervisor.uuid) == 0)
      want_down (self);
  }
}

static void
on_refused (SysvpnTunnelControl *self, const char *uuid, guint cause)
{
  if (!is_awaited (self, uuid))
    return;
  self->operation->has_ended = true;
  self->operation->cause = cause;
  queue_evaluation (self);
}

static void
on_links (gpointer data)
{
  queue_evaluation (data);
}

static void
sysvpn_tunnel_control_dispose (GObject *object)
{
  SysvpnTunnelControl *self = SYSVPN_TUNNEL_CONTROL (object);

  g_clear_handle_id (&self->links_id, g_source_remove);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (self->operation != NULL)
    finish_operation (self, SYSVPN_CODE_CANCELLED, SYSVPN_CAUSE_NONE);
  g_clear_handle_id (&self->evaluate_id, g_source_remove);
  g_clear_pointer (&self->sight.openvpn_log, sysvpn_openvpn_log_free);
  g_clear_object (&self->nm);
  g_clear_pointer (&self->root, g_free);
  G_OBJECT_CLASS (sysvpn_tunnel_control_parent_class)->dispose (object);
}

static void
sysvpn_tunnel_control_class_init (SysvpnTunnelControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_tunnel_control_dispose;

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_TUNNEL_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_tunnel_control_init (SysvpnTunnelControl *self)
{
  self->last_cause = SYSVPN_CAUSE_NONE;
  self->since_us = sysvpn_clock_us ();
}

/**
 * sysvpn_tunnel_control_new:
 * @root: where the file system starts
 * @guard: what to ask of the killswitch; copied
 *
 * Returns: (transfer full): the tunnel's control, already at work
 */
SysvpnTunnelControl *
sysvpn_tunnel_control_new (const char *root, const SysvpnTunnelGuard *guard)
{
  SysvpnTunnelControl *self = g_object_new (SYSVPN_TYPE_TUNNEL_CONTROL, NULL);

  self->root = g_strdup (root);
  self->guard = *guard;
  self->supervisor.is_urgent = true;
  self->boot_choice_pending = !sysvpn_memory_load (root, &self->supervisor);
  self->sight.openvpn_log = sysvpn_openvpn_log_new (root);
  self->nm = sysvpn_network_manager_new ();
  g_signal_connect_object (self->nm, "changed", G_CALLBACK (queue_evaluation), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->nm, "began", G_CALLBACK (on_began), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->nm, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->nm, "refused", G_CALLBACK (on_refused), self,
                           G_CONNECT_SWAPPED);
  sysvpn_links_watch (&self->links_id, on_links, self);
  queue_evaluation (self);
  return self;
}

static SysvpnCode
choose (SysvpnTunnelControl *self,
        const SysvpnRequest *request,
        char ret_uuid[static SYSVPN_UUID_LEN + 1])
{
  g_autoptr (GArray) profiles = sysvpn_memory_list_profiles (self->root, self->nm);

  return sysvpn_profile_choice_request (profiles, request, self->sight.view.uuid,
                                        self->supervisor.uuid, ret_uuid);
}

/* Whether a request must wait or stop another one: %SYSVPN_CODE_NONE when the way is free. */
static SysvpnCode
make_way (SysvpnTunnelControl *self, SysvpnService service)
{
  if (self->operation == NULL)
    return SYSVPN_CODE_NONE;
  if (self->operation->done != NULL && (service != SYSVPN_SERVICE_DISCONNECT ||
                                        self->operation->kind == SYSVPN_SERVICE_DISCONNECT))
    return SYSVPN_CODE_BUSY;
  finish_operation (self, SYSVPN_CODE_CANCELLED, SYSVPN_CAUSE_NONE);
  return SYSVPN_CODE_NONE;
}

/**
 * sysvpn_tunnel_control_request:
 * @self: the tunnel's control
 * @request: Connect, Disconnect or Reconnect; the caller has been checked
 * @done: called when it has ended, perhaps before this function returns
 * @data: passed to @done
 */
void
sysvpn_tunnel_control_request (SysvpnTunnelControl *self,
                               const SysvpnRequest *request,
                               SysvpnDoneFunc done,
                               gpointer data)
{
  SysvpnReply reply = { .code = SYSVPN_CODE_NONE, .cause = SYSVPN_CAUSE_NONE };
  char uuid[SYSVPN_UUID_LEN + 1] = "";
  bool is_up;

  look (self);
  is_up = self->tunnel == SYSVPN_TUNNEL_UP && self->sight.view.n_active == 1;
  if (!self->sight.view.is_running)
    reply.code = SYSVPN_CODE_NO_NETWORK_MANAGER;
  else if (request->service != SYSVPN_SERVICE_DISCONNECT)
    reply.code = choose (self, request, uuid);
  if (reply.code == SYSVPN_CODE_NONE && request->service == SYSVPN_SERVICE_CONNECT && is_up &&
      self->operation == NULL && g_str_equal (self->sight.view.uuid, uuid)) {
    want_up (self, uuid);
    done (reply, data);
    return;
  }
  if (reply.code == SYSVPN_CODE_NONE && self->sight.view.n_active > 0 &&
      !self->guard.is_armed (self->guard.data))
    reply.code = SYSVPN_CODE_KILLSWITCH_BROKEN;
  if (reply.code == SYSVPN_CODE_NONE)
    reply.code = make_way (self, request->service);
  if (reply.code != SYSVPN_CODE_NONE) {
    done (reply, data);
    return;
  }
  if (request->service == SYSVPN_SERVICE_DISCONNECT)
    want_down (self);
  else
    want_up (self, uuid);
  start_operation (self, request->service, uuid, done, data);
}

/**
 * sysvpn_tunnel_control_refresh:
 * @self: the tunnel's control
 *
 * Looks at everything afresh. Called once a heartbeat.
 */
void
sysvpn_tunnel_control_refresh (SysvpnTunnelControl *self)
{
  queue_evaluation (self);
}

/**
 * sysvpn_tunnel_control_is_doubtful:
 * @self: the tunnel's control
 *
 * Returns: %TRUE if a question that has an answer should be asked: nothing comes back so far
 */
bool
sysvpn_tunnel_control_is_doubtful (SysvpnTunnelControl *self)
{
  return self->tunnel == SYSVPN_TUNNEL_UP &&
         sysvpn_liveness_is_doubtful (&self->sight.liveness);
}

/**
 * sysvpn_tunnel_control_probe_failed:
 * @self: the tunnel's control
 * @asked_at_us: when the egress probe was asked that now has no answer
 */
void
sysvpn_tunnel_control_probe_failed (SysvpnTunnelControl *self, int64_t asked_at_us)
{
  sysvpn_tunnel_sight_probe_failed (&self->sight, asked_at_us, sysvpn_clock_us ());
  queue_evaluation (self);
}

/**
 * sysvpn_tunnel_control_fill:
 * @self: the tunnel's control
 * @status: its tunnel part is written
 */
void
sysvpn_tunnel_control_fill (SysvpnTunnelControl *self, SysvpnStatus *status)
{
  int64_t now_us = sysvpn_clock_us ();

  status->tunnel = self->tunnel;
  status->cause = self->cause;
  status->tunnel_age_s = (uint64_t) ((now_us - self->since_us) / G_USEC_PER_SEC);
  status->wanted = self->supervisor.wanted;
  status->profiles_serial = sysvpn_network_manager_get_serial (self->nm);
  if (self->supervisor.retry_at_us > now_us)
    status->next_try_s = (uint64_t) ((self->supervisor.retry_at_us - now_us) / G_USEC_PER_SEC);
  sysvpn_tunnel_sight_fill (&self->sight, self->nm, self->root, self->supervisor.uuid, now_us,
                            status);
}

/**
 * sysvpn_tunnel_control_is_known:
 * @self: the tunnel's control
 *
 * Returns: %TRUE when NetworkManager has been looked for, found or not: just after the start,
 * nothing of it is known yet
 */
bool
sysvpn_tunnel_control_is_known (SysvpnTunnelControl *self)
{
  return self->sight.view.is_known;
}

/**
 * sysvpn_tunnel_control_get_profiles:
 * @self: the tunnel's control
 *
 * Returns: (transfer full) (nullable) (element-type SysvpnProfile): the VPN profiles; %NULL
 * while NetworkManager does not run, which is not the same as having none
 */
GArray *
sysvpn_tunnel_control_get_profiles (SysvpnTunnelControl *self)
{
  GArray *profiles =
      self->sight.view.is_running ? sysvpn_memory_list_profiles (self->root, self->nm) : NULL;

  if (profiles != NULL)
    self->guard.mark_pinned (profiles, self->guard.data);
  return profiles;
}

/**
 * sysvpn_tunnel_control_get_remotes:
 * @self: the tunnel's control
 * @uuid: a profile
 *
 * Returns: (transfer full): its servers as of sysvpn_nm_remotes()
 */
char **
sysvpn_tunnel_control_get_remotes (SysvpnTunnelControl *self, const char *uuid)
{
  return sysvpn_network_manager_get_remotes (self->nm, uuid);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager through libnm: what it says of VPN profiles, and asking it to bring one up or
 * down. Survives its restarts, and the bus's. Decides nothing. */
#include "agent/network-manager.h"

#include "agent/nm-words.h"
#include "proto/request.h"

#include <string.h>

enum { RETRY_S = 2 /* while there is no system bus */ };

struct _SysvpnNetworkManager {
  GObject parent_instance;

  GCancellable *cancellable;
  GDBusConnection *bus; /* kept apart from the client: it says when the bus itself is gone */
  NMClient *client;     /* NULL until the bus is there */
  guint retry_id;
  unsigned n_requested; /* activations that NetworkManager has not answered yet */
  bool is_known;
  uint64_t serial;  /* counts changes of the profiles */
  GArray *profiles; /* of SysvpnProfile: all but what is active, as of listed_serial; or NULL */
  uint64_t listed_serial;
};

G_DEFINE_FINAL_TYPE (SysvpnNetworkManager, sysvpn_network_manager, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_ENDED, SIGNAL_BEGAN, SIGNAL_REFUSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void connect_bus (SysvpnNetworkManager *self);

static void
emit_changed (SysvpnNetworkManager *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
count_change (SysvpnNetworkManager *self)
{
  self->serial++;
  emit_changed (self);
}

static void
on_connection_added (NMClient *client G_GNUC_UNUSED,
                     NMRemoteConnection *connection,
                     gpointer data)
{
  SysvpnNetworkManager *self = data;

  g_signal_connect_object (connection, "changed", G_CALLBACK (count_change), self,
                           G_CONNECT_SWAPPED);
  count_change (self);
}

static bool
is_vpn (NMActiveConnection *active)
{
  return sysvpn_nm_profile_type (nm_active_connection_get_connection_type (active)) !=
         SYSVPN_PROFILE_TYPE_UNKNOWN;
}

static void
on_state_changed (NMActiveConnection *active, guint state, guint reason, gpointer data)
{
  SysvpnNetworkManager *self = data;
  SysvpnCause cause = sysvpn_nm_cause_of_reason ((NMActiveConnectionStateReason) reason);

  if (state == NM_ACTIVE_CONNECTION_STATE_DEACTIVATED) {
    /* told once: a removal that follows finds no handler any more */
    g_signal_handlers_disconnect_by_data (active, self);
    g_signal_emit (self, signals[SIGNAL_ENDED], 0, nm_active_connection_get_uuid (active),
                   cause, cause == SYSVPN_CAUSE_ASKED);
  }
  emit_changed (self);
}

static void
on_active_added (NMClient *client G_GNUC_UNUSED, NMActiveConnection *active, gpointer data)
{
  SysvpnNetworkManager *self = data;

  if (!is_vpn (active))
    return;
  g_signal_connect_object (active, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (active, "notify", G_CALLBACK (emit_changed), self,
                           G_CONNECT_SWAPPED);
  /* one that is going down already when the agent starts was asked for by nobody now */
  if (nm_active_connection_get_state (active) <= NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
    g_signal_emit (self, signals[SIGNAL_BEGAN], 0, nm_active_connection_get_uuid (active));
  emit_changed (self);
}

static void
on_active_removed (NMClient *client G_GNUC_UNUSED, NMActiveConnection *active, gpointer data)
{
  SysvpnNetworkManager *self = data;

  if (!is_vpn (active))
    return;
  /* without a last state: NetworkManager itself went away */
  if (g_signal_handlers_disconnect_by_data (active, self) > 0)
    g_signal_emit (self, signals[SIGNAL_ENDED], 0, nm_active_connection_get_uuid (active),
                   SYSVPN_CAUSE_LOST, false);
  emit_changed (self);
}

static void
watch_client (SysvpnNetworkManager *self)
{
  static const char *const notices[] = { "notify::nm-running", "notify::state", "device-added",
                                         "device-removed" };
  const GPtrArray *connections = nm_client_get_connections (self->client);
  const GPtrArray *active = nm_client_get_active_connections (self->client);

  g_signal_connect_object (self->client, "active-connection-added",
                           G_CALLBACK (on_active_added), self, 0);
  g_signal_connect_object (self->client, "active-connection-removed",
                           G_CALLBACK (on_active_removed), self, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (notices); i++)
    g_signal_connect_object (self->client, notices[i], G_CALLBACK (emit_changed), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "connection-added", G_CALLBACK (on_connection_added),
                           self, 0);
  g_signal_connect_object (self->client, "connection-removed", G_CALLBACK (count_change), self,
                           G_CONNECT_SWAPPED);
  for (unsigned i = 0; i < connections->len; i++)
    on_connection_added (self->client, connections->pdata[i], self);
  for (unsigned i = 0; i < active->len; i++)
    on_active_added (self->client, active->pdata[i], self);
}

static gboolean
on_retry (gpointer data)
{
  SysvpnNetworkManager *self = data;

  self->retry_id = 0;
  connect_bus (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (SysvpnNetworkManager *self)
{
  self->is_known = true;
  emit_changed (self);
  if (self->retry_id != 0)
    return;
  self->retry_id = g_timeout_add_seconds (RETRY_S, on_retry, self);
  g_source_set_name_by_id (self->retry_id, "sysvpn: system bus");
}

static void
on_bus_closed (GDBusConnection *bus G_GNUC_UNUSED,
               gboolean remote_vanished G_GNUC_UNUSED,
               GError *error G_GNUC_UNUSED,
               SysvpnNetworkManager *self)
{
  g_message ("the system bus is gone, waiting for it");
  g_clear_object (&self->client);
  g_clear_object (&self->bus);
  self->serial++;
  retry_later (self);
}

static void
on_client (GObject *source, GAsyncResult *result, gpointer data)
{
  SysvpnNetworkManager *self = data;
  g_autoptr (GError) error = NULL;
  GObject *client = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (client == NULL) {
    g_debug ("no NetworkManager client: %s", error->message);
    g_clear_object (&self->bus);
    retry_later (self);
    return;
  }
  self->client = NM_CLIENT (client);
  self->serial++;
  self->is_known = true;
  watch_client (self);
  emit_changed (self);
}

static void
on_bus (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnNetworkManager *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bus == NULL) {
    g_debug ("no system bus: %s", error->message);
    retry_later (self);
    return;
  }
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->bus = g_steal_pointer (&bus);
  g_signal_connect_object (self->bus, "closed", G_CALLBACK (on_bus_closed), self, 0);
  g_async_initable_new_async (NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, self->cancellable, on_client,
                              self, NM_CLIENT_DBUS_CONNECTION, self->bus, NULL);
}

static void
connect_bus (SysvpnNetworkManager *self)
{
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_bus, self);
}

static void
sysvpn_network_manager_dispose (GObject *object)
{
  SysvpnNetworkManager *self = SYSVPN_NETWORK_MANAGER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_object (&self->client);
  g_clear_pointer (&self->profiles, g_array_unref);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (sysvpn_network_manager_parent_class)->dispose (object);
}

static void
sysvpn_network_manager_class_init (SysvpnNetworkManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_network_manager_dispose;

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_NETWORK_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] =
      g_signal_new ("ended", SYSVPN_TYPE_NETWORK_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_BOOLEAN);
  signals[SIGNAL_BEGAN] = g_signal_new ("began", SYSVPN_TYPE_NETWORK_MANAGER, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_REFUSED] =
      g_signal_new ("refused", SYSVPN_TYPE_NETWORK_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
sysvpn_network_manager_init (SysvpnNetworkManager *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * sysvpn_network_manager_new:
 *
 * Begins to look for NetworkManager; "changed" tells when it is there.
 *
 * Returns: (transfer full): the watcher
 */
SysvpnNetworkManager *
sysvpn_network_manager_new (void)
{
  SysvpnNetworkManager *self = g_object_new (SYSVPN_TYPE_NETWORK_MANAGER, NULL);

  connect_bus (self);
  return self;
}

static SysvpnNmState
state_of (NMActiveConnection *active)
{
  switch (nm_active_connection_get_state (active)) {
  case NM_ACTIVE_CONNECTION_STATE_ACTIVATED:
    return SYSVPN_NM_ACTIVATED;
  case NM_ACTIVE_CONNECTION_STATE_DEACTIVATING:
    return SYSVPN_NM_DEACTIVATING;
  case NM_ACTIVE_CONNECTION_STATE_DEACTIVATED:
    return SYSVPN_NM_NONE;
  case NM_ACTIVE_CONNECTION_STATE_UNKNOWN:
  case NM_ACTIVE_CONNECTION_STATE_ACTIVATING:
  default:
    return SYSVPN_NM_ACTIVATING;
  }
}

static void
copy_address (char ret_address[static SYSVPN_ADDRESS_MAX + 1], NMIPConfig *config)
{
  GPtrArray *addresses = config != NULL ? nm_ip_config_get_addresses (config) : NULL;

  if (addresses != NULL && addresses->len > 0)
    g_strlcpy (ret_address, nm_ip_address_get_address (addresses->pdata[0]),
               SYSVPN_ADDRESS_MAX + 1);
}

static void
copy_text (char *ret_text, size_t size, const char *text)
{
  g_strlcpy (ret_text, text != NULL ? text : "", size);
}

static bool
has_resolver (NMIPConfig *config)
{
  const char *const *resolvers = config != NULL ? nm_ip_config_get_nameservers (config) : NULL;

  return resolvers != NULL && resolvers[0] != NULL;
}

static void
describe (NMActiveConnection *active, SysvpnNmView *view)
{
  view->state = state_of (active);
  view->type = sysvpn_nm_profile_type (nm_active_connection_get_connection_type (active));
  copy_text (view->uuid, sizeof view->uuid, nm_active_connection_get_uuid (active));
  copy_text (view->name, sizeof view->name, nm_active_connection_get_id (active));
  if (!sysvpn_uuid_is_valid (view->uuid))
    view->uuid[0] = '\0'; /* one that the wire cannot carry: told without */
  copy_address (view->address4, nm_active_connection_get_ip4_config (active));
  copy_address (view->address6, nm_active_connection_get_ip6_config (active));
  /* clients ask over IPv4 only: Qubes gives them no other resolver */
  view->has_dns = has_resolver (nm_active_connection_get_ip4_config (active));
}

static bool
has_uplink (NMClient *client)
{
  const GPtrArray *active = nm_client_get_active_connections (client);

  for (unsigned i = 0; i < active->len; i++)
    if (g_strcmp0 (nm_active_connection_get_connection_type (active->pdata[i]),
                   NM_SETTING_WIRED_SETTING_NAME) == 0 &&
        nm_active_connection_get_state (active->pdata[i]) ==
            NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      return true;
  return false;
}

/**
 * sysvpn_network_manager_get_serial:
 * @self: the watcher
 *
 * Returns: a number that differs from an earlier one if the profiles may
 */
uint64_t
sysvpn_network_manager_get_serial (SysvpnNetworkManager *self)
{
  return self->serial;
}

/**
 * sysvpn_network_manager_get_view:
 * @self: the watcher
 * @ret_view: (out caller-allocates): what NetworkManager says now
 */
void
sysvpn_network_manager_get_view (SysvpnNetworkManager *self, SysvpnNmView *ret_view)
{
  NMActiveConnection *chosen = NULL;
  const GPtrArray *active;

  memset (ret_view, 0, sizeof *ret_view);
  ret_view->is_known = self->is_known;
  if (self->client == NULL || !nm_client_get_nm_running (self->client))
    return;
  ret_view->is_running = true;
  ret_view->has_uplink = has_uplink (self->client);
  ret_view->n_active = self->n_requested;
  active = nm_client_get_active_connections (self->client);
  for (unsigned i = 0; i < active->len; i++) {
    if (!is_vpn (active->pdata[i]) || state_of (active->pdata[i]) == SYSVPN_NM_NONE)
      continue;
    ret_view->n_active++;
    /* two can be active at once, and the first one keeps the route: that is the one in use */
    if (chosen == NULL || !nm_active_connection_get_default (chosen))
      chosen = active->pdata[i];
  }
  if (chosen != NULL)
    describe (chosen, ret_view);
}

static int
compare_profiles (gconstpointer a, gconstpointer b)
{
  const SysvpnProfile *left = a, *right = b;
  int by_name = g_ascii_strcasecmp (left->name, right->name);

  return by_name != 0 ? by_name : strcmp (left->uuid, right->uuid);
}

/* Some thousand profiles take milliseconds to list, and they are asked for all the time. */
static void
list_profiles (SysvpnNetworkManager *self)
{
  const GPtrArray *connections = nm_client_get_connections (self->client);

  g_clear_pointer (&self->profiles, g_array_unref);
  self->profiles = g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));
  self->listed_serial = self->serial;
  for (unsigned i = 0; i < connections->len; i++) {
    NMConnection *connection = connections->pdata[i];
    NMSettingConnection *setting = nm_connection_get_setting_connection (connection);
    SysvpnProfile profile = {
      .type = sysvpn_nm_profile_type (nm_connection_get_connection_type (connection)),
    };

    if (profile.type == SYSVPN_PROFILE_TYPE_UNKNOWN || setting == NULL)
      continue;
    copy_text (profile.uuid, sizeof profile.uuid, nm_connection_get_uuid (connection));
    copy_text (profile.name, sizeof profile.name, nm_connection_get_id (connection));
    if (!sysvpn_uuid_is_valid (profile.uuid))
      continue; /* cannot be named in a request, and would make a reader drop all the others */
    profile.autoconnect = nm_setting_connection_get_autoconnect (setting);
    g_array_append_val (self->profiles, profile);
  }
  g_array_sort (self->profiles, compare_profiles);
}

static void
mark_active (GArray *profiles, NMClient *client)
{
  const GPtrArray *active = nm_client_get_active_connections (client);

  for (unsigned i = 0; i < active->len; i++)
    for (unsigned j = 0; j < profiles->len && state_of (active->pdata[i]) != SYSVPN_NM_NONE;
         j++) {
      SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, j);

      if (g_strcmp0 (nm_active_connection_get_uuid (active->pdata[i]), profile->uuid) == 0)
        profile->active = true;
    }
}

/**
 * sysvpn_network_manager_get_profiles:
 * @self: the watcher
 *
 * Returns: (transfer full) (element-type SysvpnProfile): the VPN profiles by name; whether they
 * are pinned is left for the caller, who knows the endpoints. Empty while NetworkManager is
 * away
 */
GArray *
sysvpn_network_manager_get_profiles (SysvpnNetworkManager *self)
{
  GArray *profiles;

  if (self->client == NULL)
    return g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));
  if (self->profiles == NULL || self->listed_serial != self->serial)
    list_profiles (self);
  profiles = g_array_copy (self->profiles);
  mark_active (profiles, self->client);
  return profiles;
}

static NMRemoteConnection *
find_profile (SysvpnNetworkManager *self, const char *uuid)
{
  NMRemoteConnection *connection =
      self->client != NULL ? nm_client_get_connection_by_uuid (self->client, uuid) : NULL;

  if (connection == NULL || sysvpn_nm_profile_type (nm_connection_get_connection_type (
                                NM_CONNECTION (connection))) == SYSVPN_PROFILE_TYPE_UNKNOWN)
    return NULL;
  return connection;
}

/**
 * sysvpn_network_manager_get_remotes:
 * @self: the watcher
 * @uuid: a profile
 *
 * Returns: (transfer full): the profile's servers as of sysvpn_nm_remotes(); empty for a
 * profile that is not there
 */
char **
sysvpn_network_manager_get_remotes (SysvpnNetworkManager *self, const char *uuid)
{
  NMRemoteConnection *connection = find_profile (self, uuid);

  if (connection == NULL)
    return g_new0 (char *, 1);
  return sysvpn_nm_remotes (NM_CONNECTION (connection));
}

typedef struct {
  SysvpnNetworkManager
      *self; /* a reference: the answer may come after everybody else has gone */
  char *uuid;
  SysvpnProfileType type;
} Activation;

static void
on_activated (GObject *source, GAsyncResult *result, gpointer data)
{
  Activation *activation = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NMActiveConnection) active =
      nm_client_activate_connection_finish (NM_CLIENT (source), result, &error);

  activation->self->n_requested--;
  if (active == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    SysvpnCause cause = sysvpn_nm_cause_of_error (error, activation->type);

    /* its own words name the profile, and a message is in what Diagnose gives away */
    g_message ("NetworkManager refused to activate a profile: %s",
               sysvpn_words_get (&sysvpn_cause_words, cause));
    g_debug ("NetworkManager refused: %s", error->message);
    g_signal_emit (activation->self, signals[SIGNAL_REFUSED], 0, activation->uuid, cause);
  }
  emit_changed (activation->self);
  g_object_unref (activation->self);
  g_free (activation->uuid);
  g_free (activation);
}

/**
 * sysvpn_network_manager_activate:
 * @self: the watcher
 * @uuid: a VPN profile
 *
 * "began" and "ended", or "refused", tell what comes of it.
 *
 * Returns: %FALSE if there is no such VPN profile
 */
bool
sysvpn_network_manager_activate (SysvpnNetworkManager *self, const char *uuid)
{
  NMRemoteConnection *connection = find_profile (self, uuid);
  Activation *activation;

  if (connection == NULL)
    return false;
  activation = g_new0 (Activation, 1);
  activation->self = g_object_ref (self);
  activation->uuid = g_strdup (uuid);
  activation->type =
      sysvpn_nm_profile_type (nm_connection_get_connection_type (NM_CONNECTION (connection)));
  self->n_requested++;
  nm_client_activate_connection_async (self->client, NM_CONNECTION (connection), NULL, NULL,
                                       self->cancellable, on_activated, activation);
  return true;
}

static void
on_deactivated (GObject *source, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  /* what became of it shows in the active connections */
  if (!nm_client_deactivate_connection_finish (NM_CLIENT (source), result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("NetworkManager refused to deactivate a profile: %s", error->message);
}

/**
 * sysvpn_network_manager_deactivate:
 * @self: the watcher
 *
 * Takes every VPN down that is active, coming up included; "ended" tells of each. One whose
 * activation NetworkManager has not answered yet is not there to be taken down: call again
 * after the next "changed" until the view shows none.
 */
void
sysvpn_network_manager_deactivate (SysvpnNetworkManager *self)
{
  const GPtrArray *active;

  if (self->client == NULL)
    return;
  active = nm_client_get_active_connections (self->client);
  for (unsigned i = 0; i < active->len; i++)
    if (is_vpn (active->pdata[i]) && state_of (active->pdata[i]) != SYSVPN_NM_NONE &&
        state_of (active->pdata[i]) != SYSVPN_NM_DEACTIVATING)
      nm_client_deactivate_connection_async (self->client, active->pdata[i], self->cancellable,
                                             on_deactivated, NULL);
}

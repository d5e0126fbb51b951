/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's profiles over its D-Bus interface. Plain calls that wait for their answer:
 * this is a program that does one thing and ends, and NMClient would want a main loop for the
 * same. */
#include "import/profiles.h"

#include <string.h>

#include "import/error.h"

#define SETTINGS_PATH "/org/freedesktop/NetworkManager/Settings"

enum { TO_DISK = 0x1, BLOCK_AUTOCONNECT = 0x20, TIMEOUT_MS = 25000 };

struct _SysvpnProfiles {
  GDBusConnection *bus;
  GPtrArray *stored; /* of SysvpnStoredProfile */
};

static void
stored_free (gpointer data)
{
  SysvpnStoredProfile *stored = data;

  g_free (stored->path);
  g_free (stored->uuid);
  g_free (stored->id);
  g_free (stored->digest);
  g_free (stored);
}

/**
 * sysvpn_profiles_free:
 * @self: (transfer full): the profiles
 */
void
sysvpn_profiles_free (SysvpnProfiles *self)
{
  g_clear_object (&self->bus);
  g_ptr_array_unref (self->stored);
  g_free (self);
}

static GVariant *
call (SysvpnProfiles *self,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *arguments,
      GError **error)
{
  GVariant *answer = g_dbus_connection_call_sync (
      self->bus, "org.freedesktop.NetworkManager", path, interface, method, arguments, NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, NULL, error);

  if (answer == NULL && error != NULL && *error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return answer;
}

/* What two looks at a profile have in common as long as nobody changed it. The keyfile form
 * leaves out defaults, so that a newer NetworkManager with more settings prints the same. */
static char *
digest_of (NMConnection *connection)
{
  NMSettingConnection *about = nm_connection_get_setting_connection (connection);
  g_autoptr (GKeyFile) keys = NULL;
  g_autofree char *text = NULL;

  g_object_set (about, NM_SETTING_CONNECTION_TIMESTAMP, (guint64) 0, NULL);
  nm_connection_clear_secrets (connection);
  keys = nm_keyfile_write (connection, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, NULL);
  text = keys != NULL ? g_key_file_to_data (keys, NULL, NULL) : g_strdup ("");
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static SysvpnStoredProfile *
look_at (SysvpnProfiles *self, const char *path)
{
  g_autoptr (GVariant) answer =
      call (self, path, "org.freedesktop.NetworkManager.Settings.Connection", "GetSettings",
            NULL, NULL);
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (NMConnection) connection = NULL;
  SysvpnStoredProfile *stored;

  if (answer == NULL || !g_variant_is_of_type (answer, G_VARIANT_TYPE ("(a{sa{sv}})")))
    return NULL;
  settings = g_variant_get_child_value (answer, 0);
  connection = nm_simple_connection_new_from_dbus (settings, NULL);
  if (connection == NULL || nm_connection_get_uuid (connection) == NULL)
    return NULL;
  stored = g_new0 (SysvpnStoredProfile, 1);
  stored->path = g_strdup (path);
  stored->uuid = g_strdup (nm_connection_get_uuid (connection));
  stored->id = g_strdup (nm_connection_get_id (connection));
  stored->digest = digest_of (connection);
  return stored;
}

/**
 * sysvpn_profiles_open:
 * @error: return location for a %SYSVPN_IMPORT_ERROR_NO_MANAGER
 *
 * Returns: (transfer full) (nullable): the profiles as they are now
 */
SysvpnProfiles *
sysvpn_profiles_open (GError **error)
{
  g_autoptr (SysvpnProfiles) self = g_new0 (SysvpnProfiles, 1);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autofree const char **paths = NULL;

  self->stored = g_ptr_array_new_with_free_func (stored_free);
  self->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &failure);
  if (self->bus != NULL)
    answer = call (self, SETTINGS_PATH, "org.freedesktop.NetworkManager.Settings",
                   "ListConnections", NULL, &failure);
  if (answer == NULL || !g_variant_is_of_type (answer, G_VARIANT_TYPE ("(ao)"))) {
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_NO_MANAGER,
                 "NetworkManager cannot be asked: %s",
                 failure != NULL ? failure->message : "it answers something else");
    return NULL;
  }
  g_variant_get (answer, "(^a&o)", &paths);
  for (size_t i = 0; paths[i] != NULL; i++) {
    SysvpnStoredProfile *stored = look_at (self, paths[i]);

    if (stored != NULL)
      g_ptr_array_add (self->stored, stored);
  }
  return g_steal_pointer (&self);
}

/**
 * sysvpn_profiles_find:
 * @self: the profiles
 * @uuid: a UUID
 *
 * Returns: (transfer none) (nullable): the profile
 */
const SysvpnStoredProfile *
sysvpn_profiles_find (SysvpnProfiles *self, const char *uuid)
{
  for (unsigned i = 0; i < self->stored->len; i++) {
    const SysvpnStoredProfile *stored = self->stored->pdata[i];

    if (g_strcmp0 (stored->uuid, uuid) == 0)
      return stored;
  }
  return NULL;
}

/**
 * sysvpn_profiles_find_id:
 * @self: the profiles
 * @id: a name
 *
 * Returns: (transfer none) (nullable): the first profile of that name, of whatever type
 */
const SysvpnStoredProfile *
sysvpn_profiles_find_id (SysvpnProfiles *self, const char *id)
{
  for (unsigned i = 0; i < self->stored->len; i++) {
    const SysvpnStoredProfile *stored = self->stored->pdata[i];

    if (g_strcmp0 (stored->id, id) == 0)
      return stored;
  }
  return NULL;
}

/**
 * sysvpn_profiles_store:
 * @self: the profiles
 * @connection: a profile with its secrets; one with its UUID is replaced in place, so that an
 *   active tunnel stays up on its old settings until it is reconnected
 * @ret_digest: (out) (transfer full): what a later look finds as long as nobody changes it
 * @error: return location for an error
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_profiles_store (SysvpnProfiles *self,
                       NMConnection *connection,
                       char **ret_digest,
                       GError **error)
{
  const SysvpnStoredProfile *before =
      sysvpn_profiles_find (self, nm_connection_get_uuid (connection));
  GVariant *settings = nm_connection_to_dbus (connection, NM_CONNECTION_SERIALIZE_ALL);
  GVariant *arguments =
      g_variant_new ("(@a{sa{sv}}u@a{sv})", settings, TO_DISK | BLOCK_AUTOCONNECT,
                     g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  g_autoptr (GVariant) answer = NULL;
  g_autofree char *path = before != NULL ? g_strdup (before->path) : NULL;
  SysvpnStoredProfile *after;

  if (before != NULL)
    answer = call (self, path, "org.freedesktop.NetworkManager.Settings.Connection", "Update2",
                   arguments, error);
  else
    answer = call (self, SETTINGS_PATH, "org.freedesktop.NetworkManager.Settings",
                   "AddConnection2", arguments, error);
  if (answer == NULL)
    return false;
  if (path == NULL)
    g_variant_get_child (answer, 0, "o", &path);
  after = look_at (self, path);
  if (after == NULL) {
    g_set_error_literal (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_FAILED,
                         "NetworkManager took the profile and does not show it");
    return false;
  }
  *ret_digest = g_strdup (after->digest);
  for (unsigned i = 0; i < self->stored->len; i++)
    if (self->stored->pdata[i] == before) {
      g_ptr_array_remove_index (self->stored, i);
      break;
    }
  g_ptr_array_add (self->stored, after);
  return true;
}

/**
 * sysvpn_profiles_delete:
 * @self: the profiles
 * @uuid: the profile to delete; none of that UUID is as good as deleted
 * @error: return location for an error
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_profiles_delete (SysvpnProfiles *self, const char *uuid, GError **error)
{
  const SysvpnStoredProfile *stored = sysvpn_profiles_find (self, uuid);
  g_autoptr (GVariant) answer = NULL;

  if (stored == NULL)
    return true;
  answer = call (self, stored->path, "org.freedesktop.NetworkManager.Settings.Connection",
                 "Delete", NULL, error);
  return answer != NULL;
}

static GVariant *
get_property (SysvpnProfiles *self, const char *path, const char *interface, const char *name)
{
  g_autoptr (GVariant) answer = call (self, path, "org.freedesktop.DBus.Properties", "Get",
                                      g_variant_new ("(ss)", interface, name), NULL);
  g_autoptr (GVariant) boxed = NULL;

  if (answer == NULL)
    return NULL;
  boxed = g_variant_get_child_value (answer, 0);
  return g_variant_get_variant (boxed);
}

/**
 * sysvpn_profiles_has_tunnel:
 * @self: the profiles
 *
 * Returns: %TRUE if a VPN is up, through which names can be asked for
 */
bool
sysvpn_profiles_has_tunnel (SysvpnProfiles *self)
{
  static const char active[] = "org.freedesktop.NetworkManager.Connection.Active";
  g_autoptr (GVariant) paths =
      get_property (self, "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager",
                    "ActiveConnections");

  for (gsize i = 0; paths != NULL && i < g_variant_n_children (paths); i++) {
    g_autoptr (GVariant) path = g_variant_get_child_value (paths, i);
    const char *name = g_variant_get_string (path, NULL);
    g_autoptr (GVariant) type = get_property (self, name, active, "Type");
    g_autoptr (GVariant) state = get_property (self, name, active, "State");
    const char *word = type != NULL ? g_variant_get_string (type, NULL) : "";

    if ((g_str_equal (word, "vpn") || g_str_equal (word, "wireguard")) && state != NULL &&
        g_variant_get_uint32 (state) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      return true;
  }
  return false;
}

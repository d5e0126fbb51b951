/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's own importers, called in this process on a scratch file: the OpenVPN
 * plugin's (libnm-vpn-plugin-openvpn.so, which works without GTK) and libnm's
 * nm_conn_wireguard_import(), public since 1.40. Not `nmcli connection import`: it adds the
 * profile with autoconnect before anything could be corrected, so a WireGuard one comes up at
 * once, and it has no --offline. */
#include "import/importer.h"

#include <glib/gstdio.h>
#include <string.h>

#include "import/error.h"
#include "import/plan.h"
#include "import/private-file.h"

/* Below any priority that NetworkManager gives by itself: a negative one excludes the resolvers
 * of all other connections, the uplink's above all. */
enum { DNS_PRIORITY = -100 };

static NMVpnEditorPlugin *
load_openvpn (GError **error)
{
  GSList *plugins = nm_vpn_plugin_info_list_load ();
  NMVpnPluginInfo *info = nm_vpn_plugin_info_list_find_by_service (
      plugins, "org.freedesktop.NetworkManager.openvpn");
  NMVpnEditorPlugin *editor = NULL;

  if (info == NULL)
    sysvpn_import_refuse (error, 0,
                          "NetworkManager cannot do OpenVPN: install network-manager-openvpn");
  else if ((editor = nm_vpn_plugin_info_load_editor_plugin (info, error)) != NULL)
    g_object_ref (editor);
  g_slist_free_full (plugins, g_object_unref);
  return editor;
}

static NMConnection *
read_openvpn (const char *scratch, const SysvpnSource *source, GError **error)
{
  g_autoptr (NMVpnEditorPlugin) editor = load_openvpn (error);
  g_autofree char *name = g_strconcat (source->stem, ".ovpn", NULL);
  g_autofree char *path = g_build_filename (scratch, name, NULL);
  NMConnection *connection = NULL;

  if (editor == NULL || !sysvpn_file_write (path, source->text, 0600, error))
    return NULL;
  connection = nm_vpn_editor_plugin_import (editor, path, error);
  g_unlink (path);
  return connection;
}

static NMConnection *
read_wireguard (const char *scratch, const SysvpnSource *source, GError **error)
{
  /* the importer takes the file's name for the device's, which is set later */
  g_autofree char *path = g_build_filename (scratch, "sysvpn.conf", NULL);
  NMConnection *connection;

  if (!sysvpn_file_write (path, source->text, 0600, error))
    return NULL;
  connection = nm_conn_wireguard_import (path, error);
  g_unlink (path);
  return connection;
}

/* The importer writes what stands in the file itself below $HOME, which is our scratch folder.
 */
static bool
keep_certificate (const char *from, const char *folder, char **ret_path, GError **error)
{
  g_autofree char *name = g_path_get_basename (from);
  g_autofree char *to = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize len = 0;

  if (!g_file_get_contents (from, &bytes, &len, error) ||
      !g_file_set_contents_full (to, bytes, (gssize) len, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 error))
    return false;
  *ret_path = g_steal_pointer (&to);
  return true;
}

static char **
keep_certificates (NMSettingVpn *vpn, const char *scratch, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  g_autofree const char **keys = nm_setting_vpn_get_data_keys (vpn, NULL);

  for (size_t i = 0; keys != NULL && keys[i] != NULL; i++) {
    const char *value = nm_setting_vpn_get_data_item (vpn, keys[i]);
    g_autofree char *path = NULL;
    char *name;

    if (!g_str_has_prefix (value, scratch))
      continue;
    if (!keep_certificate (value, folder, &path, error))
      return NULL;
    name = g_path_get_basename (path);
    nm_setting_vpn_add_data_item (vpn, keys[i], path);
    if (g_ptr_array_find_with_equal_func (kept, name, g_str_equal, NULL))
      g_free (name); /* of a PKCS#12 file, all three are in one */
    else
      g_ptr_array_add (kept, name);
  }
  g_ptr_array_add (kept, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&kept), FALSE);
}

static void
store_secret (NMSettingVpn *vpn, const char *name, const char *secret)
{
  if (secret == NULL)
    return;
  nm_setting_vpn_add_secret (vpn, name, secret);
  nm_setting_set_secret_flags (NM_SETTING (vpn), name, NM_SETTING_SECRET_FLAG_NONE, NULL);
}

static void
make_safe_vpn (NMSettingVpn *vpn, const SysvpnCredentials *credentials)
{
  g_object_set (vpn, NM_SETTING_VPN_PERSISTENT, FALSE, NULL);
  if (credentials->user != NULL)
    nm_setting_vpn_add_data_item (vpn, "username", credentials->user);
  store_secret (vpn, "password", credentials->password);
  store_secret (vpn, "cert-pass", credentials->passphrase);
}

static void
make_safe_ip (NMSettingIPConfig *ip)
{
  g_object_set (ip, NM_SETTING_IP_CONFIG_NEVER_DEFAULT, FALSE,
                NM_SETTING_IP_CONFIG_IGNORE_AUTO_ROUTES, FALSE,
                NM_SETTING_IP_CONFIG_IGNORE_AUTO_DNS, FALSE, NM_SETTING_IP_CONFIG_DNS_PRIORITY,
                DNS_PRIORITY, NULL);
}

/* What the OpenVPN importer leaves to NetworkManager's own normalizing: as the server pushes.
 */
static void
ensure_ip (NMConnection *connection, GType type, NMSetting *(*make) (void) )
{
  NMSetting *ip = nm_connection_get_setting (connection, type);

  if (ip == NULL) {
    ip = make ();
    nm_connection_add_setting (connection, ip);
  }
  if (nm_setting_ip_config_get_method (NM_SETTING_IP_CONFIG (ip)) == NULL)
    g_object_set (ip, NM_SETTING_IP_CONFIG_METHOD, "auto", NULL);
  make_safe_ip (NM_SETTING_IP_CONFIG (ip));
}

/**
 * sysvpn_importer_make_safe:
 * @connection: what the importer made
 * @source: what it was made of
 *
 * Sets what would leak or surprise otherwise, whatever the file said: only the agent brings it
 * up, its resolvers are the only ones, it may carry everything, its secrets need nobody to ask
 * for.
 */
void
sysvpn_importer_make_safe (NMConnection *connection, const SysvpnSource *source)
{
  NMSettingConnection *about = nm_connection_get_setting_connection (connection);
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);

  ensure_ip (connection, NM_TYPE_SETTING_IP4_CONFIG, nm_setting_ip4_config_new);
  ensure_ip (connection, NM_TYPE_SETTING_IP6_CONFIG, nm_setting_ip6_config_new);
  g_object_set (about, NM_SETTING_CONNECTION_ID, source->stem, NM_SETTING_CONNECTION_UUID,
                source->uuid, NM_SETTING_CONNECTION_AUTOCONNECT, FALSE,
                NM_SETTING_CONNECTION_ZONE, NULL, NM_SETTING_CONNECTION_PERMISSIONS, NULL,
                NM_SETTING_CONNECTION_SECONDARIES, NULL, NULL);
  if (vpn != NULL) {
    make_safe_vpn (vpn, source->credentials);
  } else {
    char device[SYSVPN_DEVICE_SIZE];

    sysvpn_plan_device (source->stem, device);
    g_object_set (about, NM_SETTING_CONNECTION_INTERFACE_NAME, device, NULL);
  }
}

/**
 * sysvpn_importer_read:
 * @scratch: a folder of our own, which is $HOME
 * @certificates: where certificates and keys of the file's blocks are kept
 * @source: what to import
 * @ret_certificates: (out) (transfer full): names of the files written there; only on success
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a valid profile that is safe to add
 */
NMConnection *
sysvpn_importer_read (const char *scratch,
                      const char *certificates,
                      const SysvpnSource *source,
                      char ***ret_certificates,
                      GError **error)
{
  g_autoptr (NMConnection) connection = source->kind == SYSVPN_CONFIG_OPENVPN
                                            ? read_openvpn (scratch, source, error)
                                            : read_wireguard (scratch, source, error);
  g_auto (GStrv) kept = g_new0 (char *, 1);
  NMSettingVpn *vpn;

  if (connection == NULL)
    return NULL;
  vpn = nm_connection_get_setting_vpn (connection);
  if (vpn != NULL) {
    g_strfreev (kept);
    kept = keep_certificates (vpn, scratch, certificates, error);
    if (kept == NULL)
      return NULL;
  }
  sysvpn_importer_make_safe (connection, source);
  if (!nm_connection_normalize (connection, NULL, NULL, error))
    return NULL;
  *ret_certificates = g_steal_pointer (&kept);
  return g_steal_pointer (&connection);
}

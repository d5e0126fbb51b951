/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's words in ours: which profiles are VPNs, why something ended, which servers a
 * profile names. Pure: looks at what it is given and asks nobody. */
#include "agent/nm-words.h"

#include <string.h>

/**
 * sysvpn_nm_profile_type:
 * @connection_type: NetworkManager's connection.type
 *
 * Everything else, the uplink above all, is none of our business and is never shown or touched.
 *
 * Returns: the kind of VPN, %SYSVPN_PROFILE_TYPE_UNKNOWN for what is no VPN
 */
SysvpnProfileType
sysvpn_nm_profile_type (const char *connection_type)
{
  if (g_strcmp0 (connection_type, NM_SETTING_VPN_SETTING_NAME) == 0)
    return SYSVPN_PROFILE_TYPE_VPN;
  if (g_strcmp0 (connection_type, NM_SETTING_WIREGUARD_SETTING_NAME) == 0)
    return SYSVPN_PROFILE_TYPE_WIREGUARD;
  return SYSVPN_PROFILE_TYPE_UNKNOWN;
}

/**
 * sysvpn_nm_cause_of_reason:
 * @reason: why an active connection ended
 *
 * Returns: the cause; %SYSVPN_CAUSE_LOST where NetworkManager says no more than that it ended
 */
SysvpnCause
sysvpn_nm_cause_of_reason (NMActiveConnectionStateReason reason)
{
  static const struct {
    NMActiveConnectionStateReason reason;
    SysvpnCause cause;
  } causes[] = {
    { NM_ACTIVE_CONNECTION_STATE_REASON_USER_DISCONNECTED, SYSVPN_CAUSE_ASKED },
    { NM_ACTIVE_CONNECTION_STATE_REASON_DEVICE_DISCONNECTED, SYSVPN_CAUSE_UPLINK_DOWN },
    { NM_ACTIVE_CONNECTION_STATE_REASON_CONNECT_TIMEOUT, SYSVPN_CAUSE_TIMEOUT },
    { NM_ACTIVE_CONNECTION_STATE_REASON_SERVICE_START_TIMEOUT, SYSVPN_CAUSE_PLUGIN_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_SERVICE_START_FAILED, SYSVPN_CAUSE_PLUGIN_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_NO_SECRETS, SYSVPN_CAUSE_SECRET_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_LOGIN_FAILED, SYSVPN_CAUSE_CREDENTIALS },
    { NM_ACTIVE_CONNECTION_STATE_REASON_IP_CONFIG_INVALID, SYSVPN_CAUSE_NO_ADDRESS },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (causes); i++)
    if (causes[i].reason == reason)
      return causes[i].cause;
  return SYSVPN_CAUSE_LOST;
}

/**
 * sysvpn_nm_cause_of_error:
 * @error: (nullable): what NetworkManager answered to a request to activate
 *
 * Returns: the cause
 */
SysvpnCause
sysvpn_nm_cause_of_error (const GError *error)
{
  if (g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_UNKNOWN_CONNECTION))
    return SYSVPN_CAUSE_NO_PROFILE;
  if (g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_UNKNOWN_DEVICE) ||
      g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_CONNECTION_NOT_AVAILABLE))
    return SYSVPN_CAUSE_UPLINK_DOWN;
  return SYSVPN_CAUSE_FAILED;
}

/* HOST:PORT/PROTO with an IPv6 HOST in brackets: a line of endpoints.txt when HOST is numeric.
 */
static char *
print_remote (const char *host, const char *port, const char *protocol)
{
  bool is6 = strchr (host, ':') != NULL;

  return g_strdup_printf ("%s%s%s:%s/%s", is6 ? "[" : "", host, is6 ? "]" : "", port, protocol);
}

/* Splits HOST[:PORT[:PROTO]], HOST being a name, an IPv4 address, an IPv6 address in brackets,
 * or a bare IPv6 address when nothing follows it. Returns HOST, and what follows its colon. */
static char *
split_host (const char *remote, const char **ret_rest)
{
  const char *bracket = remote[0] == '[' ? strchr (remote, ']') : NULL;
  const char *colon = strchr (bracket != NULL ? bracket : remote, ':');
  bool is_bare6 = bracket == NULL && colon != NULL && strchr (remote, '.') == NULL &&
                  strchr (colon + 1, ':') != NULL && !g_str_has_suffix (remote, ":udp") &&
                  !g_str_has_suffix (remote, ":tcp");

  *ret_rest = colon != NULL && !is_bare6 ? colon + 1 : "";
  if (bracket != NULL)
    return g_strndup (remote + 1, (size_t) (bracket - remote) - 1);
  return colon != NULL && !is_bare6 ? g_strndup (remote, (size_t) (colon - remote))
                                    : g_strdup (remote);
}

static void
add_vpn_remotes (GPtrArray *remotes, NMSettingVpn *vpn)
{
  const char *remote = nm_setting_vpn_get_data_item (vpn, "remote");
  const char *port = nm_setting_vpn_get_data_item (vpn, "port");
  const char *tcp = nm_setting_vpn_get_data_item (vpn, "proto-tcp");
  g_auto (GStrv) words = g_strsplit_set (remote != NULL ? remote : "", ", \t", -1);

  for (unsigned i = 0; words[i] != NULL; i++) {
    const char *rest;
    g_autofree char *host = split_host (words[i], &rest);
    g_auto (GStrv) parts =
        g_strsplit (rest, ":", 2); /* PORT and PROTO, as far as they are there */
    unsigned n_parts = g_strv_length (parts);
    bool is_tcp =
        n_parts > 1 ? g_str_has_prefix (parts[1], "tcp") : g_strcmp0 (tcp, "yes") == 0;

    if (host[0] != '\0')
      g_ptr_array_add (remotes, print_remote (host,
                                              n_parts > 0 && parts[0][0] != '\0' ? parts[0]
                                              : port != NULL                     ? port
                                                                                 : "1194",
                                              is_tcp ? "tcp" : "udp"));
  }
}

static void
add_wireguard_remotes (GPtrArray *remotes, NMSettingWireGuard *wireguard)
{
  for (unsigned i = 0; i < nm_setting_wireguard_get_peers_len (wireguard); i++) {
    const char *endpoint =
        nm_wireguard_peer_get_endpoint (nm_setting_wireguard_get_peer (wireguard, i));
    const char *port = NULL;
    g_autofree char *host = endpoint != NULL ? split_host (endpoint, &port) : NULL;

    if (host != NULL && port[0] != '\0')
      g_ptr_array_add (remotes, print_remote (host, port, "udp"));
  }
}

/**
 * sysvpn_nm_remotes:
 * @connection: a profile
 *
 * Returns: (transfer full): its servers, each as `HOST:PORT/PROTO`, which is a line of
 * endpoints.txt when HOST is numeric
 */
char **
sysvpn_nm_remotes (NMConnection *connection)
{
  NMSettingVpn *vpn = nm_connection_get_setting_vpn (connection);
  NMSettingWireGuard *wireguard = NM_SETTING_WIREGUARD (
      nm_connection_get_setting_by_name (connection, NM_SETTING_WIREGUARD_SETTING_NAME));
  GPtrArray *remotes = g_ptr_array_new ();

  if (vpn != NULL)
    add_vpn_remotes (remotes, vpn);
  if (wireguard != NULL)
    add_wireguard_remotes (remotes, wireguard);
  g_ptr_array_add (remotes, NULL);
  return (char **) g_ptr_array_free (remotes, FALSE);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's words in ours: which profiles are VPNs, why something ended, which servers a
 * profile names. Pure: looks at what it is given and asks nobody. */
#include "agent/nm-words.h"

#include <arpa/inet.h>
#include <string.h>

#define DEFAULT_PORT "1194" /* of OpenVPN */

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
 * @type: the profile's
 *
 * That the plugin is missing has the code of a device that is not fit, of which profiles of
 * type vpn have none.
 *
 * Returns: the cause
 */
SysvpnCause
sysvpn_nm_cause_of_error (const GError *error, SysvpnProfileType type)
{
  if (type == SYSVPN_PROFILE_TYPE_VPN &&
      g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_CONNECTION_NOT_AVAILABLE))
    return SYSVPN_CAUSE_PLUGIN_MISSING;
  if (g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_UNKNOWN_CONNECTION))
    return SYSVPN_CAUSE_NO_PROFILE;
  if (g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_UNKNOWN_DEVICE) ||
      g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_CONNECTION_NOT_AVAILABLE) ||
      g_error_matches (error, NM_MANAGER_ERROR, NM_MANAGER_ERROR_CONNECTION_NOT_ACTIVE))
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

static bool
is_ip6 (const char *text)
{
  size_t len = strlen (text);
  bool bracketed = text[0] == '[' && text[len - 1] == ']';
  g_autofree char *bare = bracketed ? g_strndup (text + 1, len - 2) : g_strdup (text);
  struct in6_addr address;

  return inet_pton (AF_INET6, bare, &address) == 1;
}

/* Cuts off what follows the last colon and returns it; NULL when there is nothing to cut. The
 * colons of an IPv6 address are its own. */
static char *
cut_last (char *text)
{
  char *colon = strrchr (text, ':');

  if (colon == NULL || is_ip6 (text))
    return NULL;
  *colon = '\0';
  return colon + 1;
}

/* HOST without the brackets of an IPv6 address; %NULL for what cannot be a host. */
static char *
take_host (const char *text)
{
  if (text[0] != '[')
    return text[0] != '\0' ? g_strdup (text) : NULL;
  return is_ip6 (text) ? g_strndup (text + 1, strlen (text) - 2) : NULL;
}

static void
add_vpn_remotes (GPtrArray *remotes, NMSettingVpn *vpn)
{
  const char *remote = nm_setting_vpn_get_data_item (vpn, "remote");
  const char *port = nm_setting_vpn_get_data_item (vpn, "port");
  const char *tcp = nm_setting_vpn_get_data_item (vpn, "proto-tcp");
  g_auto (GStrv) words = g_strsplit_set (remote != NULL ? remote : "", ", \t", -1);

  for (unsigned i = 0; words[i] != NULL; i++) {
    /* HOST[:PORT[:PROTO]], both of which may be empty, read from its end as the plugin does */
    char *last = cut_last (words[i]);
    char *before = last != NULL ? cut_last (words[i]) : NULL;
    const char *own_port = before != NULL ? before : last;
    const char *protocol = before != NULL ? last : NULL;
    g_autofree char *host = take_host (words[i]);
    bool is_tcp = protocol != NULL && protocol[0] != '\0' ? g_str_has_prefix (protocol, "tcp")
                                                          : g_strcmp0 (tcp, "yes") == 0;

    if (own_port == NULL || own_port[0] == '\0')
      own_port = port != NULL ? port : DEFAULT_PORT;
    if (host != NULL)
      g_ptr_array_add (remotes, print_remote (host, own_port, is_tcp ? "tcp" : "udp"));
  }
}

static void
add_wireguard_remotes (GPtrArray *remotes, NMSettingWireGuard *wireguard)
{
  for (unsigned i = 0; i < nm_setting_wireguard_get_peers_len (wireguard); i++) {
    NMWireGuardPeer *peer = nm_setting_wireguard_get_peer (wireguard, i);
    g_autofree char *endpoint = g_strdup (nm_wireguard_peer_get_endpoint (peer));
    const char *port = endpoint != NULL ? cut_last (endpoint) : NULL;
    g_autofree char *host = port != NULL ? take_host (endpoint) : NULL;

    if (host != NULL)
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

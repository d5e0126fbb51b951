/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's profiles as its plugins write them, made in memory: nobody is asked. */
#include "agent/nm-words.h"

static const struct RemoteCase {
  const char *name;
  const char *remote; /* the data items of the OpenVPN plugin; NULL: none */
  const char *port;
  const char *tcp;
  const char *remotes; /* blanks between */
} cases[] = {
  { "name", "vpn.example.org", NULL, NULL, "vpn.example.org:1194/udp" },
  { "name-and-port", "vpn.example.org:443", NULL, NULL, "vpn.example.org:443/udp" },
  { "name-port-protocol", "vpn.example.org:443:tcp", NULL, NULL, "vpn.example.org:443/tcp" },
  { "name-without-dots", "gateway:443:tcp", NULL, NULL, "gateway:443/tcp" },
  { "client-protocols", "gateway:443:tcp4-client", NULL, NULL, "gateway:443/tcp" },
  { "v4", "198.51.100.10", NULL, NULL, "198.51.100.10:1194/udp" },
  { "v4-and-port", "198.51.100.10:443", NULL, NULL, "198.51.100.10:443/udp" },
  { "v4-port-protocol", "198.51.100.10:443:tcp-client", NULL, NULL, "198.51.100.10:443/tcp" },
  { "v4-and-protocol", "198.51.100.10::tcp", NULL, NULL, "198.51.100.10:1194/tcp" },
  { "v6-in-brackets", "[2001:db8::1]", NULL, NULL, "[2001:db8::1]:1194/udp" },
  { "v6-in-brackets-and-port", "[2001:db8::1]:443", NULL, NULL, "[2001:db8::1]:443/udp" },
  { "v6-in-brackets-port-protocol", "[2001:db8::1]:443:tcp6", NULL, NULL,
    "[2001:db8::1]:443/tcp" },
  { "v6-bare", "2001:db8::1", NULL, NULL, "[2001:db8::1]:1194/udp" },
  { "v6-bare-with-v4", "64:ff9b::192.0.2.1", NULL, NULL, "[64:ff9b::192.0.2.1]:1194/udp" },
  { "v6-bare-long-port-protocol", "2001:db8::1:51820:tcp", NULL, NULL,
    "[2001:db8::1]:51820/tcp" },
  { "v6-bare-that-ends-like-a-port", "2001:db8::1:1194", NULL, NULL,
    "[2001:db8::1:1194]:1194/udp" }, /* so does the plugin */
  { "v6-bare-no-port-protocol", "2001:db8::1::tcp", NULL, NULL, "[2001:db8::1]:1194/tcp" },
  { "v6-without-a-bracket-at-the-end", "[2001:db8::1", NULL, NULL, "" },
  { "port-item", "198.51.100.10", "8443", NULL, "198.51.100.10:8443/udp" },
  { "port-item-after-own", "198.51.100.10:443", "8443", NULL, "198.51.100.10:443/udp" },
  { "tcp-item", "198.51.100.10", NULL, "yes", "198.51.100.10:1194/tcp" },
  { "tcp-item-no", "198.51.100.10", NULL, "no", "198.51.100.10:1194/udp" },
  { "tcp-item-after-own", "198.51.100.10:443:udp", NULL, "yes", "198.51.100.10:443/udp" },
  { "several", "198.51.100.10:1194:udp, 198.51.100.20:443:tcp vpn.example.org", "53", NULL,
    "198.51.100.10:1194/udp 198.51.100.20:443/tcp vpn.example.org:53/udp" },
  { "several-of-v6", "2001:db8::1,[2001:db8::2]:443:tcp", NULL, NULL,
    "[2001:db8::1]:1194/udp [2001:db8::2]:443/tcp" },
  { "nothing", NULL, NULL, NULL, "" },
  { "commas", " , ,", NULL, NULL, "" },
  { "port-alone", ":1194", NULL, NULL, "" },
};

static void
check (NMConnection *connection, const char *wanted)
{
  g_auto (GStrv) remotes = sysvpn_nm_remotes (connection);
  g_autofree char *joined = g_strjoinv (" ", remotes);

  g_assert_cmpstr (joined, ==, wanted);
}

static void
test_remotes (gconstpointer data)
{
  const struct RemoteCase *c = data;
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  NMSettingVpn *vpn = NM_SETTING_VPN (nm_setting_vpn_new ());

  if (c->remote != NULL)
    nm_setting_vpn_add_data_item (vpn, "remote", c->remote);
  if (c->port != NULL)
    nm_setting_vpn_add_data_item (vpn, "port", c->port);
  if (c->tcp != NULL)
    nm_setting_vpn_add_data_item (vpn, "proto-tcp", c->tcp);
  nm_connection_add_setting (connection, NM_SETTING (vpn));
  check (connection, c->remotes);
}

static void
add_peer (NMSettingWireGuard *wireguard, const char *endpoint)
{
  NMWireGuardPeer *peer = nm_wireguard_peer_new ();

  g_assert_true (nm_wireguard_peer_set_public_key (
      peer, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", TRUE));
  if (endpoint != NULL)
    g_assert_true (nm_wireguard_peer_set_endpoint (peer, endpoint, TRUE));
  nm_setting_wireguard_append_peer (wireguard, peer);
  nm_wireguard_peer_unref (peer);
}

static void
test_wireguard (void)
{
  static const struct {
    const char *endpoint;
    const char *remotes;
  } peers[] = {
    { NULL, "" },
    { "203.0.113.7:51820", "203.0.113.7:51820/udp" },
    { "[2001:db8::7]:51820", "[2001:db8::7]:51820/udp" },
    { "wg.example.org:51820", "wg.example.org:51820/udp" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++) {
    g_autoptr (NMConnection) connection = nm_simple_connection_new ();
    NMSettingWireGuard *wireguard = NM_SETTING_WIREGUARD (nm_setting_wireguard_new ());

    add_peer (wireguard, peers[i].endpoint);
    nm_connection_add_setting (connection, NM_SETTING (wireguard));
    check (connection, peers[i].remotes);
  }
}

/* One key for one peer only: NetworkManager replaces a peer that has the same. */
static void
test_wireguard_several (void)
{
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();
  NMSettingWireGuard *wireguard = NM_SETTING_WIREGUARD (nm_setting_wireguard_new ());
  NMWireGuardPeer *peer = nm_wireguard_peer_new ();

  add_peer (wireguard, "203.0.113.7:51820");
  g_assert_true (nm_wireguard_peer_set_public_key (
      peer, "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", TRUE));
  g_assert_true (nm_wireguard_peer_set_endpoint (peer, "[2001:db8::8]:51821", TRUE));
  nm_setting_wireguard_append_peer (wireguard, peer);
  nm_wireguard_peer_unref (peer);
  nm_connection_add_setting (connection, NM_SETTING (wireguard));
  check (connection, "203.0.113.7:51820/udp [2001:db8::8]:51821/udp");
}

static void
test_no_vpn (void)
{
  g_autoptr (NMConnection) connection = nm_simple_connection_new ();

  check (connection, "");
}

static void
test_types (void)
{
  static const struct {
    const char *type;
    SysvpnProfileType expected;
  } types[] = {
    { "vpn", SYSVPN_PROFILE_TYPE_VPN },
    { "wireguard", SYSVPN_PROFILE_TYPE_WIREGUARD },
    { "802-3-ethernet", SYSVPN_PROFILE_TYPE_UNKNOWN },
    { "tun", SYSVPN_PROFILE_TYPE_UNKNOWN },
    { "bridge", SYSVPN_PROFILE_TYPE_UNKNOWN },
    { "", SYSVPN_PROFILE_TYPE_UNKNOWN },
    { NULL, SYSVPN_PROFILE_TYPE_UNKNOWN },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_cmpint (sysvpn_nm_profile_type (types[i].type), ==, types[i].expected);
}

static void
test_reasons (void)
{
  static const struct {
    NMActiveConnectionStateReason reason;
    SysvpnCause cause;
  } reasons[] = {
    { NM_ACTIVE_CONNECTION_STATE_REASON_UNKNOWN, SYSVPN_CAUSE_LOST },
    { NM_ACTIVE_CONNECTION_STATE_REASON_NONE, SYSVPN_CAUSE_LOST },
    { NM_ACTIVE_CONNECTION_STATE_REASON_USER_DISCONNECTED, SYSVPN_CAUSE_ASKED },
    { NM_ACTIVE_CONNECTION_STATE_REASON_DEVICE_DISCONNECTED, SYSVPN_CAUSE_UPLINK_DOWN },
    { NM_ACTIVE_CONNECTION_STATE_REASON_SERVICE_STOPPED, SYSVPN_CAUSE_LOST },
    { NM_ACTIVE_CONNECTION_STATE_REASON_IP_CONFIG_INVALID, SYSVPN_CAUSE_NO_ADDRESS },
    { NM_ACTIVE_CONNECTION_STATE_REASON_CONNECT_TIMEOUT, SYSVPN_CAUSE_TIMEOUT },
    { NM_ACTIVE_CONNECTION_STATE_REASON_SERVICE_START_TIMEOUT, SYSVPN_CAUSE_PLUGIN_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_SERVICE_START_FAILED, SYSVPN_CAUSE_PLUGIN_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_NO_SECRETS, SYSVPN_CAUSE_SECRET_MISSING },
    { NM_ACTIVE_CONNECTION_STATE_REASON_LOGIN_FAILED, SYSVPN_CAUSE_CREDENTIALS },
    { NM_ACTIVE_CONNECTION_STATE_REASON_CONNECTION_REMOVED, SYSVPN_CAUSE_LOST },
    { NM_ACTIVE_CONNECTION_STATE_REASON_DEPENDENCY_FAILED, SYSVPN_CAUSE_LOST },
    { NM_ACTIVE_CONNECTION_STATE_REASON_DEVICE_REMOVED, SYSVPN_CAUSE_LOST },
    { (NMActiveConnectionStateReason) 99, SYSVPN_CAUSE_LOST },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (reasons); i++)
    g_assert_cmpint (sysvpn_nm_cause_of_reason (reasons[i].reason), ==, reasons[i].cause);
}

static void
test_errors (void)
{
  static const struct {
    NMManagerError code;
    SysvpnCause cause;
    SysvpnProfileType type;
  } errors[] = {
    { NM_MANAGER_ERROR_UNKNOWN_CONNECTION, SYSVPN_CAUSE_NO_PROFILE },
    { NM_MANAGER_ERROR_UNKNOWN_DEVICE, SYSVPN_CAUSE_UPLINK_DOWN },
    { NM_MANAGER_ERROR_CONNECTION_NOT_AVAILABLE, SYSVPN_CAUSE_UPLINK_DOWN,
      SYSVPN_PROFILE_TYPE_WIREGUARD },
    { NM_MANAGER_ERROR_CONNECTION_NOT_AVAILABLE, SYSVPN_CAUSE_PLUGIN_MISSING,
      SYSVPN_PROFILE_TYPE_VPN },
    { NM_MANAGER_ERROR_PERMISSION_DENIED, SYSVPN_CAUSE_FAILED },
    { NM_MANAGER_ERROR_FAILED, SYSVPN_CAUSE_FAILED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (errors); i++) {
    g_autoptr (GError) error = g_error_new_literal (NM_MANAGER_ERROR, (int) errors[i].code, "");

    g_assert_cmpint (sysvpn_nm_cause_of_error (error, errors[i].type), ==, errors[i].cause);
  }
  g_assert_cmpint (sysvpn_nm_cause_of_error (NULL, SYSVPN_PROFILE_TYPE_VPN), ==,
                   SYSVPN_CAUSE_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/nm-words/remotes/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_remotes);
  }
  g_test_add_func ("/nm-words/wireguard", test_wireguard);
  g_test_add_func ("/nm-words/wireguard-several", test_wireguard_several);
  g_test_add_func ("/nm-words/no-vpn", test_no_vpn);
  g_test_add_func ("/nm-words/types", test_types);
  g_test_add_func ("/nm-words/reasons", test_reasons);
  g_test_add_func ("/nm-words/errors", test_errors);
  return g_test_run ();
}

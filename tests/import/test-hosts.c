/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/hosts.h"

#include <string.h>

#include "import/error.h"

static const char hosts_text[] = "# comment\n"
                                 "\n"
                                 "A.example 203.0.113.1, 2001:db8::1\r\n"
                                 "b.example\t203.0.113.2 # more\n"
                                 "lan.example 192.168.1.1\n";

static const struct RenderCase {
  const char *name;
  SysvpnConfigKind kind;
  const char *host;
  int family;
  bool is_tcp;
  const char *text; /* contained; NULL: refused */
  const char *endpoints;
} cases[] = {
  { "v4", SYSVPN_CONFIG_OPENVPN, "203.0.113.9", 0, false, "remote 203.0.113.9 1194 w\n",
    "203.0.113.9:1194/udp" },
  { "v6-tcp", SYSVPN_CONFIG_OPENVPN, "2001:db8::9", 0, true, "remote 2001:db8::9 1194 w\n",
    "[2001:db8::9]:1194/tcp" },
  { "pinned", SYSVPN_CONFIG_OPENVPN, "a.EXAMPLE", 0, false,
    "remote 203.0.113.1 1194 w\nremote 2001:db8::1 1194 w\n",
    "203.0.113.1:1194/udp [2001:db8::1]:1194/udp" },
  { "pinned-v6-only", SYSVPN_CONFIG_OPENVPN, "a.example", 6, false,
    "remote 2001:db8::1 1194 w\n", "[2001:db8::1]:1194/udp" },
  { "wireguard-v6", SYSVPN_CONFIG_WIREGUARD, "2001:db8::9", 0, false,
    "Endpoint = [2001:db8::9]:1194\n", "[2001:db8::9]:1194/udp" },
  { "wireguard-takes-one", SYSVPN_CONFIG_WIREGUARD, "a.example", 0, false,
    "Endpoint = 203.0.113.1:1194\n", "203.0.113.1:1194/udp" },
  { "unknown-name", SYSVPN_CONFIG_OPENVPN, "c.example", 0, false, NULL, "is a name" },
  { "no-such-family", SYSVPN_CONFIG_OPENVPN, "b.example", 6, false, NULL, "IPv6" },
  { "private", SYSVPN_CONFIG_OPENVPN, "10.0.0.1", 0, false, NULL, "line 7: a private address" },
  { "pinned-to-private", SYSVPN_CONFIG_OPENVPN, "lan.example", 0, false, NULL,
    "a private address" },
  { "loopback", SYSVPN_CONFIG_WIREGUARD, "::1", 0, false, NULL, "loopback" },
};

static void
test_render (gconstpointer data)
{
  const struct RenderCase *c = data;
  g_autoptr (GHashTable) hosts = sysvpn_hosts_new ();
  g_autoptr (SysvpnConfig) config = sysvpn_config_new (c->kind);
  SysvpnConfigLine *line = sysvpn_config_add (config, SYSVPN_CONFIG_LINE_REMOTE, 7, c->host);
  g_autoptr (GPtrArray) endpoints = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *joined = NULL;

  line->port = 1194;
  line->rest = g_strdup ("w");
  line->family = c->family;
  line->is_tcp = c->is_tcp;
  g_assert_true (sysvpn_hosts_parse (hosts_text, strlen (hosts_text), hosts, NULL));
  if (c->text == NULL) {
    g_assert_false (sysvpn_hosts_render (config, hosts, &text, endpoints, &error));
    g_assert_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, c->endpoints));
    g_assert_null (text);
    return;
  }
  g_assert_true (sysvpn_hosts_render (config, hosts, &text, endpoints, &error));
  g_assert_cmpstr (text, ==, c->text);
  g_ptr_array_add (endpoints, NULL);
  joined = g_strjoinv (" ", (char **) endpoints->pdata);
  g_assert_cmpstr (joined, ==, c->endpoints);
}

static void
test_bad_hosts (void)
{
  static const char *const bad[] = { "a.example\n", "a.example b.example\n",
                                     "203.0.113.1 a.example\n", "a.example 203.0.113.256\n",
                                     "a.example 203.0.113.1 x\n" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GHashTable) hosts = sysvpn_hosts_new ();
    g_autoptr (GError) error = NULL;

    g_assert_false (sysvpn_hosts_parse (bad[i], strlen (bad[i]), hosts, &error));
    g_assert_true (g_str_has_prefix (error->message, "line 1: "));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/hosts/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_render);
  }
  g_test_add_func ("/hosts/bad", test_bad_hosts);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/diagnosis.h"

#include "proto/profile-list.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct RedactCase {
  const char *name;
  const char *line;
  const char *redacted;
} redact_cases[] = {
  { "nothing", "killswitch: armed (none)", "killswitch: armed (none)" },
  { "empty", "", "" },
  { "address", "203.0.113.7", "(address)" },
  { "in-a-sentence", "server 203.0.113.7 answers", "server (address) answers" },
  { "end-of-a-sentence", "cannot reach 203.0.113.7.", "cannot reach (address)" },
  { "port", "to 203.0.113.7:51820/udp", "to (address)/udp" },
  { "ipv6", "to 2001:db8::1, again", "to (address), again" },
  { "ipv6-in-brackets", "[2001:db8::1]:1194", "[(address)]:1194" },
  { "ipv6-and-colon", "2001:db8::1: refused", "(address) refused" },
  { "mapped", "::ffff:203.0.113.7", "(address)" },
  { "prefix", "10.8.0.0/24", "(address)/24" },
  { "two", "203.0.113.7 203.0.113.8", "(address) (address)" },
  { "version", "version 1.42.4", "version 1.42.4" },
  { "time", "12:30:59", "12:30:59" },
  { "words-of-hexadecimal-digits", "a dead face: added", "a dead face: added" },
};

static void
test_redact (gconstpointer data)
{
  const struct RedactCase *c = data;
  g_autofree char *redacted = sysvpn_diagnosis_redact (c->line);

  g_assert_cmpstr (redacted, ==, c->redacted);
}

static char *
write_below (const char *root, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return g_steal_pointer (&folder);
}

static char *
make_root (void)
{
  char *root = g_dir_make_tmp ("sysvpn-diagnosis-XXXXXX", NULL);
  const struct {
    const char *name;
    const char *text;
  } files[] = {
    { "run/qubes-service/sysvpn", "" },
    { "run/qubes-service/network-manager", "" },
    { "sys/class/net/eth0/netdev_group", "1\n" },
    { "sys/class/net/eth0/operstate", "up\n" },
    { "sys/class/net/wg-zurich/netdev_group", "0\n" },
    { "sys/class/net/wg-zurich/operstate", "unknown\n" },
    { "sys/class/net/wg-zurich/uevent", "DEVTYPE=wireguard\nINTERFACE=wg-zurich\n" },
    { "sys/class/net/tun7/netdev_group", "0\n" },
    { "sys/class/net/tun7/tun_flags", "0x1001\n" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    g_free (write_below (root, files[i].name, files[i].text));
  return root;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *below = g_build_filename (path, name, NULL);

    remove_tree (below);
  }
  g_remove (path);
}

static void
test_text (void)
{
  static const char *const log[] = { "3 s ago: tunnel: up (none)",
                                     "1 s ago: no answer\nof "
                                     "203.0.113.7",
                                     NULL };
  static const char *const there[] = {
    "running for 61 s\n",
    "services of the qube: network-manager sysvpn\n",
    "profiles: 3, 1 vpn, 2 wireguard, 1 of them with their server in the endpoints\n",
    "tunnel=up\n",
    "endpoint=(left out)\n",
    "egress4=(left out)\n",
    "client=10.137.0.21 7\n",
    "eth0: group 1, up\n",
    "(wireguard): group 0, unknown\n",
    "(tun): group 0, ?\n",
    "3 s ago: tunnel: up (none)\n1 s ago: no answer of (address)\n",
  };
  static const char *const not_there[] = { "Zurich",   "zurich",   "203.0.113", "198.51.100",
                                           "2001:db8", "6f0a1f52", "tun7" };
  g_autoptr (GArray) profiles = g_array_new (FALSE, TRUE, sizeof (SysvpnProfile));
  g_autofree char *root = make_root ();
  g_autofree char *text = NULL;
  SysvpnStatus status;

  g_array_set_size (profiles, 3);
  g_array_index (profiles, SysvpnProfile, 0).type = SYSVPN_PROFILE_TYPE_VPN;
  g_array_index (profiles, SysvpnProfile, 0).pinned = true;
  g_array_index (profiles, SysvpnProfile, 1).type = SYSVPN_PROFILE_TYPE_WIREGUARD;
  g_array_index (profiles, SysvpnProfile, 2).type = SYSVPN_PROFILE_TYPE_WIREGUARD;
  sysvpn_status_init (&status);
  status.tunnel = SYSVPN_TUNNEL_UP;
  strcpy (status.profile_uuid, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  strcpy (status.profile_name, "Provider (Zurich)");
  strcpy (status.interface, "wg-zurich");
  strcpy (status.endpoint, "203.0.113.7:51820/udp");
  strcpy (status.egress4, "198.51.100.23");
  strcpy (status.egress6, "2001:db8:5::17");
  status.n_clients = 1;
  strcpy (status.clients[0].address, "10.137.0.21");
  status.clients[0].packets = 7;

  text = sysvpn_diagnosis_text (
      &(SysvpnDiagnosis){ .status = &status, .profiles = profiles, .log = log, .uptime_s = 61 },
      root);
  for (size_t i = 0; i < G_N_ELEMENTS (there); i++)
    if (strstr (text, there[i]) == NULL)
      g_error ("'%s' is not in:\n%s", there[i], text);
  for (size_t i = 0; i < G_N_ELEMENTS (not_there); i++)
    if (strstr (text, not_there[i]) != NULL)
      g_error ("'%s' is in:\n%s", not_there[i], text);
  remove_tree (root);
}

/* Everything at its limit still fits in an answer, the newest log line included. */
static void
test_largest_fits (void)
{
  g_autofree char *root = g_dir_make_tmp ("sysvpn-diagnosis-XXXXXX", NULL);
  const char *log[41] = { NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  SysvpnStatus status;

  for (unsigned i = 0; i < 60; i++) {
    g_autofree char *name = g_strdup_printf ("sys/class/net/vif%u.0/operstate", i);

    g_free (write_below (root, name, "up"));
  }
  for (size_t i = 0; i + 1 < G_N_ELEMENTS (log); i++)
    log[i] = "1 s ago: line";
  sysvpn_status_init (&status);
  status.n_clients = SYSVPN_STATUS_CLIENTS_MAX;
  text = sysvpn_diagnosis_text (&(SysvpnDiagnosis){ .status = &status, .log = log }, root);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), <=, SYSVPN_DIAGNOSIS_LINES_MAX - 2);
  remove_tree (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (redact_cases); i++) {
    g_autofree char *path = g_strconcat ("/diagnosis/redact/", redact_cases[i].name, NULL);

    g_test_add_data_func (path, &redact_cases[i], test_redact);
  }
  g_test_add_func ("/diagnosis/text", test_text);
  g_test_add_func ("/diagnosis/largest-fits", test_largest_fits);
  return g_test_run ();
}

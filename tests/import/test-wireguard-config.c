/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/config.h"

#include <string.h>

#include "import/error.h"

#define HEAD "[Interface]\nPrivateKey = x\n"
#define PEER "[Peer]\nPublicKey = y\n"

static const struct WireguardCase {
  const char *name;
  const char *text;
  const char *host; /* of the only endpoint; NULL: refused */
  unsigned port;
  const char *why; /* contained in the note, or in the refusal */
} cases[] = {
  { "plain", HEAD PEER "Endpoint = 203.0.113.5:51820\n", "203.0.113.5", 51820, NULL },
  { "v6", HEAD PEER "Endpoint = [2001:db8::1]:443\n", "2001:db8::1", 443, NULL },
  { "name", HEAD PEER "endpoint=a.example:1 # x\n", "a.example", 1, NULL },
  { "script", HEAD "PostUp = rm x\n" PEER "Endpoint = a:1\n", "a", 1,
    "line 3: PostUp left out" },
  { "table", HEAD "Table = off\n" PEER "Endpoint = a:1\n", "a", 1, "line 3: Table left out" },
  { "fwmark", HEAD "FwMark = 1\n" PEER "Endpoint = a:1\n", "a", 1, "line 3: FwMark left out" },
  { "no-endpoint", HEAD PEER, NULL, 0, "no server" },
  { "no-key", "[Interface]\n" PEER "Endpoint = a:1\n", NULL, 0, "no PrivateKey" },
  { "no-port", HEAD PEER "Endpoint = a\n", NULL, 0, "line 5: expected Endpoint" },
  { "port-0", HEAD PEER "Endpoint = a:0\n", NULL, 0, "line 5: expected Endpoint" },
  { "port-65536", HEAD PEER "Endpoint = a:65536\n", NULL, 0, "line 5: expected Endpoint" },
  { "v6-bare", HEAD PEER "Endpoint = 2001:db8::1:5\n", NULL, 0, "line 5: expected Endpoint" },
  { "v4-bracket", HEAD PEER "Endpoint = [1.2.3.4]:5\n", NULL, 0, "line 5: expected Endpoint" },
  { "amnezia", HEAD "Jc = 4\n" PEER, NULL, 0, "line 3: Jc: obfuscated" },
  { "unknown-key", HEAD "Colour = 4\n" PEER, NULL, 0, "line 3: not a key" },
  { "key-of-other-section", HEAD "AllowedIPs = 0.0.0.0/0\n", NULL, 0, "line 3: not a key" },
  { "unknown-section", "[Server]\n", NULL, 0, "line 1: expected [Interface]" },
  { "no-section", "PrivateKey = x\n", NULL, 0, "line 1: expected [Interface]" },
  { "no-value", HEAD "MTU\n", NULL, 0, "line 3: expected KEY = VALUE" },
};

static void
test_case (gconstpointer data)
{
  const struct WireguardCase *c = data;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnConfig) config = NULL;
  unsigned n_remotes = 0;

  g_assert_true (sysvpn_config_split (c->text, strlen (c->text), &lines, NULL));
  config = sysvpn_config_parse_wireguard (lines, &error);
  if (c->host == NULL) {
    g_assert_null (config);
    g_assert_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, c->why));
    return;
  }
  g_assert_no_error (error);
  for (unsigned i = 0; i < config->lines->len; i++) {
    const SysvpnConfigLine *line = config->lines->pdata[i];

    if (line->type != SYSVPN_CONFIG_LINE_REMOTE)
      continue;
    n_remotes++;
    g_assert_cmpstr (line->text, ==, c->host);
    g_assert_cmpuint (line->port, ==, c->port);
  }
  g_assert_cmpuint (n_remotes, ==, 1);
  g_assert_cmpuint (config->notes->len, ==, c->why != NULL);
  if (c->why != NULL)
    g_assert_nonnull (strstr (config->notes->pdata[0], c->why));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/wireguard-config/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}

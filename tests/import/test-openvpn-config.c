/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/config.h"

#include <stdlib.h>
#include <string.h>

#include "import/error.h"

#define REMOTE "client\nremote 203.0.113.5 1194 udp\n"

/* What is taken: remotes as LINE=HOST:PORT/WORD, files as LINE=OPTION:PATH, notes by line. */
static const struct TakenCase {
  const char *name;
  const char *text;
  const char *wanted;
} taken[] = {
  { "plain", REMOTE, "2=203.0.113.5:1194/udp" },
  { "crlf", "client\r\nremote a.example 443 tcp\r\n", "2=a.example:443/tcp" },
  { "byte-order-mark", "\xef\xbb\xbfremote 203.0.113.5\n", "1=203.0.113.5:1194/udp" },
  { "no-newline-at-end", "remote 203.0.113.5", "1=203.0.113.5:1194/udp" },
  { "comments", "# remote a\n; remote b\nremote 203.0.113.5 # c\n", "3=203.0.113.5:1194/udp" },
  { "proto-after", "remote a.example 443\nproto tcp\n", "1=a.example:443/tcp" },
  { "port-before", "port 1300\nremote a.example\n", "2=a.example:1300/udp" },
  { "rport", "rport 1301\nremote a.example\n", "2=a.example:1301/udp" },
  { "own-wins", "proto tcp\nport 1\nremote a.example 2 udp6\n", "3=a.example:2/udp6" },
  { "several", "remote a.example 1\nremote b.example 2\nremote 2001:db8::1 3\n",
    "1=a.example:1/udp 2=b.example:2/udp 3=2001:db8::1:3/udp" },
  { "connection-blocks", "<connection>\nremote a.example 1 tcp\n\n# x\n</connection>\n",
    "2=a.example:1/tcp" },
  { "dashes", "--remote a.example 5 udp\n", "1=a.example:5/udp" },
  { "quotes", "remote \"a.example\" '5'\n", "1=a.example:5/udp" },
  { "file", REMOTE "ca my.crt\ntls-auth 'a b.key' 1\n",
    "2=203.0.113.5:1194/udp 3=ca:my.crt 4=tls-auth:a b.key" },
  { "inline-word", REMOTE "ca [inline]\n<ca>\nx\n</ca>\n", "2=203.0.113.5:1194/udp" },
  { "scripts", "up a\nremote a.example\ndown b\nscript-security 2\nplugin x\n",
    "2=a.example:1194/udp !1 !3 !4 !5" },
  { "routes",
    REMOTE "route-nopull\npull-filter ignore x\nroute 10.0.0.0 255.0.0.0 net_gateway\n",
    "2=203.0.113.5:1194/udp !3 !4 !5" },
  { "dh-block", REMOTE "<dh>\nx\n</dh>\n", "2=203.0.113.5:1194/udp" },
};

static const struct RefusedCase {
  const char *name;
  const char *text;
  const char *why; /* contained in the message */
} refused[] = {
  { "empty", "", "empty" },
  { "no-remote", "client\ndev tun\n", "no server" },
  { "not-text", "remote a\xff\n", "UTF-8" },
  { "nul-like", "remote a;b 1\n", "line 1: expected remote" },
  { "port-0", "remote a 0\n", "line 1: expected a port" },
  { "port-65536", "remote a 65536\n", "line 1: expected a port" },
  { "port-word", "remote a http\n", "line 1: expected a port" },
  { "proto", "remote a 1 sctp\n", "line 1: expected udp or tcp" },
  { "proto-line", "proto sctp\nremote a 1\n", "expected udp or tcp" },
  { "proto-empty", "proto\nremote a 1\n", "line 1: expected proto" },
  { "remote-empty", "remote\n", "line 1: expected remote" },
  { "remote-long", "remote a 1 udp x\n", "line 1: expected remote" },
  { "http-proxy", REMOTE "http-proxy a 1\n", "line 3: http-proxy" },
  { "socks-proxy", REMOTE "socks-proxy a 1\n", "line 3: socks-proxy" },
  { "server", REMOTE "server 10.0.0.0 255.0.0.0\n", "line 3: server" },
  { "mode", REMOTE "mode server\n", "line 3: mode" },
  { "tls-server", REMOTE "tls-server\n", "line 3: tls-server" },
  { "pkcs11", REMOTE "pkcs11-id x\n", "line 3: pkcs11-id" },
  { "cryptoapi", REMOTE "cryptoapicert x\n", "line 3: cryptoapicert" },
  { "config", REMOTE "config x\n", "line 3: config" },
  { "cd", REMOTE "cd /\n", "line 3: cd" },
  { "challenge", REMOTE "static-challenge x 1\n", "line 3: static-challenge" },
  { "tap", REMOTE "dev tap0\n", "line 3: a tap device" },
  { "dev-type-tap", REMOTE "dev-type tap\n", "line 3: a tap device" },
  { "file-without-path", REMOTE "ca\n", "line 3: expected ca FILE" },
  { "unknown-block", REMOTE "<http-proxy-user-pass>\nx\n", "line 3: a block" },
  { "open-block", REMOTE "<ca>\nx\n", "line 3: this block has no end" },
  { "connection-other", "<connection>\nremote a\nsocks-proxy b\n</connection>\n",
    "line 3: only" },
  { "open-quote", REMOTE "verb \"3\n", "line 3: too many words, or a quote" },
  { "backslash", REMOTE "c\\a /etc/shadow\n", "line 3: a \\" },
  { "carriage-return", REMOTE "verb 3\rca /etc/shadow\n", "line 3: a byte" },
  { "escape", REMOTE "verb 3 # \x1b[31m\n", "line 3: a byte" },
  { "many-words", REMOTE "x 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6\n", "line 3: too many words" },
  { "login-without-password", REMOTE "<auth-user-pass>\nme\n</auth-user-pass>\n",
    "no password" },
  { "login-three-lines", REMOTE "<auth-user-pass>\na\nb\nc\n</auth-user-pass>\n",
    "line 6: expected two" },
};

static SysvpnConfig *
parse (const char *text, GError **error)
{
  g_auto (GStrv) lines = NULL;

  return sysvpn_config_split (text, strlen (text), &lines, error)
             ? sysvpn_config_parse_openvpn (lines, error)
             : NULL;
}

static char *
describe (const SysvpnConfig *config)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < config->lines->len; i++) {
    const SysvpnConfigLine *line = config->lines->pdata[i];

    if (line->type == SYSVPN_CONFIG_LINE_REMOTE)
      g_string_append_printf (text, " %u=%s:%u/%s", line->number, line->text, line->port,
                              line->rest);
    else if (line->type == SYSVPN_CONFIG_LINE_FILE)
      g_string_append_printf (text, " %u=%s:%s", line->number, line->option, line->text);
  }
  for (unsigned i = 0; i < config->notes->len; i++)
    g_string_append_printf (text, " !%d", atoi ((char *) config->notes->pdata[i] + 5));
  g_string_erase (text, 0, 1);
  return g_string_free (text, FALSE);
}

static void
test_taken (gconstpointer data)
{
  const struct TakenCase *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnConfig) config = parse (c->text, &error);
  g_autofree char *got = NULL;

  g_assert_no_error (error);
  got = describe (config);
  g_assert_cmpstr (got, ==, c->wanted);
}

static void
test_refused (gconstpointer data)
{
  const struct RefusedCase *c = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (c->text, &error));
  g_assert_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, c->why));
}

static void
test_secrets (void)
{
  g_autoptr (SysvpnConfig) config =
      parse (REMOTE "auth-user-pass login.txt\n<auth-user-pass>\nme\npass word\n"
                    "</auth-user-pass>\n<key>\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n</key>\n",
             NULL);

  g_assert_true (config->wants_password && config->wants_passphrase && config->holds_key);
  g_assert_cmpstr (config->password_file, ==, "login.txt");
  g_assert_cmpstr (config->user, ==, "me");
  g_assert_cmpstr (config->password, ==, "pass word");
  g_assert_true (sysvpn_config_has_option (config, "key"));
  sysvpn_config_drop_option (config, "key");
  g_assert_false (sysvpn_config_has_option (config, "key"));
}

static void
test_size (void)
{
  g_autofree char *text = g_strnfill (SYSVPN_CONFIG_MAX + 1, '#');
  g_auto (GStrv) lines = NULL;

  g_assert_true (sysvpn_config_split (text, SYSVPN_CONFIG_MAX, &lines, NULL));
  g_clear_pointer (&lines, g_strfreev);
  g_assert_false (sysvpn_config_split (text, SYSVPN_CONFIG_MAX + 1, &lines, NULL));
  g_assert_false (sysvpn_config_split ("a\0b", 3, &lines, NULL));
  g_assert_null (lines);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (taken); i++) {
    g_autofree char *path = g_strconcat ("/openvpn-config/taken/", taken[i].name, NULL);

    g_test_add_data_func (path, &taken[i], test_taken);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *path = g_strconcat ("/openvpn-config/refused/", refused[i].name, NULL);

    g_test_add_data_func (path, &refused[i], test_refused);
  }
  g_test_add_func ("/openvpn-config/secrets", test_secrets);
  g_test_add_func ("/openvpn-config/size", test_size);
  return g_test_run ();
}

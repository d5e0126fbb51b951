/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenVPN's configuration files, as far as decisions hang on them: servers, files, passwords,
 * and what cannot be or must not be. Everything else is NetworkManager's importer's to
 * understand, and what that does not know it leaves out without a word. Pure. */
#include <string.h>

#include "base/parse-number.h"
#include "import/config.h"
#include "import/error.h"

enum { WORDS_MAX = 16, DEFAULT_PORT = 1194, BLOCK_NAME_MAX = 32 };

typedef enum {
  VERDICT_PASS,
  VERDICT_DROP,   /* and say so */
  VERDICT_FORGET, /* has no meaning here, not worth a line */
  VERDICT_REFUSE,
  VERDICT_FILE,
} Verdict;

static const char no_scripts[] = "NetworkManager runs no scripts of a profile";
static const char all_traffic[] = "all traffic goes through the tunnel, as its server says";
static const char proxies[] = "the connection would go to a proxy, which is not the endpoint";
static const char a_server[] = "this is a server's configuration";
static const char devices[] = "keys in hardware or in Windows' store cannot be used here";

static const struct {
  const char *word;
  Verdict verdict;
  const char *why;
} options[] = {
  { "up", VERDICT_DROP, no_scripts },
  { "down", VERDICT_DROP, no_scripts },
  { "up-restart", VERDICT_DROP, no_scripts },
  { "down-pre", VERDICT_DROP, no_scripts },
  { "ipchange", VERDICT_DROP, no_scripts },
  { "route-up", VERDICT_DROP, no_scripts },
  { "route-pre-down", VERDICT_DROP, no_scripts },
  { "tls-verify", VERDICT_DROP, no_scripts },
  { "iproute", VERDICT_DROP, no_scripts },
  { "plugin", VERDICT_DROP, no_scripts },
  { "script-security", VERDICT_DROP, no_scripts },
  { "route-nopull", VERDICT_DROP, all_traffic },
  { "route-noexec", VERDICT_DROP, all_traffic },
  { "redirect-private", VERDICT_DROP, all_traffic },
  { "pull-filter", VERDICT_DROP, all_traffic },
  { "remote-random-hostname", VERDICT_DROP, "servers are addresses here, not names" },
  { "http-proxy", VERDICT_REFUSE, proxies },
  { "http-proxy-option", VERDICT_REFUSE, proxies },
  { "socks-proxy", VERDICT_REFUSE, proxies },
  { "server", VERDICT_REFUSE, a_server },
  { "server-ipv6", VERDICT_REFUSE, a_server },
  { "server-bridge", VERDICT_REFUSE, a_server },
  { "tls-server", VERDICT_REFUSE, a_server },
  { "mode", VERDICT_REFUSE, a_server },
  { "pkcs11-id", VERDICT_REFUSE, devices },
  { "pkcs11-providers", VERDICT_REFUSE, devices },
  { "cryptoapicert", VERDICT_REFUSE, devices },
  { "config", VERDICT_REFUSE, "one file, one profile: put what it includes into this file" },
  { "cd", VERDICT_REFUSE, "files are looked for in /rw/config/vpn and its credentials folder" },
  { "chroot", VERDICT_FORGET, NULL },
  { "static-challenge", VERDICT_REFUSE,
    "nobody is there to answer a question at each connect" },
  { "user", VERDICT_FORGET, NULL },
  { "group", VERDICT_FORGET, NULL },
  { "setenv", VERDICT_FORGET, NULL },
  { "dhcp-option", VERDICT_FORGET, NULL },
  { "ca", VERDICT_FILE, NULL },
  { "cert", VERDICT_FILE, NULL },
  { "key", VERDICT_FILE, NULL },
  { "pkcs12", VERDICT_FILE, NULL },
  { "tls-auth", VERDICT_FILE, NULL },
  { "tls-crypt", VERDICT_FILE, NULL },
  { "tls-crypt-v2", VERDICT_FILE, NULL },
  { "secret", VERDICT_FILE, NULL },
  { "extra-certs", VERDICT_FILE, NULL },
  { "crl-verify", VERDICT_FILE, NULL },
};

static const struct {
  const char *word;
  bool is_tcp;
  int family;
} protocols[] = {
  { "udp", false, 0 },       { "udp4", false, 4 },       { "udp6", false, 6 },
  { "tcp", true, 0 },        { "tcp4", true, 4 },        { "tcp6", true, 6 },
  { "tcp-client", true, 0 }, { "tcp4-client", true, 4 }, { "tcp6-client", true, 6 },
};

typedef struct {
  SysvpnConfig *config;
  char block[BLOCK_NAME_MAX]; /* the one that is open, or empty */
  unsigned block_line;
  char *protocol; /* for servers that name none */
  uint16_t port;
} Parser;

/* Cuts @line, which is overwritten, into words as OpenVPN does; a comment ends it. FALSE if
 * there are too many or a quote stays open. */
static bool
split_words (char *line, char *words[static WORDS_MAX], size_t *ret_n_words)
{
  size_t n_words = 0;
  char *to = line;

  for (char *c = line; *c != '\0';) {
    char quote = '\0';

    if (*c == ' ' || *c == '\t') {
      c++;
      continue;
    }
    if (*c == '#' || *c == ';')
      break;
    if (n_words == WORDS_MAX)
      return false;
    words[n_words++] = to;
    for (; *c != '\0' && (quote != '\0' || (*c != ' ' && *c != '\t')); c++) {
      if (quote == '\0' && (*c == '"' || *c == '\''))
        quote = *c;
      else if (quote != '\0' && *c == quote)
        quote = '\0';
      else
        *to++ = *c;
    }
    if (quote != '\0')
      return false;
    if (*c != '\0')
      c++;
    *to++ = '\0';
  }
  *ret_n_words = n_words;
  return true;
}

static bool
set_protocol (SysvpnConfigLine *line, const char *word, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (g_str_equal (protocols[i].word, word)) {
      line->is_tcp = protocols[i].is_tcp;
      line->family = protocols[i].family;
      g_free (line->rest);
      line->rest = g_strdup (word);
      return true;
    }
  return sysvpn_import_refuse (error, line->number, "expected udp or tcp as the protocol");
}

static bool
parse_port (const char *word, unsigned number, uint16_t *ret_port, GError **error)
{
  uint64_t port;

  if (!sysvpn_parse_u64 (word, UINT16_MAX, &port) || port == 0)
    return sysvpn_import_refuse (error, number, "expected a port of 1 to 65535");
  *ret_port = (uint16_t) port;
  return true;
}

static bool
is_host (const char *text)
{
  size_t len = strlen (text);

  return len > 0 && len <= 253 &&
         strspn (text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:") ==
             len;
}

static bool
parse_remote (Parser *p, char *words[], size_t n_words, unsigned number, GError **error)
{
  SysvpnConfigLine *line;

  if (n_words < 2 || n_words > 4 || !is_host (words[1]))
    return sysvpn_import_refuse (error, number, "expected remote HOST [PORT [PROTOCOL]]");
  line = sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_REMOTE, number, words[1]);
  return (n_words < 3 || parse_port (words[2], number, &line->port, error)) &&
         (n_words < 4 || set_protocol (line, words[3], error));
}

static bool
parse_file (Parser *p, char *words[], size_t n_words, unsigned number, GError **error)
{
  SysvpnConfigLine *line;

  if (n_words < 2 || n_words > 3)
    return sysvpn_import_refuse (error, number, "expected %s FILE", words[0]);
  if (g_str_equal (words[1], "[inline]"))
    return true; /* OpenVPN 2.1's announcement of a block */
  line = sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_FILE, number, words[1]);
  line->option = g_strdup (words[0]);
  line->rest = n_words == 3 ? g_strdup (words[2]) : NULL;
  return true;
}

static bool
parse_password (Parser *p, char *words[], size_t n_words)
{
  p->config->wants_password = true;
  if (n_words > 1 && !g_str_equal (words[1], "[inline]")) {
    g_free (p->config->password_file);
    p->config->password_file = g_strdup (words[1]);
  }
  return true;
}

static bool
parse_protocol (Parser *p, char *words[], size_t n_words, unsigned number, GError **error)
{
  if (n_words != 2)
    return sysvpn_import_refuse (error, number, "expected proto PROTOCOL");
  g_free (p->protocol);
  p->protocol = g_strdup (words[1]);
  return true;
}

/* Those that are more than a word of the table. */
static bool
parse_special (Parser *p, char *words[], size_t n_words, unsigned number, GError **error)
{
  const char *word = words[0];

  if (g_str_equal (word, "remote"))
    return parse_remote (p, words, n_words, number, error);
  if (g_str_equal (word, "auth-user-pass"))
    return parse_password (p, words, n_words);
  if (g_str_equal (word, "proto"))
    return parse_protocol (p, words, n_words, number, error);
  if (g_str_equal (word, "askpass"))
    return p->config->wants_passphrase = true;
  if (n_words < 2)
    return sysvpn_import_refuse (error, number, "expected %s PORT", word);
  return parse_port (words[1], number, &p->port, error);
}

static bool
is_special (const char *word)
{
  static const char *const special[] = { "remote", "auth-user-pass", "proto", "askpass",
                                         "port",   "rport",          NULL };

  return g_strv_contains (special, word);
}

/* What may not be in the rest that the importer gets. */
static bool
check_plain (char *words[], size_t n_words, unsigned number, GError **error)
{
  bool is_device = g_str_equal (words[0], "dev") || g_str_equal (words[0], "dev-type");

  if (is_device && n_words > 1 && g_str_has_prefix (words[1], "tap"))
    return sysvpn_import_refuse (error, number,
                                 "a tap device carries Ethernet; only tun is for a VPN qube");
  return true;
}

static bool
parse_option (
    Parser *p, const char *raw, char *words[], size_t n_words, unsigned number, GError **error)
{
  Verdict verdict = VERDICT_PASS;
  const char *why = NULL;

  if (is_special (words[0]))
    return parse_special (p, words, n_words, number, error);
  for (size_t i = 0; i < G_N_ELEMENTS (options); i++)
    if (g_str_equal (options[i].word, words[0])) {
      verdict = options[i].verdict;
      why = options[i].why;
    }
  if (g_str_equal (words[0], "route") && strstr (raw, "net_gateway") != NULL) {
    verdict = VERDICT_DROP;
    why = "it leads past the tunnel";
  }
  if (verdict == VERDICT_REFUSE)
    return sysvpn_import_refuse (error, number, "%s: %s", words[0], why);
  if (verdict == VERDICT_DROP)
    sysvpn_config_note (p->config, number, words[0], why);
  if (verdict == VERDICT_FILE)
    return parse_file (p, words, n_words, number, error);
  if (verdict == VERDICT_PASS)
    sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_PLAIN, number, raw);
  return check_plain (words, n_words, number, error);
}

/* A block is handed on, but for the two that the importer does not know. */
static bool
open_block (Parser *p, const char *word, unsigned number, GError **error)
{
  static const char *const known[] = { "ca",         "cert",        "key",    "pkcs12",
                                       "tls-auth",   "tls-crypt",   "secret", "tls-crypt-v2",
                                       "crl-verify", "extra-certs", NULL };
  static const char *const own[] = { "connection", "auth-user-pass", "dh", NULL };
  g_autofree char *name = g_strndup (word + 1, strlen (word) - 2);
  bool is_known = g_strv_contains (known, name);

  if (!is_known && !g_strv_contains (own, name))
    return sysvpn_import_refuse (error, number, "a block of this name cannot be imported");
  g_strlcpy (p->block, name, sizeof p->block);
  p->block_line = number;
  if (g_str_equal (name, "key") || g_str_equal (name, "pkcs12"))
    p->config->holds_key = true;
  if (g_str_equal (name, "auth-user-pass"))
    p->config->wants_password = true;
  if (is_known)
    sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_PLAIN, number, word)->option =
        g_strdup (name);
  return true;
}

static bool
take_login_line (SysvpnConfig *config, const char *raw, unsigned number, GError **error)
{
  char **target = config->user == NULL ? &config->user : &config->password;

  if (raw[0] == '\0')
    return true;
  if (config->password != NULL)
    return sysvpn_import_refuse (error, number, "expected two lines in this block");
  *target = g_strdup (raw);
  return true;
}

static bool
parse_in_block (Parser *p, const char *raw, GError **error, unsigned number)
{
  g_autofree char *end = g_strdup_printf ("</%s>", p->block);
  g_autofree char *copy = g_strdup (raw);
  bool is_end = g_str_has_prefix (g_strchug (copy), end);
  bool is_connection = g_str_equal (p->block, "connection");
  char *words[WORDS_MAX];
  size_t n_words = 0;

  if (!is_connection && !g_str_equal (p->block, "auth-user-pass") &&
      !g_str_equal (p->block, "dh"))
    sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_PLAIN, number, raw)->option =
        g_strdup (p->block);
  if (g_str_equal (p->block, "key") && strstr (raw, "ENCRYPTED") != NULL)
    p->config->wants_passphrase = true;
  if (g_str_equal (p->block, "auth-user-pass") && !is_end)
    return take_login_line (p->config, raw, number, error);
  if (is_end) {
    p->block[0] = '\0';
    return true;
  }
  if (!is_connection)
    return true;
  if (!split_words (copy, words, &n_words))
    return sysvpn_import_refuse (error, number, "too many words, or a quote that does not end");
  if (n_words == 0)
    return true;
  if (!g_str_equal (words[0], "remote"))
    return sysvpn_import_refuse (error, number, "only remote can stand in a connection block");
  return parse_remote (p, words, n_words, number, error);
}

static bool
parse_line (Parser *p, const char *raw, unsigned number, GError **error)
{
  g_autofree char *copy = g_strdup (raw);
  char *words[WORDS_MAX];
  size_t n_words = 0;

  if (p->block[0] != '\0')
    return parse_in_block (p, raw, error, number);
  if (!split_words (copy, words, &n_words))
    return sysvpn_import_refuse (error, number, "too many words, or a quote that does not end");
  if (n_words == 0)
    return true;
  /* the importer takes it away, and would see a word that was not looked at here */
  if (strchr (words[0], '\\') != NULL)
    return sysvpn_import_refuse (error, number, "a \\ in the name of an option");
  if (words[0][0] == '<' && g_str_has_suffix (words[0], ">"))
    return open_block (p, words[0], number, error);
  if (g_str_has_prefix (words[0], "--"))
    words[0] += 2;
  return parse_option (p, raw, words, n_words, number, error);
}

/* `proto` and `port` are for all servers that say nothing themselves, wherever they stand. */
static bool
finish (Parser *p, GError **error)
{
  unsigned n_remotes = 0;

  if (p->block[0] != '\0')
    return sysvpn_import_refuse (error, p->block_line, "this block has no end");
  for (unsigned i = 0; i < p->config->lines->len; i++) {
    SysvpnConfigLine *line = p->config->lines->pdata[i];

    if (line->type != SYSVPN_CONFIG_LINE_REMOTE)
      continue;
    n_remotes++;
    if (line->port == 0)
      line->port = p->port != 0 ? p->port : DEFAULT_PORT;
    if (line->rest == NULL &&
        !set_protocol (line, p->protocol != NULL ? p->protocol : "udp", error))
      return false;
  }
  if (n_remotes == 0)
    return sysvpn_import_refuse (error, 0, "it names no server (remote)");
  if (p->config->user != NULL && p->config->password == NULL)
    return sysvpn_import_refuse (error, 0, "its auth-user-pass block has no password");
  if (p->config->wants_password) /* without it the importer makes a profile that sends none */
    sysvpn_config_add (p->config, SYSVPN_CONFIG_LINE_PLAIN, 0, "auth-user-pass");
  return true;
}

/**
 * sysvpn_config_parse_openvpn:
 * @lines: what sysvpn_config_split() made
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: (transfer full) (nullable): what the file says
 */
SysvpnConfig *
sysvpn_config_parse_openvpn (char **lines, GError **error)
{
  g_autoptr (SysvpnConfig) config = sysvpn_config_new (SYSVPN_CONFIG_OPENVPN);
  Parser parser = { .config = config };
  bool is_good = true;

  for (unsigned i = 0; is_good && lines[i] != NULL; i++)
    is_good = parse_line (&parser, lines[i], i + 1, error);
  is_good = is_good && finish (&parser, error);
  g_free (parser.protocol);
  return is_good ? g_steal_pointer (&config) : NULL;
}

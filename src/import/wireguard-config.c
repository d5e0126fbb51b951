/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WireGuard's configuration files (wg-quick's form), as far as decisions hang on them. The
 * importer refuses what it does not know; here is said why, and what can be left out is. Pure.
 */
#include <string.h>

#include "base/parse-number.h"
#include "import/config.h"
#include "import/error.h"

typedef enum { SECTION_NONE, SECTION_INTERFACE, SECTION_PEER } Section;

static const char no_scripts[] = "NetworkManager runs no scripts of a profile";
static const char obfuscated[] =
    "obfuscated WireGuard (AmneziaWG) is not what the kernel speaks";

static const struct {
  const char *key;
  Section section;
  const char *dropped; /* why it is left out; NULL when it is handed on */
  const char *refused;
} keys[] = {
  { "PrivateKey", SECTION_INTERFACE, NULL, NULL },
  { "Address", SECTION_INTERFACE, NULL, NULL },
  { "DNS", SECTION_INTERFACE, NULL, NULL },
  { "MTU", SECTION_INTERFACE, NULL, NULL },
  { "ListenPort", SECTION_INTERFACE, NULL, NULL },
  { "FwMark", SECTION_INTERFACE, "NetworkManager chooses its own", NULL },
  { "Table", SECTION_INTERFACE, "all traffic goes through the tunnel", NULL },
  { "SaveConfig", SECTION_INTERFACE, "the file stays as it is", NULL },
  { "PreUp", SECTION_INTERFACE, no_scripts, NULL },
  { "PostUp", SECTION_INTERFACE, no_scripts, NULL },
  { "PreDown", SECTION_INTERFACE, no_scripts, NULL },
  { "PostDown", SECTION_INTERFACE, no_scripts, NULL },
  { "Jc", SECTION_INTERFACE, NULL, obfuscated },
  { "Jmin", SECTION_INTERFACE, NULL, obfuscated },
  { "Jmax", SECTION_INTERFACE, NULL, obfuscated },
  { "S1", SECTION_INTERFACE, NULL, obfuscated },
  { "H1", SECTION_INTERFACE, NULL, obfuscated },
  { "PublicKey", SECTION_PEER, NULL, NULL },
  { "PresharedKey", SECTION_PEER, NULL, NULL },
  { "AllowedIPs", SECTION_PEER, NULL, NULL },
  { "Endpoint", SECTION_PEER, NULL, NULL },
  { "PersistentKeepalive", SECTION_PEER, NULL, NULL },
};

static bool
is_host (const char *text)
{
  size_t len = strlen (text);

  return len > 0 && len <= 253 &&
         strspn (text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:") ==
             len;
}

static bool
parse_endpoint (SysvpnConfig *config, const char *value, unsigned number, GError **error)
{
  bool has_bracket = value[0] == '[';
  const char *colon = has_bracket ? strstr (value, "]:") : strrchr (value, ':');
  g_autofree char *host = NULL;
  SysvpnConfigLine *line;
  uint64_t port = 0;

  if (colon != NULL) {
    const char *start = value + (has_bracket ? 1 : 0);

    host = g_strndup (start, (size_t) (colon - start));
    if (!sysvpn_parse_u64 (colon + (has_bracket ? 2 : 1), UINT16_MAX, &port))
      port = 0;
  }
  if (port == 0 || !is_host (host) || (strchr (host, ':') != NULL) != has_bracket)
    return sysvpn_import_refuse (error, number, "expected Endpoint = ADDRESS:PORT");
  line = sysvpn_config_add (config, SYSVPN_CONFIG_LINE_REMOTE, number, host);
  line->port = (uint16_t) port;
  line->rest = g_strdup ("udp");
  return true;
}

static bool
parse_key (SysvpnConfig *config,
           Section section,
           const char *raw,
           char *words[],
           unsigned number,
           GError **error)
{
  const char *key = g_strstrip (words[0]);
  const char *value = g_strstrip (words[1]);

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (keys[i].section != section || g_ascii_strcasecmp (keys[i].key, key) != 0)
      continue;
    if (keys[i].refused != NULL)
      return sysvpn_import_refuse (error, number, "%s: %s", keys[i].key, keys[i].refused);
    if (keys[i].dropped != NULL)
      sysvpn_config_note (config, number, keys[i].key, keys[i].dropped);
    else if (g_str_equal (keys[i].key, "Endpoint"))
      return parse_endpoint (config, value, number, error);
    else
      sysvpn_config_add (config, SYSVPN_CONFIG_LINE_PLAIN, number, raw);
    config->holds_key |= g_str_equal (keys[i].key, "PrivateKey");
    return true;
  }
  return sysvpn_import_refuse (error, number, "not a key that %s knows",
                               section == SECTION_PEER ? "[Peer]" : "[Interface]");
}

static bool
parse_line (
    SysvpnConfig *config, Section *section, const char *raw, unsigned number, GError **error)
{
  g_autofree char *text = g_strndup (raw, strcspn (raw, "#"));
  g_auto (GStrv) words = NULL;
  const char *bare = g_strstrip (text);

  if (bare[0] == '\0')
    return true;
  if (bare[0] == '[') {
    *section = g_ascii_strcasecmp (bare, "[Interface]") == 0 ? SECTION_INTERFACE
               : g_ascii_strcasecmp (bare, "[Peer]") == 0    ? SECTION_PEER
                                                             : SECTION_NONE;
    if (*section == SECTION_NONE)
      return sysvpn_import_refuse (error, number, "expected [Interface] or [Peer]");
    sysvpn_config_add (config, SYSVPN_CONFIG_LINE_PLAIN, number, bare);
    return true;
  }
  if (*section == SECTION_NONE)
    return sysvpn_import_refuse (error, number, "expected [Interface]");
  words = g_strsplit (bare, "=", 2);
  if (words[1] == NULL)
    return sysvpn_import_refuse (error, number, "expected KEY = VALUE");
  return parse_key (config, *section, bare, words, number, error);
}

static bool
finish (SysvpnConfig *config, GError **error)
{
  if (!config->holds_key)
    return sysvpn_import_refuse (error, 0, "it has no PrivateKey");
  for (unsigned i = 0; i < config->lines->len; i++) {
    const SysvpnConfigLine *line = config->lines->pdata[i];

    if (line->type == SYSVPN_CONFIG_LINE_REMOTE)
      return true;
  }
  return sysvpn_import_refuse (error, 0, "it names no server (Endpoint)");
}

/**
 * sysvpn_config_parse_wireguard:
 * @lines: what sysvpn_config_split() made
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: (transfer full) (nullable): what the file says
 */
SysvpnConfig *
sysvpn_config_parse_wireguard (char **lines, GError **error)
{
  g_autoptr (SysvpnConfig) config = sysvpn_config_new (SYSVPN_CONFIG_WIREGUARD);
  Section section = SECTION_NONE;

  for (unsigned i = 0; lines[i] != NULL; i++)
    if (!parse_line (config, &section, lines[i], i + 1, error))
      return NULL;
  return finish (config, error) ? g_steal_pointer (&config) : NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of servers and the addresses that they are pinned to: there is no DNS before the
 * tunnel, and the killswitch knows addresses only. Pure. */
#include "import/hosts.h"

#include <arpa/inet.h>
#include <string.h>

#include "import/error.h"
#include "killswitch/endpoints.h"

enum { ADDRESSES_MAX = 16 /* of a name; OpenVPN takes 64 servers in all */ };

/**
 * sysvpn_hosts_new:
 *
 * Returns: (transfer full) (element-type utf8 GStrv): names in lower case and their addresses
 */
GHashTable *
sysvpn_hosts_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
}

/**
 * sysvpn_hosts_is_address:
 * @text: a host as a file names it
 *
 * Returns: %TRUE if it is a numeric address, %FALSE if it is a name
 */
bool
sysvpn_hosts_is_address (const char *text)
{
  struct in6_addr address;

  return inet_pton (AF_INET, text, &address) == 1 || inet_pton (AF_INET6, text, &address) == 1;
}

/**
 * sysvpn_hosts_set:
 * @hosts: names and addresses
 * @name: a name, in any case
 * @addresses: its addresses; of many the first are kept
 */
void
sysvpn_hosts_set (GHashTable *hosts, const char *name, const char *const *addresses)
{
  GPtrArray *kept = g_ptr_array_new ();

  for (; *addresses != NULL && kept->len < ADDRESSES_MAX; addresses++)
    g_ptr_array_add (kept, g_strdup (*addresses));
  g_ptr_array_add (kept, NULL);
  g_hash_table_replace (hosts, g_ascii_strdown (name, -1), g_ptr_array_free (kept, FALSE));
}

/**
 * sysvpn_hosts_find:
 * @hosts: names and addresses
 * @name: a name, in any case
 *
 * Returns: (transfer none) (nullable): its addresses, at least one
 */
const char *const *
sysvpn_hosts_find (GHashTable *hosts, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (hosts, lower);
}

/**
 * sysvpn_hosts_join:
 * @addresses: addresses of a name
 *
 * Returns: (transfer full): all of them, to print
 */
char *
sysvpn_hosts_join (const char *const *addresses)
{
  GString *text = g_string_new (addresses[0]);

  for (size_t i = 1; addresses[0] != NULL && addresses[i] != NULL; i++)
    g_string_append_printf (text, " %s", addresses[i]);
  return g_string_free (text, FALSE);
}

static bool
parse_line (char *line, unsigned number, GHashTable *hosts, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  line[strcspn (line, "#")] = '\0';
  for (char *word = strtok (line, " \t,"); word != NULL; word = strtok (NULL, " \t,"))
    g_ptr_array_add (words, word);
  if (words->len == 0)
    return true;
  g_ptr_array_add (words, NULL);
  if (words->len < 3 || sysvpn_hosts_is_address (words->pdata[0]))
    return sysvpn_import_refuse (error, number, "expected NAME ADDRESS...");
  for (unsigned i = 1; words->pdata[i] != NULL; i++)
    if (!sysvpn_hosts_is_address (words->pdata[i]))
      return sysvpn_import_refuse (error, number, "expected a numeric address after the name");
  sysvpn_hosts_set (hosts, words->pdata[0], (const char *const *) words->pdata + 1);
  return true;
}

/**
 * sysvpn_hosts_parse:
 * @text: (array length=len): a file of lines `NAME ADDRESS...`, `#` begins a comment
 * @len: its length in bytes
 * @hosts: what it says is added, and replaces what was known of a name
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: %TRUE if every line is fine
 */
bool
sysvpn_hosts_parse (const char *text, size_t len, GHashTable *hosts, GError **error)
{
  g_auto (GStrv) lines = NULL;

  if (!sysvpn_config_split (text, len, &lines, error))
    return false;
  for (unsigned i = 0; lines[i] != NULL; i++)
    if (!parse_line (lines[i], i + 1, hosts, error))
      return false;
  return true;
}

static bool
refuse_name (const SysvpnConfigLine *line, GError **error)
{
  return sysvpn_import_refuse (
      error, line->number,
      "%s is a name, and there is no DNS before the tunnel; pin its address with "
      "`sysvpn-import "
      "--resolve` while a tunnel is up, or in another qube write a file of lines NAME "
      "ADDRESS... "
      "(`getent ahosts NAME` shows them) and use `sysvpn-import --hosts FILE`",
      line->text);
}

static bool
add_remote (const SysvpnConfigLine *line,
            const char *address,
            SysvpnConfigKind kind,
            GString *text,
            GPtrArray *endpoints,
            GError **error)
{
  bool is_v6 = strchr (address, ':') != NULL;
  const char *open = is_v6 ? "[" : "";
  const char *close = is_v6 ? "]" : "";
  g_autofree char *endpoint = g_strdup_printf ("%s%s%s:%u/%s", open, address, close, line->port,
                                               line->is_tcp ? "tcp" : "udp");
  SysvpnEndpoint parsed;

  if (!sysvpn_endpoint_parse (endpoint, strlen (endpoint), &parsed, error)) {
    g_autofree char *why = g_strdup ((*error)->message);

    g_clear_error (error);
    return sysvpn_import_refuse (error, line->number, "%s", why);
  }
  if (kind == SYSVPN_CONFIG_OPENVPN)
    g_string_append_printf (text, "remote %s %u %s\n", address, line->port, line->rest);
  else
    g_string_append_printf (text, "Endpoint = %s%s%s:%u\n", open, address, close, line->port);
  if (!g_ptr_array_find_with_equal_func (endpoints, endpoint, g_str_equal, NULL))
    g_ptr_array_add (endpoints, g_steal_pointer (&endpoint));
  return true;
}

static bool
render_remote (const SysvpnConfigLine *line,
               SysvpnConfigKind kind,
               GHashTable *hosts,
               GString *text,
               GPtrArray *endpoints,
               GError **error)
{
  const char *self[] = { line->text, NULL };
  bool is_address = sysvpn_hosts_is_address (line->text);
  const char *const *addresses = is_address ? self : sysvpn_hosts_find (hosts, line->text);
  unsigned n_added = 0;

  if (addresses == NULL)
    return refuse_name (line, error);
  for (; *addresses != NULL; addresses++) {
    int family = strchr (*addresses, ':') != NULL ? 6 : 4;

    if (!is_address && line->family != 0 && line->family != family)
      continue;
    if (kind == SYSVPN_CONFIG_WIREGUARD && n_added > 0)
      break; /* a peer has one endpoint */
    if (!add_remote (line, *addresses, kind, text, endpoints, error))
      return false;
    n_added++;
  }
  if (n_added == 0)
    return sysvpn_import_refuse (error, line->number, "no address of its name is IPv%d",
                                 line->family);
  return true;
}

/**
 * sysvpn_hosts_render:
 * @config: a config whose FILE lines have absolute paths
 * @hosts: what names are pinned to
 * @ret_text: (out) (transfer full): what the importer is to read; only on success
 * @ret_endpoints: (element-type utf8): lines of endpoints.imported are added
 * @error: (not nullable): return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: %TRUE if every server has an address that a VPN server may have
 */
bool
sysvpn_hosts_render (const SysvpnConfig *config,
                     GHashTable *hosts,
                     char **ret_text,
                     GPtrArray *ret_endpoints,
                     GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned i = 0; i < config->lines->len; i++) {
    const SysvpnConfigLine *line = config->lines->pdata[i];

    if (line->type == SYSVPN_CONFIG_LINE_PLAIN)
      g_string_append_printf (text, "%s\n", line->text);
    else if (line->type == SYSVPN_CONFIG_LINE_FILE)
      g_string_append_printf (text, "%s \"%s\" %s\n", line->option, line->text,
                              line->rest != NULL ? line->rest : "");
    else if (!render_remote (line, config->kind, hosts, text, ret_endpoints, error))
      return false;
  }
  *ret_text = g_string_free (g_steal_pointer (&text), FALSE);
  return true;
}

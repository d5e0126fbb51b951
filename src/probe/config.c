/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The egress probe's configuration: which services tell one's address, and where they are.
 *
 *     service URL [pin ADDRESS]... [line KEY=]
 *     ca FILE
 *     timeout SECONDS
 *
 * A service is known by numeric address, or has its addresses pinned: the system's resolver is
 * never asked, because its question could leave by another way than the tunnel. No I/O. The
 * file is the administrator's own, still the messages name lines and quote nothing. */
#include "probe/config.h"

#include "base/parse-number.h"
#include "base/safe-text.h"
#include "probe/failure.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { LINE_KEY_MAX = 32, URL_MAX = 255, HOST_MAX = 253 };

static void
echo_service_free (SysvpnEchoService *service)
{
  g_free (service->url);
  g_free (service->line_key);
  g_free (service);
}

/**
 * sysvpn_probe_config_free:
 * @config: (nullable): a configuration
 */
void
sysvpn_probe_config_free (SysvpnProbeConfig *config)
{
  if (config == NULL)
    return;
  g_ptr_array_unref (config->services);
  g_free (config->ca_file);
  g_free (config);
}

/**
 * sysvpn_echo_service_has_family:
 * @service: a service
 * @family: AF_INET or AF_INET6
 *
 * Returns: %TRUE if one of its addresses is of @family
 */
bool
sysvpn_echo_service_has_family (const SysvpnEchoService *service, int family)
{
  for (size_t i = 0; i < service->n_addresses; i++)
    if (service->addresses[i].family == family)
      return true;
  return false;
}

static bool
fail (unsigned line, const char *expected, GError **error)
{
  g_set_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE, "line %u: %s",
               line, expected);
  return false;
}

/* Takes an address of either family, in the one spelling that inet_ntop() has for it. */
static bool
add_address (SysvpnEchoService *service, const char *text)
{
  struct in6_addr address; /* large enough for both families */
  size_t n = service->n_addresses;
  int family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;

  if (n == SYSVPN_ECHO_ADDRESSES_MAX || inet_pton (family, text, &address) != 1)
    return false;
  service->addresses[n].family = family;
  inet_ntop (family, &address, service->addresses[n].text, INET6_ADDRSTRLEN);
  service->n_addresses = n + 1;
  return true;
}

/* A host name has letters, digits, hyphens and dots, and its last label starts with a letter:
 * "1.1" and "0x7f000001" are numeric addresses to some readers, and so not names here. */
static bool
is_host_name (const char *host)
{
  const char *last_dot = strrchr (host, '.');
  const char *last_label = last_dot != NULL ? last_dot + 1 : host;

  return strlen (host) <= HOST_MAX && g_ascii_isalpha (last_label[0]) &&
         g_ascii_isalnum (host[0]) && strstr (host, "..") == NULL &&
         host[strspn (host, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

/* Splits the "host" or "host:port" or "[v6]:port" of a URL. */
static bool
parse_authority (char *authority, SysvpnEchoService *service, bool *ret_is_name)
{
  bool bracketed = authority[0] == '[';
  char *host = bracketed ? authority + 1 : authority;
  char *end = bracketed ? strchr (host, ']') : host + strcspn (host, ":");
  const char *port_text;
  uint64_t port = 443;

  if (end == NULL)
    return false;
  port_text = bracketed ? end + 1 : end;
  if (port_text[0] != '\0' &&
      (port_text[0] != ':' || !sysvpn_parse_u64 (port_text + 1, UINT16_MAX, &port) ||
       port == 0))
    return false;
  *end = '\0';
  service->port = (uint16_t) port;

  /* brackets and colons belong together, else it would be a v4 address in brackets */
  if (bracketed && strchr (host, ':') == NULL)
    return false;
  *ret_is_name = !add_address (service, host);
  return !*ret_is_name || (!bracketed && is_host_name (host));
}

static bool
parse_url (const char *url, SysvpnEchoService *service, bool *ret_is_name)
{
  static const char scheme[] = "https://";
  size_t scheme_len = strlen (scheme);
  g_autofree char *authority = NULL;

  if (!g_str_has_prefix (url, scheme) || strlen (url) > URL_MAX)
    return false;
  /* '@' would hide the host behind a user name, '\' and '#' are read differently by different
   * readers; no echo service needs them */
  if (strpbrk (url, "@\\#") != NULL)
    return false;
  authority = g_strndup (url + scheme_len, strcspn (url + scheme_len, "/?"));
  service->url = g_strdup (url);
  return parse_authority (authority, service, ret_is_name);
}

static bool
parse_line_key (const char *text, SysvpnEchoService *service)
{
  size_t len = strlen (text);

  if (service->line_key != NULL || len < 2 || len > LINE_KEY_MAX || text[len - 1] != '=')
    return false;
  service->line_key = g_strdup (text);
  return true;
}

static bool
parse_service (char **words, unsigned line, SysvpnProbeConfig *config, GError **error)
{
  SysvpnEchoService *service;
  bool is_name = false;

  if (config->services->len == SYSVPN_ECHO_SERVICES_MAX)
    return fail (line, "too many services", error);
  /* the configuration owns it at once; after a failure both go */
  service = g_new0 (SysvpnEchoService, 1);
  g_ptr_array_add (config->services, service);
  if (words[1] == NULL || !parse_url (words[1], service, &is_name))
    return fail (line, "expected an https URL after \"service\"", error);

  for (char **word = words + 2; *word != NULL; word += 2) {
    if (g_str_equal (*word, "pin") && !is_name)
      return fail (line, "a numeric address needs no \"pin\"", error);
    if (g_str_equal (*word, "pin") && word[1] != NULL && add_address (service, word[1]))
      continue;
    if (g_str_equal (*word, "line") && word[1] != NULL && parse_line_key (word[1], service))
      continue;
    return fail (line, "expected \"pin ADDRESS\" or \"line KEY=\" after the URL", error);
  }
  if (service->n_addresses == 0)
    return fail (line, "a service with a host name needs a pinned address", error);
  return true;
}

static bool
parse_ca (char **words, unsigned line, SysvpnProbeConfig *config, GError **error)
{
  if (config->ca_file != NULL || words[1] == NULL || words[1][0] != '/' || words[2] != NULL)
    return fail (line, "expected one \"ca\" with one absolute path", error);
  config->ca_file = g_strdup (words[1]);
  return true;
}

static bool
parse_timeout (char **words, unsigned line, SysvpnProbeConfig *config, GError **error)
{
  uint64_t seconds = 0;

  if (config->timeout_s != 0 || words[1] == NULL || words[2] != NULL ||
      !sysvpn_parse_u64 (words[1], SYSVPN_ECHO_TIMEOUT_MAX_S, &seconds) || seconds == 0)
    return fail (line, "expected one \"timeout\" within its bounds, in seconds", error);
  config->timeout_s = (unsigned) seconds;
  return true;
}

static const struct {
  const char *word;
  bool (*parse) (char **words, unsigned line, SysvpnProbeConfig *config, GError **error);
} statements[] = {
  { "service", parse_service },
  { "ca", parse_ca },
  { "timeout", parse_timeout },
};

/* Splits at blanks; a word that begins with '#' ends the line. */
static char **
split_words (const char *line)
{
  g_auto (GStrv) parts = g_strsplit_set (line, " \t", -1);
  GPtrArray *words = g_ptr_array_new ();

  for (char **part = parts; *part != NULL && **part != '#'; part++)
    if (**part != '\0')
      g_ptr_array_add (words, g_strdup (*part));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

static bool
parse_line (const char *text, unsigned line, SysvpnProbeConfig *config, GError **error)
{
  g_auto (GStrv) words = split_words (text);

  if (words[0] == NULL)
    return true;
  for (char **word = words; *word != NULL; word++)
    if (!sysvpn_text_is_printable (*word, strlen (*word)))
      return fail (line, "expected printable ASCII outside of comments", error);
  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    if (g_str_equal (words[0], statements[i].word))
      return statements[i].parse (words, line, config, error);
  return fail (line, "expected \"service\", \"ca\" or \"timeout\"", error);
}

static bool
parse_text (const char *text, size_t len, SysvpnProbeConfig *config, GError **error)
{
  g_autofree char *copy = g_strndup (text, len);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);

  if (len > SYSVPN_EGRESS_CONF_MAX || strlen (copy) != len) {
    g_set_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE,
                 "expected a text of at most %d bytes", SYSVPN_EGRESS_CONF_MAX);
    return false;
  }
  for (unsigned i = 0; lines[i] != NULL; i++)
    if (!parse_line (lines[i], i + 1, config, error))
      return false;
  if (config->timeout_s == 0)
    config->timeout_s = SYSVPN_ECHO_TIMEOUT_S;
  return true;
}

/**
 * sysvpn_probe_config_parse:
 * @text: (array length=len): a whole configuration file
 * @len: number of bytes
 * @error: return location for %SYSVPN_PROBE_FAILURE_NO_SERVICE; the message names the line
 *
 * One bad line refuses the file: with the rest of it, a question would go to other services
 * than its author thinks.
 *
 * Returns: (transfer full) (nullable): the configuration, possibly without any service
 */
SysvpnProbeConfig *
sysvpn_probe_config_parse (const char *text, size_t len, GError **error)
{
  SysvpnProbeConfig *config = g_new0 (SysvpnProbeConfig, 1);

  config->services = g_ptr_array_new_with_free_func ((GDestroyNotify) echo_service_free);
  if (parse_text (text, len, config, error))
    return config;
  sysvpn_probe_config_free (config);
  return NULL;
}

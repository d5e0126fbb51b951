/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The endpoints files: which servers the VPN qube itself may speak to outside the tunnel.
 * Pure: text in, list out. Every accepted line opens a hole, so whatever is not exactly one of
 * the documented forms is refused, and a file with one bad line is refused as a whole. */
#include "killswitch/endpoints.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/parse-number.h"
#include "killswitch/error.h"

enum { LINE_MAX_BYTES = 512, WORDS_MAX = 3 };

typedef struct {
  uint8_t address[4];
  uint8_t prefix;
  const char *kind;
} RefusedRange;

/* Never a VPN server on the internet. The documentation ranges are not here on purpose: the
 * test lab's servers live there, and a packet to one goes nowhere on the real internet. */
static const RefusedRange refused4[] = {
  { { 0 }, 8, "unspecified" },
  { { 10 }, 8, "private" },
  { { 100, 64 }, 10, "private" },
  { { 127 }, 8, "loopback" },
  { { 169, 254 }, 16, "link-local" },
  { { 172, 16 }, 12, "private" },
  { { 192, 168 }, 16, "private" },
  { { 224 }, 4, "multicast" },
  { { 240 }, 4, "reserved or broadcast" },
};

/* Only named for the message: everything outside 2000::/3 is refused. */
static const RefusedRange refused6[] = {
  { { 0xfe, 0x80 }, 10, "link-local" },
  { { 0xfc }, 7, "private" },
  { { 0xff }, 8, "multicast" },
  { { 0 }, 8, "loopback, unspecified or IPv4-mapped" },
};

#define REFUSE(error, ...)                                                                     \
  (g_set_error ((error), SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_ENDPOINTS,           \
                __VA_ARGS__),                                                                  \
   false)

/**
 * sysvpn_endpoint_is_any_port:
 * @endpoint: an endpoint
 *
 * Returns: %TRUE if its line named no port, so that all of TCP and UDP to it is let out
 */
bool
sysvpn_endpoint_is_any_port (const SysvpnEndpoint *endpoint)
{
  return endpoint->port == 0;
}

static bool
in_prefix (const uint8_t *address, const uint8_t *network, unsigned prefix)
{
  unsigned whole = prefix / 8;
  unsigned rest = prefix % 8;

  if (memcmp (address, network, whole) != 0)
    return false;
  return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

static void
mask_address (uint8_t *address, size_t size, unsigned prefix)
{
  for (size_t i = 0; i < size; i++) {
    unsigned bits = prefix > i * 8 ? MIN (8, prefix - (unsigned) (i * 8)) : 0;

    address[i] = (uint8_t) (address[i] & (0xff00u >> bits));
  }
}

/* NULL when the address is one that a VPN server may have. */
static const char *
refused_kind (const SysvpnEndpoint *e)
{
  const RefusedRange *ranges = e->is_v6 ? refused6 : refused4;
  size_t n_ranges = e->is_v6 ? G_N_ELEMENTS (refused6) : G_N_ELEMENTS (refused4);
  static const uint8_t global6[] = { 0x20 };

  for (size_t i = 0; i < n_ranges; i++)
    if (in_prefix (e->address, ranges[i].address, ranges[i].prefix))
      return ranges[i].kind;
  return e->is_v6 && !in_prefix (e->address, global6, 3) ? "not a global" : NULL;
}

static bool
check_address (SysvpnEndpoint *e, GError **error)
{
  size_t size = e->is_v6 ? 16 : 4;
  uint8_t masked[16] = { 0 };
  unsigned shortest = e->is_v6 ? SYSVPN_ENDPOINT_PREFIX6_MIN : SYSVPN_ENDPOINT_PREFIX4_MIN;
  const char *kind = refused_kind (e);

  if (kind != NULL)
    return REFUSE (error, "a %s address cannot be a VPN server on the internet", kind);
  if (e->prefix < shortest)
    return REFUSE (error, "a network wider than /%u is not an endpoint", shortest);
  memcpy (masked, e->address, size);
  mask_address (masked, size, e->prefix);
  if (memcmp (masked, e->address, size) != 0)
    return REFUSE (error, "the address has bits set after its /%u", e->prefix);
  return true;
}

/* @text: ADDRESS or ADDRESS/PREFIX, without brackets. */
static bool
parse_address (const char *text, bool may_have_prefix, SysvpnEndpoint *e, GError **error)
{
  const char *slash = strchr (text, '/');
  g_autofree char *address = NULL;
  uint64_t prefix = 0;

  if (slash != NULL && !may_have_prefix)
    return REFUSE (error, "a network takes its port after a blank: ADDRESS/PREFIX PORT udp");
  address = slash != NULL ? g_strndup (text, (size_t) (slash - text)) : g_strdup (text);
  e->is_v6 = strchr (address, ':') != NULL;
  if (inet_pton (e->is_v6 ? AF_INET6 : AF_INET, address, e->address) != 1)
    return REFUSE (error,
                   "expected a numeric address (names cannot be resolved before the tunnel)");
  e->prefix = e->is_v6 ? 128 : 32;
  if (slash != NULL && !sysvpn_parse_u64 (slash + 1, e->prefix, &prefix))
    return REFUSE (error, "expected a prefix length of at most %u after the /", e->prefix);
  if (slash != NULL)
    e->prefix = (uint8_t) prefix;
  return check_address (e, error);
}

static bool
parse_port (const char *text, SysvpnEndpoint *e, GError **error)
{
  uint64_t port;

  if (!sysvpn_parse_u64 (text, UINT16_MAX, &port) || port == 0)
    return REFUSE (error, "expected a port of 1 to 65535");
  e->port = (uint16_t) port;
  return true;
}

static bool
parse_protocol (const char *text, SysvpnEndpoint *e, GError **error)
{
  if (g_ascii_strcasecmp (text, "udp") == 0)
    e->protocols = SYSVPN_ENDPOINT_UDP;
  else if (g_ascii_strcasecmp (text, "tcp") == 0)
    e->protocols = SYSVPN_ENDPOINT_TCP;
  else
    return REFUSE (error, "expected udp or tcp");
  return true;
}

/* ADDRESS:PORT/PROTO or [v6]:PORT/PROTO. @word is cut into pieces. */
static bool
parse_joined (char *word, SysvpnEndpoint *e, GError **error)
{
  bool has_bracket = word[0] == '[';
  char *colon = has_bracket ? strstr (word, "]:") : strchr (word, ':');
  char *port;
  char *slash;

  if (colon == NULL)
    return REFUSE (error, "expected [ADDRESS]:PORT/udp or [ADDRESS]:PORT/tcp");
  port = colon + (has_bracket ? 2 : 1);
  slash = strchr (port, '/');
  if (slash == NULL)
    return REFUSE (error, "expected /udp or /tcp after ADDRESS:PORT");
  *colon = '\0';
  *slash = '\0';
  if (!parse_address (word + (has_bracket ? 1 : 0), false, e, error))
    return false;
  if (e->is_v6 != has_bracket)
    return REFUSE (error, "brackets are for IPv6 addresses");
  return parse_port (port, e, error) && parse_protocol (slash + 1, e, error);
}

/* An IPv6 address has two colons or more, ADDRESS:PORT/PROTO of IPv4 exactly one. */
static bool
is_joined (const char *word)
{
  const char *colon = strchr (word, ':');

  return word[0] == '[' || (colon != NULL && strchr (colon + 1, ':') == NULL);
}

/* Returns the number of words, WORDS_MAX + 1 when there are more. @text is cut into pieces. */
static size_t
split_words (char *text, char *words[static WORDS_MAX])
{
  size_t n_words = 0;

  for (char *c = text; *c != '\0';) {
    c += strspn (c, " \t");
    if (*c == '\0')
      break;
    if (n_words == WORDS_MAX)
      return WORDS_MAX + 1;
    words[n_words++] = c;
    c += strcspn (c, " \t");
    if (*c != '\0')
      *c++ = '\0';
  }
  return n_words;
}

static bool
parse_words (char *words[], size_t n_words, SysvpnEndpoint *e, GError **error)
{
  if (n_words > WORDS_MAX)
    return REFUSE (error, "expected at most ADDRESS PORT PROTOCOL");
  if (is_joined (words[0])) {
    if (n_words > 1)
      return REFUSE (error, "expected nothing after ADDRESS:PORT/PROTOCOL");
    return parse_joined (words[0], e, error);
  }
  e->protocols = SYSVPN_ENDPOINT_UDP | SYSVPN_ENDPOINT_TCP;
  return parse_address (words[0], true, e, error) &&
         (n_words < 2 || parse_port (words[1], e, error)) &&
         (n_words < 3 || parse_protocol (words[2], e, error));
}

static bool
parse_line (const char *line,
            size_t len,
            bool *ret_is_blank,
            SysvpnEndpoint *ret_endpoint,
            GError **error)
{
  const char *hash = len > 0 ? memchr (line, '#', len) : NULL;
  size_t kept = hash != NULL ? (size_t) (hash - line) : len;
  char text[LINE_MAX_BYTES + 1];
  char *words[WORDS_MAX] = { NULL };
  SysvpnEndpoint endpoint = { 0 };
  size_t n_words;

  if (len > LINE_MAX_BYTES)
    return REFUSE (error, "the line is longer than %d bytes", LINE_MAX_BYTES);
  for (size_t i = 0; i < kept; i++)
    if (line[i] != '\t' && (line[i] < ' ' || line[i] > '~'))
      return REFUSE (error, "a byte is not plain text");
  memcpy (text, line, kept);
  text[kept] = '\0';
  n_words = split_words (text, words);
  if (n_words > 0 && !parse_words (words, n_words, &endpoint, error))
    return false;

  *ret_is_blank = n_words == 0;
  if (n_words > 0)
    *ret_endpoint = endpoint;
  return true;
}

/**
 * sysvpn_endpoint_parse:
 * @line: (array length=len): one line without its newline; need not be NUL-terminated
 * @len: its length in bytes
 * @ret_endpoint: (out caller-allocates): written only on success
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR_ENDPOINTS that never quotes the line
 *
 * The forms are `ADDRESS[/PREFIX] [PORT [udp|tcp]]`, `ADDRESS:PORT/PROTO` and
 * `[ADDRESS]:PORT/PROTO`, with an optional comment. A port without protocol means both.
 *
 * Returns: %TRUE if @line names an endpoint; a blank line does not
 */
bool
sysvpn_endpoint_parse (const char *line,
                       size_t len,
                       SysvpnEndpoint *ret_endpoint,
                       GError **error)
{
  SysvpnEndpoint endpoint;
  bool is_blank = false;

  if (!parse_line (line, len, &is_blank, &endpoint, error))
    return false;
  if (is_blank)
    return REFUSE (error, "expected an address");
  *ret_endpoint = endpoint;
  return true;
}

/**
 * sysvpn_endpoint_print:
 * @endpoint: an endpoint
 * @ret_text: (out): its line, which sysvpn_endpoint_parse() reads back
 */
void
sysvpn_endpoint_print (const SysvpnEndpoint *endpoint,
                       char ret_text[static SYSVPN_ENDPOINT_TEXT_MAX])
{
  static const char *const protocols[] = { "", " udp", " tcp", "" };
  char address[INET6_ADDRSTRLEN];
  char prefix[8] = "";
  char port[8] = "";

  inet_ntop (endpoint->is_v6 ? AF_INET6 : AF_INET, endpoint->address, address, sizeof address);
  if (endpoint->prefix != (endpoint->is_v6 ? 128 : 32))
    g_snprintf (prefix, sizeof prefix, "/%u", endpoint->prefix);
  if (endpoint->port != 0)
    g_snprintf (port, sizeof port, " %u", endpoint->port);
  g_snprintf (ret_text, SYSVPN_ENDPOINT_TEXT_MAX, "%s%s%s%s", address, prefix, port,
              endpoint->port != 0 ? protocols[endpoint->protocols & 3] : "");
}

/**
 * sysvpn_endpoints_parse:
 * @text: (array length=len): a whole file
 * @len: its length in bytes
 * @ret_list: (out caller-allocates): what it names, in the file's order; only on success
 * @ret_bad_line: (out): the number of the first bad line, from 1, or 0; only on failure
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR_ENDPOINTS
 *
 * CRLF line ends and a UTF-8 byte order mark are accepted, because such files come from
 * providers' web pages and other people's computers.
 *
 * Returns: %TRUE if every line is fine; a file without any endpoint is
 */
bool
sysvpn_endpoints_parse (const char *text,
                        size_t len,
                        SysvpnEndpoints *ret_list,
                        unsigned *ret_bad_line,
                        GError **error)
{
  g_auto (SysvpnEndpoints) list = { 0 };
  size_t at = len >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  *ret_bad_line = 0;
  if (len > SYSVPN_ENDPOINTS_FILE_MAX)
    return REFUSE (error, "the file is larger than %d bytes", SYSVPN_ENDPOINTS_FILE_MAX);
  for (unsigned number = 1; at < len; number++) {
    const char *newline = memchr (text + at, '\n', len - at);
    size_t line_len = newline != NULL ? (size_t) (newline - text) - at : len - at;
    size_t kept = line_len > 0 && text[at + line_len - 1] == '\r' ? line_len - 1 : line_len;
    SysvpnEndpoint endpoint;
    bool is_blank = false;

    if (!parse_line (text + at, kept, &is_blank, &endpoint, error)) {
      g_prefix_error (error, "line %u: ", number);
      *ret_bad_line = number;
      return false;
    }
    if (!is_blank && list.n_items == SYSVPN_ENDPOINTS_MAX) {
      *ret_bad_line = number;
      return REFUSE (error, "line %u: more than %d endpoints", number, SYSVPN_ENDPOINTS_MAX);
    }
    if (!is_blank)
      sysvpn_endpoints_add (&list, &endpoint);
    at += line_len + 1;
  }

  *ret_list = list;
  list = (SysvpnEndpoints){ 0 };
  return true;
}

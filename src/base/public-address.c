/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the one address in what an echo service sent, and decides whether it can be an egress
 * address at all. Everything here came from the internet. No I/O. */
#include "base/public-address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  const char *network;
  unsigned prefix_len;
} Network;

/* What IANA's registry calls not globally reachable, where an echo service that names it would
 * be lying or stand inside the provider's own network. The documentation networks
 * (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32) are missing on purpose: nobody
 * routes them, so they are the public addresses of tests/lab. */
static const Network refused_v4[] = {
  { "0.0.0.0", 8 },      { "10.0.0.0", 8 },    { "100.64.0.0", 10 }, { "127.0.0.0", 8 },
  { "169.254.0.0", 16 }, { "172.16.0.0", 12 }, { "192.0.0.0", 24 },  { "192.168.0.0", 16 },
  { "198.18.0.0", 15 },  { "224.0.0.0", 3 },
};

/* IPv6 has one network of public addresses, so here it is an allow list: loopback, unspecified,
 * mapped IPv4, unique and link local, and multicast are all outside. */
static const Network public_v6 = { "2000::", 3 };

static bool
network_contains (const Network *network, int family, const uint8_t *address)
{
  uint8_t base[sizeof (struct in6_addr)];
  unsigned n_bytes = network->prefix_len / 8;
  unsigned n_bits = network->prefix_len % 8;
  int parsed = inet_pton (family, network->network, base);

  g_assert (parsed == 1);
  return memcmp (base, address, n_bytes) == 0 &&
         (n_bits == 0 || (base[n_bytes] ^ address[n_bytes]) >> (8 - n_bits) == 0);
}

static bool
is_public (int family, const uint8_t *address)
{
  if (family == AF_INET6)
    return network_contains (&public_v6, family, address);
  for (size_t i = 0; i < G_N_ELEMENTS (refused_v4); i++)
    if (network_contains (&refused_v4[i], family, address))
      return false;
  return true;
}

/**
 * sysvpn_public_address_parse:
 * @text: (array length=len): need not be NUL-terminated
 * @len: number of bytes
 * @family: AF_INET or AF_INET6
 * @ret_address: (out): written only on success, in the one spelling of inet_ntop()
 *
 * Returns: %TRUE if @text is exactly one public address of @family
 */
bool
sysvpn_public_address_parse (const char *text,
                             size_t len,
                             int family,
                             char ret_address[static INET6_ADDRSTRLEN])
{
  char copy[INET6_ADDRSTRLEN] = "";
  uint8_t address[sizeof (struct in6_addr)];

  /* a NUL inside would end the text early for inet_pton, and hide what follows */
  if (len >= sizeof copy || memchr (text, '\0', len) != NULL)
    return false;
  memcpy (copy, text, len);
  if (inet_pton (family, copy, address) != 1 || !is_public (family, address))
    return false;
  return inet_ntop (family, address, ret_address, INET6_ADDRSTRLEN) != NULL;
}

/* Moves @text and @len to the rest of the only line that starts with @line_key. Two such lines
 * are two answers, which is none. */
static bool
find_line (const char **text, size_t *len, const char *line_key)
{
  const char *end = *text + *len;
  size_t key_len = strlen (line_key);
  const char *found = NULL;
  size_t found_len = 0;

  for (const char *line = *text; line < end;) {
    const char *newline = memchr (line, '\n', (size_t) (end - line));
    size_t line_len = (size_t) ((newline != NULL ? newline : end) - line);

    if (line_len >= key_len && memcmp (line, line_key, key_len) == 0) {
      if (found != NULL)
        return false;
      found = line + key_len;
      found_len = line_len - key_len;
    }
    line = newline != NULL ? newline + 1 : end;
  }

  *text = found;
  *len = found_len;
  return found != NULL;
}

/**
 * sysvpn_public_address_from_body:
 * @body: (array length=len): what the service sent
 * @len: number of bytes
 * @line_key: (nullable): how the line begins that has the address, such as "ip="; %NULL when
 * the address is all that the service sends
 * @family: AF_INET or AF_INET6
 * @ret_address: (out): written only on success, in the one spelling of inet_ntop()
 *
 * White space around the address is allowed.
 *
 * Returns: %TRUE if the service named exactly one public address of @family
 */
bool
sysvpn_public_address_from_body (const char *body,
                                 size_t len,
                                 const char *line_key,
                                 int family,
                                 char ret_address[static INET6_ADDRSTRLEN])
{
  if (len == 0 || (line_key != NULL && !find_line (&body, &len, line_key)))
    return false;
  while (len > 0 && g_ascii_isspace (body[0])) {
    body++;
    len--;
  }
  while (len > 0 && g_ascii_isspace (body[len - 1]))
    len--;
  return sysvpn_public_address_parse (body, len, family, ret_address);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One report of the agent: the table of its fields, from which it is written and read. The list
 * for people is in qrexec/PROTOCOL.md; a test compares the two. */
#include "proto/status.h"

#include "base/parse-number.h"
#include "proto/request.h"
#include "proto/wire-error.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

typedef enum { NUMBER, WORD, TEXT, UUID, ADDRESS4, ADDRESS6 } Kind;

/* More than any counter or age can be, and room to add some up, or to count in microseconds,
 * without overflow. */
#define COUNT_MAX (UINT64_MAX >> 8)
#define SECONDS_MAX ((uint64_t) UINT32_MAX)
#define MILLISECONDS_MAX (SECONDS_MAX * 1000)

typedef struct {
  const char *key;
  Kind kind;
  bool required;
  size_t offset;
  uint64_t max;             /* of a number */
  size_t size;              /* of a text with its NUL */
  const SysvpnWords *words; /* of a word */
  bool is_news; /* a change is told at once; everything else waits for a heartbeat */
} Field;

#define AT(member) .offset = offsetof (SysvpnStatus, member)
#define COUNT_AT(member) AT (member), .max = COUNT_MAX
#define SECONDS_AT(member) AT (member), .max = SECONDS_MAX
#define TEXT_AT(member) AT (member), .size = sizeof ((SysvpnStatus *) NULL)->member

static const Field fields[] = {
  { "seq", NUMBER, true, COUNT_AT (seq) },
  { "boottime_ms", NUMBER, true, AT (boottime_ms), .max = MILLISECONDS_MAX },
  { "heartbeat_s", NUMBER, true, AT (heartbeat_s), .max = SYSVPN_HEARTBEAT_MAX_S },
  { "agent", TEXT, false, TEXT_AT (agent) },

  { "tunnel", WORD, true, AT (tunnel), .words = &sysvpn_tunnel_words, .is_news = true },
  { "cause", WORD, true, AT (cause), .words = &sysvpn_cause_words, .is_news = true },
  { "tunnel_age_s", NUMBER, true, SECONDS_AT (tunnel_age_s) },
  { "wanted", WORD, true, AT (wanted), .words = &sysvpn_wanted_words, .is_news = true },
  { "next_try_s", NUMBER, false, SECONDS_AT (next_try_s) },
  { "profile_uuid", UUID, false, TEXT_AT (profile_uuid), .is_news = true },
  { "profile_type", WORD, false, AT (profile_type), .words = &sysvpn_profile_type_words },
  { "profile_name", TEXT, false, TEXT_AT (profile_name), .is_news = true },
  { "interface", TEXT, false, TEXT_AT (interface), .is_news = true },
  { "endpoint", TEXT, false, TEXT_AT (endpoint), .is_news = true },
  { "handshake_age_s", NUMBER, false, SECONDS_AT (handshake_age_s) },
  { "rx_bytes", NUMBER, false, COUNT_AT (rx_bytes) },
  { "tx_bytes", NUMBER, false, COUNT_AT (tx_bytes) },
  { "dns", WORD, false, AT (dns), .words = &sysvpn_dns_words, .is_news = true },
  { "profiles_serial", NUMBER, false, COUNT_AT (profiles_serial), .is_news = true },

  { "killswitch", WORD, true, AT (killswitch), .words = &sysvpn_killswitch_words,
    .is_news = true },
  { "killswitch_break", WORD, true, AT (killswitch_break), .words = &sysvpn_break_words,
    .is_news = true },
  { "killswitch_age_s", NUMBER, false, SECONDS_AT (killswitch_age_s) },
  { "exposed_s", NUMBER, false, SECONDS_AT (exposed_s) },
  { "endpoints", NUMBER, false, COUNT_AT (endpoints), .is_news = true },
  { "endpoints_any_port", NUMBER, false, COUNT_AT (endpoints_any_port), .is_news = true },
  { "forward_drop4", NUMBER, false, COUNT_AT (forward_drop4) },
  { "forward_drop6", NUMBER, false, COUNT_AT (forward_drop6) },
  { "output_drop4", NUMBER, false, COUNT_AT (output_drop4) },
  { "output_drop6", NUMBER, false, COUNT_AT (output_drop6) },
  { "dns_drop", NUMBER, false, COUNT_AT (dns_drop) },
  { "inject_drop", NUMBER, false, COUNT_AT (inject_drop) },

  { "egress", WORD, false, AT (egress), .words = &sysvpn_egress_words, .is_news = true },
  { "egress4", ADDRESS4, false, TEXT_AT (egress4), .is_news = true },
  { "egress6", ADDRESS6, false, TEXT_AT (egress6), .is_news = true },
  { "egress_age_s", NUMBER, false, SECONDS_AT (egress_age_s) },
};

#undef AT
#undef COUNT_AT
#undef SECONDS_AT
#undef TEXT_AT

static_assert (sizeof (SysvpnTunnel) == sizeof (unsigned), "enumerations are unsigned ints");

/* Where @field is in a report that is written to ... */
static void *
place_of (SysvpnStatus *status, const Field *field)
{
  return (char *) status + field->offset;
}

/* ... and in one that is only read. */
static const void *
value_at (const SysvpnStatus *status, const Field *field)
{
  return (const char *) status + field->offset;
}

/**
 * sysvpn_status_init:
 * @status: what to fill: everything unknown, absent or empty
 */
void
sysvpn_status_init (SysvpnStatus *status)
{
  memset (status, 0, sizeof *status);
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind == NUMBER)
      *(uint64_t *) place_of (status, &fields[i]) = SYSVPN_ABSENT;
}

/* The value as the wire writes it; NULL when there is none. @buffer has room for a number. */
static const char *
value_of (const SysvpnStatus *status, const Field *field, char buffer[static 24])
{
  const void *at = value_at (status, field);
  const char *text = at;
  uint64_t number;

  switch (field->kind) {
  case NUMBER:
    memcpy (&number, at, sizeof number);
    if (number == SYSVPN_ABSENT)
      return NULL;
    /* rather a clamped counter than a report that is dropped for it */
    g_snprintf (buffer, 24, "%" G_GUINT64_FORMAT, (guint64) MIN (number, field->max));
    return buffer;
  case WORD:
    return sysvpn_words_get (field->words, *(const unsigned *) at);
  case TEXT:
  case UUID:
  case ADDRESS4:
  case ADDRESS6:
  default:
    return text[0] != '\0' ? text : NULL;
  }
}

/**
 * sysvpn_status_foreach:
 * @status: a report
 * @func: called for every field of the table in order, clients not included
 * @data: passed to @func
 */
void
sysvpn_status_foreach (const SysvpnStatus *status, SysvpnStatusFieldFunc func, gpointer data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++) {
    char buffer[24];

    func (fields[i].key, value_of (status, &fields[i], buffer), fields[i].kind == NUMBER, data);
  }
}

static void
add_field (const char *key, const char *value, bool is_number G_GNUC_UNUSED, gpointer data)
{
  if (value != NULL)
    sysvpn_block_add (data, key, value);
}

/**
 * sysvpn_status_encode:
 * @out: where to write a whole block
 * @status: the report
 */
void
sysvpn_status_encode (GString *out, const SysvpnStatus *status)
{
  sysvpn_block_begin (out);
  sysvpn_status_foreach (status, add_field, out);
  for (size_t i = 0; i < status->n_clients; i++) {
    const SysvpnClient *client = &status->clients[i];

    g_string_append_printf (out, "client_%zu=%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                            i, client->address, (guint64) MIN (client->packets, COUNT_MAX),
                            (guint64) MIN (client->bytes, COUNT_MAX));
  }
  sysvpn_block_end (out, true);
}

/* inet_ntop of inet_pton, so that an address has one spelling whoever wrote it. */
static bool
read_address (int family, const char *text, char ret_address[static SYSVPN_ADDRESS_MAX + 1])
{
  struct in6_addr address; /* large enough for both families */

  return inet_pton (family, text, &address) == 1 &&
         inet_ntop (family, &address, ret_address, SYSVPN_ADDRESS_MAX + 1) != NULL;
}

static bool
read_field (SysvpnStatus *status, const Field *field, const char *value)
{
  void *at = place_of (status, field);

  switch (field->kind) {
  case NUMBER:
    return sysvpn_parse_u64 (value, field->max, at);
  case WORD:
    *(unsigned *) at = sysvpn_words_find (field->words, value);
    return true;
  case UUID:
    return sysvpn_uuid_is_valid (value) && g_strlcpy (at, value, field->size) < field->size;
  case ADDRESS4:
    return read_address (AF_INET, value, at);
  case ADDRESS6:
    return read_address (AF_INET6, value, at);
  case TEXT:
  default:
    return g_strlcpy (at, value, field->size) < field->size;
  }
}

static bool
read_client (SysvpnStatus *status, const char *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 4);
  SysvpnClient client = { 0 };

  if (status->n_clients == SYSVPN_STATUS_CLIENTS_MAX || g_strv_length (words) != 3)
    return false;
  if (!read_address (strchr (words[0], ':') != NULL ? AF_INET6 : AF_INET, words[0],
                     client.address))
    return false;
  if (!sysvpn_parse_u64 (words[1], COUNT_MAX, &client.packets) ||
      !sysvpn_parse_u64 (words[2], COUNT_MAX, &client.bytes))
    return false;
  status->clients[status->n_clients++] = client;
  return true;
}

static bool
read_fields (SysvpnStatus *status, const SysvpnBlock *block)
{
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++) {
    const char *value = sysvpn_block_get (block, fields[i].key);

    if (value == NULL ? fields[i].required : !read_field (status, &fields[i], value))
      return false;
  }
  for (size_t i = 0; i < block->n_fields; i++)
    if (g_str_has_prefix (block->fields[i].key, "client_") &&
        !read_client (status, block->fields[i].value))
      return false;
  return true;
}

/**
 * sysvpn_status_decode:
 * @block: a block
 * @ret_status: (out caller-allocates): written only on success
 * @error: return location for a #SysvpnWireError
 *
 * A report that breaks a rule is refused whole: a half of it could look better than the truth.
 *
 * Returns: %TRUE if @block is a report
 */
bool
sysvpn_status_decode (const SysvpnBlock *block, SysvpnStatus *ret_status, GError **error)
{
  SysvpnStatus status;

  sysvpn_status_init (&status);
  if (!block->ok || !read_fields (&status, block)) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                         "a report lacks a field, or one has a value that is not allowed");
    return false;
  }

  *ret_status = status;
  return true;
}

/**
 * sysvpn_status_is_news:
 * @before: a report
 * @after: a later one
 *
 * Returns: %TRUE if they differ in something that a watcher must hear at once: a state, not a
 * counter or an age
 */
bool
sysvpn_status_is_news (const SysvpnStatus *before, const SysvpnStatus *after)
{
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++) {
    char old_buffer[24], new_buffer[24];

    if (fields[i].is_news && g_strcmp0 (value_of (before, &fields[i], old_buffer),
                                        value_of (after, &fields[i], new_buffer)) != 0)
      return true;
  }
  return false;
}

/**
 * sysvpn_status_dropped:
 * @status: a report
 *
 * Returns: how many packets the killswitch has kept from leaving, forwarded and the qube's own
 */
uint64_t
sysvpn_status_dropped (const SysvpnStatus *status)
{
  const uint64_t counters[] = { status->forward_drop4, status->forward_drop6,
                                status->output_drop4, status->output_drop6 };
  uint64_t sum = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (counters); i++)
    if (counters[i] != SYSVPN_ABSENT)
      sum += counters[i];
  return sum;
}

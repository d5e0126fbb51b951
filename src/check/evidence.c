/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What qubes say of what they reach and see: hostile bytes in, words and addresses out. Between
 * the mark and the end everything has to be as ask.py and observe.py print it, or nothing is
 * believed. Before the mark is what login scripts print. */
#include "check/evidence.h"

#include "base/parse-number.h"
#include "base/public-address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char mark[] = "sysvpn-check 1";

static const char *const reaches[] = {
  [SYSVPN_REACH_UNKNOWN] = "unknown", [SYSVPN_REACH_OPEN] = "open",
  [SYSVPN_REACH_ANSWER] = "answer",   [SYSVPN_REACH_EMPTY] = "empty",
  [SYSVPN_REACH_ERROR] = "error",     [SYSVPN_REACH_TIMEOUT] = "timeout",
  [SYSVPN_REACH_REFUSED] = "refused", [SYSVPN_REACH_UNREACHABLE] = "unreachable",
  [SYSVPN_REACH_BLOCKED] = "blocked", [SYSVPN_REACH_TLS] = "tls",
  [SYSVPN_REACH_GARBAGE] = "garbage",
};
static_assert (G_N_ELEMENTS (reaches) == SYSVPN_N_REACHES, "a word for each way it may go");
static const SysvpnWords reach_words = { reaches, G_N_ELEMENTS (reaches) };

static const char *const ways[] = { "up", "tunnel", "in" };
static const char *const protocols[] = { "other", "tcp", "udp", "icmp", "icmp6" };
static_assert (G_N_ELEMENTS (ways) == SYSVPN_N_WAYS, "a word for each way");
static_assert (G_N_ELEMENTS (protocols) == SYSVPN_N_FLOW_PROTOCOLS, "one for each protocol");

/* Splits what a qube said into the lines between the mark and the end. */
static GStrv
split (const char *bytes, size_t len)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();
  bool within = false;

  if (len == 0 || len > SYSVPN_EVIDENCE_BYTES_MAX || memchr (bytes, '\0', len) != NULL)
    return NULL;
  text = g_strndup (bytes, len);
  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++) {
    if (within && g_str_equal (lines[i], "end"))
      return g_strv_builder_end (kept);
    if (within)
      g_strv_builder_add (kept, lines[i]);
    within = within || g_str_equal (lines[i], mark);
  }
  return NULL;
}

/**
 * sysvpn_evidence_is_ready:
 * @bytes: (array length=len): what an observer has said so far
 * @len: how many
 *
 * Returns: whether it looks on by now
 */
bool
sysvpn_evidence_is_ready (const char *bytes, size_t len)
{
  static const char wanted[] = "sysvpn-check 1\nready\n";

  return len >= sizeof wanted - 1 && memmem (bytes, len, wanted, sizeof wanted - 1) != NULL;
}

static const struct {
  const char *key;
  size_t offset;
} reach_keys[] = {
  { "tcp4", offsetof (SysvpnAnswers, tcp[0]) },
  { "tcp6", offsetof (SysvpnAnswers, tcp[1]) },
  { "ping4", offsetof (SysvpnAnswers, ping[0]) },
  { "ping6", offsetof (SysvpnAnswers, ping[1]) },
  { "udp1", offsetof (SysvpnAnswers, names_udp[0]) },
  { "udp2", offsetof (SysvpnAnswers, names_udp[1]) },
  { "tcp1", offsetof (SysvpnAnswers, names_tcp[0]) },
  { "tcp2", offsetof (SysvpnAnswers, names_tcp[1]) },
  { "other_udp4", offsetof (SysvpnAnswers, others_udp[0]) },
  { "other_udp6", offsetof (SysvpnAnswers, others_udp[1]) },
  { "other_tcp4", offsetof (SysvpnAnswers, others_tcp[0]) },
  { "other_tcp6", offsetof (SysvpnAnswers, others_tcp[1]) },
};

static bool
take_egress (SysvpnAnswers *answers, unsigned version, const char *value)
{
  unsigned i = version == 6;
  char address[INET6_ADDRSTRLEN];

  if (sysvpn_public_address_parse (value, strlen (value), version == 6 ? AF_INET6 : AF_INET,
                                   address)) {
    g_strlcpy (answers->egress[i], address, sizeof answers->egress[i]);
    answers->echo[i] = SYSVPN_REACH_ANSWER;
    return true;
  }
  answers->echo[i] = sysvpn_words_find (&reach_words, value);
  /* an address that no echo service can have seen, or that is none */
  return answers->echo[i] != SYSVPN_REACH_UNKNOWN && answers->echo[i] != SYSVPN_REACH_ANSWER;
}

static bool
take_answer (SysvpnAnswers *answers, const char *key, const char *value)
{
  if (g_str_equal (key, "has4") || g_str_equal (key, "has6")) {
    answers->has[key[3] == '6'] = g_str_equal (value, "yes");
    return g_str_equal (value, "yes") || g_str_equal (value, "no");
  }
  if (g_str_equal (key, "egress4") || g_str_equal (key, "egress6"))
    return take_egress (answers, key[6] == '6' ? 6 : 4, value);
  for (size_t i = 0; i < G_N_ELEMENTS (reach_keys); i++)
    if (g_str_equal (reach_keys[i].key, key)) {
      unsigned reach = sysvpn_words_find (&reach_words, value);

      memcpy ((char *) answers + reach_keys[i].offset, &(SysvpnReach){ reach },
              sizeof (SysvpnReach));
      return reach != SYSVPN_REACH_UNKNOWN;
    }
  return false;
}

/**
 * sysvpn_answers_parse:
 * @bytes: (array length=len): what a qube said
 * @len: how many
 * @ret_answers: (out): what it reaches; written only on success
 *
 * Returns: %FALSE if that is not what ask.py says
 */
bool
sysvpn_answers_parse (const char *bytes, size_t len, SysvpnAnswers *ret_answers)
{
  g_auto (GStrv) lines = split (bytes, len);
  SysvpnAnswers answers = { 0 };
  bool told[2] = { false, false };

  if (lines == NULL)
    return false;
  for (unsigned i = 0; lines[i] != NULL; i++) {
    char *equals = strchr (lines[i], '=');

    if (equals == NULL)
      return false;
    *equals = '\0';
    if (!take_answer (&answers, lines[i], equals + 1))
      return false;
    told[0] = told[0] || g_str_equal (lines[i], "has4");
    told[1] = told[1] || g_str_equal (lines[i], "has6");
  }
  if (!told[0] || !told[1])
    return false;
  *ret_answers = answers;
  return true;
}

static int
find_word (const char *const *words, size_t n, const char *word)
{
  for (size_t i = 0; i < n; i++)
    if (g_str_equal (words[i], word))
      return (int) i;
  return -1;
}

static bool
print_address (const char *text, char ret_address[static SYSVPN_ADDRESS_MAX + 1])
{
  struct in6_addr address;
  int family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;

  return inet_pton (family, text, &address) == 1 &&
         inet_ntop (family, &address, ret_address, SYSVPN_ADDRESS_MAX + 1) != NULL;
}

/* `VERSION PROTOCOL ADDRESS PORT PACKETS` */
static bool
take_flow (SysvpnSighting *sighting, SysvpnWay way, const char *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 6);
  SysvpnFlow *flow = &sighting->flows[sighting->n];
  uint64_t version, port;
  int protocol;

  if (g_strv_length (words) != 5 || sighting->n == SYSVPN_FLOWS_MAX ||
      !sysvpn_parse_u64 (words[0], 6, &version) ||
      !sysvpn_parse_u64 (words[3], UINT16_MAX, &port) ||
      !sysvpn_parse_u64 (words[4], UINT32_MAX, &flow->packets) ||
      !print_address (words[2], flow->address))
    return false;
  protocol = find_word (protocols, G_N_ELEMENTS (protocols), words[1]);
  if (protocol < 0)
    return false;
  flow->way = way;
  flow->version = (unsigned) version;
  flow->protocol = (SysvpnFlowProtocol) protocol;
  flow->port = (unsigned) port;
  sighting->n++;
  return true;
}

static bool
take_seen (SysvpnSighting *sighting, const char *key, const char *value, unsigned *n_told)
{
  const struct {
    const char *key;
    uint64_t *number;
  } numbers[] = {
    { "uplinks", &sighting->uplinks },
    { "lost", &sighting->lost },
    { "more", &sighting->more },
  };
  int way = find_word (ways, G_N_ELEMENTS (ways), key);

  if (way >= 0)
    return take_flow (sighting, (SysvpnWay) way, value);
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_str_equal (numbers[i].key, key)) {
      (*n_told)++;
      return sysvpn_parse_u64 (value, UINT32_MAX, numbers[i].number);
    }
  return false;
}

/**
 * sysvpn_sighting_parse:
 * @bytes: (array length=len): what an observer said
 * @len: how many
 * @ret_sighting: (out): what it saw; written only on success
 *
 * Returns: %FALSE if that is not what observe.py says
 */
bool
sysvpn_sighting_parse (const char *bytes, size_t len, SysvpnSighting *ret_sighting)
{
  g_auto (GStrv) lines = split (bytes, len);
  g_autofree SysvpnSighting *sighting = g_new0 (SysvpnSighting, 1);
  unsigned n_told = 0;

  if (lines == NULL || lines[0] == NULL || !g_str_equal (lines[0], "ready"))
    return false;
  for (unsigned i = 1; lines[i] != NULL; i++) {
    char *equals = strchr (lines[i], '=');

    if (equals == NULL)
      return false;
    *equals = '\0';
    if (!take_seen (sighting, lines[i], equals + 1, &n_told))
      return false;
  }
  if (n_told != 3)
    return false;
  *ret_sighting = *sighting;
  return true;
}

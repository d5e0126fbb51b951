/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The killswitch's ruleset. Nothing in it depends on the state of the tunnel, and nothing in it
 * is ever opened: a packet of a client leaves through a tunnel device or not at all, a packet
 * of this qube leaves through a tunnel device, or the uplink to an endpoint, or not at all.
 *
 * What rulesets of this kind leaked through, and this one avoids: no
 * "established" without a tunnel device beside it (or flows opened in the clear live on), no
 * endpoints in forward (or a client reaches the server in the clear), the counting sets in
 * rules without verdict (a full set ends its rule), devices by kind and group, never by name.
 */
#include "killswitch/ruleset.h"

#include "killswitch/routing.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

static const char *const counter_names[SYSVPN_N_COUNTERS] = {
  [SYSVPN_COUNTER_FORWARD_DROP4] = "forward_drop4",
  [SYSVPN_COUNTER_FORWARD_DROP6] = "forward_drop6",
  [SYSVPN_COUNTER_OUTPUT_DROP4] = "output_drop4",
  [SYSVPN_COUNTER_OUTPUT_DROP6] = "output_drop6",
  [SYSVPN_COUNTER_DNS_DROP] = "dns_drop",
  [SYSVPN_COUNTER_INJECT_DROP] = "inject_drop",
  [SYSVPN_COUNTER_FORWARD_TUNNEL] = "forward_tunnel",
  [SYSVPN_COUNTER_FORWARD_BACK] = "forward_back",
  [SYSVPN_COUNTER_OUTPUT_TUNNEL] = "output_tunnel",
  [SYSVPN_COUNTER_OUTPUT_ENDPOINT] = "output_endpoint",
  [SYSVPN_COUNTER_OUTPUT_DOWNSTREAM] = "output_downstream",
  [SYSVPN_COUNTER_INPUT_ENDPOINT] = "input_endpoint",
};

/* By name, as the reader sorts them. */
static const struct {
  const char *name;
  const char *priority_text;
  const char *hook_text;
  int priority;
  uint32_t hook;
  uint32_t policy;
} chains[] = {
  /* after destination addresses were rewritten: what stays is where the packet would go */
  { "clients", "dstnat + 10", "prerouting", -90, NF_INET_PRE_ROUTING, NF_ACCEPT },
  { "forward", "filter - 10", "forward", -10, NF_INET_FORWARD, NF_DROP },
  { "input", "filter - 10", "input", -10, NF_INET_LOCAL_IN, NF_ACCEPT },
  { "output", "filter - 10", "output", -10, NF_INET_LOCAL_OUT, NF_DROP },
  /* before connection tracking, so that a forged reply does not even touch its flow's state */
  { "prerouting", "raw - 10", "prerouting", -310, NF_INET_PRE_ROUTING, NF_ACCEPT },
};

/* nft's numbers of key types, six bits for each field */
enum { KEY_IPV4 = 7, KEY_IPV6 = 8, KEY_PROTOCOL = 12, KEY_PORT = 13 };

enum { CLIENTS_FLAGS = NFT_SET_EVAL, ENDPOINTS_FLAGS = NFT_SET_INTERVAL | NFT_SET_CONCAT };

static const struct SetSpec {
  const char *name;
  const char *definition;
  uint32_t flags;
  uint32_t key_type;
  uint32_t key_len;
  uint32_t size;
  bool is_v6;
  bool is_any_port;
} sets[] = {
  { "clients4", "type ipv4_addr; size 256; flags dynamic;", CLIENTS_FLAGS, KEY_IPV4, 4,
    SYSVPN_CLIENTS_MAX, false, false },
  { "clients6", "type ipv6_addr; size 256; flags dynamic;", CLIENTS_FLAGS, KEY_IPV6, 16,
    SYSVPN_CLIENTS_MAX, true, false },
  { "endpoints4", "type ipv4_addr . inet_proto . inet_service; flags interval;",
    ENDPOINTS_FLAGS, KEY_IPV4 << 12 | KEY_PROTOCOL << 6 | KEY_PORT, 12, 0, false, false },
  { "endpoints4_any", "type ipv4_addr . inet_proto; flags interval;", ENDPOINTS_FLAGS,
    KEY_IPV4 << 6 | KEY_PROTOCOL, 8, 0, false, true },
  { "endpoints6", "type ipv6_addr . inet_proto . inet_service; flags interval;",
    ENDPOINTS_FLAGS, KEY_IPV6 << 12 | KEY_PROTOCOL << 6 | KEY_PORT, 24, 0, true, false },
  { "endpoints6_any", "type ipv6_addr . inet_proto; flags interval;", ENDPOINTS_FLAGS,
    KEY_IPV6 << 6 | KEY_PROTOCOL, 20, 0, true, true },
};

static_assert (SYSVPN_CLIENTS_MAX == 256, "the definitions of clients4 and clients6 say 256");

static const struct {
  uint8_t bit;
  uint8_t number;
  const char *name;
} protocols[] = {
  { SYSVPN_ENDPOINT_TCP, IPPROTO_TCP, "tcp" },
  { SYSVPN_ENDPOINT_UDP, IPPROTO_UDP, "udp" },
};

#define TUNNEL_IN "meta iifkind { \"tun\", \"wireguard\" }"
#define TUNNEL_OUT "meta oifkind { \"tun\", \"wireguard\" }"
#define SYN "tcp flags & (syn | rst) == syn"
#define UPLINK_IN "iifgroup 1"
#define UPLINK_OUT "oifgroup 1"
#define CLIENTS_IN "iifgroup 2"
#define CLIENTS_OUT "oifgroup 2"
#define MARK G_STRINGIFY (SYSVPN_ROUTING_MARK)

/* Nothing else passes; who tried is counted, in rules without verdict, because a set that is
 * full ends its rule. The end of the two chains that see clients' packets. */
#define REFUSE                                                                                 \
  "    " CLIENTS_IN " meta l4proto { tcp, udp } th dport 53 counter name dns_drop\n"           \
  "    " CLIENTS_IN " update @clients4 { ip saddr counter }\n"                                 \
  "    " CLIENTS_IN " update @clients6 { ip6 saddr counter }\n"                                \
  "    limit rate 5/minute burst 10 packets log prefix \"sysvpn forward drop: \" level info\n" \
  "    meta nfproto ipv4 counter name forward_drop4 drop\n"                                    \
  "    counter name forward_drop6 drop\n"

static const char rules[] =
    "table inet " SYSVPN_KILLSWITCH_TABLE " {\n"
    "  chain prerouting {\n"
    "    # only clients and the tunnel may bring what is not for the receiving device\n"
    "    " CLIENTS_IN " accept\n"
    "    iif lo accept\n"
    "    " TUNNEL_IN " accept\n"
    "    fib daddr . iif type != { local, broadcast, multicast } counter name inject_drop "
    "drop\n"
    "  }\n"
    "  chain clients {\n"
    "    # without a tunnel the second layer makes what clients send unreachable, and forward\n"
    "    # never sees it: the mark asks the second layer beforehand (routing.c), to count\n"
    "    iifgroup != 2 accept\n"
    "    fib daddr type { local, broadcast, anycast, multicast } accept\n"
    "    meta mark set meta mark | " MARK "\n"
    "    fib daddr . mark oif exists accept\n" REFUSE "  }\n"
    "  chain input {\n"
    "    # counts, decides nothing\n"
    "    " UPLINK_IN " ip saddr . meta l4proto . th sport @endpoints4"
    " counter name input_endpoint\n"
    "    " UPLINK_IN " ip6 saddr . meta l4proto . th sport @endpoints6"
    " counter name input_endpoint\n"
    "    " UPLINK_IN " ip saddr . meta l4proto @endpoints4_any counter name input_endpoint\n"
    "    " UPLINK_IN " ip6 saddr . meta l4proto @endpoints6_any counter name input_endpoint\n"
    "  }\n"
    "  chain forward {\n"
    "    # tunnels are narrower than the clients' devices\n"
    "    " CLIENTS_IN " " TUNNEL_OUT " " SYN " tcp option maxseg size set rt mtu\n"
    "    " TUNNEL_IN " " CLIENTS_OUT " " SYN " tcp option maxseg size set rt mtu\n"
    "    " CLIENTS_IN " " TUNNEL_OUT " counter name forward_tunnel accept\n"
    "    " TUNNEL_IN " " CLIENTS_OUT " ct state established,related"
    " counter name forward_back accept\n" REFUSE "  }\n"
    "  chain output {\n"
    "    oif lo accept\n"
    "    " TUNNEL_OUT " counter name output_tunnel accept\n"
    "    " UPLINK_OUT " ip daddr . meta l4proto . th dport @endpoints4"
    " counter name output_endpoint accept\n"
    "    " UPLINK_OUT " ip6 daddr . meta l4proto . th dport @endpoints6"
    " counter name output_endpoint accept\n"
    "    " UPLINK_OUT " ip daddr . meta l4proto @endpoints4_any"
    " counter name output_endpoint accept\n"
    "    " UPLINK_OUT " ip6 daddr . meta l4proto @endpoints6_any"
    " counter name output_endpoint accept\n"
    "    # a packet that has passed a router has a lower hop limit\n"
    "    oifgroup { 1, 2 } icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }"
    " ip6 hoplimit 255 accept\n"
    "    # to clients: replies, DNS answers also when their flow was flushed, errors\n"
    "    " CLIENTS_OUT " ct state established,related counter name output_downstream accept\n"
    "    " CLIENTS_OUT " meta l4proto { tcp, udp } th sport 53"
    " counter name output_downstream accept\n"
    "    " CLIENTS_OUT " icmp type { echo-reply, destination-unreachable, time-exceeded,"
    " parameter-problem } counter name output_downstream accept\n"
    "    " CLIENTS_OUT " icmpv6 type { echo-reply, destination-unreachable, packet-too-big,"
    " time-exceeded, parameter-problem } counter name output_downstream accept\n"
    "    limit rate 5/minute burst 10 packets log prefix \"sysvpn output drop: \" level info\n"
    "    meta nfproto ipv4 counter name output_drop4 drop\n"
    "    counter name output_drop6 drop\n"
    "  }\n"
    "}\n";

/**
 * sysvpn_counter_name:
 * @counter: a counter
 *
 * Returns: (transfer none): its name in the table
 */
const char *
sysvpn_counter_name (SysvpnCounter counter)
{
  g_assert (counter < SYSVPN_N_COUNTERS);

  return counter_names[counter];
}

static void
print_declarations (GString *text)
{
  g_string_append (text, "table inet " SYSVPN_KILLSWITCH_TABLE " {\n");
  for (size_t i = 0; i < G_N_ELEMENTS (counter_names); i++)
    g_string_append_printf (text, "  counter %s {}\n", counter_names[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    g_string_append_printf (text, "  set %s { %s }\n", sets[i].name, sets[i].definition);
  /* with their hooks at once: an empty chain cannot become a base chain later */
  for (size_t i = 0; i < G_N_ELEMENTS (chains); i++)
    g_string_append_printf (text,
                            "  chain %s { type filter hook %s priority %s; policy %s; }\n",
                            chains[i].name, chains[i].hook_text, chains[i].priority_text,
                            chains[i].policy == NF_DROP ? "drop" : "accept");
  g_string_append (text, "}\n");
}

static bool
is_in_set (const SysvpnEndpoint *e, const struct SetSpec *set)
{
  return set->flags == ENDPOINTS_FLAGS && e->is_v6 == set->is_v6 &&
         sysvpn_endpoint_is_any_port (e) == set->is_any_port;
}

static void
print_endpoint (GString *text, const SysvpnEndpoint *e, const char *protocol, bool is_first)
{
  char address[INET6_ADDRSTRLEN];

  inet_ntop (e->is_v6 ? AF_INET6 : AF_INET, e->address, address, sizeof address);
  g_string_append_printf (text, "%s%s", is_first ? "" : ",\n  ", address);
  if (e->prefix != (e->is_v6 ? 128 : 32))
    g_string_append_printf (text, "/%u", e->prefix);
  g_string_append_printf (text, " . %s", protocol);
  if (!sysvpn_endpoint_is_any_port (e))
    g_string_append_printf (text, " . %u", e->port);
}

static void
print_elements (GString *text, const SysvpnEndpoints *endpoints, const struct SetSpec *set)
{
  bool is_first = true;

  for (size_t i = 0; i < endpoints->n_items; i++) {
    const SysvpnEndpoint *e = &endpoints->items[i];

    for (size_t j = 0; is_in_set (e, set) && j < G_N_ELEMENTS (protocols); j++) {
      if (!(e->protocols & protocols[j].bit))
        continue;
      if (is_first)
        g_string_append_printf (text, "add element inet " SYSVPN_KILLSWITCH_TABLE " %s {\n  ",
                                set->name);
      print_endpoint (text, e, protocols[j].name, is_first);
      is_first = false;
    }
  }
  if (!is_first)
    g_string_append (text, "\n}\n");
}

/**
 * sysvpn_ruleset_print:
 * @endpoints: folded; an empty list gives the closed table
 * @mode: whether a table that is there is kept or deleted first
 *
 * Returns: (transfer full): nft commands, to be run as one transaction, so that there is no
 *   moment at which less is enforced than before and after
 */
char *
sysvpn_ruleset_print (const SysvpnEndpoints *endpoints, SysvpnRulesetMode mode)
{
  GString *text = g_string_new (NULL);

  if (mode == SYSVPN_RULESET_REBUILD) /* declared first, because it may not be there */
    g_string_append (text, "table inet " SYSVPN_KILLSWITCH_TABLE "\n"
                           "delete table inet " SYSVPN_KILLSWITCH_TABLE "\n");
  print_declarations (text);
  g_string_append (text, "flush table inet " SYSVPN_KILLSWITCH_TABLE "\n");
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    if (sets[i].flags == ENDPOINTS_FLAGS)
      g_string_append_printf (text, "flush set inet " SYSVPN_KILLSWITCH_TABLE " %s\n",
                              sets[i].name);
  g_string_append (text, rules);
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    print_elements (text, endpoints, &sets[i]);
  return g_string_free (text, FALSE);
}

static bool
has_counters_only (const SysvpnNftTable *table)
{
  if (table->objects->len != G_N_ELEMENTS (counter_names))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (counter_names); i++) {
    bool found = false;

    for (unsigned j = 0; j < table->objects->len && !found; j++) {
      const SysvpnNftObject *object = g_ptr_array_index (table->objects, j);

      found =
          object->type == NFT_OBJECT_COUNTER && g_str_equal (object->name, counter_names[i]);
    }
    if (!found)
      return false;
  }
  return true;
}

static bool
chain_fits (const SysvpnNftTable *table, size_t i)
{
  const SysvpnNftChain *chain = sysvpn_nft_table_find_chain (table, chains[i].name);

  return chain != NULL && g_str_equal (chain->type, "filter") &&
         chain->hook == chains[i].hook && chain->priority == chains[i].priority &&
         chain->policy == chains[i].policy;
}

static bool
set_fits (const SysvpnNftSet *set, const struct SetSpec *spec)
{
  return set != NULL && set->flags == spec->flags && set->key_type == spec->key_type &&
         set->key_len == spec->key_len && set->size == spec->size && set->timeout_ms == 0;
}

/**
 * sysvpn_ruleset_fits:
 * @table: a table that is loaded
 *
 * Returns: %TRUE if %SYSVPN_RULESET_KEEP makes of @table exactly what is to be, that is, if its
 *   chains, sets and counters are ours and there is nothing besides
 */
bool
sysvpn_ruleset_fits (const SysvpnNftTable *table)
{
  if (table->flags != 0 || table->chains->len != G_N_ELEMENTS (chains) ||
      table->sets->len != G_N_ELEMENTS (sets) || !has_counters_only (table) ||
      table->n_uses != table->chains->len + table->sets->len + table->objects->len)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (chains); i++)
    if (!chain_fits (table, i))
      return false;
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    if (!set_fits (sysvpn_nft_table_find_set (table, sets[i].name), &sets[i]))
      return false;
  return true;
}

/**
 * sysvpn_ruleset_has_drop_chains:
 * @table: a table that is loaded
 *
 * What can be said without any digest: the table filters, and what no rule of it accepts is
 * dropped, both on the way through this qube and out of it.
 *
 * Returns: %TRUE if @table is not dormant and forward and output hang where they must, with
 *   policy drop
 */
bool
sysvpn_ruleset_has_drop_chains (const SysvpnNftTable *table)
{
  if (table->flags & NFT_TABLE_F_DORMANT)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (chains); i++)
    if (chains[i].policy == NF_DROP && !chain_fits (table, i))
      return false;
  return true;
}

static void
append_field (GString *text, const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < (len + 3) / 4 * 4; i++) /* each field fills whole words */
    g_string_append_printf (text, "%02x", i < len ? bytes[i] : 0);
}

static void
append_key (GString *text, const SysvpnEndpoint *e, const uint8_t *address, uint8_t protocol)
{
  const uint8_t port[] = { (uint8_t) (e->port >> 8), (uint8_t) (e->port & 0xff) };

  append_field (text, address, e->is_v6 ? 16 : 4);
  append_field (text, &protocol, sizeof protocol);
  if (!sysvpn_endpoint_is_any_port (e))
    append_field (text, port, sizeof port);
}

/* The element as the reader writes it: first key, "-", last key. */
static char *
element_text (const SysvpnEndpoint *e, uint8_t protocol)
{
  GString *text = g_string_new (NULL);
  uint8_t last[16];

  for (unsigned i = 0; i < sizeof last; i++) {
    unsigned bits = e->prefix > i * 8 ? MIN (8, e->prefix - i * 8) : 0;

    last[i] = (uint8_t) (e->address[i] | (0xff >> bits));
  }
  append_key (text, e, e->address, protocol);
  g_string_append_c (text, '-');
  append_key (text, e, last, protocol);
  return g_string_free (text, FALSE);
}

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static bool
set_has_endpoints (const SysvpnNftSet *set,
                   const struct SetSpec *spec,
                   const SysvpnEndpoints *endpoints)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_new_with_free_func (g_free);

  for (size_t i = 0; i < endpoints->n_items; i++)
    for (size_t j = 0; is_in_set (&endpoints->items[i], spec) && j < G_N_ELEMENTS (protocols);
         j++)
      if (endpoints->items[i].protocols & protocols[j].bit)
        g_ptr_array_add (wanted, element_text (&endpoints->items[i], protocols[j].number));
  if (set == NULL || set->elements->len != wanted->len)
    return false;
  g_ptr_array_sort (wanted, compare_texts);
  for (unsigned i = 0; i < wanted->len; i++)
    if (!g_str_equal (g_ptr_array_index (wanted, i), g_ptr_array_index (set->elements, i)))
      return false;
  return true;
}

/**
 * sysvpn_ruleset_has_endpoints:
 * @table: a table that is loaded
 * @endpoints: folded
 *
 * Returns: %TRUE if the endpoint sets of @table contain @endpoints and nothing else
 */
bool
sysvpn_ruleset_has_endpoints (const SysvpnNftTable *table, const SysvpnEndpoints *endpoints)
{
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    if (sets[i].flags == ENDPOINTS_FLAGS &&
        !set_has_endpoints (sysvpn_nft_table_find_set (table, sets[i].name), &sets[i],
                            endpoints))
      return false;
  return true;
}

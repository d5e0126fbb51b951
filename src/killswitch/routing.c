/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second layer: routing rules for each family, which survive `nft flush ruleset`. What this
 * qube forwards is looked up in the main table, but not out of the uplink (group 1), and if
 * that leaves nothing it is unreachable:
 *
 *   32762: from all fwmark 0x40000000/0x40000000 lookup main suppress_ifgroup 1
 *   32763: from all fwmark 0x40000000/0x40000000 unreachable
 *   32764: not from all iif lo lookup main suppress_ifgroup 1
 *   32765: not from all iif lo unreachable
 *
 * The first two say the same as the others for a packet with the mark. The table's chain
 * clients sets it and looks up where the packet would go, because nftables looks up as if from
 * lo, and counts and drops what is unreachable. The mark only ever narrows. They stand just
 * before the rule of the main table (32766) and after NetworkManager's rules for WireGuard
 * (from 31220 on), which route in a table of their own. This qube's own packets have iif lo and
 * are not concerned, nor is the reverse path filter, which looks up as lo. */
#include "killswitch/routing.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "killswitch/error.h"
#include "killswitch/netlink.h"
#include "killswitch/uplink.h"

static const uint32_t no_suppress = UINT32_MAX; /* as the kernel writes it */

static const struct {
  uint32_t priority;
  uint8_t action;
  uint32_t table;
  uint32_t suppress_group;
  uint32_t mark; /* and mask; 0: what does not come from this qube itself, marked or not */
} layer[] = {
  { 32762, FR_ACT_TO_TBL, RT_TABLE_MAIN, SYSVPN_UPLINK_GROUP, SYSVPN_ROUTING_MARK },
  { 32763, FR_ACT_UNREACHABLE, RT_TABLE_UNSPEC, UINT32_MAX, SYSVPN_ROUTING_MARK },
  { 32764, FR_ACT_TO_TBL, RT_TABLE_MAIN, SYSVPN_UPLINK_GROUP, 0 },
  { 32765, FR_ACT_UNREACHABLE, RT_TABLE_UNSPEC, UINT32_MAX, 0 },
};

static const uint8_t families[] = { AF_INET, AF_INET6 };

/* A rule as the kernel tells of it. */
typedef struct {
  uint32_t priority;
  uint32_t table;
  uint32_t suppress_group;
  uint32_t suppress_prefix;
  uint32_t mark;
  uint32_t mark_mask; /* 0: any mark */
  uint8_t action;
  bool is_inverted;
  bool is_iif_lo;
  bool is_restricted; /* has a selector besides iif lo */
} Rule;

typedef struct {
  uint8_t family;
  bool is_present[G_N_ELEMENTS (layer)];
  bool is_bypassed;
  GHashTable *tables; /* others that clients' packets are looked up in before */
} Check;

static bool
has_family (uint8_t family)
{
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return errno != EAFNOSUPPORT;
  close (fd);
  return true;
}

static int
add_rule (SysvpnNetlink *netlink, uint8_t family, size_t i)
{
  SysvpnNetlinkRequest buffer;
  struct nlmsghdr *request = mnl_nlmsg_put_header (buffer.bytes);
  struct fib_rule_hdr *header;
  int failure;

  request->nlmsg_type = RTM_NEWRULE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  header = mnl_nlmsg_put_extra_header (request, sizeof *header);
  header->family = family;
  header->action = layer[i].action;
  header->table = (uint8_t) layer[i].table;
  mnl_attr_put_u32 (request, FRA_PRIORITY, layer[i].priority);
  if (layer[i].mark != 0) {
    mnl_attr_put_u32 (request, FRA_FWMARK, layer[i].mark);
    mnl_attr_put_u32 (request, FRA_FWMASK, layer[i].mark);
  } else {
    header->flags = FIB_RULE_INVERT;
    mnl_attr_put_strz (request, FRA_IIFNAME, "lo");
  }
  if (layer[i].table != RT_TABLE_UNSPEC)
    mnl_attr_put_u32 (request, FRA_TABLE, layer[i].table);
  if (layer[i].suppress_group != no_suppress)
    mnl_attr_put_u32 (request, FRA_SUPPRESS_IFGROUP, layer[i].suppress_group);
  failure = sysvpn_netlink_ask (netlink, request, NULL, NULL);
  return failure == EEXIST ? 0 : failure;
}

/**
 * sysvpn_routing_rules_add:
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Adds the rules that are missing and leaves the others alone.
 *
 * Returns: %TRUE if all are there now; a family that the kernel does not have needs none
 */
bool
sysvpn_routing_rules_add (GError **error)
{
  g_auto (SysvpnNetlink) netlink = { .bus = NETLINK_ROUTE };

  for (size_t i = 0; i < G_N_ELEMENTS (families); i++)
    for (size_t j = 0; has_family (families[i]) && j < G_N_ELEMENTS (layer); j++) {
      int failure = add_rule (&netlink, families[i], j);

      if (failure != 0) {
        sysvpn_killswitch_set_errno (error, failure, "cannot add a routing rule");
        return false;
      }
    }
  return true;
}

static void
take_attribute (const struct nlattr *attribute, Rule *rule)
{
  uint16_t type = mnl_attr_get_type (attribute);
  bool is_u32 = mnl_attr_get_payload_len (attribute) == sizeof (uint32_t);

  if (type == FRA_PRIORITY && is_u32)
    rule->priority = mnl_attr_get_u32 (attribute);
  else if (type == FRA_TABLE && is_u32)
    rule->table = mnl_attr_get_u32 (attribute);
  else if (type == FRA_SUPPRESS_IFGROUP && is_u32)
    rule->suppress_group = mnl_attr_get_u32 (attribute);
  else if (type == FRA_SUPPRESS_PREFIXLEN && is_u32)
    rule->suppress_prefix = mnl_attr_get_u32 (attribute);
  else if (type == FRA_FWMARK && is_u32)
    rule->mark = mnl_attr_get_u32 (attribute);
  else if (type == FRA_FWMASK && is_u32)
    rule->mark_mask = mnl_attr_get_u32 (attribute);
  else if (type == FRA_IIFNAME && strcmp (sysvpn_attribute_string (attribute), "lo") == 0)
    rule->is_iif_lo = true;
  else if (type != FRA_PROTOCOL && type != FRA_PAD) /* who made it, alignment */
    rule->is_restricted = true;
}

/* A rule before the last of ours that leads clients' packets to the main table, or past ours,
 * makes ours useless for what it selects. One that leads them to another table does if that
 * leads out: NetworkManager's for WireGuard leads into the tunnel. */
static void
look_for_bypass (Check *check, const Rule *rule)
{
  bool is_before = rule->priority <= layer[G_N_ELEMENTS (layer) - 1].priority;
  bool is_own_traffic = rule->is_iif_lo && !rule->is_inverted;

  if (!is_before || is_own_traffic)
    return;
  if (rule->action == FR_ACT_GOTO) {
    check->is_bypassed = true;
    return;
  }
  if (rule->action != FR_ACT_TO_TBL || rule->suppress_group == SYSVPN_UPLINK_GROUP)
    return;
  if (rule->table != RT_TABLE_MAIN && rule->table != RT_TABLE_LOCAL)
    g_hash_table_add (check->tables, GUINT_TO_POINTER (rule->table));
  else if (rule->table == RT_TABLE_MAIN && rule->suppress_prefix == no_suppress)
    check->is_bypassed = true;
}

static bool
is_layer (const Rule *rule, size_t i)
{
  bool is_marked = layer[i].mark != 0;

  return rule->priority == layer[i].priority && rule->action == layer[i].action &&
         rule->table == layer[i].table && rule->suppress_group == layer[i].suppress_group &&
         rule->suppress_prefix == no_suppress && rule->mark == layer[i].mark &&
         rule->mark_mask == layer[i].mark && rule->is_inverted == !is_marked &&
         rule->is_iif_lo == !is_marked && !rule->is_restricted;
}

static int
take_rule (const struct nlmsghdr *message, void *data)
{
  Check *check = data;
  const struct fib_rule_hdr *header = mnl_nlmsg_get_payload (message);
  Rule rule = { .suppress_group = no_suppress, .suppress_prefix = no_suppress };
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof *header);
  const struct nlattr *attribute;

  if (mnl_nlmsg_get_payload_len (message) < sizeof *header || header->family != check->family)
    return MNL_CB_OK;
  while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
    take_attribute (attribute, &rule);
  rule.action = header->action;
  rule.is_inverted = (header->flags & FIB_RULE_INVERT) != 0;
  if (header->src_len != 0 || header->dst_len != 0 || header->tos != 0)
    rule.is_restricted = true;

  for (size_t i = 0; i < G_N_ELEMENTS (layer); i++)
    if (is_layer (&rule, i)) {
      check->is_present[i] = true;
      return MNL_CB_OK;
    }
  look_for_bypass (check, &rule);
  return MNL_CB_OK;
}

static int
read_rules (Check *check)
{
  g_auto (SysvpnNetlink) netlink = { .bus = NETLINK_ROUTE };
  int failure = EINTR;

  for (unsigned i = 0; i < 3 && failure == EINTR; i++) { /* EINTR: they changed meanwhile */
    SysvpnNetlinkRequest buffer;
    struct nlmsghdr *request = mnl_nlmsg_put_header (buffer.bytes);
    struct fib_rule_hdr *header;

    memset (check->is_present, 0, sizeof check->is_present);
    check->is_bypassed = false;
    g_hash_table_remove_all (check->tables);
    request->nlmsg_type = RTM_GETRULE;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header = mnl_nlmsg_put_extra_header (request, sizeof *header);
    header->family = check->family;
    failure = sysvpn_netlink_ask (&netlink, request, take_rule, check);
  }
  return failure;
}

static bool
check_family (uint8_t family, bool *ret_present, GError **error)
{
  g_autoptr (GHashTable) tables = g_hash_table_new (NULL, NULL);
  Check check = { .family = family, .tables = tables };
  bool is_present = true;
  bool leads_out = false;
  int failure = read_rules (&check);

  if (failure != 0) {
    sysvpn_killswitch_set_errno (error, failure, "cannot read the routing rules");
    return false;
  }
  if (g_hash_table_size (tables) > 0 &&
      !sysvpn_uplink_check_tables (family, tables, &leads_out, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (layer); i++)
    is_present = is_present && check.is_present[i];
  *ret_present = is_present && !check.is_bypassed && !leads_out;
  return true;
}

/**
 * sysvpn_routing_rules_check:
 * @ret_present: (out): whether all rules are there, in both families, and no rule before them
 *   makes them useless
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: %TRUE if the kernel answered
 */
bool
sysvpn_routing_rules_check (bool *ret_present, GError **error)
{
  bool is_present = true;

  for (size_t i = 0; i < G_N_ELEMENTS (families); i++) {
    bool is_here = true;

    if (has_family (families[i]) && !check_family (families[i], &is_here, error))
      return false;
    is_present = is_present && is_here;
  }
  *ret_present = is_present;
  return true;
}

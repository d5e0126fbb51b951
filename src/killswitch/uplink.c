/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does everything that leads out belong to the uplink's group, and does only the main table
 * lead there? The table lets out only into tunnels and to endpoints through group 1, so a
 * device outside of it leaks nothing by itself; but the routing rules of the second layer know
 * the uplink by its group alone, and look into the main table alone. */
#include "killswitch/uplink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

#include "killswitch/error.h"
#include "killswitch/netlink.h"

enum { HALVES_MAX_LEN = 1 /* a default route, or one of the two halves of it */ };

typedef struct {
  GHashTable *tables;    /* whose routes count, all of them; NULL: main's default routes */
  GHashTable *leads_out; /* of interface indexes: devices of such routes */
  bool is_stray;         /* one of them is none of the uplink's group, and no tunnel */
  bool is_uplink;        /* one of them is */
} Search;

/* A route with several next hops names no device of its own. */
static void
take_next_hops (const struct nlattr *attribute, Search *search)
{
  struct rtnexthop *hop = mnl_attr_get_payload (attribute); /* RTNH_NEXT takes no const */
  int left = mnl_attr_get_payload_len (attribute);

  for (; RTNH_OK (hop, left); left -= RTNH_ALIGN (hop->rtnh_len), hop = RTNH_NEXT (hop))
    g_hash_table_add (search->leads_out, GINT_TO_POINTER (hop->rtnh_ifindex));
}

static bool
counts (const Search *search, const struct rtmsg *route, uint32_t table)
{
  if (route->rtm_type != RTN_UNICAST)
    return false;
  if (search->tables != NULL)
    return g_hash_table_contains (search->tables, GUINT_TO_POINTER (table));
  return table == RT_TABLE_MAIN && route->rtm_dst_len <= HALVES_MAX_LEN;
}

static int
take_route (const struct nlmsghdr *message, void *data)
{
  Search *search = data;
  const struct rtmsg *route = mnl_nlmsg_get_payload (message);
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof *route);
  const struct nlattr *attribute;
  const struct nlattr *next_hops = NULL;
  uint32_t table;
  uint32_t device = 0;

  if (mnl_nlmsg_get_payload_len (message) < sizeof *route)
    return MNL_CB_OK;
  table = route->rtm_table; /* of numbers that do not fit there, the attribute tells */
  while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
    uint16_t type = mnl_attr_get_type (attribute);
    bool is_u32 = mnl_attr_get_payload_len (attribute) == sizeof (uint32_t);

    if (type == RTA_TABLE && is_u32)
      table = mnl_attr_get_u32 (attribute);
    else if (type == RTA_OIF && is_u32)
      device = mnl_attr_get_u32 (attribute);
    else if (type == RTA_MULTIPATH)
      next_hops = attribute;
  }
  if (!counts (search, route, table))
    return MNL_CB_OK;
  if (device != 0)
    g_hash_table_add (search->leads_out, GUINT_TO_POINTER (device));
  if (next_hops != NULL)
    take_next_hops (next_hops, search);
  return MNL_CB_OK;
}

static bool
is_tunnel (const struct nlattr *link_info)
{
  SysvpnAttributes walk = sysvpn_attributes_of_nest (link_info);
  const struct nlattr *attribute;

  while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
    if (mnl_attr_get_type (attribute) == IFLA_INFO_KIND) {
      const char *kind = sysvpn_attribute_string (attribute);

      return strcmp (kind, "tun") == 0 || strcmp (kind, "wireguard") == 0;
    }
  return false;
}

static int
take_link (const struct nlmsghdr *message, void *data)
{
  Search *search = data;
  const struct ifinfomsg *link = mnl_nlmsg_get_payload (message);
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof *link);
  const struct nlattr *attribute;
  uint32_t group = 0;
  bool tunnel = false;

  if (mnl_nlmsg_get_payload_len (message) < sizeof *link ||
      !g_hash_table_contains (search->leads_out, GUINT_TO_POINTER (link->ifi_index)))
    return MNL_CB_OK;
  while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
    if (mnl_attr_get_type (attribute) == IFLA_GROUP &&
        mnl_attr_get_payload_len (attribute) == sizeof (uint32_t))
      group = mnl_attr_get_u32 (attribute);
    else if (mnl_attr_get_type (attribute) == IFLA_LINKINFO)
      tunnel = is_tunnel (attribute);
  }
  if (group == SYSVPN_UPLINK_GROUP)
    search->is_uplink = true;
  else if (!tunnel && link->ifi_type != ARPHRD_LOOPBACK)
    search->is_stray = true;
  return MNL_CB_OK;
}

static int
dump (SysvpnNetlink *netlink, uint16_t type, uint8_t family, mnl_cb_t take, Search *search)
{
  int failure = EINTR;

  for (unsigned i = 0; i < 3 && failure == EINTR; i++) { /* EINTR: it changed meanwhile */
    SysvpnNetlinkRequest buffer;
    struct nlmsghdr *request = mnl_nlmsg_put_header (buffer.bytes);

    request->nlmsg_type = type;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    if (type == RTM_GETROUTE) {
      struct rtmsg *route = mnl_nlmsg_put_extra_header (request, sizeof *route);

      route->rtm_family = family;
      route->rtm_table = RT_TABLE_MAIN;
    } else {
      struct ifinfomsg *link = mnl_nlmsg_put_extra_header (request, sizeof *link);

      link->ifi_family = AF_UNSPEC;
    }
    failure = sysvpn_netlink_ask (netlink, request, take, search);
  }
  return failure;
}

/* The routes first: they tell which devices to look at. */
static bool
run_search (Search *search, const uint8_t *families, size_t n_families, GError **error)
{
  g_auto (SysvpnNetlink) netlink = { .bus = NETLINK_ROUTE };
  int failure = 0;

  for (size_t i = 0; i < n_families && failure == 0; i++)
    failure = dump (&netlink, RTM_GETROUTE, families[i], take_route, search);
  if (failure == 0)
    failure = dump (&netlink, RTM_GETLINK, AF_UNSPEC, take_link, search);
  if (failure != 0)
    sysvpn_killswitch_set_errno (error, failure, "cannot read routes and devices");
  return failure == 0;
}

/**
 * sysvpn_uplink_check:
 * @ret_is_stray: (out): whether a device that is no tunnel has a default route and is not in
 *   the uplink's group; without any default route there is none
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: %TRUE if the kernel answered
 */
bool
sysvpn_uplink_check (bool *ret_is_stray, GError **error)
{
  static const uint8_t families[] = { AF_INET, AF_INET6 };
  g_autoptr (GHashTable) leads_out = g_hash_table_new (NULL, NULL);
  Search search = { .leads_out = leads_out };

  if (!run_search (&search, families, G_N_ELEMENTS (families), error))
    return false;
  *ret_is_stray = search.is_stray;
  return true;
}

/**
 * sysvpn_uplink_check_tables:
 * @family: %AF_INET or %AF_INET6
 * @tables: (element-type guint): numbers of routing tables, not the main one's
 * @ret_leads_out: (out): whether a route of one of them leads out of a device of the uplink's
 *   group
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: %TRUE if the kernel answered
 */
bool
sysvpn_uplink_check_tables (uint8_t family,
                            GHashTable *tables,
                            bool *ret_leads_out,
                            GError **error)
{
  g_autoptr (GHashTable) leads_out = g_hash_table_new (NULL, NULL);
  Search search = { .tables = tables, .leads_out = leads_out };

  if (!run_search (&search, &family, 1, error))
    return false;
  *ret_leads_out = search.is_uplink;
  return true;
}

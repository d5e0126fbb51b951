/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables' notifications: tells at once that the killswitch's table may have changed. Says
 * nothing about how; sysvpn_killswitch_examine() finds that out. */
#include "killswitch/monitor.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "killswitch/error.h"
#include "killswitch/netlink.h"
#include "killswitch/table.h"

enum { MESSAGES_MAX = 64 * 1024, READS_MAX = 256 };

/* The attribute that names the table has the same number in every kind of message, except in
 * the one that ends a transaction, which names none. */
static_assert (NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
                   NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1 &&
                   NFTA_OBJ_TABLE == 1 && NFTA_FLOWTABLE_TABLE == 1,
               "is_ours looks at one attribute only");

/**
 * sysvpn_nft_monitor_open:
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: a non-blocking descriptor that becomes readable when anybody writes to nftables, for
 *   sysvpn_nft_monitor_drain() and close(); -1 on failure
 */
int
sysvpn_nft_monitor_open (GError **error)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK };
  int group = NFNLGRP_NFTABLES;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      setsockopt (fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0)
    return fd;
  sysvpn_killswitch_set_errno (error, errno, "cannot watch nftables");
  if (fd >= 0)
    close (fd);
  return -1;
}

static bool
is_ours (const struct nlmsghdr *message)
{
  const struct nfgenmsg *header = mnl_nlmsg_get_payload (message);
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof *header);
  const struct nlattr *attribute;

  if (NFNL_SUBSYS_ID (message->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
      NFNL_MSG_TYPE (message->nlmsg_type) == NFT_MSG_NEWGEN ||
      mnl_nlmsg_get_payload_len (message) < sizeof *header ||
      header->nfgen_family != NFPROTO_INET)
    return false;
  while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
    if (mnl_attr_get_type (attribute) == NFTA_TABLE_NAME)
      return strcmp (sysvpn_attribute_string (attribute), SYSVPN_KILLSWITCH_TABLE) == 0;
  return false;
}

/**
 * sysvpn_nft_monitor_drain:
 * @fd: what sysvpn_nft_monitor_open() returned
 *
 * Reads what is there without waiting; after a great many messages it returns, and @fd is still
 * readable.
 *
 * Returns: whether to look at the table
 */
SysvpnNftMonitorResult
sysvpn_nft_monitor_drain (int fd)
{
  SysvpnNftMonitorResult result = SYSVPN_NFT_MONITOR_QUIET;
  g_autofree char *buffer = g_malloc (MESSAGES_MAX);

  for (unsigned i = 0; i < READS_MAX; i++) {
    ssize_t n = recv (fd, buffer, MESSAGES_MAX, MSG_DONTWAIT | MSG_TRUNC);
    int left = n > MESSAGES_MAX ? 0 : (int) n;

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return result;
    if (n < 0 && errno == EINTR)
      continue;
    if (n == 0 || (n < 0 && errno != ENOBUFS))
      return SYSVPN_NFT_MONITOR_FAILED;
    if (n < 0 || n > MESSAGES_MAX) /* lost or cut: whatever it was, it may have been ours */
      result = SYSVPN_NFT_MONITOR_TOUCHED;
    for (const struct nlmsghdr *message = (const void *) buffer;
         n > 0 && mnl_nlmsg_ok (message, left); message = mnl_nlmsg_next (message, &left))
      if (is_ours (message))
        result = SYSVPN_NFT_MONITOR_TOUCHED;
  }
  return result;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forgets all flows, as `conntrack -F` does. */
#include "killswitch/conntrack.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include "killswitch/error.h"
#include "killswitch/netlink.h"

/**
 * sysvpn_conntrack_flush:
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: %TRUE if there are no flows now; a kernel without connection tracking has none
 */
bool
sysvpn_conntrack_flush (GError **error)
{
  g_auto (SysvpnNetlink) netlink = { .bus = NETLINK_NETFILTER };
  SysvpnNetlinkRequest buffer;
  struct nlmsghdr *request = mnl_nlmsg_put_header (buffer.bytes);
  struct nfgenmsg *header;
  int failure;

  request->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  header = mnl_nlmsg_put_extra_header (request, sizeof *header);
  header->nfgen_family = AF_UNSPEC;
  header->version = NFNETLINK_V0;
  failure = sysvpn_netlink_ask (&netlink, request, NULL, NULL);
  /* EINVAL is nfnetlink's word for "no such subsystem", after it tried to load the module */
  if (failure == 0 || failure == EINVAL || failure == EOPNOTSUPP)
    return true;
  sysvpn_killswitch_set_errno (error, failure, "cannot flush the tracked connections");
  return false;
}

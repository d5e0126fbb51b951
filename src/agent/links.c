/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of devices, addresses and routes, as opposed to what NetworkManager
 * believes: a tunnel is up only when both agree. Nothing here needs a privilege or sends a
 * packet. */
#include "agent/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address as both families' sockaddr can be compared with. */
static bool
sockaddr_is (const struct sockaddr *sockaddr, const char *address)
{
  char text[INET6_ADDRSTRLEN];
  const void *bytes = NULL;

  if (sockaddr == NULL)
    return false;
  if (sockaddr->sa_family == AF_INET)
    bytes = &((const struct sockaddr_in *) (const void *) sockaddr)->sin_addr;
  else if (sockaddr->sa_family == AF_INET6)
    bytes = &((const struct sockaddr_in6 *) (const void *) sockaddr)->sin6_addr;
  return bytes != NULL && inet_ntop (sockaddr->sa_family, bytes, text, sizeof text) != NULL &&
         g_str_equal (text, address);
}

static int
read_kind (const struct nlattr *attr, void *data)
{
  SysvpnTunnelDevice *device = data;

  if (mnl_attr_get_type (attr) == IFLA_INFO_KIND) {
    const char *kind = mnl_attr_get_str (attr);

    device->is_wireguard = g_str_equal (kind, "wireguard");
    device->is_tunnel = device->is_wireguard || g_str_equal (kind, "tun");
  }
  return MNL_CB_OK;
}

static int
read_attribute (const struct nlattr *attr, void *data)
{
  SysvpnTunnelDevice *device = data;
  struct rtnl_link_stats64 stats;

  switch (mnl_attr_get_type (attr)) {
  case IFLA_LINKINFO:
    return mnl_attr_parse_nested (attr, read_kind, device);
  case IFLA_STATS64:
    memset (&stats, 0, sizeof stats);
    memcpy (&stats, mnl_attr_get_payload (attr),
            MIN (sizeof stats, (size_t) mnl_attr_get_payload_len (attr)));
    device->rx_bytes = stats.rx_bytes;
    device->tx_bytes = stats.tx_bytes;
    return MNL_CB_OK;
  default:
    return MNL_CB_OK;
  }
}

static int
read_link (const struct nlmsghdr *message, void *data)
{
  const struct ifinfomsg *link = mnl_nlmsg_get_payload (message);
  SysvpnTunnelDevice *device = data;

  device->is_up = (link->ifi_flags & IFF_UP) != 0;
  return mnl_attr_parse (message, sizeof *link, read_attribute, device);
}

/* One request and its one answer; the kernel answers at once. */
static bool
ask_link (struct mnl_socket *socket, const char *name, SysvpnTunnelDevice *device)
{
  char buffer[8192];
  struct nlmsghdr *message = mnl_nlmsg_put_header (buffer);
  struct ifinfomsg *link;
  ssize_t len;

  message->nlmsg_type = RTM_GETLINK;
  message->nlmsg_flags = NLM_F_REQUEST;
  message->nlmsg_seq = 1;
  link = mnl_nlmsg_put_extra_header (message, sizeof *link);
  link->ifi_family = AF_UNSPEC;
  mnl_attr_put_strz (message, IFLA_IFNAME, name);
  if (mnl_socket_sendto (socket, message, message->nlmsg_len) < 0)
    return false;
  len = mnl_socket_recvfrom (socket, buffer, sizeof buffer);
  return len > 0 && mnl_cb_run (buffer, (size_t) len, 1, mnl_socket_get_portid (socket),
                                read_link, device) >= MNL_CB_STOP;
}

static bool
read_device (const char *name, SysvpnTunnelDevice *ret_device)
{
  SysvpnTunnelDevice device = { 0 };
  struct mnl_socket *socket = mnl_socket_open2 (NETLINK_ROUTE, SOCK_CLOEXEC);
  bool found;

  if (socket == NULL)
    return false;
  g_strlcpy (device.name, name, sizeof device.name);
  found =
      mnl_socket_bind (socket, 0, MNL_SOCKET_AUTOPID) == 0 && ask_link (socket, name, &device);
  mnl_socket_close (socket);
  if (found)
    *ret_device = device;
  return found;
}

/**
 * sysvpn_links_find_address:
 * @address: of a tunnel, as inet_ntop prints it
 * @ret_device: (out): written only on success
 *
 * Returns: %TRUE if a device of this machine has @address now
 */
bool
sysvpn_links_find_address (const char *address, SysvpnTunnelDevice *ret_device)
{
  struct ifaddrs *all = NULL;
  char name[IF_NAMESIZE] = "";

  if (getifaddrs (&all) != 0)
    return false;
  for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    if (sockaddr_is (one->ifa_addr, address))
      g_strlcpy (name, one->ifa_name, sizeof name);
  freeifaddrs (all);
  return name[0] != '\0' && read_device (name, ret_device);
}

/**
 * sysvpn_links_routes_through:
 * @address: of a tunnel
 *
 * Asks the kernel's routing, without sending anything: a connected datagram socket gets the
 * source address that its packets would have. The destinations are of ranges for benchmarks, so
 * that only a default route (or the two halves of one) can be the answer.
 *
 * Returns: %TRUE if what goes to the internet in @address's family would leave from @address
 */
bool
sysvpn_links_routes_through (const char *address)
{
  const struct sockaddr_in to4 = { .sin_family = AF_INET,
                                   .sin_port = htons (9),
                                   .sin_addr.s_addr = htonl (0xC6120001) /* 198.18.0.1 */ };
  const struct sockaddr_in6 to6 = {
    .sin6_family = AF_INET6,
    .sin6_port = htons (9),
    .sin6_addr = { { { 0x20, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }
  }; /* 2001:2::1 */
  bool is6 = strchr (address, ':') != NULL;
  const struct sockaddr *to = is6 ? (const void *) &to6 : (const void *) &to4;
  struct sockaddr_storage from = { 0 };
  socklen_t len = sizeof from;
  int fd = socket (to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool through;

  if (fd < 0)
    return false;
  through = connect (fd, to, is6 ? sizeof to6 : sizeof to4) == 0 &&
            getsockname (fd, (struct sockaddr *) &from, &len) == 0 &&
            sockaddr_is ((const struct sockaddr *) &from, address);
  close (fd);
  return through;
}

typedef struct {
  int fd;
  guint *id; /* of its source */
  SysvpnLinksFunc changed;
  gpointer data;
} Monitor;

static int
open_monitor (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK,
                                 .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
                                              RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                                              RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE |
                                              (1u << (RTNLGRP_IPV6_RULE - 1)) };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  g_warning ("cannot watch devices and routes (%s); each heartbeat still looks",
             g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Reads away what is waiting; what it says does not matter, the state is asked for afresh.
 * Returns false when the socket is broken for good. */
static bool
drain (int fd)
{
  char buffer[16384];
  ssize_t len;

  do
    len = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT);
  while (len > 0 || (len < 0 && errno == EINTR));
  /* ENOBUFS: some notices were lost, which is a notice too */
  return len < 0 && (errno == EAGAIN || errno == ENOBUFS);
}

static gboolean
on_notice (gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  const Monitor *monitor = data;

  monitor->changed (monitor->data);
  if (drain (fd))
    return G_SOURCE_CONTINUE;
  g_warning ("notices of devices and routes ended; each heartbeat still looks");
  *monitor->id = 0;
  return G_SOURCE_REMOVE;
}

static void
free_monitor (gpointer data)
{
  Monitor *monitor = data;

  close (monitor->fd);
  g_free (monitor);
}

/**
 * sysvpn_links_watch:
 * @id: (out): the source, for g_clear_handle_id(); 0 when there is none (any more), which is
 *   logged: looking now and then still suffices. Lives as long as the source
 * @changed: called when a device, address, route or routing rule changes
 * @data: passed to it
 */
void
sysvpn_links_watch (guint *id, SysvpnLinksFunc changed, gpointer data)
{
  int fd = open_monitor ();
  Monitor *monitor;

  *id = 0;
  if (fd < 0)
    return;
  monitor = g_new (Monitor, 1);
  *monitor = (Monitor){ .fd = fd, .id = id, .changed = changed, .data = data };
  *id = g_unix_fd_add_full (G_PRIORITY_DEFAULT, fd, G_IO_IN, on_notice, monitor, free_monitor);
  g_source_set_name_by_id (*id, "sysvpn: links");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's WireGuard says of its peers, by generic netlink: NetworkManager knows
 * neither handshakes nor where the packets really go. Needs CAP_NET_ADMIN; changes nothing. */
#include "agent/wireguard.h"

#include "killswitch/netlink.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <string.h>

enum { PREFIX_MAX = 128 };

/* The payload as a number of @size bytes, or bytes of a key: only of exactly that length. */
static bool
copy_payload (const struct nlattr *attribute, void *ret_value, size_t size)
{
  if (mnl_attr_get_payload_len (attribute) != size)
    return false;
  memcpy (ret_value, mnl_attr_get_payload (attribute), size);
  return true;
}

static void
read_endpoint (const struct nlattr *attribute, char ret_text[static SYSVPN_ENDPOINT_MAX + 1])
{
  char address[INET6_ADDRSTRLEN];
  struct sockaddr_in in4;
  struct sockaddr_in6 in6;

  if (copy_payload (attribute, &in4, sizeof in4) && in4.sin_family == AF_INET &&
      inet_ntop (AF_INET, &in4.sin_addr, address, sizeof address) != NULL)
    g_snprintf (ret_text, SYSVPN_ENDPOINT_MAX + 1, "%s:%u/udp", address, ntohs (in4.sin_port));
  else if (copy_payload (attribute, &in6, sizeof in6) && in6.sin6_family == AF_INET6 &&
           inet_ntop (AF_INET6, &in6.sin6_addr, address, sizeof address) != NULL)
    g_snprintf (ret_text, SYSVPN_ENDPOINT_MAX + 1, "[%s]:%u/udp", address,
                ntohs (in6.sin6_port));
}

static void
read_networks (const struct nlattr *nest, unsigned *shortest_prefix)
{
  SysvpnAttributes networks = sysvpn_attributes_of_nest (nest);
  const struct nlattr *network, *attribute;

  while ((network = sysvpn_attributes_next (&networks)) != NULL) {
    SysvpnAttributes walk = sysvpn_attributes_of_nest (network);
    uint8_t prefix;

    while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
      if (mnl_attr_get_type (attribute) == WGALLOWEDIP_A_CIDR_MASK &&
          copy_payload (attribute, &prefix, sizeof prefix))
        *shortest_prefix = MIN (*shortest_prefix, prefix);
  }
}

static void
read_attribute (const struct nlattr *attribute, SysvpnWireguardPeer *peer)
{
  struct {
    int64_t seconds;
    int64_t nanoseconds;
  } time; /* struct __kernel_timespec */

  switch (mnl_attr_get_type (attribute)) {
  case WGPEER_A_ENDPOINT:
    read_endpoint (attribute, peer->endpoint);
    break;
  case WGPEER_A_LAST_HANDSHAKE_TIME:
    if (copy_payload (attribute, &time, sizeof time))
      peer->handshake_s = time.seconds;
    break;
  case WGPEER_A_RX_BYTES:
    copy_payload (attribute, &peer->rx_bytes, sizeof peer->rx_bytes);
    break;
  case WGPEER_A_TX_BYTES:
    copy_payload (attribute, &peer->tx_bytes, sizeof peer->tx_bytes);
    break;
  case WGPEER_A_ALLOWEDIPS:
    read_networks (attribute, &peer->shortest_prefix);
    break;
  default:
    break;
  }
}

/* The kernel goes on with a peer in the next message where one has too many networks for one:
 * then there is its key once more, and the networks. NULL when there is no room. */
static SysvpnWireguardPeer *
find_or_add (SysvpnWireguardPeers *peers, const uint8_t key[static SYSVPN_WIREGUARD_KEY_LEN])
{
  SysvpnWireguardPeer *peer;

  for (unsigned i = 0; i < peers->n_peers; i++)
    if (memcmp (peers->peers[i].key, key, SYSVPN_WIREGUARD_KEY_LEN) == 0)
      return &peers->peers[i];
  if (peers->n_peers == SYSVPN_WIREGUARD_PEERS_MAX)
    return NULL;
  peer = &peers->peers[peers->n_peers++];
  *peer = (SysvpnWireguardPeer){ .shortest_prefix = PREFIX_MAX };
  memcpy (peer->key, key, SYSVPN_WIREGUARD_KEY_LEN);
  return peer;
}

static void
read_peer (const struct nlattr *nest, SysvpnWireguardPeers *peers)
{
  SysvpnAttributes walk = sysvpn_attributes_of_nest (nest);
  const struct nlattr *attribute;
  SysvpnWireguardPeer *peer = NULL;
  uint8_t key[SYSVPN_WIREGUARD_KEY_LEN];

  /* the key is the first attribute; what comes before one belongs to nobody */
  while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
    if (mnl_attr_get_type (attribute) == WGPEER_A_PUBLIC_KEY &&
        copy_payload (attribute, key, sizeof key))
      peer = find_or_add (peers, key);
    else if (peer != NULL)
      read_attribute (attribute, peer);
  }
}

/**
 * sysvpn_wireguard_add_message:
 * @peers: what is known so far; what @message says is added
 * @message: a message of the kernel's answer to WG_CMD_GET_DEVICE
 *
 * Pure. What is cut off, of another length than it must have, or unknown, is left out.
 */
void
sysvpn_wireguard_add_message (SysvpnWireguardPeers *peers, const struct nlmsghdr *message)
{
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof (struct genlmsghdr));
  const struct nlattr *attribute, *nest;

  while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
    SysvpnAttributes nests = sysvpn_attributes_of_nest (attribute);

    if (mnl_attr_get_type (attribute) != WGDEVICE_A_PEERS)
      continue;
    while ((nest = sysvpn_attributes_next (&nests)) != NULL)
      read_peer (nest, peers);
  }
}

/**
 * sysvpn_wireguard_main_peer:
 * @peers: the peers of a device
 *
 * Returns: (transfer none) (nullable): the one that most of the internet is routed to, which is
 * the VPN's server, and of several such the one with the latest handshake
 */
const SysvpnWireguardPeer *
sysvpn_wireguard_main_peer (const SysvpnWireguardPeers *peers)
{
  const SysvpnWireguardPeer *chosen = NULL;

  for (unsigned i = 0; i < peers->n_peers; i++) {
    const SysvpnWireguardPeer *peer = &peers->peers[i];

    if (chosen == NULL || peer->shortest_prefix < chosen->shortest_prefix ||
        (peer->shortest_prefix == chosen->shortest_prefix &&
         peer->handshake_s > chosen->handshake_s))
      chosen = peer;
  }
  return chosen;
}

static void
begin_request (SysvpnNetlinkRequest *request, uint16_t type, uint16_t flags, uint8_t command)
{
  struct genlmsghdr *header;

  mnl_nlmsg_put_header (request);
  request->header.nlmsg_type = type;
  request->header.nlmsg_flags = NLM_F_REQUEST | flags;
  header = mnl_nlmsg_put_extra_header (&request->header, sizeof *header);
  header->cmd = command;
  header->version = 1;
}

static int
on_family (const struct nlmsghdr *message, void *data)
{
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof (struct genlmsghdr));
  const struct nlattr *attribute;

  while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
    if (mnl_attr_get_type (attribute) == CTRL_ATTR_FAMILY_ID)
      copy_payload (attribute, data, sizeof (uint16_t));
  return MNL_CB_OK;
}

static int
on_device (const struct nlmsghdr *message, void *data)
{
  sysvpn_wireguard_add_message (data, message);
  return MNL_CB_OK;
}

/**
 * sysvpn_wireguard_read:
 * @interface: a device of kind wireguard; for another name the kernel might load its module,
 * and wait for that
 * @ret_peer: (out): its main peer; written only on success
 *
 * Returns: %TRUE if the kernel told
 */
bool
sysvpn_wireguard_read (const char *interface, SysvpnWireguardPeer *ret_peer)
{
  g_auto (SysvpnNetlink) netlink = { .bus = NETLINK_GENERIC };
  g_autofree SysvpnWireguardPeers *peers = g_new0 (SysvpnWireguardPeers, 1);
  SysvpnNetlinkRequest request = { 0 };
  const SysvpnWireguardPeer *peer;
  uint16_t family = 0;
  int failure;

  begin_request (&request, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY);
  mnl_attr_put_strz (&request.header, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
  failure = sysvpn_netlink_ask (&netlink, &request.header, on_family, &family);
  if (failure == 0 && family != 0) {
    begin_request (&request, family, NLM_F_DUMP, WG_CMD_GET_DEVICE);
    mnl_attr_put_strz (&request.header, WGDEVICE_A_IFNAME, interface);
    failure = sysvpn_netlink_ask (&netlink, &request.header, on_device, peers);
  }
  if (failure != 0)
    g_debug ("the kernel does not tell of WireGuard's peers: %s", g_strerror (failure));
  peer = sysvpn_wireguard_main_peer (peers);
  if (failure != 0 || peer == NULL)
    return false;
  *ret_peer = *peer;
  return true;
}

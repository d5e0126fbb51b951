/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as the kernel writes them, put together by libmnl; the socket is suite wireguard's.
 */
#include "agent/wireguard.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <string.h>

enum { MESSAGE_MAX = 65536, FAMILY = 29 /* any */ };

typedef union {
  struct nlmsghdr header;
  char bytes[MESSAGE_MAX];
} Message;

/* What goes into a message; a field that is 0 is left out. */
typedef struct {
  uint8_t key; /* its every byte */
  const char *address;
  uint16_t port;
  int64_t handshake_s;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  const uint8_t *prefixes;
  size_t n_prefixes;
} Peer;

static void
begin (Message *message)
{
  struct genlmsghdr *header;

  memset (message, 0, sizeof *message);
  mnl_nlmsg_put_header (message);
  message->header.nlmsg_type = FAMILY;
  header = mnl_nlmsg_put_extra_header (&message->header, sizeof *header);
  header->cmd = WG_CMD_GET_DEVICE;
  header->version = WG_GENL_VERSION;
  mnl_attr_put_u32 (&message->header, WGDEVICE_A_IFINDEX, 7);
  mnl_attr_put_strz (&message->header, WGDEVICE_A_IFNAME, "wg0");
}

static void
put_endpoint (struct nlmsghdr *message, const Peer *peer)
{
  struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons (peer->port) };
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons (peer->port) };

  if (inet_pton (AF_INET, peer->address, &in4.sin_addr) == 1)
    mnl_attr_put (message, WGPEER_A_ENDPOINT, sizeof in4, &in4);
  else if (inet_pton (AF_INET6, peer->address, &in6.sin6_addr) == 1)
    mnl_attr_put (message, WGPEER_A_ENDPOINT, sizeof in6, &in6);
}

static void
put_networks (struct nlmsghdr *message, const Peer *peer)
{
  struct nlattr *all = mnl_attr_nest_start (message, WGPEER_A_ALLOWEDIPS);

  for (size_t i = 0; i < peer->n_prefixes; i++) {
    struct nlattr *one = mnl_attr_nest_start (message, 0);

    mnl_attr_put_u16 (message, WGALLOWEDIP_A_FAMILY, AF_INET);
    mnl_attr_put_u32 (message, WGALLOWEDIP_A_IPADDR, 0);
    mnl_attr_put_u8 (message, WGALLOWEDIP_A_CIDR_MASK, peer->prefixes[i]);
    mnl_attr_nest_end (message, one);
  }
  mnl_attr_nest_end (message, all);
}

static void
put_peer (struct nlmsghdr *message, const Peer *peer)
{
  struct nlattr *nest = mnl_attr_nest_start (message, 0);
  const int64_t handshake[] = { peer->handshake_s, 0 };
  uint8_t key[SYSVPN_WIREGUARD_KEY_LEN];

  memset (key, peer->key, sizeof key);
  mnl_attr_put (message, WGPEER_A_PUBLIC_KEY, sizeof key, key);
  if (peer->handshake_s != 0)
    mnl_attr_put (message, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof handshake, handshake);
  if (peer->rx_bytes != 0 || peer->tx_bytes != 0) {
    mnl_attr_put_u64 (message, WGPEER_A_RX_BYTES, peer->rx_bytes);
    mnl_attr_put_u64 (message, WGPEER_A_TX_BYTES, peer->tx_bytes);
  }
  if (peer->address != NULL)
    put_endpoint (message, peer);
  if (peer->n_prefixes > 0)
    put_networks (message, peer);
  mnl_attr_nest_end (message, nest);
}

static void
put_peers (Message *message, const Peer *peers, size_t n_peers)
{
  struct nlattr *nest;

  begin (message);
  nest = mnl_attr_nest_start (&message->header, WGDEVICE_A_PEERS);
  for (size_t i = 0; i < n_peers; i++)
    put_peer (&message->header, &peers[i]);
  mnl_attr_nest_end (&message->header, nest);
}

static const uint8_t everything[] = { 0, 0 }, halves[] = { 1, 1 }, lan[] = { 24 };

static const Peer server4 = { .key = 1,
                              .address = "203.0.113.7",
                              .port = 51820,
                              .handshake_s = 1764100000,
                              .rx_bytes = 734003200,
                              .tx_bytes = 52428800,
                              .prefixes = everything,
                              .n_prefixes = G_N_ELEMENTS (everything) };
static const Peer server6 = { .key = 2, .address = "2001:db8::7", .port = 443 };

static void
test_read (void)
{
  const Peer both[] = { server4, server6 };
  SysvpnWireguardPeers peers = { 0 };
  Message message;

  put_peers (&message, both, G_N_ELEMENTS (both));
  sysvpn_wireguard_add_message (&peers, &message.header);
  g_assert_cmpuint (peers.n_peers, ==, 2);
  g_assert_cmpstr (peers.peers[0].endpoint, ==, "203.0.113.7:51820/udp");
  g_assert_cmpint (peers.peers[0].handshake_s, ==, 1764100000);
  g_assert_cmpuint (peers.peers[0].rx_bytes, ==, 734003200);
  g_assert_cmpuint (peers.peers[0].tx_bytes, ==, 52428800);
  g_assert_cmpuint (peers.peers[0].shortest_prefix, ==, 0);
  g_assert_cmpstr (peers.peers[1].endpoint, ==, "[2001:db8::7]:443/udp");
  g_assert_cmpint (peers.peers[1].handshake_s, ==, 0);
  g_assert_cmpuint (peers.peers[1].shortest_prefix, ==, 128);
}

/* A peer's networks may go on in the next message, which has its key and no more of it. */
static void
test_goes_on (void)
{
  const Peer first = { .key = 1,
                       .address = "203.0.113.7",
                       .port = 1,
                       .handshake_s = 5,
                       .prefixes = lan,
                       .n_prefixes = 1 };
  const Peer rest[] = { { .key = 1, .prefixes = halves, .n_prefixes = 2 }, server6 };
  SysvpnWireguardPeers peers = { 0 };
  Message message;

  put_peers (&message, &first, 1);
  sysvpn_wireguard_add_message (&peers, &message.header);
  put_peers (&message, rest, G_N_ELEMENTS (rest));
  sysvpn_wireguard_add_message (&peers, &message.header);
  g_assert_cmpuint (peers.n_peers, ==, 2);
  g_assert_cmpstr (peers.peers[0].endpoint, ==, "203.0.113.7:1/udp");
  g_assert_cmpint (peers.peers[0].handshake_s, ==, 5);
  g_assert_cmpuint (peers.peers[0].shortest_prefix, ==, 1);
}

static void
test_main_peer (void)
{
  static const struct {
    Peer peers[3];
    size_t n_peers;
    uint8_t key; /* 0: none */
  } cases[] = {
    { { { 0 } }, 0, 0 },
    { { { .key = 1 } }, 1, 1 },
    /* a lively peer of the office's network is not the VPN's server */
    { { { .key = 1, .handshake_s = 9, .prefixes = lan, .n_prefixes = 1 },
        { .key = 2, .prefixes = everything, .n_prefixes = 2 } },
      2,
      2 },
    { { { .key = 1, .prefixes = halves, .n_prefixes = 2 },
        { .key = 2, .prefixes = lan, .n_prefixes = 1 },
        { .key = 3 } },
      3,
      1 },
    { { { .key = 1, .handshake_s = 1 }, { .key = 2, .handshake_s = 2 } }, 2, 2 },
    { { { .key = 1, .handshake_s = 2 }, { .key = 2, .handshake_s = 1 } }, 2, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    SysvpnWireguardPeers peers = { 0 };
    const SysvpnWireguardPeer *chosen;
    Message message;

    put_peers (&message, cases[i].peers, cases[i].n_peers);
    sysvpn_wireguard_add_message (&peers, &message.header);
    chosen = sysvpn_wireguard_main_peer (&peers);
    g_test_message ("case %zu", i);
    g_assert_cmpint (chosen != NULL ? chosen->key[0] : 0, ==, cases[i].key);
  }
}

static void
test_too_many (void)
{
  SysvpnWireguardPeers peers = { 0 };
  Message message;

  for (unsigned i = 0; i <= SYSVPN_WIREGUARD_PEERS_MAX; i++) {
    const Peer peer = { .key = (uint8_t) (i + 1), .handshake_s = i + 1 };

    put_peers (&message, &peer, 1);
    sysvpn_wireguard_add_message (&peers, &message.header);
  }
  g_assert_cmpuint (peers.n_peers, ==, SYSVPN_WIREGUARD_PEERS_MAX);
  g_assert_cmpint (peers.peers[SYSVPN_WIREGUARD_PEERS_MAX - 1].handshake_s, ==,
                   SYSVPN_WIREGUARD_PEERS_MAX);
}

/* An attribute of another length than it must have is none. */
static void
test_wrong_lengths (void)
{
  static const uint16_t types[] = { WGPEER_A_PUBLIC_KEY, WGPEER_A_ENDPOINT,
                                    WGPEER_A_LAST_HANDSHAKE_TIME, WGPEER_A_RX_BYTES,
                                    WGPEER_A_TX_BYTES };
  const uint8_t bytes[64] = { AF_INET, 0, 1, 1, 1, 1, 1, 1, 1 };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    for (size_t len = 0; len < 8; len++) {
      SysvpnWireguardPeers peers = { 0 };
      struct nlattr *all, *one;
      Message message;

      begin (&message);
      all = mnl_attr_nest_start (&message.header, WGDEVICE_A_PEERS);
      one = mnl_attr_nest_start (&message.header, 0);
      if (types[i] != WGPEER_A_PUBLIC_KEY)
        mnl_attr_put (&message.header, WGPEER_A_PUBLIC_KEY, SYSVPN_WIREGUARD_KEY_LEN, bytes);
      mnl_attr_put (&message.header, types[i], len, bytes);
      mnl_attr_nest_end (&message.header, one);
      mnl_attr_nest_end (&message.header, all);
      sysvpn_wireguard_add_message (&peers, &message.header);
      g_assert_cmpuint (peers.n_peers, ==, types[i] == WGPEER_A_PUBLIC_KEY ? 0 : 1);
      g_assert_cmpstr (peers.peers[0].endpoint, ==, "");
      g_assert_cmpint (peers.peers[0].handshake_s, ==, 0);
      g_assert_cmpuint (peers.peers[0].rx_bytes + peers.peers[0].tx_bytes, ==, 0);
    }
}

/* Every length at which a message may end, in a block of just that size, which ASan watches. */
static void
test_cut (void)
{
  const Peer both[] = { server4, server6 };
  Message message;

  put_peers (&message, both, G_N_ELEMENTS (both));
  for (uint32_t len = sizeof (struct nlmsghdr); len < message.header.nlmsg_len; len++) {
    g_autofree struct nlmsghdr *cut = g_malloc (len);
    SysvpnWireguardPeers peers = { 0 };

    memcpy (cut, message.bytes, len);
    cut->nlmsg_len = len;
    sysvpn_wireguard_add_message (&peers, cut);
    g_assert_cmpuint (peers.n_peers, ==, 0); /* the outermost attribute is cut */
  }
}

/* Lengths and types that lie, in every place. */
static void
test_garbled (void)
{
  static const char lies[] = { 0, 1, 4, 0x7f, (char) 0xff };
  const Peer both[] = { server4, server6 };
  Message message;

  put_peers (&message, both, G_N_ELEMENTS (both));
  for (uint32_t at = sizeof (struct nlmsghdr); at < message.header.nlmsg_len; at++)
    for (size_t i = 0; i < sizeof lies; i++) {
      g_autofree struct nlmsghdr *copy = g_malloc (message.header.nlmsg_len);
      SysvpnWireguardPeers peers = { 0 };

      memcpy (copy, message.bytes, message.header.nlmsg_len);
      ((char *) copy)[at] = lies[i];
      sysvpn_wireguard_add_message (&peers, copy);
      g_assert_cmpuint (peers.n_peers, <=, 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wireguard/read", test_read);
  g_test_add_func ("/wireguard/peer-goes-on-in-the-next-message", test_goes_on);
  g_test_add_func ("/wireguard/main-peer", test_main_peer);
  g_test_add_func ("/wireguard/too-many-peers", test_too_many);
  g_test_add_func ("/wireguard/wrong-lengths", test_wrong_lengths);
  g_test_add_func ("/wireguard/cut-anywhere", test_cut);
  g_test_add_func ("/wireguard/garbled-anywhere", test_garbled);
  return g_test_run ();
}

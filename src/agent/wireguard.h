/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_WIREGUARD_KEY_LEN = 32,   /* bytes */
  SYSVPN_WIREGUARD_PEERS_MAX = 64, /* a VPN has one; what is beyond is left out */
};

/**
 * SysvpnWireguardPeer:
 * @key: its public key
 * @endpoint: where packets for it are sent now, `ADDRESS:PORT/udp`, an IPv6 address in
 * brackets; empty while none is known. WireGuard follows its peer: it need not be the profile's
 * @handshake_s: the latest handshake, seconds of CLOCK_REALTIME as it was then; 0 for none
 * @rx_bytes: received from it, handshakes included
 * @tx_bytes: sent to it
 * @shortest_prefix: of the networks that are routed to it, 0 for the whole internet; 128 too
 * where there is none
 */
typedef struct {
  uint8_t key[SYSVPN_WIREGUARD_KEY_LEN];
  char endpoint[SYSVPN_ENDPOINT_MAX + 1];
  int64_t handshake_s;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  unsigned shortest_prefix;
} SysvpnWireguardPeer;

/* What one device has; all zero is none. */
typedef struct {
  SysvpnWireguardPeer peers[SYSVPN_WIREGUARD_PEERS_MAX];
  unsigned n_peers;
} SysvpnWireguardPeers;

void sysvpn_wireguard_add_message (SysvpnWireguardPeers *peers, const struct nlmsghdr *message);
const SysvpnWireguardPeer *sysvpn_wireguard_main_peer (const SysvpnWireguardPeers *peers);
bool sysvpn_wireguard_read (const char *interface, SysvpnWireguardPeer *ret_peer);

G_END_DECLS

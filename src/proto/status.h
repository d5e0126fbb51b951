/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/block.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A number that a report does not have. */
#define SYSVPN_ABSENT UINT64_MAX

/**
 * SysvpnClient:
 * @address: of a client qube, as inet_ntop prints it
 * @packets: how many of its packets the killswitch has dropped
 * @bytes: how many bytes they had
 */
typedef struct {
  char address[SYSVPN_ADDRESS_MAX + 1];
  uint64_t packets;
  uint64_t bytes;
} SysvpnClient;

/**
 * SysvpnStatus:
 *
 * One report. qrexec/PROTOCOL.md says what each field means, under the same name. Texts are
 * printable ASCII and otherwise unchecked; an optional number that is not there is
 * %SYSVPN_ABSENT, an optional text is empty.
 */
typedef struct {
  uint64_t seq;
  uint64_t boottime_ms;
  uint64_t heartbeat_s;
  char agent[SYSVPN_AGENT_VERSION_MAX + 1];

  SysvpnTunnel tunnel;
  SysvpnCause cause;
  uint64_t tunnel_age_s;
  SysvpnWanted wanted;
  uint64_t next_try_s;
  char profile_uuid[SYSVPN_UUID_LEN + 1];
  SysvpnProfileType profile_type;
  char profile_name[SYSVPN_PROFILE_NAME_MAX + 1];
  char interface[SYSVPN_INTERFACE_MAX + 1];
  char endpoint[SYSVPN_ENDPOINT_MAX + 1];
  uint64_t handshake_age_s;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  SysvpnDns dns;
  uint64_t profiles_serial;

  SysvpnKillswitch killswitch;
  SysvpnBreak killswitch_break;
  uint64_t killswitch_age_s;
  uint64_t exposed_s;
  uint64_t endpoints;
  uint64_t endpoints_any_port;
  uint64_t forward_drop4;
  uint64_t forward_drop6;
  uint64_t output_drop4;
  uint64_t output_drop6;
  uint64_t dns_drop;
  uint64_t inject_drop;

  SysvpnEgress egress;
  char egress4[SYSVPN_ADDRESS_MAX + 1];
  char egress6[SYSVPN_ADDRESS_MAX + 1];
  uint64_t egress_age_s;

  SysvpnClient clients[SYSVPN_STATUS_CLIENTS_MAX];
  size_t n_clients;
} SysvpnStatus;

void sysvpn_status_init (SysvpnStatus *status);
void sysvpn_status_encode (GString *out, const SysvpnStatus *status);
bool sysvpn_status_decode (const SysvpnBlock *block, SysvpnStatus *ret_status, GError **error);
bool sysvpn_status_is_news (const SysvpnStatus *before, const SysvpnStatus *after);
uint64_t sysvpn_status_dropped (const SysvpnStatus *status);

/**
 * SysvpnStatusFieldFunc:
 * @key: the field's name on the wire
 * @value: its value as text; %NULL when the field is not there
 * @is_number: whether @value is a number
 * @data: user data
 */
typedef void (*SysvpnStatusFieldFunc) (const char *key,
                                       const char *value,
                                       bool is_number,
                                       gpointer data);
void
sysvpn_status_foreach (const SysvpnStatus *status, SysvpnStatusFieldFunc func, gpointer data);

G_END_DECLS

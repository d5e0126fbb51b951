/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/network-manager.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* How long an activated tunnel may lack its address or route before that means something: they
 * follow NetworkManager's word by some milliseconds. */
enum { SYSVPN_TUNNEL_SETTLING_MS = 3000 };

/* How long WireGuard may take for its first handshake: it tries again every 5 seconds. */
enum { SYSVPN_TUNNEL_HANDSHAKE_MS = 15000 };

/**
 * SysvpnTunnelEvidence:
 * @has_device: a device of a tunnel's kind is up and has the tunnel's address
 * @has_route: what goes to the internet goes into it
 * @has_received: the server has answered, if only a handshake
 * @trouble: what its traffic shows: %SYSVPN_CAUSE_NO_TRAFFIC, %SYSVPN_CAUSE_NO_HANDSHAKE, else
 * no evidence
 * @lacks_dns: clients depend on the tunnel's resolver, and it brought none
 * @activated_ms: how long NetworkManager has called it activated
 *
 * What the kernel says of the tunnel that NetworkManager's view describes.
 */
typedef struct {
  bool has_device;
  bool has_route;
  bool has_received;
  SysvpnCause trouble;
  bool lacks_dns;
  int64_t activated_ms;
} SysvpnTunnelEvidence;

SysvpnTunnel sysvpn_tunnel_state_judge (const SysvpnNmView *view,
                                        const SysvpnTunnelEvidence *evidence,
                                        SysvpnCause *ret_cause);
SysvpnCause sysvpn_tunnel_state_explain_down (SysvpnWanted wanted,
                                              bool has_profile,
                                              bool has_uplink,
                                              SysvpnCause last_cause);

G_END_DECLS

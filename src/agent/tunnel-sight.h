/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/links.h"
#include "agent/liveness.h"
#include "agent/network-manager.h"
#include "agent/openvpn-log.h"
#include "agent/supervisor.h"
#include "agent/tunnel-guard.h"
#include "agent/wireguard.h"
#include "proto/status.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnTunnelSight:
 * @view: what NetworkManager says
 * @has_device: a device of a tunnel's kind is up and has the tunnel's address
 * @device: that device
 * @has_peer: the device is WireGuard's, and the kernel tells of its server
 * @peer: what it tells
 * @liveness: whether anything comes back through it
 * @activated_at_us: since when NetworkManager calls it activated
 * @needs_dns: clients depend on the tunnel's resolver
 * @openvpn_log: (owned by the caller): what OpenVPN says while it comes up
 *
 * All that is seen of the tunnel. Zero it but for @openvpn_log before the first look.
 */
typedef struct {
  SysvpnNmView view;
  bool has_device;
  SysvpnTunnelDevice device;
  bool has_peer;
  SysvpnWireguardPeer peer;
  SysvpnLiveness liveness;
  int64_t activated_at_us;
  bool needs_dns;
  SysvpnOpenvpnLog *openvpn_log;
} SysvpnTunnelSight;

void sysvpn_tunnel_sight_look (SysvpnTunnelSight *sight,
                               SysvpnNetworkManager *nm,
                               const char *root,
                               int64_t now_us);
SysvpnTunnel sysvpn_tunnel_sight_judge (SysvpnTunnelSight *sight,
                                        SysvpnNetworkManager *nm,
                                        const SysvpnTunnelGuard *guard,
                                        int64_t now_us,
                                        SysvpnCause *ret_cause);
SysvpnCause sysvpn_tunnel_sight_explain (const SysvpnTunnelSight *sight,
                                         SysvpnNetworkManager *nm,
                                         const SysvpnTunnelGuard *guard,
                                         const char *uuid,
                                         SysvpnCause cause);
SysvpnCause sysvpn_tunnel_sight_explain_down (const SysvpnTunnelSight *sight,
                                              SysvpnNetworkManager *nm,
                                              const SysvpnSupervisor *supervisor,
                                              SysvpnCause last_cause);
int64_t sysvpn_tunnel_sight_next_look_at (const SysvpnTunnelSight *sight, int64_t now_us);
void sysvpn_tunnel_sight_probe_failed (SysvpnTunnelSight *sight,
                                       int64_t asked_at_us,
                                       int64_t now_us);
void sysvpn_tunnel_sight_fill (const SysvpnTunnelSight *sight,
                               SysvpnNetworkManager *nm,
                               const char *root,
                               const char *last_uuid,
                               int64_t now_us,
                               SysvpnStatus *status);

G_END_DECLS

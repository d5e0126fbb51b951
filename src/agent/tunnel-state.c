/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the tunnel up? NetworkManager's word is not enough: it says "activated" for ever of a
 * server that died, and of a tunnel that came back without its address and route, while packets
 * would leave in the clear. Pure. */
#include "agent/tunnel-state.h"

static SysvpnTunnel
judge_activated (const SysvpnNmView *view,
                 const SysvpnTunnelEvidence *evidence,
                 SysvpnCause *ret_cause)
{
  bool settling = evidence->activated_ms < SYSVPN_TUNNEL_SETTLING_MS;
  bool is_dead = evidence->trouble == SYSVPN_CAUSE_NO_TRAFFIC ||
                 evidence->trouble == SYSVPN_CAUSE_NO_HANDSHAKE;

  if (!evidence->has_device || !evidence->has_route) {
    *ret_cause = settling               ? SYSVPN_CAUSE_NONE
                 : evidence->has_device ? SYSVPN_CAUSE_NO_ROUTE
                                        : SYSVPN_CAUSE_NO_ADDRESS;
    return settling ? SYSVPN_TUNNEL_CONNECTING : SYSVPN_TUNNEL_DEGRADED;
  }
  /* NetworkManager calls WireGuard activated when its device is there, whoever answers; OpenVPN
   * has spoken with its server by then */
  if (view->type == SYSVPN_PROFILE_TYPE_WIREGUARD && !evidence->has_received) {
    bool waiting = evidence->activated_ms < SYSVPN_TUNNEL_HANDSHAKE_MS;

    *ret_cause = waiting ? SYSVPN_CAUSE_NONE : SYSVPN_CAUSE_NO_HANDSHAKE;
    return waiting ? SYSVPN_TUNNEL_CONNECTING : SYSVPN_TUNNEL_DEGRADED;
  }
  *ret_cause = is_dead               ? evidence->trouble
               : evidence->lacks_dns ? SYSVPN_CAUSE_NO_DNS
                                     : SYSVPN_CAUSE_NONE;
  return *ret_cause != SYSVPN_CAUSE_NONE ? SYSVPN_TUNNEL_DEGRADED : SYSVPN_TUNNEL_UP;
}

/**
 * sysvpn_tunnel_state_judge:
 * @view: what NetworkManager says
 * @evidence: what the kernel says
 * @ret_cause: (out): why it is not up; %SYSVPN_CAUSE_NONE for a tunnel that is down without
 * this function knowing why
 *
 * Returns: the tunnel's state, the worse one where the two sources differ
 */
SysvpnTunnel
sysvpn_tunnel_state_judge (const SysvpnNmView *view,
                           const SysvpnTunnelEvidence *evidence,
                           SysvpnCause *ret_cause)
{
  *ret_cause = SYSVPN_CAUSE_NONE;
  if (!view->is_known)
    return SYSVPN_TUNNEL_UNKNOWN;
  if (!view->is_running) {
    /* A kernel WireGuard tunnel outlives NetworkManager; whether it still works cannot be told.
     */
    *ret_cause = SYSVPN_CAUSE_NO_NETWORK_MANAGER;
    return evidence->has_device ? SYSVPN_TUNNEL_UNKNOWN : SYSVPN_TUNNEL_DOWN;
  }
  switch (view->state) {
  case SYSVPN_NM_ACTIVATING:
    return SYSVPN_TUNNEL_CONNECTING;
  case SYSVPN_NM_DEACTIVATING:
    return SYSVPN_TUNNEL_DISCONNECTING;
  case SYSVPN_NM_ACTIVATED:
    return judge_activated (view, evidence, ret_cause);
  case SYSVPN_NM_NONE:
  default:
    return SYSVPN_TUNNEL_DOWN;
  }
}

/**
 * sysvpn_tunnel_state_explain_down:
 * @wanted: what the user wants
 * @has_profile: the profile that is wanted up is there, or any one where none is wanted
 * @has_uplink: the qube has an uplink
 * @last_cause: why the last tunnel ended, or did not come up
 *
 * Returns: why there is no tunnel although NetworkManager runs
 */
SysvpnCause
sysvpn_tunnel_state_explain_down (SysvpnWanted wanted,
                                  bool has_profile,
                                  bool has_uplink,
                                  SysvpnCause last_cause)
{
  if (wanted == SYSVPN_WANTED_DOWN)
    return SYSVPN_CAUSE_ASKED;
  if (!has_profile)
    return SYSVPN_CAUSE_NO_PROFILE;
  return has_uplink ? last_cause : SYSVPN_CAUSE_UPLINK_DOWN;
}

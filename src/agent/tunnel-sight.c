/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the tunnel from both sides, NetworkManager's and the kernel's. */
#include "agent/tunnel-sight.h"

#include "agent/memory.h"
#include "agent/profile-choice.h"
#include "agent/tunnel-state.h"

enum { HANDSHAKE_LOOK_MS = 250, SAMPLE_SLACK_US = 1000000 };

/* Clients ask the tunnel's resolvers only where dom0 switched that on; elsewhere a sys-dns qube
 * resolves for them, and a tunnel without a resolver lacks nothing. */
static bool
needs_dns (const char *root)
{
  g_autofree char *flag = g_build_filename (root, "run/qubes-service/sysvpn-dns", NULL);

  return g_file_test (flag, G_FILE_TEST_EXISTS);
}

/**
 * sysvpn_tunnel_sight_look:
 * @sight: what was seen before
 * @nm: NetworkManager
 * @root: where the file system starts
 * @now_us: the time
 *
 * Asks NetworkManager; the kernel is asked by sysvpn_tunnel_sight_judge().
 */
void
sysvpn_tunnel_sight_look (SysvpnTunnelSight *sight,
                          SysvpnNetworkManager *nm,
                          const char *root,
                          int64_t now_us)
{
  SysvpnNmView before = sight->view;

  sight->needs_dns = needs_dns (root);
  sysvpn_network_manager_get_view (nm, &sight->view);
  if (!sight->view.is_running) {
    /* remember the address: a kernel tunnel may still be there without NetworkManager */
    g_strlcpy (sight->view.address4, before.address4, sizeof sight->view.address4);
    g_strlcpy (sight->view.address6, before.address6, sizeof sight->view.address6);
  }
  if (sight->view.state == SYSVPN_NM_ACTIVATED &&
      (before.state != SYSVPN_NM_ACTIVATED || !g_str_equal (before.uuid, sight->view.uuid))) {
    sight->activated_at_us = now_us;
    sight->liveness = (SysvpnLiveness){ 0 };
  }
}

static const char *
address_of (const SysvpnTunnelSight *sight)
{
  return sight->view.address4[0] != '\0' ? sight->view.address4 : sight->view.address6;
}

static bool
has_received (const SysvpnTunnelSight *sight)
{
  if (sight->has_peer)
    return sight->peer.handshake_s != 0;
  return sight->has_device && sight->device.rx_bytes > 0;
}

static void
observe (SysvpnTunnelSight *sight)
{
  const char *address = address_of (sight);

  sight->has_device = address[0] != '\0' &&
                      sysvpn_links_find_address (address, &sight->device) &&
                      sight->device.is_tunnel && sight->device.is_up;
  sight->has_peer = sight->has_device && sight->device.is_wireguard &&
                    sysvpn_wireguard_read (sight->device.name, &sight->peer);
}

/* WireGuard's own counters where there are any: of the server alone, not of other peers. */
static void
sample (SysvpnTunnelSight *sight, int64_t now_us)
{
  const SysvpnLivenessSample sample = {
    .rx_bytes = sight->has_peer ? sight->peer.rx_bytes : sight->device.rx_bytes,
    .tx_bytes = sight->has_peer ? sight->peer.tx_bytes : sight->device.tx_bytes,
    .has_handshakes = sight->has_peer,
    .handshake_s = sight->has_peer ? sight->peer.handshake_s : 0,
    .wall_s = g_get_real_time () / G_USEC_PER_SEC,
  };

  sysvpn_liveness_sample (&sight->liveness, &sample, now_us);
}

/* Samples are taken when they are due; the heartbeat may come a little before that. A handshake
 * that is new is taken at once. */
static bool
is_sample_due (const SysvpnTunnelSight *sight, int64_t now_us)
{
  const SysvpnLiveness *liveness = &sight->liveness;

  return now_us + SAMPLE_SLACK_US >= sysvpn_liveness_next_sample_at (liveness) ||
         (sight->has_peer && sight->peer.handshake_s != liveness->last.handshake_s);
}

/**
 * sysvpn_tunnel_sight_explain:
 * @sight: what is seen
 * @nm: NetworkManager
 * @guard: what to ask of the killswitch
 * @uuid: a profile
 * @cause: why it is not up, or did not come up
 *
 * NetworkManager takes a server that refuses for one that is silent; OpenVPN's log knows
 * better. See sysvpn_reach_explain() for what the killswitch knows.
 *
 * Returns: @cause, or what is behind it
 */
SysvpnCause
sysvpn_tunnel_sight_explain (const SysvpnTunnelSight *sight,
                             SysvpnNetworkManager *nm,
                             const SysvpnTunnelGuard *guard,
                             const char *uuid,
                             SysvpnCause cause)
{
  g_auto (GStrv) servers = sysvpn_network_manager_get_remotes (nm, uuid);
  bool is_current = sight->has_peer && g_str_equal (uuid, sight->view.uuid);
  SysvpnCause logged = sysvpn_openvpn_log_get_cause (sight->openvpn_log);

  /* a password that the server refuses is asked for again, of nobody */
  if (logged != SYSVPN_CAUSE_NONE &&
      (cause == SYSVPN_CAUSE_TIMEOUT || cause == SYSVPN_CAUSE_FAILED ||
       cause == SYSVPN_CAUSE_SECRET_MISSING))
    cause = logged;
  return sysvpn_reach_explain (cause, (const char *const *) servers,
                               is_current ? sight->peer.endpoint : "", guard->can_reach,
                               guard->data);
}

/**
 * sysvpn_tunnel_sight_judge:
 * @sight: what NetworkManager says; what the kernel says is added
 * @nm: NetworkManager
 * @guard: what to ask of the killswitch
 * @now_us: the time
 * @ret_cause: (out): why it is not up
 *
 * Returns: the tunnel's state
 */
SysvpnTunnel
sysvpn_tunnel_sight_judge (SysvpnTunnelSight *sight,
                           SysvpnNetworkManager *nm,
                           const SysvpnTunnelGuard *guard,
                           int64_t now_us,
                           SysvpnCause *ret_cause)
{
  SysvpnTunnelEvidence evidence;
  SysvpnTunnel tunnel;

  observe (sight);
  if (sight->has_device && is_sample_due (sight, now_us))
    sample (sight, now_us);
  evidence = (SysvpnTunnelEvidence){
    .has_device = sight->has_device,
    .has_route = sight->has_device && sysvpn_links_routes_through (address_of (sight)),
    .has_received = has_received (sight),
    .trouble = sight->liveness.trouble,
    .lacks_dns = sight->needs_dns && !sight->view.has_dns,
    .activated_ms = (now_us - sight->activated_at_us) / 1000,
  };
  tunnel = sysvpn_tunnel_state_judge (&sight->view, &evidence, ret_cause);
  if (tunnel != SYSVPN_TUNNEL_UP && tunnel != SYSVPN_TUNNEL_DEGRADED)
    return tunnel;
  *ret_cause = sysvpn_tunnel_sight_explain (sight, nm, guard, sight->view.uuid, *ret_cause);
  return *ret_cause == SYSVPN_CAUSE_NONE ? SYSVPN_TUNNEL_UP : SYSVPN_TUNNEL_DEGRADED;
}

/**
 * sysvpn_tunnel_sight_probe_failed:
 * @sight: what is seen
 * @asked_at_us: when the egress probe was asked that now has no answer
 * @now_us: the time
 *
 * See sysvpn_liveness_probe_failed().
 */
void
sysvpn_tunnel_sight_probe_failed (SysvpnTunnelSight *sight, int64_t asked_at_us, int64_t now_us)
{
  observe (sight);
  if (!sight->has_device)
    return;
  sample (sight, now_us);
  sysvpn_liveness_probe_failed (&sight->liveness, asked_at_us);
}

/**
 * sysvpn_tunnel_sight_explain_down:
 * @sight: what is seen
 * @nm: NetworkManager
 * @supervisor: what the user wants
 * @last_cause: why the last tunnel ended, or did not come up
 *
 * Returns: why there is no tunnel although NetworkManager runs
 */
SysvpnCause
sysvpn_tunnel_sight_explain_down (const SysvpnTunnelSight *sight,
                                  SysvpnNetworkManager *nm,
                                  const SysvpnSupervisor *supervisor,
                                  SysvpnCause last_cause)
{
  g_autoptr (GArray) profiles = sysvpn_network_manager_get_profiles (nm);
  bool has_profile = supervisor->wanted == SYSVPN_WANTED_UP
                         ? sysvpn_profile_choice_named (profiles, supervisor->uuid) != NULL
                         : profiles->len > 0;

  return sysvpn_tunnel_state_explain_down (supervisor->wanted, has_profile,
                                           sight->view.has_uplink, last_cause);
}

/**
 * sysvpn_tunnel_sight_next_look_at:
 * @sight: what is seen
 * @now_us: the time
 *
 * Returns: when to judge again though nobody tells of a change, 0 for no such moment: a tunnel
 * that lacks its address, route or handshake is judged by that after a while, and traffic that
 * nobody answers is watched more closely than the heartbeat does
 */
int64_t
sysvpn_tunnel_sight_next_look_at (const SysvpnTunnelSight *sight, int64_t now_us)
{
  int64_t settled_us = sight->activated_at_us + (int64_t) SYSVPN_TUNNEL_SETTLING_MS * 1000;

  if (sight->view.state != SYSVPN_NM_ACTIVATED)
    return 0;
  /* nobody tells of a handshake, so it is looked for, as long as one may still come */
  if (sight->view.type == SYSVPN_PROFILE_TYPE_WIREGUARD && sight->has_device &&
      !has_received (sight) &&
      now_us - sight->activated_at_us <= (int64_t) SYSVPN_TUNNEL_HANDSHAKE_MS * 1000)
    return now_us + (int64_t) HANDSHAKE_LOOK_MS * 1000;
  if (settled_us > now_us)
    return settled_us;
  return sight->has_device && sysvpn_liveness_is_pressing (&sight->liveness)
             ? sysvpn_liveness_next_sample_at (&sight->liveness)
             : 0;
}

/* Without an active one it is the profile that Connect would bring up. */
static void
fill_profile (const SysvpnTunnelSight *sight,
              SysvpnNetworkManager *nm,
              const char *root,
              const char *last_uuid,
              SysvpnStatus *status)
{
  g_autoptr (GArray) profiles = NULL;
  const SysvpnProfile *next;

  if (sight->view.uuid[0] != '\0') {
    g_strlcpy (status->profile_uuid, sight->view.uuid, sizeof status->profile_uuid);
    g_strlcpy (status->profile_name, sight->view.name, sizeof status->profile_name);
    status->profile_type = sight->view.type;
    return;
  }
  profiles = sysvpn_memory_list_profiles (root, nm);
  next = sysvpn_profile_choice_last (profiles, last_uuid);
  if (next == NULL)
    return;
  g_strlcpy (status->profile_uuid, next->uuid, sizeof status->profile_uuid);
  g_strlcpy (status->profile_name, next->name, sizeof status->profile_name);
  status->profile_type = next->type;
}

/* The one that is used, else the profile's; of several it is not known which one answered. When
 * the killswitch keeps it away, the user is told which to let through: any of them helps. */
static void
fill_endpoint (const SysvpnTunnelSight *sight, SysvpnNetworkManager *nm, SysvpnStatus *status)
{
  bool is_blocked = status->cause == SYSVPN_CAUSE_ENDPOINT_BLOCKED;
  g_auto (GStrv) servers = NULL;

  if (sight->has_peer && sight->peer.endpoint[0] != '\0') {
    g_strlcpy (status->endpoint, sight->peer.endpoint, sizeof status->endpoint);
    return;
  }
  if (sight->view.uuid[0] == '\0' && !is_blocked)
    return;
  servers = sysvpn_network_manager_get_remotes (nm, status->profile_uuid);
  if (servers[0] != NULL && (servers[1] == NULL || is_blocked))
    g_strlcpy (status->endpoint, servers[0], sizeof status->endpoint);
}

/**
 * sysvpn_tunnel_sight_fill:
 * @sight: what is seen
 * @nm: NetworkManager
 * @root: where the file system starts
 * @last_uuid: the profile used last, or an empty string
 * @now_us: the time
 * @status: what is seen is written; its cause must be there
 */
void
sysvpn_tunnel_sight_fill (const SysvpnTunnelSight *sight,
                          SysvpnNetworkManager *nm,
                          const char *root,
                          const char *last_uuid,
                          int64_t now_us,
                          SysvpnStatus *status)
{
  int64_t handshake_at_us = sight->liveness.handshake_at_us;

  fill_profile (sight, nm, root, last_uuid, status);
  fill_endpoint (sight, nm, status);
  if (sight->needs_dns && sight->view.state == SYSVPN_NM_ACTIVATED)
    status->dns = sight->view.has_dns ? SYSVPN_DNS_OK : SYSVPN_DNS_NONE;
  if (!sight->has_device)
    return;
  g_strlcpy (status->interface, sight->device.name, sizeof status->interface);
  status->rx_bytes = sight->device.rx_bytes;
  status->tx_bytes = sight->device.tx_bytes;
  if (sight->has_peer && handshake_at_us != 0)
    status->handshake_age_s = (uint64_t) ((now_us - handshake_at_us) / G_USEC_PER_SEC);
}

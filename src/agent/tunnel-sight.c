/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the tunnel from both sides, NetworkManager's and the kernel's. */
#include "agent/tunnel-sight.h"

#include "agent/memory.h"
#include "agent/profile-choice.h"
#include "agent/tunnel-state.h"

enum { HANDSHAKE_LOOK_MS = 250 };

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

/**
 * sysvpn_tunnel_sight_judge:
 * @sight: what NetworkManager says; what the kernel says is added
 * @now_us: the time
 * @ret_cause: (out): why it is not up
 *
 * Returns: the tunnel's state
 */
SysvpnTunnel
sysvpn_tunnel_sight_judge (SysvpnTunnelSight *sight, int64_t now_us, SysvpnCause *ret_cause)
{
  const char *address = address_of (sight);
  SysvpnTunnelEvidence evidence;

  sight->has_device = address[0] != '\0' &&
                      sysvpn_links_find_address (address, &sight->device) &&
                      sight->device.is_tunnel && sight->device.is_up;
  evidence = (SysvpnTunnelEvidence){
    .has_device = sight->has_device,
    .has_route = sight->has_device && sysvpn_links_routes_through (address),
    .has_received = sight->has_device && sight->device.rx_bytes > 0,
    .is_dead = sight->liveness.dead,
    .lacks_dns = sight->needs_dns && !sight->view.has_dns,
    .activated_ms = (now_us - sight->activated_at_us) / 1000,
  };
  return sysvpn_tunnel_state_judge (&sight->view, &evidence, ret_cause);
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
 * sysvpn_tunnel_sight_settles_at:
 * @sight: what is seen
 * @now_us: the time
 *
 * Returns: when a tunnel that lacks its address, route or handshake is judged by that, 0 for no
 * such moment
 */
int64_t
sysvpn_tunnel_sight_settles_at (const SysvpnTunnelSight *sight, int64_t now_us)
{
  if (sight->view.state != SYSVPN_NM_ACTIVATED)
    return 0;
  /* nobody tells of a handshake, so it is looked for, as long as one may still come */
  if (sight->view.type == SYSVPN_PROFILE_TYPE_WIREGUARD && sight->has_device &&
      sight->device.rx_bytes == 0 &&
      now_us - sight->activated_at_us <= (int64_t) SYSVPN_TUNNEL_HANDSHAKE_MS * 1000)
    return now_us + (int64_t) HANDSHAKE_LOOK_MS * 1000;
  return sight->activated_at_us + (int64_t) SYSVPN_TUNNEL_SETTLING_MS * 1000;
}

/**
 * sysvpn_tunnel_sight_sample:
 * @sight: what is seen
 * @now_us: the time
 *
 * Takes a sample of the traffic. Call it at an even pace of some seconds: what is too little to
 * count as sending is judged per sample.
 */
void
sysvpn_tunnel_sight_sample (SysvpnTunnelSight *sight, int64_t now_us)
{
  if (sight->has_device && sysvpn_links_find_address (address_of (sight), &sight->device))
    sysvpn_liveness_sample (&sight->liveness, sight->device.rx_bytes, sight->device.tx_bytes,
                            now_us);
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

/**
 * sysvpn_tunnel_sight_fill:
 * @sight: what is seen
 * @nm: NetworkManager
 * @root: where the file system starts
 * @last_uuid: the profile used last, or an empty string
 * @status: what is seen is written
 */
void
sysvpn_tunnel_sight_fill (const SysvpnTunnelSight *sight,
                          SysvpnNetworkManager *nm,
                          const char *root,
                          const char *last_uuid,
                          SysvpnStatus *status)
{
  fill_profile (sight, nm, root, last_uuid, status);
  if (sight->view.uuid[0] != '\0') {
    g_auto (GStrv) remotes = sysvpn_network_manager_get_remotes (nm, sight->view.uuid);

    /* of several servers it is not known which one answered */
    if (remotes[0] != NULL && remotes[1] == NULL)
      g_strlcpy (status->endpoint, remotes[0], sizeof status->endpoint);
  }
  if (sight->needs_dns && sight->view.state == SYSVPN_NM_ACTIVATED)
    status->dns = sight->view.has_dns ? SYSVPN_DNS_OK : SYSVPN_DNS_NONE;
  if (sight->has_device) {
    g_strlcpy (status->interface, sight->device.name, sizeof status->interface);
    status->rx_bytes = sight->device.rx_bytes;
    status->tx_bytes = sight->device.tx_bytes;
  }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state sentences: what is the matter and what to do, composed by dom0 alone. */
#include "client/sentence.h"

#include <assert.h>

static const char *const off[] = {
  [SYSVPN_POWER_UNKNOWN] = "Off: the VPN qube does not run",
  [SYSVPN_POWER_RUNNING] = "Off: the VPN qube does not run",
  [SYSVPN_POWER_HALTED] = "Off: the VPN qube does not run",
  [SYSVPN_POWER_PAUSED] = "Off: the VPN qube is paused; unpause it",
  [SYSVPN_POWER_STARTING] = "Off: the VPN qube is starting",
};
static const char *const exposed[] = {
  [SYSVPN_BREAK_UNKNOWN] = "Exposed: the killswitch is broken, traffic may bypass the tunnel",
  [SYSVPN_BREAK_NONE] = "Exposed: the killswitch is broken, traffic may bypass the tunnel",
  [SYSVPN_BREAK_MISSING] = "Exposed: the killswitch is not loaded; reload "
                           "sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_UNVERIFIED] = "Exposed: the killswitch cannot be verified; reload "
                              "sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_CHANGED] = "Exposed: the killswitch's rules were changed; reload "
                           "sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_POLICY] = "Exposed: the killswitch does not drop by default; reload "
                          "sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_ENDPOINTS] = "Exposed: the killswitch lets out to other servers than the files "
                             "name; reload sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_ROUTING] = "Exposed: the killswitch's routing rules are missing; reload "
                           "sysvpn-killswitch.service in the VPN qube",
  [SYSVPN_BREAK_UPLINK] = "Exposed: a network device of the VPN qube is outside of the "
                          "killswitch; restart the qube",
  [SYSVPN_BREAK_FLAG] = "Exposed: the killswitch is switched off; enable the service sysvpn of "
                        "the VPN qube and restart it",
  [SYSVPN_BREAK_UNREADABLE] = "Exposed: the VPN qube's agent cannot read the killswitch; see "
                              "journalctl -u sysvpn-agent there",
};
static const char *const blocked[] = {
  [SYSVPN_CAUSE_UNKNOWN] = "Blocked: the tunnel is down, nothing leaves",
  [SYSVPN_CAUSE_NONE] = "Blocked: the tunnel is down, nothing leaves",
  [SYSVPN_CAUSE_ASKED] = "Blocked: disconnected as you asked, nothing leaves",
  [SYSVPN_CAUSE_LOST] = "Blocked: the tunnel was lost, nothing leaves",
  [SYSVPN_CAUSE_NO_PROFILE] = "Blocked: there is no VPN profile; put one in /rw/config/vpn of "
                              "the VPN qube and run sysvpn-import there",
  [SYSVPN_CAUSE_NO_NETWORK_MANAGER] = "Blocked: NetworkManager does not run in the VPN qube; "
                                      "enable its service network-manager and restart it",
  [SYSVPN_CAUSE_NO_ADDRESS] = "Blocked: the tunnel lost its address, nothing leaves",
  [SYSVPN_CAUSE_NO_ROUTE] = "Blocked: the tunnel has no route, nothing leaves",
  [SYSVPN_CAUSE_NO_TRAFFIC] = "Blocked: the tunnel carried no traffic, nothing leaves",
  [SYSVPN_CAUSE_NO_HANDSHAKE] = "Blocked: the VPN server did not answer, nothing leaves",
  [SYSVPN_CAUSE_NO_DNS] = "Blocked: the tunnel had no resolver, nothing leaves",
  [SYSVPN_CAUSE_TIMEOUT] = "Blocked: the VPN server did not answer in time, nothing leaves; "
                           "try another profile",
  [SYSVPN_CAUSE_CREDENTIALS] = "Blocked: the VPN server refused the credentials; correct them "
                               "in /rw/config/vpn/credentials of the VPN qube",
  [SYSVPN_CAUSE_SECRET_MISSING] =
      "Blocked: a password or key of the profile is missing; put it "
      "in /rw/config/vpn/credentials of the VPN qube",
  [SYSVPN_CAUSE_CERTIFICATE] = "Blocked: a certificate is expired or not trusted; get a new "
                               "profile from the provider",
  [SYSVPN_CAUSE_PLUGIN_MISSING] = "Blocked: NetworkManager lacks the plugin for the profile; "
                                  "install it in the VPN qube's template",
  [SYSVPN_CAUSE_ENDPOINT_BLOCKED] =
      "Blocked: the profile's server is not in endpoints.txt; add "
      "it or run sysvpn-import in the VPN qube",
  [SYSVPN_CAUSE_UPLINK_DOWN] = "Blocked: the VPN qube has no network; check its net qube",
  [SYSVPN_CAUSE_FAILED] = "Blocked: the tunnel did not come up, nothing leaves; see journalctl "
                          "-u NetworkManager in the VPN qube",
};
/* The causes that a tunnel which is there can have; the rest share one sentence. */
static const char *const degraded[SYSVPN_N_CAUSES] = {
  [SYSVPN_CAUSE_LOST] = "Degraded: the tunnel is being lost, nothing passes",
  [SYSVPN_CAUSE_NO_ADDRESS] = "Degraded: the tunnel has no address, nothing passes; reconnect",
  [SYSVPN_CAUSE_NO_ROUTE] = "Degraded: traffic is not routed into the tunnel, nothing passes; "
                            "reconnect",
  [SYSVPN_CAUSE_NO_TRAFFIC] = "Degraded: nothing comes back through the tunnel; reconnect or "
                              "try another profile",
  [SYSVPN_CAUSE_NO_HANDSHAKE] = "Degraded: the VPN server no longer answers; reconnect or try "
                                "another profile",
  [SYSVPN_CAUSE_NO_DNS] =
      "Degraded: the tunnel brought no resolver, names may not resolve; try "
      "another profile",
  [SYSVPN_CAUSE_UPLINK_DOWN] = "Degraded: the VPN qube has no network; check its net qube",
};

static_assert (G_N_ELEMENTS (off) == SYSVPN_N_POWERS, "a sentence for each power state");
static_assert (G_N_ELEMENTS (exposed) == SYSVPN_N_BREAKS, "a sentence for each break");
static_assert (G_N_ELEMENTS (blocked) == SYSVPN_N_CAUSES, "a sentence for each cause");

/**
 * sysvpn_sentence_off:
 * @power: what dom0 knows of the qube
 *
 * Returns: the sentence for it
 */
const char *
sysvpn_sentence_off (SysvpnPower power)
{
  return off[power < SYSVPN_N_POWERS ? power : SYSVPN_POWER_UNKNOWN];
}

/**
 * sysvpn_sentence_exposed:
 * @break_: what is broken
 *
 * Returns: the sentence for it
 */
const char *
sysvpn_sentence_exposed (SysvpnBreak break_)
{
  return exposed[break_ < SYSVPN_N_BREAKS ? break_ : SYSVPN_BREAK_UNKNOWN];
}

/**
 * sysvpn_sentence_blocked:
 * @cause: why the tunnel is down
 *
 * Returns: the sentence for it
 */
const char *
sysvpn_sentence_blocked (SysvpnCause cause)
{
  return blocked[cause < SYSVPN_N_CAUSES ? cause : SYSVPN_CAUSE_UNKNOWN];
}

/**
 * sysvpn_sentence_degraded:
 * @cause: why the tunnel carries nothing
 *
 * Returns: the sentence for it
 */
const char *
sysvpn_sentence_degraded (SysvpnCause cause)
{
  const char *sentence = cause < SYSVPN_N_CAUSES ? degraded[cause] : NULL;

  return sentence != NULL
             ? sentence
             : "Degraded: the tunnel is there but may not carry traffic; reconnect";
}

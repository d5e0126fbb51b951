/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state sentences: what is the matter and what to do, composed by dom0 alone. */
#include "client/sentence.h"

#include <assert.h>
#include <glib/gi18n.h>

static const char *const off[] = {
  [SYSVPN_POWER_UNKNOWN] = N_ ("Off: the VPN qube does not run"),
  [SYSVPN_POWER_RUNNING] = N_ ("Off: the VPN qube does not run"),
  [SYSVPN_POWER_HALTED] = N_ ("Off: the VPN qube does not run"),
  [SYSVPN_POWER_PAUSED] = N_ ("Off: the VPN qube is paused; unpause it"),
  [SYSVPN_POWER_STARTING] = N_ ("Off: the VPN qube is starting"),
};
static const char *const exposed[] = {
  [SYSVPN_BREAK_UNKNOWN] =
      N_ ("Exposed: the killswitch is broken, traffic may bypass the tunnel"),
  [SYSVPN_BREAK_NONE] = N_ ("Exposed: the killswitch is broken, traffic may bypass the tunnel"),
  [SYSVPN_BREAK_MISSING] = N_ ("Exposed: the killswitch is not loaded; reload "
                               "sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_UNVERIFIED] = N_ ("Exposed: the killswitch cannot be verified; reload "
                                  "sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_CHANGED] = N_ ("Exposed: the killswitch's rules were changed; reload "
                               "sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_POLICY] = N_ ("Exposed: the killswitch does not drop by default; reload "
                              "sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_ENDPOINTS] =
      N_ ("Exposed: the killswitch lets out to other servers than the files "
          "name; reload sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_ROUTING] = N_ ("Exposed: the killswitch's routing rules are missing; reload "
                               "sysvpn-killswitch.service in the VPN qube"),
  [SYSVPN_BREAK_UPLINK] = N_ ("Exposed: a network device of the VPN qube is outside of the "
                              "killswitch; restart the qube"),
  [SYSVPN_BREAK_FLAG] =
      N_ ("Exposed: the killswitch is switched off; enable the service sysvpn of "
          "the VPN qube and restart it"),
  [SYSVPN_BREAK_UNREADABLE] =
      N_ ("Exposed: the VPN qube's agent cannot read the killswitch; see "
          "journalctl -u sysvpn-agent there"),
};
static const char *const blocked[] = {
  [SYSVPN_CAUSE_UNKNOWN] = N_ ("Blocked: the tunnel is down, nothing leaves"),
  [SYSVPN_CAUSE_NONE] = N_ ("Blocked: the tunnel is down, nothing leaves"),
  [SYSVPN_CAUSE_ASKED] = N_ ("Blocked: disconnected as you asked, nothing leaves"),
  [SYSVPN_CAUSE_LOST] = N_ ("Blocked: the tunnel was lost, nothing leaves"),
  [SYSVPN_CAUSE_NO_PROFILE] =
      N_ ("Blocked: there is no VPN profile; put one in /rw/config/vpn of "
          "the VPN qube and run sysvpn-import there"),
  [SYSVPN_CAUSE_NO_NETWORK_MANAGER] =
      N_ ("Blocked: NetworkManager does not run in the VPN qube; "
          "enable its service network-manager and restart it"),
  [SYSVPN_CAUSE_NO_ADDRESS] = N_ ("Blocked: the tunnel lost its address, nothing leaves"),
  [SYSVPN_CAUSE_NO_ROUTE] = N_ ("Blocked: the tunnel has no route, nothing leaves"),
  [SYSVPN_CAUSE_NO_TRAFFIC] = N_ ("Blocked: the tunnel carried no traffic, nothing leaves"),
  [SYSVPN_CAUSE_NO_HANDSHAKE] = N_ ("Blocked: the VPN server did not answer, nothing leaves"),
  [SYSVPN_CAUSE_NO_DNS] = N_ ("Blocked: the tunnel had no resolver, nothing leaves"),
  [SYSVPN_CAUSE_TIMEOUT] =
      N_ ("Blocked: the VPN server did not answer in time, nothing leaves; "
          "try another profile"),
  [SYSVPN_CAUSE_CREDENTIALS] =
      N_ ("Blocked: the VPN server refused the credentials; correct them "
          "in /rw/config/vpn/credentials of the VPN qube"),
  [SYSVPN_CAUSE_SECRET_MISSING] =
      N_ ("Blocked: a password or key of the profile is missing; put it "
          "in /rw/config/vpn/credentials of the VPN qube"),
  [SYSVPN_CAUSE_CERTIFICATE] =
      N_ ("Blocked: a certificate is expired or not trusted; get a new "
          "profile from the provider"),
  [SYSVPN_CAUSE_PLUGIN_MISSING] =
      N_ ("Blocked: NetworkManager lacks the plugin for the profile; "
          "install it in the VPN qube's template"),
  [SYSVPN_CAUSE_ENDPOINT_BLOCKED] = N_ (
      "Blocked: the profile's server is not in endpoints.txt; add the line that is shown as "
      "Server, or run sysvpn-import --load in the VPN qube"),
  [SYSVPN_CAUSE_ENDPOINT_MOVED] = N_ ("Blocked: the VPN server moved to an address that is not "
                                      "in endpoints.txt, nothing leaves; try another profile"),
  [SYSVPN_CAUSE_UPLINK_DOWN] = N_ ("Blocked: the VPN qube has no network; check its net qube"),
  [SYSVPN_CAUSE_FAILED] =
      N_ ("Blocked: the tunnel did not come up, nothing leaves; see journalctl "
          "-u NetworkManager in the VPN qube"),
};
/* The causes that a tunnel which is there can have; the rest share one sentence. */
static const char *const degraded[SYSVPN_N_CAUSES] = {
  [SYSVPN_CAUSE_LOST] = N_ ("Degraded: the tunnel is being lost, nothing passes"),
  [SYSVPN_CAUSE_NO_ADDRESS] =
      N_ ("Degraded: the tunnel has no address, nothing passes; reconnect"),
  [SYSVPN_CAUSE_NO_ROUTE] =
      N_ ("Degraded: traffic is not routed into the tunnel, nothing passes; "
          "reconnect"),
  [SYSVPN_CAUSE_NO_TRAFFIC] =
      N_ ("Degraded: nothing comes back through the tunnel; reconnect or "
          "try another profile"),
  [SYSVPN_CAUSE_NO_HANDSHAKE] =
      N_ ("Degraded: the VPN server no longer answers; reconnect or try "
          "another profile"),
  [SYSVPN_CAUSE_NO_DNS] =
      N_ ("Degraded: the tunnel brought no resolver, names may not resolve; try "
          "another profile"),
  [SYSVPN_CAUSE_ENDPOINT_BLOCKED] =
      N_ ("Degraded: the profile's server is not in endpoints.txt, nothing passes; add the "
          "line that is shown "
          "as Server, or run sysvpn-import --load in the VPN qube"),
  [SYSVPN_CAUSE_ENDPOINT_MOVED] =
      N_ ("Degraded: the VPN server moved to an address that is not in endpoints.txt, nothing "
          "passes; reconnect or try another profile"),
  [SYSVPN_CAUSE_UPLINK_DOWN] = N_ ("Degraded: the VPN qube has no network; check its net qube"),
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
             : N_ ("Degraded: the tunnel is there but may not carry traffic; reconnect");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown for what is known. The one place that may say "protected", and it says so only
 * for a tunnel that is up behind a killswitch that was verified, by a report that is believed.
 * A report that contradicts itself is taken at its worst. */
#include "client/shown.h"

#include "client/sentence.h"

#include <assert.h>
#include <glib/gi18n.h>

static const char *const words[] = {
  [SYSVPN_SHOWN_UNKNOWN] = "unknown",     [SYSVPN_SHOWN_OFF] = "off",
  [SYSVPN_SHOWN_PROTECTED] = "protected", [SYSVPN_SHOWN_CONNECTING] = "connecting",
  [SYSVPN_SHOWN_BLOCKED] = "blocked",     [SYSVPN_SHOWN_DEGRADED] = "degraded",
  [SYSVPN_SHOWN_EXPOSED] = "exposed",
};
static const char *const icons[] = {
  [SYSVPN_SHOWN_UNKNOWN] = "sysvpn-unknown-symbolic",
  [SYSVPN_SHOWN_OFF] = "sysvpn-off-symbolic",
  [SYSVPN_SHOWN_PROTECTED] = "sysvpn-protected-symbolic",
  [SYSVPN_SHOWN_CONNECTING] = "sysvpn-connecting-symbolic",
  [SYSVPN_SHOWN_BLOCKED] = "sysvpn-blocked-symbolic",
  [SYSVPN_SHOWN_DEGRADED] = "sysvpn-degraded-symbolic",
  [SYSVPN_SHOWN_EXPOSED] = "sysvpn-exposed-symbolic",
};
/* A halted qube carries no traffic, so it is the least of all: it must not hide how another
 * one does. */
static const unsigned severities[] = {
  [SYSVPN_SHOWN_OFF] = 0,     [SYSVPN_SHOWN_PROTECTED] = 1, [SYSVPN_SHOWN_CONNECTING] = 2,
  [SYSVPN_SHOWN_BLOCKED] = 3, [SYSVPN_SHOWN_DEGRADED] = 4,  [SYSVPN_SHOWN_UNKNOWN] = 5,
  [SYSVPN_SHOWN_EXPOSED] = 6,
};

static_assert (G_N_ELEMENTS (words) == SYSVPN_N_SHOWNS, "a word for each state");
static_assert (G_N_ELEMENTS (icons) == SYSVPN_N_SHOWNS, "an icon for each state");
static_assert (G_N_ELEMENTS (severities) == SYSVPN_N_SHOWNS, "a severity for each state");

const SysvpnWords sysvpn_shown_words = { words, G_N_ELEMENTS (words) };

/**
 * sysvpn_shown_icon_name:
 * @shown: a state
 *
 * Returns: the name of its symbolic icon
 */
const char *
sysvpn_shown_icon_name (SysvpnShown shown)
{
  return icons[shown < SYSVPN_N_SHOWNS ? shown : SYSVPN_SHOWN_UNKNOWN];
}

/**
 * sysvpn_shown_worst:
 * @a: the state of one VPN qube
 * @b: the state of another
 *
 * Returns: the one that the icon for both has to show
 */
SysvpnShown
sysvpn_shown_worst (SysvpnShown a, SysvpnShown b)
{
  return severities[a] >= severities[b] ? a : b;
}

static SysvpnView
unknown (const char *sentence)
{
  return (SysvpnView){ SYSVPN_SHOWN_UNKNOWN, SYSVPN_TONE_NOTICE, sentence };
}

static SysvpnView
degraded (SysvpnCause cause)
{
  return (SysvpnView){ SYSVPN_SHOWN_DEGRADED, SYSVPN_TONE_NOTICE,
                       sysvpn_sentence_degraded (cause) };
}

static SysvpnView
blocked (const SysvpnStatus *report)
{
  bool asked = report->cause == SYSVPN_CAUSE_ASKED || report->wanted == SYSVPN_WANTED_DOWN;
  bool tells_more = report->cause != SYSVPN_CAUSE_NONE && report->cause != SYSVPN_CAUSE_UNKNOWN;

  /* while it is still going down, the wish is all there is to tell */
  return (SysvpnView){ SYSVPN_SHOWN_BLOCKED, asked ? SYSVPN_TONE_CALM : SYSVPN_TONE_NOTICE,
                       sysvpn_sentence_blocked (asked && !tells_more ? SYSVPN_CAUSE_ASKED
                                                                     : report->cause) };
}

/* The tunnel is said to be up. What cannot name its device and profile was not looked at, and a
 * cause explains why a tunnel is not up. */
static SysvpnView
judge_up (const SysvpnStatus *report)
{
  if (report->interface[0] == '\0' || report->profile_uuid[0] == '\0')
    return unknown (N_ ("Unknown: the VPN qube calls the tunnel up and cannot name it; "
                        "see journalctl -u sysvpn-agent there"));
  if (report->cause != SYSVPN_CAUSE_NONE)
    return degraded (report->cause);
  return (SysvpnView){ SYSVPN_SHOWN_PROTECTED, SYSVPN_TONE_CALM,
                       N_ ("Protected: the tunnel is up and the killswitch is armed") };
}

static SysvpnView
judge_tunnel (const SysvpnStatus *report)
{
  switch (report->tunnel) {
  case SYSVPN_TUNNEL_DOWN:
  case SYSVPN_TUNNEL_DISCONNECTING:
    return blocked (report);
  case SYSVPN_TUNNEL_CONNECTING:
    return (SysvpnView){ SYSVPN_SHOWN_CONNECTING, SYSVPN_TONE_CALM,
                         N_ ("Connecting: the tunnel is coming up, nothing leaves meanwhile") };
  case SYSVPN_TUNNEL_DEGRADED:
    return degraded (report->cause);
  case SYSVPN_TUNNEL_UP:
    return judge_up (report);
  case SYSVPN_TUNNEL_UNKNOWN:
  case SYSVPN_N_TUNNELS:
  default:
    return unknown (
        report->cause == SYSVPN_CAUSE_NO_NETWORK_MANAGER
            ? N_ ("Unknown: NetworkManager does not run in the VPN qube; enable its "
                  "service network-manager and restart it")
            : N_ ("Unknown: the VPN qube cannot tell how its tunnel is"));
  }
}

/* A verdict that is older than any heartbeat belongs to a check that no longer happens. */
static bool
was_verified (const SysvpnStatus *report)
{
  return report->killswitch_age_s != SYSVPN_ABSENT &&
         report->killswitch_age_s <= SYSVPN_HEARTBEAT_MAX_S;
}

static SysvpnView
judge_report (const SysvpnStatus *report)
{
  bool names_break = report->killswitch_break != SYSVPN_BREAK_NONE &&
                     report->killswitch_break != SYSVPN_BREAK_UNKNOWN;

  if (report->killswitch == SYSVPN_KILLSWITCH_BROKEN || names_break)
    return (SysvpnView){ SYSVPN_SHOWN_EXPOSED, SYSVPN_TONE_ALARM,
                         sysvpn_sentence_exposed (report->killswitch_break) };
  if (report->killswitch == SYSVPN_KILLSWITCH_LOADING)
    return report->tunnel == SYSVPN_TUNNEL_UNKNOWN
               ? judge_tunnel (report)
               : (SysvpnView){ SYSVPN_SHOWN_CONNECTING, SYSVPN_TONE_CALM,
                               N_ ("Connecting: the killswitch is being loaded") };
  if (report->killswitch != SYSVPN_KILLSWITCH_ARMED ||
      report->killswitch_break != SYSVPN_BREAK_NONE || !was_verified (report))
    return unknown (N_ ("Unknown: the VPN qube cannot tell whether its killswitch works; see "
                        "journalctl -u sysvpn-agent there"));
  return judge_tunnel (report);
}

/**
 * sysvpn_view_judge:
 * @power: what dom0 knows of the qube itself
 * @report: (nullable): the newest report
 * @silence: %SYSVPN_SILENCE_NONE if @report is fresh, else why it is not believed
 *
 * Returns: what to show
 */
SysvpnView
sysvpn_view_judge (SysvpnPower power, const SysvpnStatus *report, SysvpnSilence silence)
{
  if (power == SYSVPN_POWER_HALTED || power == SYSVPN_POWER_PAUSED ||
      power == SYSVPN_POWER_STARTING)
    return (SysvpnView){ SYSVPN_SHOWN_OFF, SYSVPN_TONE_CALM, sysvpn_sentence_off (power) };
  if (silence == SYSVPN_SILENCE_NONE && report == NULL)
    silence = SYSVPN_SILENCE_WAITING;
  if (silence != SYSVPN_SILENCE_NONE)
    return unknown (sysvpn_silence_sentence (silence));
  return judge_report (report);
}

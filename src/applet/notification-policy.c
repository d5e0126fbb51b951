/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is worth a notification: what the user did not ask for and should know, once. Pure: the
 * time comes from outside, what is said comes out. */
#include "applet/notification-policy.h"

#include <assert.h>
#include <string.h>

typedef struct {
  SysvpnNotice *notices;
  size_t n;
} Out;

static const SysvpnTopic topics[] = {
  [SYSVPN_NOTICE_DROPPED] = SYSVPN_TOPIC_TUNNEL,
  [SYSVPN_NOTICE_RECOVERED] = SYSVPN_TOPIC_TUNNEL,
  [SYSVPN_NOTICE_FLAPPING] = SYSVPN_TOPIC_TUNNEL,
  [SYSVPN_NOTICE_DEGRADED] = SYSVPN_TOPIC_TUNNEL,
  [SYSVPN_NOTICE_EXPOSED] = SYSVPN_TOPIC_KILLSWITCH,
  [SYSVPN_NOTICE_SILENT] = SYSVPN_TOPIC_SILENCE,
  [SYSVPN_NOTICE_TUNNEL_OVER] = SYSVPN_TOPIC_TUNNEL,
  [SYSVPN_NOTICE_EXPOSED_OVER] = SYSVPN_TOPIC_KILLSWITCH,
  [SYSVPN_NOTICE_SILENT_OVER] = SYSVPN_TOPIC_SILENCE,
};

static_assert (G_N_ELEMENTS (topics) == SYSVPN_N_NOTICES, "a topic for each notice");

/**
 * sysvpn_notice_topic:
 * @kind: a notice
 *
 * Returns: which notification on the screen it replaces or closes
 */
SysvpnTopic
sysvpn_notice_topic (SysvpnNoticeKind kind)
{
  return topics[kind];
}

static void
say (Out *out, SysvpnNoticeKind kind)
{
  g_assert (out->n < SYSVPN_NOTICES_MAX);
  out->notices[out->n++] = (SysvpnNotice){ .kind = kind };
}

static void
decide_killswitch (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->view.shown == SYSVPN_SHOWN_EXPOSED) {
    policy->armed_since = 0;
    if (!policy->exposed_announced)
      say (out, SYSVPN_NOTICE_EXPOSED);
    policy->exposed_announced = true;
  } else if (scene->view.shown == SYSVPN_SHOWN_UNKNOWN) {
    policy->armed_since = 0; /* silence does not take an alarm back, knowing better does */
  } else if (policy->exposed_announced) {
    if (policy->armed_since == 0)
      policy->armed_since = scene->now_ms;
    if (scene->now_ms - policy->armed_since < SYSVPN_NOTICE_LINGER_MS)
      return;
    policy->exposed_announced = false;
    policy->armed_since = 0;
    say (out, SYSVPN_NOTICE_EXPOSED_OVER);
  }
}

static void
decide_silence (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->view.shown != SYSVPN_SHOWN_UNKNOWN) {
    policy->silent_since = 0;
    if (policy->silent_announced) {
      policy->silent_announced = false;
      say (out, SYSVPN_NOTICE_SILENT_OVER);
    }
    return;
  }
  if (policy->silent_since == 0)
    policy->silent_since = scene->now_ms;
  if (!policy->silent_announced && scene->now_ms >= policy->quiet_until &&
      scene->now_ms - policy->silent_since >= SYSVPN_NOTICE_SILENT_MS) {
    policy->silent_announced = true;
    say (out, SYSVPN_NOTICE_SILENT);
  }
}

static void
withdraw (SysvpnNoticePolicy *policy, Out *out)
{
  if (policy->is_announced || policy->amiss_announced)
    say (out, SYSVPN_NOTICE_TUNNEL_OVER);
  policy->is_announced = false;
  policy->amiss_announced = false;
}

/* The tunnel went away and nobody asked for it. */
static void
drop (SysvpnNoticePolicy *policy, Out *out)
{
  int64_t at = policy->down_since;
  int64_t oldest;

  if (policy->is_flapping && at - policy->drops[0] > SYSVPN_NOTICE_FLAP_MS)
    policy->is_flapping = false;
  memmove (policy->drops + 1, policy->drops, sizeof policy->drops - sizeof *policy->drops);
  policy->drops[0] = at;
  if (policy->is_flapping)
    return; /* said once, and again only after it was stable */
  oldest = policy->drops[SYSVPN_NOTICE_FLAPS - 1];
  policy->is_flapping = oldest != 0 && at - oldest <= SYSVPN_NOTICE_FLAP_MS;
  policy->is_announced = true;
  policy->amiss_announced = false; /* its notification is replaced */
  say (out, policy->is_flapping ? SYSVPN_NOTICE_FLAPPING : SYSVPN_NOTICE_DROPPED);
}

static void
decide_down (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  bool asked = scene->is_pending || scene->report->cause == SYSVPN_CAUSE_ASKED ||
               scene->report->wanted != SYSVPN_WANTED_UP;
  int64_t quiet_until = MAX (policy->quiet_until, policy->settled_after);

  policy->amiss_since = 0;
  if (asked) {
    policy->was_good = false;
    policy->down_since = 0;
    withdraw (policy, out);
    return;
  }
  if (!policy->was_good)
    return;
  if (policy->down_since == 0) {
    policy->down_since = scene->now_ms;
    policy->is_doubtful = scene->view.shown == SYSVPN_SHOWN_EXPOSED;
  }
  if (scene->now_ms < quiet_until) {
    policy->held_until = quiet_until;
    return;
  }
  policy->was_good = false;
  drop (policy, out);
}

static void
decide_good (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (policy->good_since == 0)
    policy->good_since = scene->now_ms;
  policy->was_good = true;
  policy->amiss_since = 0;
  if (policy->is_flapping) {
    if (scene->now_ms - policy->good_since < SYSVPN_NOTICE_STABLE_MS)
      return;
    policy->is_flapping = false;
    memset (policy->drops, 0, sizeof policy->drops);
  }
  if (policy->is_announced && !scene->is_pending)
    out->notices[out->n++] = (SysvpnNotice){
      .kind = SYSVPN_NOTICE_RECOVERED,
      .outage_ms = policy->good_since - policy->down_since,
      .nothing_left = !policy->is_doubtful,
    };
  else
    withdraw (policy, out);
  policy->is_announced = false;
  policy->amiss_announced = false;
  policy->down_since = 0;
}

/* Nothing passes for now: it is degraded, or it was good and is on its way somewhere. */
static void
decide_amiss (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->is_pending || !policy->was_good) {
    policy->amiss_since = 0;
    return;
  }
  if (policy->amiss_since == 0)
    policy->amiss_since = scene->now_ms;
  if (!policy->amiss_announced && !policy->is_announced && !policy->is_flapping &&
      scene->now_ms >= policy->quiet_until &&
      scene->now_ms - policy->amiss_since >= SYSVPN_NOTICE_DEGRADED_MS) {
    policy->amiss_announced = true;
    say (out, SYSVPN_NOTICE_DEGRADED);
  }
}

static void
decide_up (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->view.shown == SYSVPN_SHOWN_PROTECTED) {
    decide_good (policy, scene, out);
    return;
  }
  policy->was_good = true; /* it is there; when it goes, that is a drop */
  policy->good_since = 0;
  if (scene->view.shown == SYSVPN_SHOWN_DEGRADED)
    decide_amiss (policy, scene, out);
  else
    policy->amiss_since = 0; /* the killswitch is not known to work: nothing is well again */
}

/* What cannot be seen starts anew when it is seen again. */
static void
stop_clocks (SysvpnNoticePolicy *policy)
{
  policy->good_since = 0;
  policy->amiss_since = 0;
}

static void
decide_tunnel (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  SysvpnTunnel tunnel = scene->report != NULL ? scene->report->tunnel : SYSVPN_TUNNEL_UNKNOWN;

  if (tunnel != SYSVPN_TUNNEL_UP)
    policy->good_since = 0;
  switch (tunnel) {
  case SYSVPN_TUNNEL_DOWN:
    decide_down (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_UP:
    decide_up (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_DEGRADED:
    policy->was_good = true;
    decide_amiss (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_CONNECTING:
  case SYSVPN_TUNNEL_DISCONNECTING:
    decide_amiss (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_UNKNOWN:
  case SYSVPN_N_TUNNELS:
  default:
    stop_clocks (policy);
    break;
  }
}

/**
 * sysvpn_notice_decide:
 * @policy: what has been seen so far
 * @scene: what is seen now
 * @ret_notices: (out caller-allocates): what to say now
 *
 * Call it at every change and when sysvpn_notice_next_ms() has come.
 *
 * Returns: how many notices there are
 */
size_t
sysvpn_notice_decide (SysvpnNoticePolicy *policy,
                      const SysvpnNoticeScene *scene,
                      SysvpnNotice ret_notices[static SYSVPN_NOTICES_MAX])
{
  Out out = { .notices = ret_notices };
  SysvpnShown shown = scene->view.shown;

  policy->held_until = 0; /* set again if the drop is still there */
  if (scene->is_pending) {
    policy->settled_after = scene->now_ms + SYSVPN_NOTICE_SETTLE_MS;
    /* the user is at it, and what comes now is new; that the qube says so is not enough */
    policy->is_flapping = false;
    memset (policy->drops, 0, sizeof policy->drops);
  }
  if (shown == SYSVPN_SHOWN_EXPOSED || shown == SYSVPN_SHOWN_UNKNOWN)
    policy->is_doubtful = true;

  decide_killswitch (policy, scene, &out);
  decide_silence (policy, scene, &out);
  if (shown == SYSVPN_SHOWN_OFF) {
    /* with the qube everything about its tunnel is over */
    stop_clocks (policy);
    policy->was_good = false;
    policy->down_since = 0;
    withdraw (policy, &out);
  } else {
    decide_tunnel (policy, scene, &out);
  }
  return out.n;
}

static int64_t
earlier (int64_t a, int64_t b)
{
  return a == 0 || (b != 0 && b < a) ? b : a;
}

/**
 * sysvpn_notice_next_ms:
 * @policy: what has been seen so far
 *
 * Returns: when time alone will be news; 0 for never
 */
int64_t
sysvpn_notice_next_ms (const SysvpnNoticePolicy *policy)
{
  int64_t next = policy->held_until;

  if (policy->armed_since != 0)
    next = earlier (next, policy->armed_since + SYSVPN_NOTICE_LINGER_MS);
  if (policy->silent_since != 0 && !policy->silent_announced)
    next = earlier (next,
                    MAX (policy->silent_since + SYSVPN_NOTICE_SILENT_MS, policy->quiet_until));
  if (policy->amiss_since != 0 && !policy->amiss_announced && !policy->is_announced &&
      !policy->is_flapping)
    next = earlier (next,
                    MAX (policy->amiss_since + SYSVPN_NOTICE_DEGRADED_MS, policy->quiet_until));
  if (policy->is_flapping && policy->good_since != 0)
    next = earlier (next, policy->good_since + SYSVPN_NOTICE_STABLE_MS);
  return next;
}

/**
 * sysvpn_notice_resumed:
 * @policy: what has been seen so far
 * @now_ms: the time
 *
 * The machine was asleep: for a while a tunnel that is down or silent is no news. A drop that
 * lasts is still told when the time is over.
 */
void
sysvpn_notice_resumed (SysvpnNoticePolicy *policy, int64_t now_ms)
{
  policy->quiet_until = now_ms + SYSVPN_NOTICE_RESUME_MS;
  policy->silent_since = 0;
  policy->amiss_since = 0;
}

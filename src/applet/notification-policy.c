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
say (Out *out, SysvpnNoticeKind kind, int64_t outage_ms)
{
  g_assert (out->n < SYSVPN_NOTICES_MAX);
  out->notices[out->n++] = (SysvpnNotice){ .kind = kind, .outage_ms = outage_ms };
}

static void
decide_killswitch (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  bool exposed = scene->view.shown == SYSVPN_SHOWN_EXPOSED;
  /* silence does not take an alarm back, knowing better does */
  bool known = scene->view.shown != SYSVPN_SHOWN_UNKNOWN;

  if (exposed && !policy->exposed_announced) {
    policy->exposed_announced = true;
    say (out, SYSVPN_NOTICE_EXPOSED, 0);
  } else if (!exposed && known && policy->exposed_announced) {
    policy->exposed_announced = false;
    say (out, SYSVPN_NOTICE_EXPOSED_OVER, 0);
  }
}

static void
decide_silence (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->view.shown != SYSVPN_SHOWN_UNKNOWN) {
    policy->silent_since = 0;
    if (policy->silent_announced) {
      policy->silent_announced = false;
      say (out, SYSVPN_NOTICE_SILENT_OVER, 0);
    }
    return;
  }
  if (policy->silent_since == 0)
    policy->silent_since = scene->now_ms;
  if (!policy->silent_announced && scene->now_ms >= policy->quiet_until &&
      scene->now_ms - policy->silent_since >= SYSVPN_NOTICE_SILENT_MS) {
    policy->silent_announced = true;
    say (out, SYSVPN_NOTICE_SILENT, 0);
  }
}

static void
forget_drop (SysvpnNoticePolicy *policy, Out *out)
{
  if (policy->is_announced || policy->degraded_announced)
    say (out, SYSVPN_NOTICE_TUNNEL_OVER, 0);
  policy->is_announced = false;
  policy->degraded_announced = false;
}

/* The tunnel went away and nobody asked for it. */
static void
drop (SysvpnNoticePolicy *policy, int64_t now_ms, Out *out)
{
  int64_t oldest;

  memmove (policy->drops + 1, policy->drops, sizeof policy->drops - sizeof *policy->drops);
  policy->drops[0] = now_ms;
  policy->dropped_at = now_ms;
  if (policy->is_flapping)
    return; /* said once, and again only after it was stable */
  oldest = policy->drops[SYSVPN_NOTICE_FLAPS - 1];
  policy->is_flapping = oldest != 0 && now_ms - oldest <= SYSVPN_NOTICE_FLAP_MS;
  policy->is_announced = true;
  policy->degraded_announced = false; /* its notification is replaced */
  say (out, policy->is_flapping ? SYSVPN_NOTICE_FLAPPING : SYSVPN_NOTICE_DROPPED, 0);
}

static void
decide_down (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  bool asked = scene->is_pending || scene->report->cause == SYSVPN_CAUSE_ASKED ||
               scene->report->wanted != SYSVPN_WANTED_UP;

  policy->good_since = 0;
  policy->degraded_since = 0;
  if (asked) {
    policy->was_good = false;
    policy->is_held_back = false;
    policy->is_flapping = false;
    memset (policy->drops, 0, sizeof policy->drops);
    forget_drop (policy, out);
  } else if (policy->was_good && scene->now_ms < policy->quiet_until) {
    policy->is_held_back = true;
  } else if (policy->was_good) {
    policy->was_good = false;
    policy->is_held_back = false;
    drop (policy, scene->now_ms, out);
  }
}

static void
decide_up (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (policy->good_since == 0)
    policy->good_since = scene->now_ms;
  policy->was_good = true;
  policy->is_held_back = false;
  policy->degraded_since = 0;
  if (policy->is_flapping) {
    if (scene->now_ms - policy->good_since < SYSVPN_NOTICE_STABLE_MS)
      return;
    policy->is_flapping = false;
    memset (policy->drops, 0, sizeof policy->drops);
  }
  if (policy->is_announced)
    say (out, SYSVPN_NOTICE_RECOVERED, scene->now_ms - policy->dropped_at);
  else if (policy->degraded_announced)
    say (out, SYSVPN_NOTICE_TUNNEL_OVER, 0);
  policy->is_announced = false;
  policy->degraded_announced = false;
}

static void
decide_degraded (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  policy->was_good = true; /* it is there; when it goes, that is a drop */
  policy->good_since = 0;
  if (policy->degraded_since == 0)
    policy->degraded_since = scene->now_ms;
  if (!policy->degraded_announced && !policy->is_announced && !policy->is_flapping &&
      scene->now_ms >= policy->quiet_until &&
      scene->now_ms - policy->degraded_since >= SYSVPN_NOTICE_DEGRADED_MS) {
    policy->degraded_announced = true;
    say (out, SYSVPN_NOTICE_DEGRADED, 0);
  }
}

static void
decide_tunnel (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  if (scene->view.shown == SYSVPN_SHOWN_OFF) {
    /* with the qube everything about its tunnel is over */
    policy->was_good = false;
    policy->good_since = 0;
    policy->degraded_since = 0;
    forget_drop (policy, out);
    return;
  }
  if (scene->report == NULL)
    return;
  switch (scene->report->tunnel) {
  case SYSVPN_TUNNEL_DOWN:
    decide_down (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_UP:
    decide_up (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_DEGRADED:
    decide_degraded (policy, scene, out);
    break;
  case SYSVPN_TUNNEL_CONNECTING:
  case SYSVPN_TUNNEL_DISCONNECTING:
  case SYSVPN_TUNNEL_UNKNOWN:
  case SYSVPN_N_TUNNELS:
  default:
    break; /* on the way somewhere: what it arrives at counts */
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

  decide_killswitch (policy, scene, &out);
  decide_silence (policy, scene, &out);
  decide_tunnel (policy, scene, &out);
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
  int64_t next = 0;

  if (policy->silent_since != 0 && !policy->silent_announced)
    next = earlier (next,
                    MAX (policy->silent_since + SYSVPN_NOTICE_SILENT_MS, policy->quiet_until));
  if (policy->degraded_since != 0 && !policy->degraded_announced && !policy->is_announced &&
      !policy->is_flapping)
    next = earlier (
        next, MAX (policy->degraded_since + SYSVPN_NOTICE_DEGRADED_MS, policy->quiet_until));
  if (policy->is_held_back)
    next = earlier (next, policy->quiet_until);
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
  policy->degraded_since = 0;
}

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

static const struct {
  SysvpnTopic topic;
  SysvpnNoticeClass notice_class;
} kinds[] = {
  [SYSVPN_NOTICE_DROPPED] = { SYSVPN_TOPIC_TUNNEL, SYSVPN_NOTICE_CLASS_TUNNEL },
  [SYSVPN_NOTICE_RECOVERED] = { SYSVPN_TOPIC_TUNNEL, SYSVPN_NOTICE_CLASS_TUNNEL },
  [SYSVPN_NOTICE_FLAPPING] = { SYSVPN_TOPIC_TUNNEL, SYSVPN_NOTICE_CLASS_TUNNEL },
  [SYSVPN_NOTICE_DEGRADED] = { SYSVPN_TOPIC_TUNNEL, SYSVPN_NOTICE_CLASS_NO_TRAFFIC },
  [SYSVPN_NOTICE_EXPOSED] = { SYSVPN_TOPIC_KILLSWITCH, SYSVPN_NOTICE_CLASS_ALWAYS },
  [SYSVPN_NOTICE_SILENT] = { SYSVPN_TOPIC_SILENCE, SYSVPN_NOTICE_CLASS_SILENCE },
  [SYSVPN_NOTICE_LEAK] = { SYSVPN_TOPIC_EGRESS, SYSVPN_NOTICE_CLASS_ALWAYS },
  [SYSVPN_NOTICE_CLIENT_DROPS] = { SYSVPN_TOPIC_DROPS, SYSVPN_NOTICE_CLASS_DROPS },
  [SYSVPN_NOTICE_TUNNEL_OVER] = { SYSVPN_TOPIC_TUNNEL, SYSVPN_NOTICE_CLASS_ALWAYS },
  [SYSVPN_NOTICE_EXPOSED_OVER] = { SYSVPN_TOPIC_KILLSWITCH, SYSVPN_NOTICE_CLASS_ALWAYS },
  [SYSVPN_NOTICE_SILENT_OVER] = { SYSVPN_TOPIC_SILENCE, SYSVPN_NOTICE_CLASS_ALWAYS },
  [SYSVPN_NOTICE_LEAK_OVER] = { SYSVPN_TOPIC_EGRESS, SYSVPN_NOTICE_CLASS_ALWAYS },
};

static_assert (G_N_ELEMENTS (kinds) == SYSVPN_N_NOTICES, "topic and class of each notice");

/**
 * sysvpn_notice_topic:
 * @kind: a notice
 *
 * Returns: which notification on the screen it replaces or closes
 */
SysvpnTopic
sysvpn_notice_topic (SysvpnNoticeKind kind)
{
  return kinds[kind].topic;
}

/**
 * sysvpn_notice_class:
 * @kind: a notice
 *
 * Returns: whose preference says whether it is shown
 */
SysvpnNoticeClass
sysvpn_notice_class (SysvpnNoticeKind kind)
{
  return kinds[kind].notice_class;
}

static void
say (Out *out, SysvpnNoticeKind kind)
{
  g_assert (out->n < SYSVPN_NOTICES_MAX);
  out->notices[out->n++] = (SysvpnNotice){ .kind = kind };
}

typedef enum {
  VERDICT_WELL,
  VERDICT_ALARM,
  VERDICT_UNKNOWN, /* does not take an alarm back, knowing better does */
} Verdict;

static int64_t
alarm_over_ms (const SysvpnNoticeAlarm *alarm)
{
  return alarm->well_since +
         (alarm->is_again ? SYSVPN_NOTICE_STABLE_MS : SYSVPN_NOTICE_LINGER_MS);
}

static void
decide_alarm (SysvpnNoticeAlarm *alarm,
              Verdict verdict,
              int64_t now_ms,
              SysvpnNoticeKind kind,
              SysvpnNoticeKind over,
              Out *out)
{
  if (verdict != VERDICT_WELL) {
    alarm->well_since = 0;
    if (verdict == VERDICT_UNKNOWN || alarm->is_announced)
      return;
    alarm->is_announced = true;
    alarm->is_again = alarm->at != 0 && now_ms - alarm->at <= SYSVPN_NOTICE_FLAP_MS;
    alarm->at = now_ms;
    say (out, kind);
  } else if (alarm->is_announced) {
    if (alarm->well_since == 0)
      alarm->well_since = now_ms;
    if (now_ms < alarm_over_ms (alarm))
      return;
    alarm->is_announced = false;
    alarm->well_since = 0;
    say (out, over);
  }
}

static Verdict
judge_killswitch (SysvpnShown shown)
{
  if (shown == SYSVPN_SHOWN_EXPOSED)
    return VERDICT_ALARM;
  return shown == SYSVPN_SHOWN_UNKNOWN ? VERDICT_UNKNOWN : VERDICT_WELL;
}

/* What the killswitch does not see: the address from which the internet sees us. Another one is
 * well, and so is a tunnel that is down. */
static Verdict
judge_egress (const SysvpnNoticeScene *scene)
{
  if (scene->view.shown == SYSVPN_SHOWN_OFF)
    return VERDICT_WELL;
  if (scene->is_egress_uplink)
    return VERDICT_ALARM;
  if (scene->view.shown == SYSVPN_SHOWN_BLOCKED ||
      (scene->report != NULL && scene->report->egress == SYSVPN_EGRESS_OK))
    return VERDICT_WELL;
  return VERDICT_UNKNOWN;
}

/* Behind a tunnel that is down everything is dropped, and that is no news. */
static void
decide_drops (SysvpnNoticePolicy *policy, const SysvpnNoticeScene *scene, Out *out)
{
  SysvpnNotice notice = { .kind = SYSVPN_NOTICE_CLIENT_DROPS };
  bool is_up = scene->view.shown == SYSVPN_SHOWN_PROTECTED && scene->report != NULL;

  if (!is_up)
    sysvpn_drop_watch_pause (&policy->drop_watch);
  else if (sysvpn_drop_watch_see (&policy->drop_watch, scene->report, scene->drops_threshold,
                                  scene->now_ms, notice.client, &notice.packets))
    out->notices[out->n++] = notice;
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
  bool is_new = !policy->is_announced; /* else the outage before it goes on */

  if (policy->is_flapping && at - policy->drops[0] > SYSVPN_NOTICE_FLAP_MS) {
    policy->is_flapping = false;
    is_new = true;
  }
  memmove (policy->drops + 1, policy->drops, sizeof policy->drops - sizeof *policy->drops);
  policy->drops[0] = at;
  if (policy->is_flapping)
    return; /* said once, and again only after it was stable */
  oldest = policy->drops[SYSVPN_NOTICE_FLAPS - 1];
  policy->is_flapping = oldest != 0 && at - oldest <= SYSVPN_NOTICE_FLAP_MS;
  if (is_new)
    policy->outage_since = at;
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
    if (!policy->is_announced) /* else it goes on from the drop before */
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
  policy->down_since = 0;
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
      .outage_ms = policy->good_since - policy->outage_since,
      .nothing_left = !policy->is_doubtful,
    };
  else
    withdraw (policy, out);
  policy->is_announced = false;
  policy->amiss_announced = false;
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

  decide_alarm (&policy->exposed, judge_killswitch (shown), scene->now_ms,
                SYSVPN_NOTICE_EXPOSED, SYSVPN_NOTICE_EXPOSED_OVER, &out);
  decide_alarm (&policy->leak, judge_egress (scene), scene->now_ms, SYSVPN_NOTICE_LEAK,
                SYSVPN_NOTICE_LEAK_OVER, &out);
  decide_drops (policy, scene, &out);
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

  if (policy->exposed.well_since != 0)
    next = earlier (next, alarm_over_ms (&policy->exposed));
  if (policy->leak.well_since != 0)
    next = earlier (next, alarm_over_ms (&policy->leak));
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

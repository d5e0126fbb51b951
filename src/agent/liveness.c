/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does anything come back through the tunnel? NetworkManager does not know (it shows a dead
 * tunnel as activated for ever), counters and handshakes do. Pure.
 *
 * Only what is missing after something was sent is evidence: an idle tunnel keeps the state it
 * has. And whatever is received, be it a keepalive, ends every doubt at once. */
#include "agent/liveness.h"

static int64_t
us (int64_t seconds)
{
  return seconds * G_USEC_PER_SEC;
}

/* The kernel tells a handshake's time by the wall clock, which may be set meanwhile. So it is
 * looked at once, when a handshake is new, and the caller's clock goes on from there. */
static void
note_handshake (SysvpnLiveness *liveness, const SysvpnLivenessSample *sample, int64_t now_us)
{
  int64_t age_us = us (sample->wall_s - sample->handshake_s);
  /* it was not there in the sample before, if there was one */
  int64_t age_max_us = liveness->sampled_at_us != 0 ? now_us - liveness->sampled_at_us : now_us;

  if (!sample->has_handshakes || sample->handshake_s == 0)
    liveness->handshake_at_us = 0;
  else if (sample->handshake_s != liveness->last.handshake_s)
    liveness->handshake_at_us = now_us - CLAMP (age_us, 0, age_max_us);
}

/* WireGuard asks for a handshake before a key gets too old, so one that is older although
 * something was sent, and asked for twice, means that the peer does not answer. */
static SysvpnCause
judge_unanswered (const SysvpnLiveness *liveness,
                  const SysvpnLivenessSample *sample,
                  int64_t now_us)
{
  int64_t waited_us = now_us - liveness->unanswered_since_us;
  bool is_stale = sample->has_handshakes &&
                  (liveness->handshake_at_us == 0 ||
                   now_us - liveness->handshake_at_us > us (SYSVPN_LIVENESS_HANDSHAKE_MAX_S));

  if (is_stale && waited_us >= us (SYSVPN_LIVENESS_HANDSHAKE_RETRY_S))
    return SYSVPN_CAUSE_NO_HANDSHAKE;
  return waited_us >= us (SYSVPN_LIVENESS_DEAD_AFTER_S) ? SYSVPN_CAUSE_NO_TRAFFIC
                                                        : SYSVPN_CAUSE_NONE;
}

/**
 * sysvpn_liveness_sample:
 * @liveness: what is known so far
 * @sample: what the kernel says now
 * @now_us: the time, which must go on while the machine sleeps
 *
 * A tunnel is dead when bytes have been sent and none received for
 * %SYSVPN_LIVENESS_DEAD_AFTER_S, or sooner when its handshake is too old besides; whatever is
 * received brings it back. Two packets that were lost an hour apart are no evidence: only what
 * was sent within %SYSVPN_LIVENESS_QUIET_S of each other counts together. The reason of its
 * death stays what it was first.
 *
 * Call it when sysvpn_liveness_next_sample_at() says: then a peer that dies under traffic is
 * found dead within %SYSVPN_LIVENESS_DEAD_AFTER_S and two samples.
 */
void
sysvpn_liveness_sample (SysvpnLiveness *liveness,
                        const SysvpnLivenessSample *sample,
                        int64_t now_us)
{
  bool is_first = liveness->sampled_at_us == 0;
  bool received = is_first || sample->rx_bytes != liveness->last.rx_bytes;
  bool sent =
      !is_first && sample->tx_bytes >= liveness->last.tx_bytes + SYSVPN_LIVENESS_MIN_SENT;

  note_handshake (liveness, sample, now_us);
  if (now_us - liveness->sent_at_us > us (SYSVPN_LIVENESS_QUIET_S))
    liveness->unanswered_since_us = 0;
  if (received) {
    liveness->received_at_us = now_us;
    liveness->unanswered_since_us = 0;
    liveness->trouble = SYSVPN_CAUSE_NONE;
  } else if (sent) {
    if (liveness->unanswered_since_us == 0)
      liveness->unanswered_since_us = now_us;
    else if (!sysvpn_liveness_is_dead (liveness))
      liveness->trouble = judge_unanswered (liveness, sample, now_us);
  }
  if (sent)
    liveness->sent_at_us = now_us;
  liveness->last = *sample;
  liveness->sampled_at_us = now_us;
}

/**
 * sysvpn_liveness_probe_failed:
 * @liveness: what is known; a sample has been taken after the probe's end
 * @asked_at_us: when the probe was asked that now says that nobody answered it
 *
 * A failed probe alone proves nothing of the tunnel: the service that it asks may be down, or
 * refuse us, while everything else flows. But if it sent something, and in all its time not a
 * byte came back through the tunnel, not of any other flow and not as the service's refusal,
 * then nothing gets through. A sample is no finer than some seconds: what was received just
 * before the question may count as after it, so in doubt the tunnel is alive.
 */
void
sysvpn_liveness_probe_failed (SysvpnLiveness *liveness, int64_t asked_at_us)
{
  if (!sysvpn_liveness_is_dead (liveness) && liveness->sent_at_us >= asked_at_us &&
      liveness->received_at_us < asked_at_us)
    liveness->trouble = SYSVPN_CAUSE_NO_TRAFFIC;
}

/**
 * sysvpn_liveness_is_dead:
 * @liveness: what is known
 *
 * Returns: %TRUE if nothing comes back through the tunnel; @liveness.trouble says how it shows
 */
bool
sysvpn_liveness_is_dead (const SysvpnLiveness *liveness)
{
  return liveness->trouble == SYSVPN_CAUSE_NO_TRAFFIC ||
         liveness->trouble == SYSVPN_CAUSE_NO_HANDSHAKE;
}

/**
 * sysvpn_liveness_is_doubtful:
 * @liveness: what is known
 *
 * WireGuard's peer answers whatever it gets, if only by a keepalive. Through OpenVPN somebody
 * may send for long and expect no reply, so a question that has one is in place.
 *
 * Returns: %TRUE if something was sent, nothing came back yet, and it is too early to say more
 */
bool
sysvpn_liveness_is_doubtful (const SysvpnLiveness *liveness)
{
  return liveness->unanswered_since_us != 0 && !liveness->last.has_handshakes &&
         !sysvpn_liveness_is_dead (liveness);
}

/**
 * sysvpn_liveness_is_pressing:
 * @liveness: what is known
 *
 * Returns: %TRUE if something is sent or amiss, so that samples should come at the faster pace
 */
bool
sysvpn_liveness_is_pressing (const SysvpnLiveness *liveness)
{
  return sysvpn_liveness_is_dead (liveness) || liveness->unanswered_since_us != 0 ||
         (liveness->sent_at_us != 0 && liveness->sent_at_us == liveness->sampled_at_us);
}

/**
 * sysvpn_liveness_next_sample_at:
 * @liveness: what is known
 *
 * Returns: when to take the next sample; 0 for now
 */
int64_t
sysvpn_liveness_next_sample_at (const SysvpnLiveness *liveness)
{
  if (liveness->sampled_at_us == 0)
    return 0;
  return liveness->sampled_at_us + us (sysvpn_liveness_is_pressing (liveness)
                                           ? SYSVPN_LIVENESS_PRESSING_SAMPLE_S
                                           : SYSVPN_LIVENESS_SAMPLE_S);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a report may be believed. A pipe that was not read for a while, because the machine
 * slept, is full of reports that are old and look new: the sender's own clock tells. */
#include "client/freshness.h"

/* Two clocks drift apart by up to 500 ppm while one of them is being corrected. Forgiving twice
 * that keeps a call that lasts for days from looking older and older. */
enum { DRIFT_PER = 1000 };

static int64_t
offset_now (const SysvpnFreshness *freshness, int64_t now_ms)
{
  return freshness->offset_ms + (now_ms - freshness->offset_at_ms) / DRIFT_PER;
}

/**
 * sysvpn_freshness_take:
 * @freshness: what is known of the call
 * @report: what arrived next in it
 * @now_ms: when it arrived, by our CLOCK_BOOTTIME
 *
 * The report that was under way for the shortest time tells how the clocks compare; what
 * another one takes longer is how old it already is.
 *
 * Returns: %FALSE if @report is older than one that came before it, and to be ignored
 */
bool
sysvpn_freshness_take (SysvpnFreshness *freshness, const SysvpnStatus *report, int64_t now_ms)
{
  int64_t offset_ms = now_ms - (int64_t) report->boottime_ms;

  if (freshness->heard &&
      (report->seq < freshness->seq ||
       (report->seq == freshness->seq && report->boottime_ms <= freshness->sent_ms)))
    return false;
  if (!freshness->heard || offset_ms <= offset_now (freshness, now_ms)) {
    freshness->offset_ms = offset_ms;
    freshness->offset_at_ms = now_ms;
  }

  freshness->heard = true;
  freshness->seq = report->seq;
  freshness->sent_ms = report->boottime_ms;
  freshness->made_ms = (int64_t) report->boottime_ms + offset_now (freshness, now_ms);
  freshness->heartbeat_s =
      (unsigned) CLAMP (report->heartbeat_s, 1, (uint64_t) SYSVPN_HEARTBEAT_MAX_S);
  return true;
}

/**
 * sysvpn_freshness_end_ms:
 * @freshness: what is known of the call
 * @poll_s: the interval of polling in seconds; 0 for a Watch
 *
 * Returns: the time by our CLOCK_BOOTTIME from which on the newest report is not believed; 0 if
 * there was none
 */
int64_t
sysvpn_freshness_end_ms (const SysvpnFreshness *freshness, unsigned poll_s)
{
  unsigned believed_s = MAX (freshness->heartbeat_s, poll_s) + SYSVPN_GRACE_S;

  return freshness->heard ? freshness->made_ms + (int64_t) believed_s * 1000 : 0;
}

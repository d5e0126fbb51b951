/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does anything come back through the tunnel? NetworkManager does not know (it shows a dead
 * tunnel as activated for ever), the byte counters of the device do. Pure. */
#include "agent/liveness.h"

/**
 * sysvpn_liveness_sample:
 * @liveness: what is known so far
 * @rx_bytes: the device's count of received bytes
 * @tx_bytes: the device's count of sent bytes
 * @now_us: monotonic time
 *
 * A tunnel is dead when bytes have been sent and none received for
 * %SYSVPN_LIVENESS_DEAD_AFTER_S; whatever is received brings it back at once. An idle tunnel
 * keeps the state it has: silence alone is no evidence. Nor are two packets that were lost an
 * hour apart: only what was sent within %SYSVPN_LIVENESS_QUIET_S of each other counts together.
 */
void
sysvpn_liveness_sample (SysvpnLiveness *liveness,
                        uint64_t rx_bytes,
                        uint64_t tx_bytes,
                        int64_t now_us)
{
  bool received = rx_bytes != liveness->rx_bytes;
  bool sent = tx_bytes >= liveness->tx_bytes + SYSVPN_LIVENESS_MIN_SENT;

  if (sent &&
      now_us - liveness->sent_at_us > (int64_t) SYSVPN_LIVENESS_QUIET_S * G_USEC_PER_SEC)
    liveness->unanswered_since_us = 0;
  if (sent)
    liveness->sent_at_us = now_us;
  if (!liveness->has_sample || received) {
    liveness->unanswered_since_us = 0;
    liveness->dead = false;
  } else if (sent && liveness->unanswered_since_us == 0) {
    /* since some moment after the sample before: nothing came back in all that time */
    liveness->unanswered_since_us = MAX (
        liveness->sampled_at_us, now_us - (int64_t) SYSVPN_LIVENESS_SAMPLE_S * G_USEC_PER_SEC);
  } else if (sent && now_us - liveness->unanswered_since_us >=
                         (int64_t) SYSVPN_LIVENESS_DEAD_AFTER_S * G_USEC_PER_SEC) {
    liveness->dead = true;
  }
  liveness->has_sample = true;
  liveness->sampled_at_us = now_us;
  liveness->rx_bytes = rx_bytes;
  liveness->tx_bytes = tx_bytes;
}

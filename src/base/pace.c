/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often something is done that may be asked for a thousand times a second: at most ten
 * times in any second. A few turns may follow each other at once, because news come in pairs: a
 * tunnel that dies is seen first by its device and then by NetworkManager, and it is the second
 * that somebody waits for. */
#include "base/pace.h"

#include <assert.h>

static_assert (SYSVPN_PACE_BURST + (1000 - 1) / SYSVPN_PACE_GAP_MS <= 10,
               "ten turns in a second");

/**
 * sysvpn_pace_wait_ms:
 * @pace: the turns so far
 * @now_ms: the time, by any clock that is used for @pace alone and does not go back
 *
 * Returns: how long to wait for the next turn; 0 if it may be taken now
 */
int64_t
sysvpn_pace_wait_ms (const SysvpnPace *pace, int64_t now_ms)
{
  return MAX (pace->due_ms - now_ms, 0);
}

/**
 * sysvpn_pace_take:
 * @pace: the turns so far
 * @now_ms: the time
 *
 * Takes a turn, whether it is due or not: what is done for another reason counts as well.
 */
void
sysvpn_pace_take (SysvpnPace *pace, int64_t now_ms)
{
  int64_t rested_ms = now_ms - (int64_t) (SYSVPN_PACE_BURST - 1) * SYSVPN_PACE_GAP_MS;

  pace->due_ms = MAX (pace->due_ms, rested_ms) + SYSVPN_PACE_GAP_MS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnFreshness:
 * @heard: there was a report, so the rest holds
 * @seq: of the newest report
 * @sent_ms: when it was made, by the sender's clock
 * @made_ms: the same by ours
 * @offset_ms: our clock less the sender's, as if a report took no time to arrive
 * @offset_at_ms: when that was measured
 * @heartbeat_s: after how long the sender promised the next, within bounds
 *
 * How old the newest report of one call is. All times are milliseconds of CLOCK_BOOTTIME, which
 * goes on during suspend. Zeroed, it is a call that has not told anything.
 */
typedef struct {
  bool heard;
  uint64_t seq;
  uint64_t sent_ms;
  int64_t made_ms;
  int64_t offset_ms;
  int64_t offset_at_ms;
  unsigned heartbeat_s;
} SysvpnFreshness;

bool
sysvpn_freshness_take (SysvpnFreshness *freshness, const SysvpnStatus *report, int64_t now_ms);
int64_t sysvpn_freshness_end_ms (const SysvpnFreshness *freshness, unsigned poll_s);

G_END_DECLS

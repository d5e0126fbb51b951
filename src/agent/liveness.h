/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_LIVENESS_DEAD_AFTER_S = 15,     /* sent all that time, and nothing came back */
  SYSVPN_LIVENESS_HANDSHAKE_MAX_S = 180, /* WireGuard's REJECT_AFTER_TIME: no key is older */
  SYSVPN_LIVENESS_HANDSHAKE_RETRY_S = 5, /* WireGuard's REKEY_TIMEOUT: it asked twice by then */
  SYSVPN_LIVENESS_SAMPLE_S = 10,         /* from one sample to the next ... */
  SYSVPN_LIVENESS_PRESSING_SAMPLE_S = 5, /* ... while something is sent, or is amiss */
  SYSVPN_LIVENESS_QUIET_S = 60,  /* sent nothing for so long: what was before is forgotten */
  SYSVPN_LIVENESS_MIN_SENT = 64, /* bytes between two samples that count as sending */
};

/**
 * SysvpnLivenessSample:
 * @rx_bytes: received so far
 * @tx_bytes: sent so far
 * @has_handshakes: handshakes are told of: WireGuard
 * @handshake_s: the latest one, seconds of the wall clock as it was then; 0 for none
 * @wall_s: the wall clock now
 */
typedef struct {
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  bool has_handshakes;
  int64_t handshake_s;
  int64_t wall_s;
} SysvpnLivenessSample;

/**
 * SysvpnLiveness:
 *
 * What the counters of a tunnel have shown over time. Zero it when a tunnel comes up. Times are
 * the caller's clock, 0 for never.
 */
typedef struct {
  SysvpnLivenessSample last;
  int64_t sampled_at_us;
  int64_t received_at_us;      /* the latest sample that showed something received */
  int64_t sent_at_us;          /* the latest sample that showed sending */
  int64_t unanswered_since_us; /* the first sample that showed sending since then */
  int64_t handshake_at_us;
  SysvpnCause trouble; /* SYSVPN_CAUSE_UNKNOWN (nothing was sampled) or NONE: alive as far as
                          one can tell; NO_TRAFFIC; NO_HANDSHAKE */
} SysvpnLiveness;

void sysvpn_liveness_sample (SysvpnLiveness *liveness,
                             const SysvpnLivenessSample *sample,
                             int64_t now_us);
void sysvpn_liveness_probe_failed (SysvpnLiveness *liveness, int64_t asked_at_us);
bool sysvpn_liveness_is_dead (const SysvpnLiveness *liveness);
bool sysvpn_liveness_is_doubtful (const SysvpnLiveness *liveness);
bool sysvpn_liveness_is_pressing (const SysvpnLiveness *liveness);
int64_t sysvpn_liveness_next_sample_at (const SysvpnLiveness *liveness);

G_END_DECLS

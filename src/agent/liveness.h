/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnLiveness:
 *
 * What the byte counters of a tunnel device have shown over time. Zero it when a tunnel comes
 * up.
 */
typedef struct {
  bool has_sample;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  int64_t unanswered_since_us; /* 0: nothing has been sent since something was last received */
  int64_t sampled_at_us;
  int64_t sent_at_us; /* the latest sample that showed sending */
  bool dead;
} SysvpnLiveness;

enum {
  SYSVPN_LIVENESS_DEAD_AFTER_S = 15, /* sent all that time, and nothing came back */
  SYSVPN_LIVENESS_SAMPLE_S = 10,     /* from one sample to the next */
  SYSVPN_LIVENESS_QUIET_S = 60,  /* sent nothing for so long: what was before is forgotten */
  SYSVPN_LIVENESS_MIN_SENT = 64, /* bytes between two samples that count as sending */
};

void sysvpn_liveness_sample (SysvpnLiveness *liveness,
                             uint64_t rx_bytes,
                             uint64_t tx_bytes,
                             int64_t now_us);

G_END_DECLS

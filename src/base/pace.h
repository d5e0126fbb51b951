/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_PACE_GAP_MS = 125, /* from turn to turn, on average */
  SYSVPN_PACE_BURST = 3,    /* turns in a row, after a quiet time */
};

/**
 * SysvpnPace:
 * @due_ms: no turn before this time
 *
 * Zero it before the first turn.
 */
typedef struct {
  int64_t due_ms;
} SysvpnPace;

int64_t sysvpn_pace_wait_ms (const SysvpnPace *pace, int64_t now_ms);
void sysvpn_pace_take (SysvpnPace *pace, int64_t now_ms);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_STRAYS_TOLD_MAX = 32,
  SYSVPN_STRAY_AGAIN_MS = 300000, /* one that is back within that is no news */
};

/**
 * SysvpnStrayPolicy:
 * @told: the qubes that were told of
 * @left_at: since when each is none any more; 0: it still is one
 * @n_told: how many
 * @is_announced: a notification of them is on
 *
 * Which qubes that must not go past the VPN have been announced. Zero it at the start. Times
 * are milliseconds of one clock that goes on during suspend.
 */
typedef struct {
  char told[SYSVPN_STRAYS_TOLD_MAX][SYSVPN_QUBE_NAME_SIZE];
  int64_t left_at[SYSVPN_STRAYS_TOLD_MAX];
  size_t n_told;
  bool is_announced;
} SysvpnStrayPolicy;

typedef enum {
  SYSVPN_STRAY_NOTICE_NONE,
  SYSVPN_STRAY_NOTICE_SHOW, /* of all that there are */
  SYSVPN_STRAY_NOTICE_OVER, /* take it away */
} SysvpnStrayNotice;

SysvpnStrayNotice
sysvpn_stray_decide (SysvpnStrayPolicy *policy, const char *const *strays, int64_t now_ms);

G_END_DECLS

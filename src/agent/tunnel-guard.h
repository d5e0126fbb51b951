/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/reach.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnTunnelGuard:
 * @is_armed: whether the killswitch is armed at this very moment
 * @mark_pinned: (element-type SysvpnProfile): sets which profiles' servers are among the
 * killswitch's endpoints
 * @can_reach: whether one of some servers is
 * @data: passed to each
 *
 * What the tunnel's control must know of the killswitch.
 */
typedef struct {
  bool (*is_armed) (gpointer data);
  void (*mark_pinned) (GArray *profiles, gpointer data);
  SysvpnReachFunc can_reach;
  gpointer data;
} SysvpnTunnelGuard;

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What dom0 itself knows about a qube. */
typedef enum {
  SYSVPN_POWER_UNKNOWN, /* not known to be off: what it says, or its silence, counts */
  SYSVPN_POWER_RUNNING,
  SYSVPN_POWER_HALTED,
  SYSVPN_POWER_PAUSED,
  SYSVPN_POWER_STARTING,
  SYSVPN_N_POWERS
} SysvpnPower;

G_END_DECLS

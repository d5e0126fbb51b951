/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SYSVPN_KILLSWITCH_ERROR (sysvpn_killswitch_error_quark ())

/* FAILED unless somebody acts differently on the code. */
typedef enum {
  SYSVPN_KILLSWITCH_ERROR_FAILED,
  SYSVPN_KILLSWITCH_ERROR_ENDPOINTS,  /* an endpoints file is not acceptable: load the closed
                                         table */
  SYSVPN_KILLSWITCH_ERROR_PERMISSION, /* needs root or CAP_NET_ADMIN */
  SYSVPN_KILLSWITCH_ERROR_BUSY,       /* others kept writing, or hold the lock: try again */
} SysvpnKillswitchError;

GQuark sysvpn_killswitch_error_quark (void);
void sysvpn_killswitch_set_errno (GError **error, int saved_errno, const char *what);

G_END_DECLS

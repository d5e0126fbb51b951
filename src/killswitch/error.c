/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error domain of the killswitch, used by the loader, the reader and the agent. */
#include "killswitch/error.h"

#include <errno.h>

G_DEFINE_QUARK (sysvpn_killswitch_error, sysvpn_killswitch_error)

/**
 * sysvpn_killswitch_set_errno:
 * @error: return location
 * @saved_errno: what went wrong
 * @what: what could not be done, for example "cannot read the nftables ruleset"
 *
 * Sets @error to "what: reason". A missing right gets a code and a remedy of its own.
 */
void
sysvpn_killswitch_set_errno (GError **error, int saved_errno, const char *what)
{
  if (saved_errno == EPERM || saved_errno == EACCES)
    g_set_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_PERMISSION,
                 "%s: %s (run as root, or with CAP_NET_ADMIN)", what, g_strerror (saved_errno));
  else
    g_set_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_FAILED, "%s: %s", what,
                 g_strerror (saved_errno));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it the killswitch that keeps a tunnel from its server? That is the commonest mistake, and
 * looks like a server that is silent. Pure: the caller knows what the killswitch lets through.
 */
#include "agent/reach.h"

/* What a server that cannot be reached looks like. */
static bool
is_silence (SysvpnCause cause)
{
  return cause == SYSVPN_CAUSE_TIMEOUT || cause == SYSVPN_CAUSE_LOST ||
         cause == SYSVPN_CAUSE_FAILED || cause == SYSVPN_CAUSE_NO_TRAFFIC ||
         cause == SYSVPN_CAUSE_NO_HANDSHAKE;
}

/**
 * sysvpn_reach_explain:
 * @cause: why the tunnel is not up, or did not come up; %SYSVPN_CAUSE_NONE for one that is up
 * @servers: the profile's
 * @current: where the tunnel's packets go now, empty where that is not known. WireGuard follows
 * a server that speaks to it from another address; the killswitch does not, so from then on
 * nothing is sent, whatever still comes in
 * @can_reach: what the killswitch lets through; asked only where it matters
 * @data: passed to @can_reach
 *
 * Returns: @cause, or that the killswitch is behind it
 */
SysvpnCause
sysvpn_reach_explain (SysvpnCause cause,
                      const char *const *servers,
                      const char *current,
                      SysvpnReachFunc can_reach,
                      gpointer data)
{
  const char *const moved_to[] = { current, NULL };

  if (current[0] != '\0' && !g_strv_contains (servers, current) && !can_reach (moved_to, data))
    return SYSVPN_CAUSE_ENDPOINT_MOVED;
  if (is_silence (cause) && servers[0] != NULL && !can_reach (servers, data))
    return SYSVPN_CAUSE_ENDPOINT_BLOCKED;
  return cause;
}

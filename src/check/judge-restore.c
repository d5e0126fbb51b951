/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the state that was found is there again. */
#include "check/judgement.h"

#include <glib/gi18n.h>

/**
 * sysvpn_judge_restore:
 * @way_back: how it went
 *
 * Returns: (transfer full): whether the profile that was active is so again, and carries
 * traffic
 */
SysvpnFinding
sysvpn_judge_restore (const SysvpnReturn *way_back)
{
  const char *address = way_back->told.answers.egress[0];

  if (!way_back->is_back)
    return sysvpn_finding (
        SYSVPN_STEP_RESTORE, SYSVPN_OUTCOME_FAILED,
        g_strdup_printf (_ ("the tunnel was up and could not be brought up again: %s"),
                         way_back->reason != NULL ? way_back->reason
                                                  : _ ("it does not come up")),
        g_strdup_printf (_ ("sysvpn --qube %s connect %s; nothing leaves meanwhile if the "
                            "killswitch is armed: sysvpn --qube %s status"),
                         way_back->vpn, way_back->profile_uuid, way_back->vpn));
  if (way_back->client == NULL)
    return sysvpn_passed (SYSVPN_STEP_RESTORE,
                          _ ("the tunnel is up again, with the same profile"));
  if (!way_back->told.is_told || address[0] == '\0')
    return sysvpn_finding (SYSVPN_STEP_RESTORE, SYSVPN_OUTCOME_INCONCLUSIVE,
                           g_strdup_printf (_ ("the tunnel is up again, with the same profile, "
                                               "but %s reaches nothing through it yet"),
                                            way_back->client),
                           g_strdup_printf (_ ("check again; if this lasts: sysvpn --qube %s "
                                               "reconnect"),
                                            way_back->vpn));
  return sysvpn_passed (
      SYSVPN_STEP_RESTORE,
      _ ("the tunnel is up again, with the same profile, and the internet sees "
         "%s as %s"),
      way_back->client, address);
}

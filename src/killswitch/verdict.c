/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Armed or broken, and why. Pure: the evidence comes in, the first thing that is wrong goes
 * out. Whatever could not be read is the caller's business; it must not be called armed. */
#include "killswitch/verdict.h"

#include "killswitch/canonical.h"
#include "killswitch/ruleset.h"

static const struct {
  const char *word;
  const char *text;
} reasons[SYSVPN_N_KILLSWITCH_REASONS] = {
  [SYSVPN_KILLSWITCH_REASON_NONE] = { "none", "armed" },
  [SYSVPN_KILLSWITCH_REASON_MISSING] = { "missing",
                                         "table inet sysvpn is not loaded: anything passes" },
  [SYSVPN_KILLSWITCH_REASON_POLICY] = { "policy", "a chain that drops is not at its hook, or "
                                                  "drops no more" },
  [SYSVPN_KILLSWITCH_REASON_UNVERIFIED] = { "unverified",
                                            "the loader did not finish, or did not load this" },
  [SYSVPN_KILLSWITCH_REASON_CHANGED] = { "changed",
                                         "somebody changed the table after it was loaded" },
  [SYSVPN_KILLSWITCH_REASON_ENDPOINTS] = { "endpoints",
                                           "the endpoints files changed and were not loaded" },
  [SYSVPN_KILLSWITCH_REASON_ROUTING] = { "routing", "the routing rules of the second layer are "
                                                    "missing, or another "
                                                    "rule leads past them" },
  [SYSVPN_KILLSWITCH_REASON_UPLINK] = { "uplink", "a device with a default route is not in the "
                                                  "uplink's interface group" },
  [SYSVPN_KILLSWITCH_REASON_FLAG] = { "flag",
                                      "the qube has no service flag sysvpn, so that nothing "
                                      "loads the killswitch at its next start" },
};

/**
 * sysvpn_killswitch_reason_word:
 * @reason: a reason
 *
 * Returns: (transfer none): its word on the wire, of a to z and -
 */
const char *
sysvpn_killswitch_reason_word (SysvpnKillswitchReason reason)
{
  g_assert (reason < SYSVPN_N_KILLSWITCH_REASONS);

  return reasons[reason].word;
}

/**
 * sysvpn_killswitch_reason_text:
 * @reason: a reason
 *
 * Returns: (transfer none): what it means, for a log or a terminal
 */
const char *
sysvpn_killswitch_reason_text (SysvpnKillswitchReason reason)
{
  g_assert (reason < SYSVPN_N_KILLSWITCH_REASONS);

  return reasons[reason].text;
}

/**
 * sysvpn_killswitch_judge:
 * @evidence: what was found
 *
 * Returns: %SYSVPN_KILLSWITCH_REASON_NONE if the killswitch is armed, else the worst that is
 *   wrong with it
 */
SysvpnKillswitchReason
sysvpn_killswitch_judge (const SysvpnKillswitchEvidence *evidence)
{
  g_autofree char *digest = NULL;

  if (evidence->table == NULL)
    return SYSVPN_KILLSWITCH_REASON_MISSING;
  if (!sysvpn_ruleset_has_drop_chains (evidence->table))
    return SYSVPN_KILLSWITCH_REASON_POLICY;
  if (evidence->digest == NULL)
    return SYSVPN_KILLSWITCH_REASON_UNVERIFIED;
  digest = sysvpn_canonical_digest (evidence->table);
  if (!g_str_equal (digest, evidence->digest))
    return SYSVPN_KILLSWITCH_REASON_CHANGED;
  if (!sysvpn_ruleset_has_endpoints (evidence->table, evidence->endpoints))
    return SYSVPN_KILLSWITCH_REASON_ENDPOINTS;
  if (!evidence->has_routing_rules)
    return SYSVPN_KILLSWITCH_REASON_ROUTING;
  if (evidence->has_stray_uplink)
    return SYSVPN_KILLSWITCH_REASON_UPLINK;
  if (!evidence->has_service_flag)
    return SYSVPN_KILLSWITCH_REASON_FLAG;
  return SYSVPN_KILLSWITCH_REASON_NONE;
}

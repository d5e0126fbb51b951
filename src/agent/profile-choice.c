/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which profile is meant when something is to come up. Pure. */
#include "agent/profile-choice.h"

/**
 * sysvpn_profile_choice_named:
 * @profiles: (element-type SysvpnProfile): the VPN profiles
 * @uuid: a UUID
 *
 * Returns: (nullable): the profile with @uuid
 */
const SysvpnProfile *
sysvpn_profile_choice_named (const GArray *profiles, const char *uuid)
{
  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    if (g_str_equal (profile->uuid, uuid))
      return profile;
  }
  return NULL;
}

/**
 * sysvpn_profile_choice_at_boot:
 * @profiles: (element-type SysvpnProfile): the VPN profiles
 *
 * Returns: (nullable): the profile to bring up when nobody has asked for anything yet: the one
 * with autoconnect, if exactly one has it. An import gives it to every profile, and which of
 * several the user means cannot be guessed
 */
const SysvpnProfile *
sysvpn_profile_choice_at_boot (const GArray *profiles)
{
  const SysvpnProfile *chosen = NULL;

  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    if (profile->autoconnect && chosen != NULL)
      return NULL;
    if (profile->autoconnect)
      chosen = profile;
  }
  return chosen;
}

/**
 * sysvpn_profile_choice_last:
 * @profiles: (element-type SysvpnProfile): the VPN profiles
 * @last_uuid: the profile used last, or an empty string
 *
 * Returns: (nullable): the profile for a Connect that names none: the one used last, else the
 * one with autoconnect, else the first, so that one click works after an import; %NULL without
 * any
 */
const SysvpnProfile *
sysvpn_profile_choice_last (const GArray *profiles, const char *last_uuid)
{
  const SysvpnProfile *chosen = sysvpn_profile_choice_named (profiles, last_uuid);

  if (chosen == NULL)
    chosen = sysvpn_profile_choice_at_boot (profiles);
  if (chosen == NULL && profiles->len > 0)
    chosen = &g_array_index (profiles, SysvpnProfile, 0);
  return chosen;
}

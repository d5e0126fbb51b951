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
 * sysvpn_profile_choice_apply:
 * @profiles: (element-type SysvpnProfile): the VPN profiles; their autoconnect is changed
 * @uuid: (nullable): what sysvpn-import recorded: the one that comes up at boot, empty for none
 *
 * NetworkManager's own autoconnect is off for what was imported, or WireGuard profiles would
 * come up by themselves. A record of a profile that is gone says nothing.
 */
void
sysvpn_profile_choice_apply (GArray *profiles, const char *uuid)
{
  if (uuid == NULL || (uuid[0] != '\0' && sysvpn_profile_choice_named (profiles, uuid) == NULL))
    return;
  for (unsigned i = 0; i < profiles->len; i++) {
    SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    profile->autoconnect = g_str_equal (profile->uuid, uuid);
  }
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

/**
 * sysvpn_profile_choice_request:
 * @profiles: (element-type SysvpnProfile): the VPN profiles
 * @request: Connect or Reconnect
 * @active_uuid: the profile that is active, or an empty string
 * @last_uuid: the profile used last, or an empty string
 * @ret_uuid: (out): the profile that is meant; written only on success
 *
 * Returns: %SYSVPN_CODE_NONE, or why there is none
 */
SysvpnCode
sysvpn_profile_choice_request (const GArray *profiles,
                               const SysvpnRequest *request,
                               const char *active_uuid,
                               const char *last_uuid,
                               char ret_uuid[static SYSVPN_UUID_LEN + 1])
{
  const SysvpnProfile *chosen;

  if (request->uuid[0] != '\0')
    chosen = sysvpn_profile_choice_named (profiles, request->uuid);
  else if (request->service == SYSVPN_SERVICE_RECONNECT && active_uuid[0] != '\0')
    chosen = sysvpn_profile_choice_named (profiles, active_uuid);
  else
    chosen = sysvpn_profile_choice_last (profiles, last_uuid);
  if (chosen == NULL)
    return profiles->len > 0 || request->uuid[0] != '\0' ? SYSVPN_CODE_UNKNOWN_PROFILE
                                                         : SYSVPN_CODE_NO_PROFILE;
  g_strlcpy (ret_uuid, chosen->uuid, SYSVPN_UUID_LEN + 1);
  return SYSVPN_CODE_NONE;
}

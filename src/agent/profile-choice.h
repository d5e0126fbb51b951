/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/profile-list.h"
#include "proto/request.h"

#include <glib.h>

G_BEGIN_DECLS

const SysvpnProfile *sysvpn_profile_choice_named (const GArray *profiles, const char *uuid);
void sysvpn_profile_choice_apply (GArray *profiles, const char *uuid);
const SysvpnProfile *sysvpn_profile_choice_last (const GArray *profiles, const char *last_uuid);
const SysvpnProfile *sysvpn_profile_choice_at_boot (const GArray *profiles);
SysvpnCode sysvpn_profile_choice_request (const GArray *profiles,
                                          const SysvpnRequest *request,
                                          const char *active_uuid,
                                          const char *last_uuid,
                                          char ret_uuid[static SYSVPN_UUID_LEN + 1]);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/profile-list.h"

#include <glib.h>

G_BEGIN_DECLS

const SysvpnProfile *sysvpn_profile_choice_named (const GArray *profiles, const char *uuid);
const SysvpnProfile *sysvpn_profile_choice_last (const GArray *profiles, const char *last_uuid);
const SysvpnProfile *sysvpn_profile_choice_at_boot (const GArray *profiles);

G_END_DECLS

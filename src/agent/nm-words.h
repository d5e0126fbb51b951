/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <NetworkManager.h>
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

SysvpnProfileType sysvpn_nm_profile_type (const char *connection_type);
SysvpnCause sysvpn_nm_cause_of_reason (NMActiveConnectionStateReason reason);
SysvpnCause sysvpn_nm_cause_of_error (const GError *error, SysvpnProfileType type);
char **sysvpn_nm_remotes (NMConnection *connection);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/block.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnProfile:
 * @uuid: NetworkManager's
 * @type: what kind of VPN
 * @name: printable ASCII, but the other side's words: show it through sysvpn_text_sanitize()
 * @autoconnect: the agent brings it up at boot
 * @active: it is up or coming up
 * @pinned: its server is among the killswitch's endpoints, so that it can be reached at all
 */
typedef struct {
  char uuid[SYSVPN_UUID_LEN + 1];
  SysvpnProfileType type;
  char name[SYSVPN_PROFILE_NAME_MAX + 1];
  bool autoconnect;
  bool active;
  bool pinned;
} SysvpnProfile;

void sysvpn_profile_list_encode (GString *out, const GArray *profiles);
GArray *sysvpn_profile_list_decode (const SysvpnBlock *block, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <NetworkManager.h>
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  char *path; /* D-Bus object */
  char *uuid;
  char *id;
  char *digest; /* of all but secrets and times */
} SysvpnStoredProfile;

typedef struct _SysvpnProfiles SysvpnProfiles;

SysvpnProfiles *sysvpn_profiles_open (GError **error);
void sysvpn_profiles_free (SysvpnProfiles *profiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnProfiles, sysvpn_profiles_free)
const SysvpnStoredProfile *sysvpn_profiles_find (SysvpnProfiles *self, const char *uuid);
const SysvpnStoredProfile *sysvpn_profiles_find_id (SysvpnProfiles *self, const char *id);
bool sysvpn_profiles_store (SysvpnProfiles *self,
                            NMConnection *connection,
                            char **ret_digest,
                            GError **error);
bool sysvpn_profiles_delete (SysvpnProfiles *self, const char *uuid, GError **error);
bool sysvpn_profiles_has_tunnel (SysvpnProfiles *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/profile-list.h"

#include <glib-object.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Where NetworkManager is with a VPN, whatever its kind. */
typedef enum {
  SYSVPN_NM_NONE, /* no VPN is active */
  SYSVPN_NM_ACTIVATING,
  SYSVPN_NM_ACTIVATED,
  SYSVPN_NM_DEACTIVATING,
} SysvpnNmState;

/**
 * SysvpnNmView:
 * @is_known: the first look is done: what follows is knowledge, not ignorance
 * @is_running: NetworkManager is there and its objects are known
 * @has_uplink: a device that is no tunnel is activated
 * @n_active: how many VPN profiles are active, coming up, going down, and asked to come up
 * included
 * @state: of the one that matters: the one with the default route, else the newest
 * @uuid: its profile; empty without one
 * @name: the profile's name
 * @type: the profile's kind
 * @address4: the tunnel's own address as NetworkManager knows it; empty without one
 * @address6: the same for IPv6
 * @has_dns: the tunnel brought a resolver
 *
 * What NetworkManager says. It is believed only as far as the kernel confirms it.
 */
typedef struct {
  bool is_known;
  bool is_running;
  bool has_uplink;
  unsigned n_active;
  SysvpnNmState state;
  char uuid[SYSVPN_UUID_LEN + 1];
  char name[SYSVPN_PROFILE_NAME_MAX + 1];
  SysvpnProfileType type;
  char address4[SYSVPN_ADDRESS_MAX + 1];
  char address6[SYSVPN_ADDRESS_MAX + 1];
  bool has_dns;
} SysvpnNmView;

/* Signals:
 * "changed" (): the view may be another
 * "ended" (const char *uuid, unsigned cause, bool asked): a VPN is no longer active; asked: by
 * the user, through NetworkManager "began" (const char *uuid): a VPN begins to come up, whoever
 * asked for it "refused" (const char *uuid, unsigned cause): NetworkManager would not even try
 */
#define SYSVPN_TYPE_NETWORK_MANAGER (sysvpn_network_manager_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnNetworkManager, sysvpn_network_manager, SYSVPN, NETWORK_MANAGER, GObject)

SysvpnNetworkManager *sysvpn_network_manager_new (void);
uint64_t sysvpn_network_manager_get_serial (SysvpnNetworkManager *self);
void sysvpn_network_manager_get_view (SysvpnNetworkManager *self, SysvpnNmView *ret_view);
GArray *sysvpn_network_manager_get_profiles (SysvpnNetworkManager *self);
char **sysvpn_network_manager_get_remotes (SysvpnNetworkManager *self, const char *uuid);
bool sysvpn_network_manager_activate (SysvpnNetworkManager *self, const char *uuid);
void sysvpn_network_manager_deactivate (SysvpnNetworkManager *self);

G_END_DECLS

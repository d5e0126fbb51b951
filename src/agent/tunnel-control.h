/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/profile-list.h"
#include "proto/reply.h"
#include "proto/request.h"
#include "proto/status.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Signals: "changed" (): the tunnel's part of the report may be another */
#define SYSVPN_TYPE_TUNNEL_CONTROL (sysvpn_tunnel_control_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnTunnelControl, sysvpn_tunnel_control, SYSVPN, TUNNEL_CONTROL, GObject)

/**
 * SysvpnTunnelGuard:
 * @is_armed: whether the killswitch is armed at this very moment
 * @mark_pinned: (element-type SysvpnProfile): sets which profiles' servers are among the
 * killswitch's endpoints
 * @data: passed to both
 *
 * What the tunnel's control must know of the killswitch.
 */
typedef struct {
  bool (*is_armed) (gpointer data);
  void (*mark_pinned) (GArray *profiles, gpointer data);
  gpointer data;
} SysvpnTunnelGuard;

/**
 * SysvpnDoneFunc:
 * @reply: how it ended
 * @data: user data
 *
 * Called exactly once for each request that was started.
 */
typedef void (*SysvpnDoneFunc) (SysvpnReply reply, gpointer data);

SysvpnTunnelControl *sysvpn_tunnel_control_new (const char *root,
                                                const SysvpnTunnelGuard *guard);
void sysvpn_tunnel_control_request (SysvpnTunnelControl *self,
                                    const SysvpnRequest *request,
                                    SysvpnDoneFunc done,
                                    gpointer data);
void sysvpn_tunnel_control_refresh (SysvpnTunnelControl *self);
void sysvpn_tunnel_control_fill (SysvpnTunnelControl *self, SysvpnStatus *status);
bool sysvpn_tunnel_control_is_known (SysvpnTunnelControl *self);
GArray *sysvpn_tunnel_control_get_profiles (SysvpnTunnelControl *self);
char **sysvpn_tunnel_control_get_remotes (SysvpnTunnelControl *self, const char *uuid);

G_END_DECLS

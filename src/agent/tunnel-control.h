/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/tunnel-guard.h"
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
bool sysvpn_tunnel_control_is_doubtful (SysvpnTunnelControl *self);
void sysvpn_tunnel_control_probe_failed (SysvpnTunnelControl *self, int64_t asked_at_us);
void sysvpn_tunnel_control_fill (SysvpnTunnelControl *self, SysvpnStatus *status);
bool sysvpn_tunnel_control_is_known (SysvpnTunnelControl *self);
GArray *sysvpn_tunnel_control_get_profiles (SysvpnTunnelControl *self);
char **sysvpn_tunnel_control_get_remotes (SysvpnTunnelControl *self, const char *uuid);

G_END_DECLS

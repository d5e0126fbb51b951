/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "killswitch/endpoints.h"
#include "proto/status.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Signals: "changed" (): the killswitch's part of the report may be another */
#define SYSVPN_TYPE_KILLSWITCH_WATCH (sysvpn_killswitch_watch_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnKillswitchWatch, sysvpn_killswitch_watch, SYSVPN, KILLSWITCH_WATCH, GObject)

SysvpnKillswitchWatch *sysvpn_killswitch_watch_new (const char *root);
void sysvpn_killswitch_watch_examine (SysvpnKillswitchWatch *self);
void sysvpn_killswitch_watch_refresh (SysvpnKillswitchWatch *self);
bool sysvpn_killswitch_watch_is_armed (SysvpnKillswitchWatch *self);
void sysvpn_killswitch_watch_get_endpoints (SysvpnKillswitchWatch *self,
                                            SysvpnEndpoints *ret_endpoints);
bool sysvpn_killswitch_watch_covers (const SysvpnEndpoints *endpoints,
                                     const char *const *remotes);
void sysvpn_killswitch_watch_fill (SysvpnKillswitchWatch *self, SysvpnStatus *status);

G_END_DECLS

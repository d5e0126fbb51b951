/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd-watch.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_POWER_WATCH (sysvpn_power_watch_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnPowerWatch, sysvpn_power_watch, SYSVPN, POWER_WATCH, GObject)

SysvpnPowerWatch *sysvpn_power_watch_new (SysvpnQubesdWatch *qubesd);
void sysvpn_power_watch_add (SysvpnPowerWatch *self, const char *qube);
void sysvpn_power_watch_remove (SysvpnPowerWatch *self, const char *qube);
void sysvpn_power_watch_set_start_limit (SysvpnPowerWatch *self, unsigned limit_ms);
SysvpnPower sysvpn_power_watch_get (SysvpnPowerWatch *self, const char *qube);

G_END_DECLS

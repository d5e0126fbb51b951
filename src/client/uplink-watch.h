/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct SysvpnUplinkWatch SysvpnUplinkWatch;

SysvpnUplinkWatch *sysvpn_uplink_watch_new (const char *path);
void sysvpn_uplink_watch_free (SysvpnUplinkWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnUplinkWatch, sysvpn_uplink_watch_free)

bool sysvpn_uplink_watch_is_uplink (SysvpnUplinkWatch *watch, const SysvpnStatus *report);

G_END_DECLS

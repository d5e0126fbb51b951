/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/tray-icon.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_TRAY_HOST (sysvpn_tray_host_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnTrayHost, sysvpn_tray_host, SYSVPN, TRAY_HOST, GObject)

SysvpnTrayIcon *sysvpn_tray_host_new (const char *id, const char *icon_path);

G_END_DECLS

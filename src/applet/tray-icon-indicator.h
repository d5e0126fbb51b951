/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/tray-icon.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_TRAY_ICON_INDICATOR (sysvpn_tray_icon_indicator_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnTrayIconIndicator, sysvpn_tray_icon_indicator, SYSVPN, TRAY_ICON_INDICATOR, GObject)

SysvpnTrayIcon *sysvpn_tray_icon_indicator_new (GDBusConnection *connection,
                                                const char *id,
                                                const char *icon_path);
gboolean sysvpn_tray_icon_indicator_is_connected (SysvpnTrayIconIndicator *self);

G_END_DECLS

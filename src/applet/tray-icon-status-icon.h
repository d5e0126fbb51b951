/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/tray-icon.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_TRAY_ICON_STATUS_ICON (sysvpn_tray_icon_status_icon_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnTrayIconStatusIcon,
                      sysvpn_tray_icon_status_icon,
                      SYSVPN,
                      TRAY_ICON_STATUS_ICON,
                      GObject)

SysvpnTrayIcon *sysvpn_tray_icon_status_icon_new (void);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_TRAY_ICON (sysvpn_tray_icon_get_type ())
G_DECLARE_INTERFACE (SysvpnTrayIcon, sysvpn_tray_icon, SYSVPN, TRAY_ICON, GObject)

struct _SysvpnTrayIconInterface {
  GTypeInterface parent_iface;

  void (*set_state) (SysvpnTrayIcon *self,
                     const char *icon_name,
                     const char *title,
                     const char *description);
  void (*set_menu) (SysvpnTrayIcon *self, GtkMenu *menu);
};

void sysvpn_tray_icon_set_state (SysvpnTrayIcon *self,
                                 const char *icon_name,
                                 const char *title,
                                 const char *description);
void sysvpn_tray_icon_set_menu (SysvpnTrayIcon *self, GtkMenu *menu);

void sysvpn_tray_icon_emit_activate (SysvpnTrayIcon *self);
void sysvpn_tray_icon_emit_secondary (SysvpnTrayIcon *self);
void sysvpn_tray_icon_emit_scroll (SysvpnTrayIcon *self, GdkScrollDirection direction);

G_END_DECLS

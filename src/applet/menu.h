/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/qube-control.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_MENU (sysvpn_menu_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnMenu, sysvpn_menu, SYSVPN, MENU, GObject)

SysvpnMenu *sysvpn_menu_new (void);
GtkMenu *sysvpn_menu_get_widget (SysvpnMenu *self);
void sysvpn_menu_add_qube (SysvpnMenu *self, SysvpnQubeControl *control);
void sysvpn_menu_remove_qube (SysvpnMenu *self, SysvpnQubeControl *control);
void sysvpn_menu_add_action (SysvpnMenu *self,
                             const char *mnemonic,
                             GCallback func,
                             gpointer object);
void sysvpn_menu_update (SysvpnMenu *self, const char *missing, const char *warning);
void sysvpn_menu_popup (SysvpnMenu *self);

G_END_DECLS

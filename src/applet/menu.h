/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/click.h"
#include "client/qube.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Signals:
 * "toggle" (): the first item
 * "reconnect" ()
 * "profile" (const char *uuid): a profile that is not the active one was chosen
 * "about" ()
 * "quit" () */
#define SYSVPN_TYPE_MENU (sysvpn_menu_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnMenu, sysvpn_menu, SYSVPN, MENU, GObject)

SysvpnMenu *sysvpn_menu_new (void);
GtkMenu *sysvpn_menu_get_widget (SysvpnMenu *self);
void sysvpn_menu_update (SysvpnMenu *self, SysvpnQube *qube, SysvpnClick click);

G_END_DECLS

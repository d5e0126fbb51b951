/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/qube-control.h"

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct _SysvpnMenuSection SysvpnMenuSection;

SysvpnMenuSection *
sysvpn_menu_section_new (SysvpnQubeControl *control, GtkMenuShell *menu, int at);
void sysvpn_menu_section_free (SysvpnMenuSection *self);
SysvpnQubeControl *sysvpn_menu_section_get_control (SysvpnMenuSection *self);
int sysvpn_menu_section_get_n_items (SysvpnMenuSection *self);
void sysvpn_menu_section_update (SysvpnMenuSection *self, bool has_others);

G_END_DECLS

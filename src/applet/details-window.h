/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/qube-control.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_DETAILS_WINDOW (sysvpn_details_window_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnDetailsWindow, sysvpn_details_window, SYSVPN, DETAILS_WINDOW, GtkWindow)

SysvpnDetailsWindow *sysvpn_details_window_new (GtkApplication *application,
                                                SysvpnQubeControl *control);
void sysvpn_details_window_show_network (SysvpnDetailsWindow *self);
SysvpnQubeControl *sysvpn_details_window_get_control (SysvpnDetailsWindow *self);

G_END_DECLS

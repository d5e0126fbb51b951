/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_CHECK_WINDOW (sysvpn_check_window_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnCheckWindow, sysvpn_check_window, SYSVPN, CHECK_WINDOW, GtkWindow)

SysvpnCheckWindow *sysvpn_check_window_new (GtkApplication *application, const char *qube);
const char *sysvpn_check_window_get_qube (SysvpnCheckWindow *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/settings.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_PREFERENCES_WINDOW (sysvpn_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnPreferencesWindow, sysvpn_preferences_window, SYSVPN, PREFERENCES_WINDOW, GtkWindow)

SysvpnPreferencesWindow *sysvpn_preferences_window_new (GtkApplication *application,
                                                        SysvpnSettings *settings,
                                                        const char *const *fixed_qubes);

G_END_DECLS

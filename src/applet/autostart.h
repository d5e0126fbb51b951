/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

bool sysvpn_autostart_is_installed (void);
bool sysvpn_autostart_is_on (void);
bool sysvpn_autostart_set (bool on, GError **error);

G_END_DECLS

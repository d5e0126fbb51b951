/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_INDICATOR_CLICK_ACTIVATE,
  SYSVPN_INDICATOR_CLICK_SECONDARY,
} SysvpnIndicatorClick;

typedef void (*SysvpnIndicatorClickFunc) (SysvpnIndicatorClick click, gpointer user_data);

typedef struct _SysvpnIndicatorActivate SysvpnIndicatorActivate;

SysvpnIndicatorActivate *sysvpn_indicator_activate_new (GDBusConnection *connection,
                                                        const char *id,
                                                        SysvpnIndicatorClickFunc func,
                                                        gpointer user_data);
void sysvpn_indicator_activate_free (SysvpnIndicatorActivate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnIndicatorActivate, sysvpn_indicator_activate_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/notification-policy.h"

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define SYSVPN_SETTINGS_SCHEMA "org.sysvpn.Applet"
#define SYSVPN_SETTINGS_CLICK_ACTION "click-action"
#define SYSVPN_SETTINGS_DROPS_THRESHOLD "dropped-packets-threshold"

/* What a click on the icon does; the numbers are those of the schema. */
typedef enum {
  SYSVPN_CLICK_ACTION_TOGGLE,
  SYSVPN_CLICK_ACTION_MENU,
  SYSVPN_CLICK_ACTION_WINDOW,
  SYSVPN_N_CLICK_ACTIONS
} SysvpnClickAction;

#define SYSVPN_TYPE_SETTINGS (sysvpn_settings_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnSettings, sysvpn_settings, SYSVPN, SETTINGS, GObject)

SysvpnSettings *sysvpn_settings_new (void);
GSettings *sysvpn_settings_get_backing (SysvpnSettings *self);
char **sysvpn_settings_dup_vpn_qubes (SysvpnSettings *self);
void sysvpn_settings_set_vpn_qubes (SysvpnSettings *self, const char *const *names);
SysvpnClickAction sysvpn_settings_get_click_action (SysvpnSettings *self);
bool sysvpn_settings_is_wanted (SysvpnSettings *self, SysvpnNoticeClass notice_class);
unsigned sysvpn_settings_get_drops_threshold (SysvpnSettings *self);
const char *sysvpn_settings_class_key (SysvpnNoticeClass notice_class);

G_END_DECLS

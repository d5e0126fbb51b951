/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qube.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A second click within that time is half of a double click, not another wish. */
enum { SYSVPN_CLICK_DEBOUNCE_MS = 400 };

/* What a click on the icon, or the first item of the menu, does. */
typedef enum {
  SYSVPN_CLICK_IGNORE,
  SYSVPN_CLICK_CONNECT,
  SYSVPN_CLICK_DISCONNECT,
  SYSVPN_CLICK_RECONNECT,
  SYSVPN_CLICK_CANCEL,
  SYSVPN_CLICK_START,   /* the qube, which is halted */
  SYSVPN_CLICK_EXPLAIN, /* nothing is toggled: say what is the matter */
  SYSVPN_N_CLICKS
} SysvpnClick;

SysvpnClick sysvpn_click_meaning (SysvpnShown shown,
                                  SysvpnPower power,
                                  SysvpnTunnel tunnel,
                                  SysvpnAction pending);
const char *sysvpn_click_label (SysvpnClick click);
bool sysvpn_click_is_double (int64_t *last_ms, int64_t now_ms);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qube.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* A second click within that time is half of a double click, not another wish. */
enum { SYSVPN_CLICK_DEBOUNCE_MS = 400 };

/* Who clicks within that time after a change meant what was there before: a change is drawn up
 * to a tenth of a second later, and the hand needs more than that to stop. */
enum { SYSVPN_CLICK_SETTLE_MS = 500 };

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

/**
 * SysvpnClickTrail:
 * @now: what a click means
 * @before: what it meant before that
 * @changed_ms: when that became so
 */
typedef struct {
  SysvpnClick now;
  SysvpnClick before;
  int64_t changed_ms;
} SysvpnClickTrail;

SysvpnClick sysvpn_click_meaning (SysvpnShown shown,
                                  SysvpnPower power,
                                  SysvpnTunnel tunnel,
                                  SysvpnAction pending);
void sysvpn_click_note (SysvpnClickTrail *trail, SysvpnClick meaning, int64_t now_ms);
SysvpnClick sysvpn_click_settle (const SysvpnClickTrail *trail, int64_t now_ms);
const char *sysvpn_click_label (SysvpnClick click);
bool sysvpn_click_is_double (int64_t *last_ms, int64_t now_ms);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a click means. It acts on the tunnel only, and only behind a killswitch that is armed,
 * so that a slip of the hand ends in Blocked, which is safe; a qube that is halted it starts.
 * Pure. */
#include "applet/click.h"

#include <assert.h>
#include <glib/gi18n.h>

static const SysvpnClick meanings[] = {
  [SYSVPN_SHOWN_UNKNOWN] = SYSVPN_CLICK_EXPLAIN,
  [SYSVPN_SHOWN_OFF] = SYSVPN_CLICK_START,
  [SYSVPN_SHOWN_PROTECTED] = SYSVPN_CLICK_DISCONNECT,
  [SYSVPN_SHOWN_CONNECTING] = SYSVPN_CLICK_CANCEL,
  [SYSVPN_SHOWN_BLOCKED] = SYSVPN_CLICK_CONNECT,
  [SYSVPN_SHOWN_DEGRADED] = SYSVPN_CLICK_RECONNECT,
  [SYSVPN_SHOWN_EXPOSED] = SYSVPN_CLICK_EXPLAIN,
};

/* For the menu, so with mnemonics. */
static const char *const labels[] = {
  [SYSVPN_CLICK_IGNORE] = N_ ("Please _wait…"),
  [SYSVPN_CLICK_CONNECT] = N_ ("_Connect"),
  [SYSVPN_CLICK_DISCONNECT] = N_ ("_Disconnect"),
  [SYSVPN_CLICK_RECONNECT] = N_ ("_Reconnect"),
  [SYSVPN_CLICK_CANCEL] = N_ ("_Cancel"),
  [SYSVPN_CLICK_START] = N_ ("_Start the qube"),
  [SYSVPN_CLICK_EXPLAIN] = N_ ("_What is the matter?"),
};

/* What whoever clicks is after: two clicks that are after the same do not contradict. */
typedef enum { AIM_NONE, AIM_UP, AIM_DOWN, AIM_START, AIM_EXPLAIN } Aim;

static const Aim aims[] = {
  [SYSVPN_CLICK_IGNORE] = AIM_NONE,     [SYSVPN_CLICK_CONNECT] = AIM_UP,
  [SYSVPN_CLICK_DISCONNECT] = AIM_DOWN, [SYSVPN_CLICK_RECONNECT] = AIM_UP,
  [SYSVPN_CLICK_CANCEL] = AIM_DOWN,     [SYSVPN_CLICK_START] = AIM_START,
  [SYSVPN_CLICK_EXPLAIN] = AIM_EXPLAIN,
};

static_assert (G_N_ELEMENTS (meanings) == SYSVPN_N_SHOWNS, "a meaning for each state");
static_assert (G_N_ELEMENTS (labels) == SYSVPN_N_CLICKS, "a label for each click");
static_assert (G_N_ELEMENTS (aims) == SYSVPN_N_CLICKS, "an aim for each click");

/**
 * sysvpn_click_meaning:
 * @shown: the state that the user sees
 * @power: whether the qube runs
 * @tunnel: the tunnel's own state, as far as it is known
 * @pending: what was asked for and is not answered yet
 *
 * Returns: what the click does
 */
SysvpnClick
sysvpn_click_meaning (SysvpnShown shown,
                      SysvpnPower power,
                      SysvpnTunnel tunnel,
                      SysvpnAction pending)
{
  SysvpnClick click = meanings[shown < SYSVPN_N_SHOWNS ? shown : SYSVPN_SHOWN_UNKNOWN];

  if (click == SYSVPN_CLICK_START && power != SYSVPN_POWER_HALTED)
    click = SYSVPN_CLICK_EXPLAIN; /* a start would not unpause it, nor hurry it */
  /* a killswitch that is being loaded looks like connecting, and is over in a second */
  if (click == SYSVPN_CLICK_CANCEL && tunnel != SYSVPN_TUNNEL_CONNECTING)
    return SYSVPN_CLICK_IGNORE;
  if (click == SYSVPN_CLICK_CONNECT && tunnel == SYSVPN_TUNNEL_DISCONNECTING)
    return SYSVPN_CLICK_IGNORE;
  /* a tunnel that comes up can be stopped, whoever asked for it; all else waits its turn */
  if (pending == SYSVPN_ACTION_DISCONNECT || pending == SYSVPN_ACTION_START)
    return SYSVPN_CLICK_IGNORE;
  if (pending != SYSVPN_ACTION_NONE && click != SYSVPN_CLICK_CANCEL &&
      click != SYSVPN_CLICK_EXPLAIN)
    return SYSVPN_CLICK_IGNORE;
  return click;
}

/**
 * sysvpn_click_note:
 * @trail: (inout): what clicks meant; zeroed before the first
 * @meaning: what one means now
 * @now_ms: the time, monotonic
 */
void
sysvpn_click_note (SysvpnClickTrail *trail, SysvpnClick meaning, int64_t now_ms)
{
  if (meaning != trail->now)
    *trail = (SysvpnClickTrail){ meaning, trail->now, now_ms };
}

/**
 * sysvpn_click_settle:
 * @trail: what clicks meant, up to now
 * @now_ms: the time, monotonic
 *
 * A click that comes just after a change answers what was seen before it: it does nothing where
 * that contradicts what it would do now. To explain is never wrong.
 *
 * Returns: what a click does
 */
SysvpnClick
sysvpn_click_settle (const SysvpnClickTrail *trail, int64_t now_ms)
{
  bool is_settled = now_ms - trail->changed_ms >= SYSVPN_CLICK_SETTLE_MS;

  if (is_settled || trail->now == SYSVPN_CLICK_EXPLAIN ||
      aims[trail->now] == aims[trail->before])
    return trail->now;
  return SYSVPN_CLICK_IGNORE;
}

/**
 * sysvpn_click_label:
 * @click: a meaning
 *
 * Returns: what it is called in the menu, in the user's language, with a mnemonic
 */
const char *
sysvpn_click_label (SysvpnClick click)
{
  return _ (labels[click]);
}

/**
 * sysvpn_click_is_double:
 * @last_ms: (inout): when the last click was; 0 before the first
 * @now_ms: the time, monotonic, greater than 0
 *
 * Returns: %TRUE if this one came too soon after the last to count
 */
bool
sysvpn_click_is_double (int64_t *last_ms, int64_t now_ms)
{
  bool is_double = *last_ms != 0 && now_ms - *last_ms < SYSVPN_CLICK_DEBOUNCE_MS;

  *last_ms = now_ms;
  return is_double;
}

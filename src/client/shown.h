/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/power.h"
#include "client/silence.h"
#include "proto/status.h"

#include <glib.h>

G_BEGIN_DECLS

/* The seven states that people see. 0 is "unknown", so that a zeroed struct claims nothing. */
typedef enum {
  SYSVPN_SHOWN_UNKNOWN,
  SYSVPN_SHOWN_OFF,
  SYSVPN_SHOWN_PROTECTED,
  SYSVPN_SHOWN_CONNECTING,
  SYSVPN_SHOWN_BLOCKED,
  SYSVPN_SHOWN_DEGRADED,
  SYSVPN_SHOWN_EXPOSED,
  SYSVPN_N_SHOWNS
} SysvpnShown;

typedef enum {
  SYSVPN_TONE_CALM,
  SYSVPN_TONE_NOTICE,
  SYSVPN_TONE_ALARM,
  SYSVPN_N_TONES
} SysvpnTone;

/**
 * SysvpnView:
 * @shown: the state to show
 * @tone: how loudly
 * @sentence: (transfer none): "State: what it means, what to do", dom0's own static words,
 * to be translated where it is shown
 */
typedef struct {
  SysvpnShown shown;
  SysvpnTone tone;
  const char *sentence;
} SysvpnView;

extern const SysvpnWords sysvpn_shown_words;

const char *sysvpn_shown_icon_name (SysvpnShown shown);
SysvpnShown sysvpn_shown_worst (SysvpnShown a, SysvpnShown b);
SysvpnView
sysvpn_view_judge (SysvpnPower power, const SysvpnStatus *report, SysvpnSilence silence);

G_END_DECLS

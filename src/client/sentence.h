/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/power.h"
#include "proto/words.h"

#include <glib.h>

G_BEGIN_DECLS

const char *sysvpn_sentence_off (SysvpnPower power);
const char *sysvpn_sentence_exposed (SysvpnBreak break_);
const char *sysvpn_sentence_blocked (SysvpnCause cause);
const char *sysvpn_sentence_degraded (SysvpnCause cause);

G_END_DECLS

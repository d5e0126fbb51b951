/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/block.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnReply:
 * @code: %SYSVPN_CODE_NONE for ok, else why not; %SYSVPN_CODE_UNKNOWN for a word of a later
 * version
 * @cause: why a connection failed, where the agent knows; %SYSVPN_CAUSE_NONE otherwise
 */
typedef struct {
  SysvpnCode code;
  SysvpnCause cause;
} SysvpnReply;

void sysvpn_reply_encode (GString *out, SysvpnReply reply);
SysvpnReply sysvpn_reply_decode (const SysvpnBlock *block);

G_END_DECLS

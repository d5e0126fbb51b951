/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why there is nothing to believe from a VPN qube. */
typedef enum {
  SYSVPN_SILENCE_NONE,        /* it speaks */
  SYSVPN_SILENCE_WAITING,     /* asked, and the answer is not due yet */
  SYSVPN_SILENCE_HUNG_UP,     /* it ended the call after whole answers */
  SYSVPN_SILENCE_CUT,         /* the call ended before a whole answer, or within one */
  SYSVPN_SILENCE_GARBAGE,     /* it broke a rule of the wire format */
  SYSVPN_SILENCE_VERSION,     /* it speaks another version of the protocol */
  SYSVPN_SILENCE_AGENT_ERROR, /* it answered that it cannot tell */
  SYSVPN_SILENCE_REFUSED,     /* qrexec's policy or the agent does not let us ask */
  SYSVPN_SILENCE_NO_SERVICE,  /* the qube does not have sysvpn's services */
  SYSVPN_SILENCE_NO_QUBE,     /* nobody there to take the call */
  SYSVPN_SILENCE_DIED,        /* the qube, or qrexec in it, went away in the middle */
  SYSVPN_SILENCE_TIMEOUT,     /* nothing came in time */
  SYSVPN_SILENCE_FLOOD,       /* it sends more than anybody needs */
  SYSVPN_SILENCE_NO_CLIENT,   /* the program that makes the call cannot be run */
  SYSVPN_N_SILENCES
} SysvpnSilence;

SysvpnSilence sysvpn_silence_of_exit_code (int exit_code);
const char *sysvpn_silence_sentence (SysvpnSilence silence);
const char *sysvpn_silence_clause (SysvpnSilence silence);

G_END_DECLS

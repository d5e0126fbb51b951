/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a VPN qube is silent, in dom0's own words with the remedy: what the qube or qrexec wrote
 * is never quoted. */
#include "client/silence.h"

#include <assert.h>
#include <glib/gi18n.h>
#include <string.h>

/* qrexec's own exit codes; the service's is always 0, because it is a socket. */
static const struct {
  int exit_code;
  SysvpnSilence silence;
} exit_codes[] = {
  { 0, SYSVPN_SILENCE_HUNG_UP },
  { 125, SYSVPN_SILENCE_NO_QUBE },
  { 126, SYSVPN_SILENCE_REFUSED },
  { 127, SYSVPN_SILENCE_NO_SERVICE },
};

static const char *const sentences[] = {
  [SYSVPN_SILENCE_NONE] = N_ ("Unknown: the VPN qube has not said how it is"),
  [SYSVPN_SILENCE_WAITING] = N_ ("Unknown: the VPN qube was asked and has not answered yet"),
  [SYSVPN_SILENCE_HUNG_UP] = N_ ("Unknown: the VPN qube's agent ended the call; if this lasts, "
                                 "see journalctl -u sysvpn-agent there"),
  [SYSVPN_SILENCE_CUT] =
      N_ ("Unknown: the VPN qube's agent ended the call without a whole answer; "
          "if this lasts, see journalctl -u sysvpn-agent there"),
  [SYSVPN_SILENCE_GARBAGE] = N_ ("Unknown: the VPN qube's answers break the protocol; install "
                                 "the same version of sysvpn on both sides"),
  [SYSVPN_SILENCE_VERSION] =
      N_ ("Unknown: the VPN qube speaks another version of the protocol; "
          "install the same version of sysvpn on both sides"),
  [SYSVPN_SILENCE_AGENT_ERROR] =
      N_ ("Unknown: the VPN qube's agent cannot answer; see journalctl -u sysvpn-agent there"),
  [SYSVPN_SILENCE_REFUSED] = N_ (
      "Unknown: calls to the VPN qube are refused: it does not run, or dom0's qrexec policy or "
      "its own /etc/sysvpn/callers do not allow them"),
  [SYSVPN_SILENCE_NO_SERVICE] = N_ ("Unknown: the VPN qube has no sysvpn services; install the "
                                    "agent's package in its template"),
  [SYSVPN_SILENCE_NO_QUBE] =
      N_ ("Unknown: nobody answers for the VPN qube; check that it runs and "
          "that its sysvpn-agent.socket is active"),
  [SYSVPN_SILENCE_DIED] =
      N_ ("Unknown: the connection to the VPN qube broke; check that it runs"),
  [SYSVPN_SILENCE_TIMEOUT] = N_ (
      "Unknown: the VPN qube is silent; if this lasts, see journalctl -u sysvpn-agent there"),
  [SYSVPN_SILENCE_FLOOD] =
      N_ ("Unknown: the VPN qube sends far too much and was cut off; restart its sysvpn-agent"),
  [SYSVPN_SILENCE_NO_CLIENT] =
      N_ ("Unknown: qrexec's client cannot be run here; check its installation"),
};
static_assert (G_N_ELEMENTS (sentences) == SYSVPN_N_SILENCES, "a sentence for each silence");

/**
 * sysvpn_silence_of_exit_code:
 * @exit_code: of qrexec-client or qrexec-client-vm
 *
 * Returns: what it means; %SYSVPN_SILENCE_DIED for a code that is not one of qrexec's own
 */
SysvpnSilence
sysvpn_silence_of_exit_code (int exit_code)
{
  for (size_t i = 0; i < G_N_ELEMENTS (exit_codes); i++)
    if (exit_codes[i].exit_code == exit_code)
      return exit_codes[i].silence;
  return SYSVPN_SILENCE_DIED;
}

/**
 * sysvpn_silence_sentence:
 * @silence: why nothing is believed
 *
 * Returns: "Unknown: what happened; what to do", to be translated where it is shown
 */
const char *
sysvpn_silence_sentence (SysvpnSilence silence)
{
  return sentences[silence < SYSVPN_N_SILENCES ? silence : SYSVPN_SILENCE_NONE];
}

/**
 * sysvpn_silence_clause:
 * @silence: why nothing is believed
 *
 * Returns: the same without the state, for an error message, in the user's language
 */
const char *
sysvpn_silence_clause (SysvpnSilence silence)
{
  const char *sentence = _ (sysvpn_silence_sentence (silence));
  const char *colon = strstr (sentence, ": ");

  return colon != NULL ? colon + 2 : sentence;
}

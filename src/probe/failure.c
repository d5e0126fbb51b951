/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways in which a question for the egress address fails, and their words on the wire. */
#include "probe/failure.h"

G_DEFINE_QUARK (sysvpn_probe_failure, sysvpn_probe_failure)

/**
 * sysvpn_probe_failure_word:
 * @failure: a failure
 *
 * Returns: its word in an answer
 */
const char *
sysvpn_probe_failure_word (SysvpnProbeFailure failure)
{
  static const char *const words[SYSVPN_N_PROBE_FAILURES] = {
    [SYSVPN_PROBE_FAILURE_BAD_REQUEST] = "bad-request",
    [SYSVPN_PROBE_FAILURE_NO_SERVICE] = "no-service",
    [SYSVPN_PROBE_FAILURE_UNREACHABLE] = "unreachable",
    [SYSVPN_PROBE_FAILURE_TIMEOUT] = "timeout",
    [SYSVPN_PROBE_FAILURE_TLS] = "tls",
    [SYSVPN_PROBE_FAILURE_BAD_ANSWER] = "bad-answer",
  };

  g_assert (failure < SYSVPN_N_PROBE_FAILURES);
  return words[failure];
}

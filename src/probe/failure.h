/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SYSVPN_PROBE_FAILURE (sysvpn_probe_failure_quark ())

/**
 * SysvpnProbeFailure:
 * @SYSVPN_PROBE_FAILURE_BAD_REQUEST: the question breaks a rule, or did not come in time
 * @SYSVPN_PROBE_FAILURE_NO_SERVICE: the configuration has no service for the asked family, or
 * cannot be used
 * @SYSVPN_PROBE_FAILURE_UNREACHABLE: no connection over the asked interface
 * @SYSVPN_PROBE_FAILURE_TIMEOUT: no connection or no whole answer in time
 * @SYSVPN_PROBE_FAILURE_TLS: the service could not prove who it is
 * @SYSVPN_PROBE_FAILURE_BAD_ANSWER: it answered, but not with one public address of the family
 *
 * The words of an answer's "code=", as #GError codes. In order of how far an attempt got: when
 * several services fail, the largest is the one that is told.
 */
typedef enum {
  SYSVPN_PROBE_FAILURE_BAD_REQUEST,
  SYSVPN_PROBE_FAILURE_NO_SERVICE,
  SYSVPN_PROBE_FAILURE_UNREACHABLE,
  SYSVPN_PROBE_FAILURE_TIMEOUT,
  SYSVPN_PROBE_FAILURE_TLS,
  SYSVPN_PROBE_FAILURE_BAD_ANSWER,
  SYSVPN_N_PROBE_FAILURES,
} SysvpnProbeFailure;

GQuark sysvpn_probe_failure_quark (void);
const char *sysvpn_probe_failure_word (SysvpnProbeFailure failure);

G_END_DECLS

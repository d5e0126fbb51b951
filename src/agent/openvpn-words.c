/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OpenVPN logs when a server and it do not come to terms. NetworkManager passes on no more
 * than that it took too long. Pure. */
#include "agent/openvpn-words.h"

#include <string.h>

/**
 * sysvpn_openvpn_text_since:
 * @line: a line of the journal, as journalctl --output=short-unix prints it
 * @since_us: a time, in microseconds since 1970
 *
 * Returns: (nullable): what was logged, a part of @line; %NULL if that was before @since_us, or
 * if @line is none
 */
const char *
sysvpn_openvpn_text_since (const char *line, int64_t since_us)
{
  char *end;
  double at_s = g_ascii_strtod (line, &end);
  const char *text = strstr (line, "]: ");

  if (end == line || *end != ' ' || text == NULL || at_s * G_USEC_PER_SEC < (double) since_us)
    return NULL;
  return text + strlen ("]: ");
}

/**
 * sysvpn_openvpn_cause_of_text:
 * @text: what OpenVPN logged. Parts of it are the server's own words
 *
 * The texts are those of OpenVPN 2.5 and 2.6 (ssl_verify.c, ssl_openssl.c, push.c) and of the
 * alerts of OpenSSL 1.1 and 3.
 *
 * Returns: why there will be no tunnel; %SYSVPN_CAUSE_NONE where the line does not tell
 */
SysvpnCause
sysvpn_openvpn_cause_of_text (const char *text)
{
  static const struct {
    const char *beginning; /* of OpenVPN's own, so that no server can put it there */
    const char *part;      /* NULL: the beginning says all */
    SysvpnCause cause;
  } lines[] = {
    { "WARNING: Your certificate has expired!", NULL, SYSVPN_CAUSE_CERTIFICATE },
    { "WARNING: Your certificate is not yet valid!", NULL, SYSVPN_CAUSE_CERTIFICATE },
    { "VERIFY ERROR: ", NULL, SYSVPN_CAUSE_CERTIFICATE }, /* we refuse the server's */
    { "VERIFY KU ERROR", NULL, SYSVPN_CAUSE_CERTIFICATE },
    { "VERIFY EKU ERROR", NULL, SYSVPN_CAUSE_CERTIFICATE },
    { "VERIFY X509NAME ERROR: ", NULL, SYSVPN_CAUSE_CERTIFICATE },
    { "OpenSSL: error:", "certificate expired",
      SYSVPN_CAUSE_CERTIFICATE }, /* it refuses ours */
    { "OpenSSL: error:", "certificate revoked", SYSVPN_CAUSE_CERTIFICATE },
    { "OpenSSL: error:", "certificate unknown", SYSVPN_CAUSE_CERTIFICATE },
    { "OpenSSL: error:", "bad certificate", SYSVPN_CAUSE_CERTIFICATE },
    { "OpenSSL: error:", "unknown ca", SYSVPN_CAUSE_CERTIFICATE },
    { "AUTH: Received control message: AUTH_FAILED", NULL, SYSVPN_CAUSE_CREDENTIALS },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    if (g_str_has_prefix (text, lines[i].beginning) &&
        (lines[i].part == NULL || strstr (text, lines[i].part) != NULL))
      return lines[i].cause;
  return SYSVPN_CAUSE_NONE;
}

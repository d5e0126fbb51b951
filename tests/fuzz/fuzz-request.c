/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the agent reads of a caller. */
#include "fuzz.h"

#include "base/safe-text.h"
#include "proto/request.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *call = NULL;
  g_autofree char *descriptor = NULL;
  SysvpnRequest request, again;

  if (!sysvpn_request_parse (size > 0 ? (const char *) data : "", size, &request, &error)) {
    g_assert_nonnull (error);
    g_assert_true (sysvpn_text_is_printable (error->message, strlen (error->message)));
    return 0;
  }

  g_assert_cmpuint (request.service, <, SYSVPN_N_SERVICES);
  g_assert_true (request.uuid[0] == '\0' || (sysvpn_uuid_is_valid (request.uuid) &&
                                             request.service == SYSVPN_SERVICE_CONNECT));
  g_assert_cmpuint (strlen (request.source), <=, SYSVPN_NAME_MAX);
  call = sysvpn_request_format (request.service, request.uuid);
  descriptor = g_strdup_printf ("%s %s", call, request.source);
  g_assert_true (sysvpn_request_parse (descriptor, strlen (descriptor), &again, NULL));
  g_assert_cmpint (request.service, ==, again.service);
  g_assert_cmpstr (request.uuid, ==, again.uuid);
  g_assert_cmpstr (request.source, ==, again.source);
  return 0;
}

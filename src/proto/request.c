/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: which services there are, and the descriptor `SERVICE[+ARGUMENT] SOURCE` that
 * qrexec puts in front of a call to a socket service. From dom0 the platform checks nothing of
 * it. */
#include "proto/request.h"

#include "proto/wire-error.h"

#include <string.h>

static const struct {
  const char *name;
  bool takes_uuid;
  bool controls; /* changes something, so reading rights do not suffice */
  size_t max_lines;
  unsigned timeout_s; /* 0: goes on until somebody hangs up */
} services[SYSVPN_N_SERVICES] = {
  [SYSVPN_SERVICE_STATUS] = { .name = "sysvpn.Status",
                              .max_lines = SYSVPN_STATUS_LINES_MAX,
                              .timeout_s = SYSVPN_SHORT_CALL_TIMEOUT_S },
  [SYSVPN_SERVICE_WATCH] = { .name = "sysvpn.Watch", .max_lines = SYSVPN_STATUS_LINES_MAX },
  [SYSVPN_SERVICE_PROFILES] = { .name = "sysvpn.Profiles",
                                .max_lines = SYSVPN_PROFILE_LINES_MAX,
                                .timeout_s = SYSVPN_SHORT_CALL_TIMEOUT_S },
  [SYSVPN_SERVICE_CONNECT] = { .name = "sysvpn.Connect",
                               .takes_uuid = true,
                               .controls = true,
                               .max_lines = SYSVPN_REPLY_LINES_MAX,
                               .timeout_s = SYSVPN_CALL_TIMEOUT_S },
  [SYSVPN_SERVICE_DISCONNECT] = { .name = "sysvpn.Disconnect",
                                  .controls = true,
                                  .max_lines = SYSVPN_REPLY_LINES_MAX,
                                  .timeout_s = SYSVPN_CALL_TIMEOUT_S },
  [SYSVPN_SERVICE_RECONNECT] = { .name = "sysvpn.Reconnect",
                                 .controls = true,
                                 .max_lines = SYSVPN_REPLY_LINES_MAX,
                                 .timeout_s = SYSVPN_CALL_TIMEOUT_S },
  [SYSVPN_SERVICE_DIAGNOSE] = { .name = "sysvpn.Diagnose",
                                .max_lines = SYSVPN_DIAGNOSIS_LINES_MAX,
                                .timeout_s = SYSVPN_SHORT_CALL_TIMEOUT_S },
};

/**
 * sysvpn_service_name:
 * @service: a service
 *
 * Returns: its qrexec name
 */
const char *
sysvpn_service_name (SysvpnService service)
{
  return services[service].name;
}

/**
 * sysvpn_service_controls:
 * @service: a service
 *
 * Returns: %TRUE if it changes something, %FALSE if it only tells
 */
bool
sysvpn_service_controls (SysvpnService service)
{
  return services[service].controls;
}

/**
 * sysvpn_service_max_lines:
 * @service: a service
 *
 * Returns: the most lines that one block of its answer may have
 */
size_t
sysvpn_service_max_lines (SysvpnService service)
{
  return services[service].max_lines;
}

/**
 * sysvpn_service_timeout_s:
 * @service: a service
 *
 * Returns: how many seconds a caller waits for the whole answer; 0 for one that does not end
 */
unsigned
sysvpn_service_timeout_s (SysvpnService service)
{
  return services[service].timeout_s;
}

/**
 * sysvpn_uuid_is_valid:
 * @text: NUL-terminated
 *
 * Returns: %TRUE for the form that NetworkManager uses: 8-4-4-4-12 lower-case hexadecimal
 * digits
 */
bool
sysvpn_uuid_is_valid (const char *text)
{
  if (strlen (text) != SYSVPN_UUID_LEN)
    return false;
  for (size_t i = 0; i < SYSVPN_UUID_LEN; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;

    if (dash ? text[i] != '-' : strchr ("0123456789abcdef", text[i]) == NULL)
      return false;
  }
  return true;
}

static bool
source_is_valid (const char *name)
{
  if (!g_ascii_isalpha (name[0]))
    return false;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_' && *c != '.')
      return false;
  return true;
}

static bool
find_service (const char *name, SysvpnService *ret_service)
{
  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++)
    if (g_str_equal (services[i].name, name)) {
      *ret_service = (SysvpnService) i;
      return true;
    }
  return false;
}

/**
 * sysvpn_request_parse:
 * @descriptor: (array length=len): the descriptor without the NUL that ends it
 * @len: its length in bytes
 * @ret_request: (out caller-allocates): written only on success
 * @error: return location for a #SysvpnWireError
 *
 * A service called without an argument arrives as `sysvpn.X` from dom0 and as `sysvpn.X+` from
 * a qube; both mean the same.
 *
 * Returns: %TRUE if @descriptor is a service of ours with an argument that it takes and a name
 * of a qube
 */
bool
sysvpn_request_parse (const char *descriptor,
                      size_t len,
                      SysvpnRequest *ret_request,
                      GError **error)
{
  SysvpnRequest request = { 0 };
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  char *argument;

  if (len > SYSVPN_REQUEST_MAX || memchr (descriptor, '\0', len) != NULL) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                         "a request is too long or not text");
    return false;
  }
  text = g_strndup (descriptor, len);
  words = g_strsplit (text, " ", 3);
  if (g_strv_length (words) != 2 || strlen (words[1]) > SYSVPN_NAME_MAX ||
      !source_is_valid (words[1])) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                         "a request is not SERVICE[+ARGUMENT] SOURCE");
    return false;
  }
  argument = strchr (words[0], '+');
  if (argument != NULL)
    *argument++ = '\0';
  if (!find_service (words[0], &request.service)) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                         "a request names no service of sysvpn");
    return false;
  }
  if (argument != NULL && *argument != '\0') {
    if (!services[request.service].takes_uuid || !sysvpn_uuid_is_valid (argument)) {
      g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                           "a request has an argument that its service does not take");
      return false;
    }
    memcpy (request.uuid, argument, SYSVPN_UUID_LEN);
  }

  memcpy (request.source, words[1], strlen (words[1]));
  *ret_request = request;
  return true;
}

/**
 * sysvpn_request_format:
 * @service: a service
 * @uuid: (nullable): its argument, a valid UUID; %NULL or empty for none
 *
 * Returns: (transfer full): `SERVICE` or `SERVICE+UUID`
 */
char *
sysvpn_request_format (SysvpnService service, const char *uuid)
{
  if (uuid == NULL || uuid[0] == '\0')
    return g_strdup (services[service].name);
  return g_strconcat (services[service].name, "+", uuid, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_SERVICE_STATUS,
  SYSVPN_SERVICE_WATCH,
  SYSVPN_SERVICE_PROFILES,
  SYSVPN_SERVICE_CONNECT,
  SYSVPN_SERVICE_DISCONNECT,
  SYSVPN_SERVICE_RECONNECT,
  SYSVPN_SERVICE_DIAGNOSE,
  SYSVPN_N_SERVICES
} SysvpnService;

/**
 * SysvpnRequest:
 * @service: what is asked for
 * @uuid: the argument of Connect, or an empty string
 * @source: the qube that asks, "dom0" for dom0
 */
typedef struct {
  SysvpnService service;
  char uuid[SYSVPN_UUID_LEN + 1];
  char source[SYSVPN_NAME_MAX + 1];
} SysvpnRequest;

const char *sysvpn_service_name (SysvpnService service);
bool sysvpn_service_controls (SysvpnService service);
size_t sysvpn_service_max_lines (SysvpnService service);
unsigned sysvpn_service_timeout_s (SysvpnService service);

bool sysvpn_uuid_is_valid (const char *text);
bool sysvpn_request_parse (const char *descriptor,
                           size_t len,
                           SysvpnRequest *ret_request,
                           GError **error);
char *sysvpn_request_format (SysvpnService service, const char *uuid);

G_END_DECLS

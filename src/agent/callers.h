/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/request.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define SYSVPN_AGENT_ERROR (sysvpn_agent_error_quark ())

/**
 * SysvpnAgentError:
 * @SYSVPN_AGENT_ERROR_CONFIG: a configuration file has a line that is not understood
 * @SYSVPN_AGENT_ERROR_SYSTEM: a call to the system failed
 */
typedef enum {
  SYSVPN_AGENT_ERROR_CONFIG,
  SYSVPN_AGENT_ERROR_SYSTEM,
} SysvpnAgentError;

GQuark sysvpn_agent_error_quark (void);

typedef struct _SysvpnCallers SysvpnCallers;

SysvpnCallers *sysvpn_callers_parse (const char *text, GError **error);
void sysvpn_callers_free (SysvpnCallers *callers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnCallers, sysvpn_callers_free)
bool sysvpn_callers_allow (const SysvpnCallers *callers, const SysvpnRequest *request);

G_END_DECLS

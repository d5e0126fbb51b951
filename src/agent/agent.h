/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/callers.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_AGENT (sysvpn_agent_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnAgent, sysvpn_agent, SYSVPN, AGENT, GObject)

SysvpnAgent *sysvpn_agent_new (const char *root, SysvpnCallers *callers);
void sysvpn_agent_serve (SysvpnAgent *self, int fd, const GArray *allowed_uids);

G_END_DECLS

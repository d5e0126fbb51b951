/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/network-manager.h"
#include "agent/supervisor.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

bool sysvpn_memory_load (const char *root, SysvpnSupervisor *supervisor);
GArray *sysvpn_memory_list_profiles (const char *root, SysvpnNetworkManager *nm);
bool sysvpn_memory_save (const char *root, const SysvpnSupervisor *supervisor, GError **error);

G_END_DECLS

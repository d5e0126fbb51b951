/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/evidence.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

bool sysvpn_sight_is_complete (const SysvpnSighting *sighting);
bool sysvpn_flow_is_probe (const SysvpnFlow *flow);
uint64_t
sysvpn_sight_count_probes (const SysvpnSighting *sighting, SysvpnWay way, unsigned version);
uint64_t sysvpn_sight_count_names (const SysvpnSighting *sighting, SysvpnWay way);
const SysvpnFlow *sysvpn_sight_find_names (const SysvpnSighting *sighting, SysvpnWay way);
bool sysvpn_flow_is_endpoint (const SysvpnFlow *flow, const char *endpoint);
const SysvpnFlow *sysvpn_sight_find_stray (const SysvpnSighting *sighting,
                                           const char *endpoint);
uint64_t sysvpn_sight_count_endpoint (const SysvpnSighting *sighting, const char *endpoint);
char *sysvpn_flow_text (const SysvpnFlow *flow);

G_END_DECLS

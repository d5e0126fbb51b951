/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "killswitch/endpoints.h"
#include "killswitch/table.h"

G_BEGIN_DECLS

/* The named counters. The first four and DNS are packets that did not pass. */
typedef enum {
  SYSVPN_COUNTER_FORWARD_DROP4,
  SYSVPN_COUNTER_FORWARD_DROP6,
  SYSVPN_COUNTER_OUTPUT_DROP4,
  SYSVPN_COUNTER_OUTPUT_DROP6,
  SYSVPN_COUNTER_DNS_DROP,    /* client DNS among the forward drops, both families */
  SYSVPN_COUNTER_INJECT_DROP, /* from the uplink for an address that is not the uplink's */
  SYSVPN_COUNTER_FORWARD_TUNNEL,
  SYSVPN_COUNTER_FORWARD_BACK,
  SYSVPN_COUNTER_OUTPUT_TUNNEL,
  SYSVPN_COUNTER_OUTPUT_ENDPOINT,
  SYSVPN_COUNTER_OUTPUT_DOWNSTREAM,
  SYSVPN_COUNTER_INPUT_ENDPOINT,
  SYSVPN_N_COUNTERS,
} SysvpnCounter;

enum { SYSVPN_CLIENTS_MAX = 256 }; /* per family, elements of a counting set */

const char *sysvpn_counter_name (SysvpnCounter counter);

typedef enum {
  SYSVPN_RULESET_KEEP,    /* fill the table in place: counters survive */
  SYSVPN_RULESET_REBUILD, /* delete the table in the same transaction */
} SysvpnRulesetMode;

char *sysvpn_ruleset_print (const SysvpnEndpoints *endpoints, SysvpnRulesetMode mode);
bool sysvpn_ruleset_fits (const SysvpnNftTable *table);
bool sysvpn_ruleset_has_drop_chains (const SysvpnNftTable *table);
bool sysvpn_ruleset_has_endpoints (const SysvpnNftTable *table,
                                   const SysvpnEndpoints *endpoints);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/traffic.h"

#include <glib.h>

G_BEGIN_DECLS

/* The lines of the details window's pages, in their order. */
typedef enum {
  SYSVPN_FACT_TUNNEL,
  SYSVPN_FACT_PROFILE,
  SYSVPN_FACT_SERVER,
  SYSVPN_FACT_INTERFACE,
  SYSVPN_FACT_HANDSHAKE,
  SYSVPN_FACT_DNS,
  SYSVPN_FACT_EGRESS4,
  SYSVPN_FACT_EGRESS6,
  SYSVPN_FACT_RECEIVED,
  SYSVPN_FACT_SENT,
  SYSVPN_N_TUNNEL_FACTS,
  SYSVPN_FACT_VERDICT = SYSVPN_N_TUNNEL_FACTS, /* from here on, of the killswitch */
  SYSVPN_FACT_COMPARED,
  SYSVPN_FACT_EXPOSED,
  SYSVPN_FACT_ENDPOINTS,
  SYSVPN_FACT_FORWARD,
  SYSVPN_FACT_OUTPUT,
  SYSVPN_FACT_DNS_DROP,
  SYSVPN_FACT_INJECTED,
  SYSVPN_N_FACTS
} SysvpnFact;

/**
 * SysvpnFactScene:
 * @report: (nullable): a report that is believed
 * @reported: (nullable): when it came, by dom0's clock; not %NULL if @report is not
 * @now: (nullable): how much goes through the tunnel now
 */
typedef struct {
  const SysvpnStatus *report;
  GDateTime *reported;
  const SysvpnTrafficSample *now;
} SysvpnFactScene;

const char *sysvpn_fact_title (SysvpnFact fact);
char *sysvpn_fact_text (SysvpnFact fact, const SysvpnFactScene *scene);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "killswitch/endpoints.h"
#include "killswitch/table.h"

G_BEGIN_DECLS

/* Why the killswitch counts as broken; SYSVPN_KILLSWITCH_REASON_NONE means armed. The first
 * that applies, in this order, is the one reported. */
typedef enum {
  SYSVPN_KILLSWITCH_REASON_NONE,
  SYSVPN_KILLSWITCH_REASON_MISSING, /* no table inet sysvpn */
  SYSVPN_KILLSWITCH_REASON_POLICY, /* a drop chain does not hang at its hook with policy drop */
  SYSVPN_KILLSWITCH_REASON_UNVERIFIED, /* the loader left no digest */
  SYSVPN_KILLSWITCH_REASON_CHANGED,    /* the table is not what the loader left */
  SYSVPN_KILLSWITCH_REASON_ENDPOINTS,  /* the files differ from what is loaded */
  SYSVPN_KILLSWITCH_REASON_ROUTING,    /* a routing rule of the second layer is missing */
  SYSVPN_KILLSWITCH_REASON_UPLINK, /* a device that leads out is not in the uplink's group */
  SYSVPN_KILLSWITCH_REASON_FLAG,   /* the qube's service flag is missing */
  SYSVPN_N_KILLSWITCH_REASONS,
} SysvpnKillswitchReason;

typedef struct {
  const SysvpnNftTable *table;      /* NULL: there is none */
  const char *digest;               /* what the loader left; NULL: nothing */
  const SysvpnEndpoints *endpoints; /* of the files, folded; empty when a file is bad */
  bool has_routing_rules;
  bool has_stray_uplink;
  bool has_service_flag;
} SysvpnKillswitchEvidence;

const char *sysvpn_killswitch_reason_word (SysvpnKillswitchReason reason);
const char *sysvpn_killswitch_reason_text (SysvpnKillswitchReason reason);
SysvpnKillswitchReason sysvpn_killswitch_judge (const SysvpnKillswitchEvidence *evidence);

G_END_DECLS

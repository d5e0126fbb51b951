/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/finding.h"
#include "check/look.h"
#include "check/wiring.h"
#include "client/silence.h"
#include "client/uplink-address.h"
#include "proto/status.h"

G_BEGIN_DECLS

/**
 * SysvpnRound:
 * @wish: the qubes by name
 * @is_wired: whether the client's traffic goes through the VPN qube, by dom0's own knowledge
 * @report: the agent's, from before the rest
 * @silence: %SYSVPN_SILENCE_NONE if there is one
 * @end_report: another from after the rest, of the round without tunnel
 * @has_end: whether there is one
 * @look: what was told and seen
 * @uplink: the addresses that the user had recorded
 * @uplink_is_known: whether they could be read
 *
 * All that is known of one state of the chain.
 */
typedef struct {
  SysvpnWiringWish wish;
  bool is_wired;
  SysvpnStatus report;
  SysvpnSilence silence;
  SysvpnStatus end_report;
  bool has_end;
  SysvpnLook look;
  SysvpnUplinkAddresses uplink;
  bool uplink_is_known;
} SysvpnRound;

bool sysvpn_report_is_armed (const SysvpnStatus *report);
SysvpnFinding
sysvpn_judge_sentence (SysvpnStep step, SysvpnOutcome outcome, const char *sentence);
SysvpnFinding sysvpn_judge_unseen (SysvpnStep step, const char *qube, SysvpnCommandEnd end);

/* judge-agent.c, judge-traffic.c, judge-drop.c, judge-restore.c: (transfer full) */
SysvpnFinding sysvpn_judge_agent (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_killswitch (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_profile (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_tunnel (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_egress_vpn (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_egress4 (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_egress6 (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_uplink_address (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_names (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_plain_dns (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_own_dns (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_uplink (const SysvpnRound *round);
bool sysvpn_drop_is_possible (const SysvpnRound *round, SysvpnFinding *ret_finding);
bool sysvpn_judge_drop (const SysvpnRound *round,
                        const GError *call_error,
                        SysvpnFinding *ret_finding);
SysvpnFinding sysvpn_judge_drop4 (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_drop6 (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_drop_dns (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_drop_own (const SysvpnRound *round);
SysvpnFinding sysvpn_judge_drop_uplink (const SysvpnRound *round);

/**
 * SysvpnReturn:
 * @vpn: the VPN qube
 * @client: (nullable): the client, if it was asked afterwards
 * @profile_uuid: what was active before
 * @is_back: whether it is active again
 * @told: what @client told afterwards
 * @reason: (nullable): why the profile is not active, where that is known
 *
 * How the way back to the state that was found went.
 */
typedef struct {
  const char *vpn;
  const char *client;
  const char *profile_uuid;
  bool is_back;
  SysvpnTold told;
  const char *reason;
} SysvpnReturn;

SysvpnFinding sysvpn_judge_restore (const SysvpnReturn *way_back);

G_END_DECLS

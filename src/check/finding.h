/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What is checked, in the order in which it is told. */
typedef enum {
  SYSVPN_STEP_WIRING,
  SYSVPN_STEP_QUBES,
  SYSVPN_STEP_SERVICES,
  SYSVPN_STEP_AGENT,
  SYSVPN_STEP_KILLSWITCH,
  SYSVPN_STEP_PROFILE,
  SYSVPN_STEP_TUNNEL,
  SYSVPN_STEP_EGRESS_VPN,
  SYSVPN_STEP_EGRESS4,
  SYSVPN_STEP_EGRESS6,
  SYSVPN_STEP_UPLINK_ADDRESS,
  SYSVPN_STEP_NAMES,
  SYSVPN_STEP_PLAIN_DNS,
  SYSVPN_STEP_OWN_DNS,
  SYSVPN_STEP_UPLINK,
  SYSVPN_STEP_DROP, /* from here on with the tunnel taken down */
  SYSVPN_STEP_DROP4,
  SYSVPN_STEP_DROP6,
  SYSVPN_STEP_DROP_DNS,
  SYSVPN_STEP_DROP_OWN,
  SYSVPN_STEP_DROP_UPLINK,
  SYSVPN_STEP_RESTORE,
  SYSVPN_N_STEPS
} SysvpnStep;

typedef enum {
  SYSVPN_OUTCOME_INCONCLUSIVE, /* it could not be told, which is not passed */
  SYSVPN_OUTCOME_PASSED,
  SYSVPN_OUTCOME_FAILED,
  SYSVPN_OUTCOME_SKIPPED, /* not tried, on purpose */
  SYSVPN_N_OUTCOMES
} SysvpnOutcome;

extern const SysvpnWords sysvpn_step_words;
extern const SysvpnWords sysvpn_outcome_words;

const char *sysvpn_step_title (SysvpnStep step);
const char *sysvpn_outcome_title (SysvpnOutcome outcome);

/**
 * SysvpnFinding:
 * @step: what was checked
 * @outcome: how it went
 * @text: what was found, a clause in dom0's words
 * @remedy: (nullable): what to do about it
 */
typedef struct {
  SysvpnStep step;
  SysvpnOutcome outcome;
  char *text;
  char *remedy;
} SysvpnFinding;

void sysvpn_finding_clear (SysvpnFinding *finding);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnFinding, sysvpn_finding_clear)

SysvpnFinding sysvpn_finding (SysvpnStep step, SysvpnOutcome outcome, char *text, char *remedy);
SysvpnFinding sysvpn_passed (SysvpnStep step, const char *format, ...) G_GNUC_PRINTF (2, 3);
SysvpnFinding sysvpn_not_passed (SysvpnStep step,
                                 SysvpnOutcome outcome,
                                 const char *text,
                                 const char *remedy);

typedef struct {
  unsigned counts[SYSVPN_N_OUTCOMES];
} SysvpnTally;

void sysvpn_tally_add (SysvpnTally *tally, SysvpnOutcome outcome);
SysvpnOutcome sysvpn_tally_verdict (const SysvpnTally *tally);
char *sysvpn_tally_text (const SysvpnTally *tally);

G_END_DECLS

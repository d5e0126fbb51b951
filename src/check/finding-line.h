/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/finding.h"

G_BEGIN_DECLS

typedef enum {
  SYSVPN_CHECK_LINE_OTHER, /* not of a check, as what goes wrong before it */
  SYSVPN_CHECK_LINE_PROGRESS,
  SYSVPN_CHECK_LINE_FINDING,
  SYSVPN_CHECK_LINE_REMEDY,   /* of the finding before */
  SYSVPN_CHECK_LINE_PLAN,     /* all findings have been told */
  SYSVPN_CHECK_LINE_BAIL_OUT, /* not all: it was interrupted */
} SysvpnCheckLineKind;

/**
 * SysvpnCheckLine:
 * @kind: what the line is
 * @step: of a finding
 * @outcome: of a finding
 * @text: what is said; of a plan, %NULL
 *
 * A line that `sysvpn check` prints.
 */
typedef struct {
  SysvpnCheckLineKind kind;
  SysvpnStep step;
  SysvpnOutcome outcome;
  char *text;
} SysvpnCheckLine;

void sysvpn_check_line_clear (SysvpnCheckLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnCheckLine, sysvpn_check_line_clear)

char *sysvpn_check_line_progress (const char *text);
char *sysvpn_check_line_finding (const SysvpnFinding *finding, unsigned number);
char *sysvpn_check_line_plan (unsigned n_findings);
char *sysvpn_check_line_bail_out (const char *reason);
SysvpnCheckLine sysvpn_check_line_parse (const char *line);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/finding.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Signals:
 * "progress" (const char *text): what is being done now
 * "finding" (const SysvpnFinding *finding)
 * "ended" (const char *problem): the last signal; with a text if the check did not get to its
 * end */
#define SYSVPN_TYPE_CHECK_RUN (sysvpn_check_run_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnCheckRun, sysvpn_check_run, SYSVPN, CHECK_RUN, GObject)

SysvpnCheckRun *sysvpn_check_run_new (const char *qube, bool quick);
void sysvpn_check_run_start (SysvpnCheckRun *self);
void sysvpn_check_run_stop (SysvpnCheckRun *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* Signals: "changed" (): the egress part of the report may be another */
#define SYSVPN_TYPE_EGRESS_CHECKER (sysvpn_egress_checker_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnEgressChecker, sysvpn_egress_checker, SYSVPN, EGRESS_CHECKER, GObject)

SysvpnEgressChecker *sysvpn_egress_checker_new (const char *root);
void sysvpn_egress_checker_set_tunnel (SysvpnEgressChecker *self, const char *interface);
void sysvpn_egress_checker_ask_now (SysvpnEgressChecker *self);
int64_t sysvpn_egress_checker_get_failure (SysvpnEgressChecker *self);
void sysvpn_egress_checker_fill (SysvpnEgressChecker *self, SysvpnStatus *status);

G_END_DECLS

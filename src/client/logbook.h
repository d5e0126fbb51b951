/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/history.h"
#include "client/qube.h"
#include "client/traffic.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_LOGBOOK (sysvpn_logbook_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnLogbook, sysvpn_logbook, SYSVPN, LOGBOOK, GObject)

SysvpnLogbook *sysvpn_logbook_new (SysvpnQube *qube, const char *folder);
void sysvpn_logbook_close (SysvpnLogbook *self);
const SysvpnHistory *sysvpn_logbook_get_history (SysvpnLogbook *self);
const SysvpnTraffic *sysvpn_logbook_get_traffic (SysvpnLogbook *self);
const char *sysvpn_logbook_get_problem (SysvpnLogbook *self);
char *sysvpn_logbook_dup_folder (void);

G_END_DECLS

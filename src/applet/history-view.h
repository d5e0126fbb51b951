/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/logbook.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_HISTORY_VIEW (sysvpn_history_view_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnHistoryView, sysvpn_history_view, SYSVPN, HISTORY_VIEW, GtkBox)

void sysvpn_history_view_set_logbook (SysvpnHistoryView *self, SysvpnLogbook *logbook);

G_END_DECLS

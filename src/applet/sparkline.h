/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/traffic.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_SPARKLINE (sysvpn_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnSparkline, sysvpn_sparkline, SYSVPN, SPARKLINE, GtkDrawingArea)

void sysvpn_sparkline_set_traffic (SysvpnSparkline *self, const SysvpnTraffic *traffic);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/history.h"

#include <glib.h>

G_BEGIN_DECLS

char *sysvpn_history_text_when (const SysvpnHistoryEvent *event);
char *sysvpn_history_text_state (const SysvpnHistoryEvent *event);
char *sysvpn_history_text_why (const SysvpnHistoryEvent *event);
char *sysvpn_history_text_measured (const SysvpnHistoryEvent *event);

G_END_DECLS

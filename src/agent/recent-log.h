/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { SYSVPN_RECENT_LOG_MAX = 40 };

void sysvpn_recent_log_install (void);
char **sysvpn_recent_log_dup (int64_t now_us);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/shown.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

const char *sysvpn_break_text (SysvpnBreak break_);
char *sysvpn_duration_text (uint64_t seconds);
char *sysvpn_size_text (uint64_t bytes);
char *sysvpn_name_text (const char *name);
char *sysvpn_sentence_text (SysvpnView view, bool colour);
char *sysvpn_report_text (const SysvpnStatus *report);

G_END_DECLS

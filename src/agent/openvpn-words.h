/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

const char *sysvpn_openvpn_text_since (const char *line, int64_t since_us);
SysvpnCause sysvpn_openvpn_cause_of_text (const char *text);

G_END_DECLS

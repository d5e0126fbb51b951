/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

unsigned
sysvpn_backoff_delay_ms (unsigned attempt, unsigned first_ms, unsigned cap_ms, uint32_t random);

G_END_DECLS

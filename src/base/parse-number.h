/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

bool sysvpn_parse_u64 (const char *text, uint64_t max, uint64_t *ret_value);

G_END_DECLS

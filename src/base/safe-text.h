/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

bool sysvpn_text_is_printable (const char *bytes, size_t len);
char *sysvpn_text_sanitize (const char *text, size_t max_len);

G_END_DECLS

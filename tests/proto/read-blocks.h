/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/block.h"

G_BEGIN_DECLS

GPtrArray *
read_blocks (const char *bytes, size_t len, size_t max_lines, size_t piece, GError **error);
SysvpnBlock *read_block (const char *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/block.h"

#include <glib.h>

G_BEGIN_DECLS

void sysvpn_diagnosis_encode (GString *out, const char *text);
char *sysvpn_diagnosis_decode (const SysvpnBlock *block, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "killswitch/table.h"

G_BEGIN_DECLS

char *sysvpn_canonical_print (const SysvpnNftTable *table);
char *sysvpn_canonical_digest (const SysvpnNftTable *table);

G_END_DECLS

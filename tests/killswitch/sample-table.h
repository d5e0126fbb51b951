/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "killswitch/table.h"

/* The table as the reader gives it after a load without endpoints, but with two short rules in
 * every chain. */
SysvpnNftTable *sample_table_new (void);
SysvpnNftChain *sample_table_chain (SysvpnNftTable *table, const char *name);
SysvpnNftSet *sample_table_set (SysvpnNftTable *table, const char *name);

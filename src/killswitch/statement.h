/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "killswitch/facts.h"

G_BEGIN_DECLS

void sysvpn_statement_print_armed (size_t n_endpoints, size_t n_any_port);
void sysvpn_statement_print_endpoints (const SysvpnEndpoints *endpoints);
void sysvpn_statement_print_facts (const SysvpnKillswitchFacts *facts, bool is_verbose);

G_END_DECLS

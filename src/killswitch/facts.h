/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "killswitch/reader.h"
#include "killswitch/ruleset.h"
#include "killswitch/verdict.h"

G_BEGIN_DECLS

/* Everything there is to know about the killswitch at one moment. */
typedef struct {
  SysvpnKillswitchReason reason; /* NONE: armed; anything else: broken */
  bool is_loading;               /* a loader is at work: a broken verdict may be its doing */
  uint32_t generation;           /* of the nftables ruleset */

  size_t n_endpoints; /* of the files after folding; 0 when a file is bad */
  size_t n_any_port;
  char
      *endpoints_error; /* what is wrong with a file, or NULL; then the closed table is right */

  uint64_t packets[SYSVPN_N_COUNTERS]; /* all 0 without table */
  uint64_t bytes[SYSVPN_N_COUNTERS];
  SysvpnNftClient *clients; /* dropped packets by source address, most packets first */
  size_t n_clients;
} SysvpnKillswitchFacts;

void sysvpn_killswitch_facts_clear (SysvpnKillswitchFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnKillswitchFacts, sysvpn_killswitch_facts_clear)

bool sysvpn_killswitch_examine (SysvpnNftReader *reader,
                                const char *root,
                                SysvpnKillswitchFacts *ret_facts,
                                GError **error);

G_END_DECLS

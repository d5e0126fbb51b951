/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathers all that is to be known about the killswitch. The agent calls this at every heartbeat
 * and whenever nftables tells of a change; `sysvpn-killswitch --check` once. */
#include "killswitch/facts.h"

#include <string.h>
#include <unistd.h>

#include "killswitch/error.h"
#include "killswitch/files.h"
#include "killswitch/routing.h"
#include "killswitch/uplink.h"

enum { TRIES_MAX = 3 };

/**
 * sysvpn_killswitch_facts_clear:
 * @facts: facts
 *
 * Frees what @facts holds and makes it all zero.
 */
void
sysvpn_killswitch_facts_clear (SysvpnKillswitchFacts *facts)
{
  g_free (facts->endpoints_error);
  g_free (facts->clients);
  *facts = (SysvpnKillswitchFacts){ 0 };
}

static int
compare_clients (const void *a_data, const void *b_data)
{
  const SysvpnNftClient *a = a_data;
  const SysvpnNftClient *b = b_data;

  if (a->packets != b->packets)
    return a->packets < b->packets ? 1 : -1;
  if (a->is_v6 != b->is_v6)
    return a->is_v6 ? 1 : -1;
  return memcmp (a->address, b->address, sizeof a->address);
}

static void
take_counters (SysvpnKillswitchFacts *facts, SysvpnNftTable *table)
{
  for (unsigned i = 0; i < table->objects->len; i++) {
    const SysvpnNftObject *object = g_ptr_array_index (table->objects, i);

    for (unsigned j = 0; j < SYSVPN_N_COUNTERS; j++) {
      if (!g_str_equal (object->name, sysvpn_counter_name (j)))
        continue;
      facts->packets[j] = object->packets;
      facts->bytes[j] = object->bytes;
    }
  }
  g_array_sort (table->clients, compare_clients);
  facts->n_clients = table->clients->len;
  facts->clients = g_memdup2 (table->clients->data, facts->n_clients * sizeof *facts->clients);
  facts->generation = table->generation;
}

/* A file that is bad counts as empty, because then the loader loads the closed table; one that
 * may not be read leaves open what should be loaded, so there is no verdict. */
static bool
take_endpoints (const char *root,
                SysvpnKillswitchFacts *facts,
                SysvpnEndpoints *ret_list,
                GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!sysvpn_killswitch_load_endpoints (root, ret_list, &failure)) {
    if (!g_error_matches (failure, SYSVPN_KILLSWITCH_ERROR,
                          SYSVPN_KILLSWITCH_ERROR_ENDPOINTS)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
    facts->endpoints_error = g_strdup (failure->message);
  }
  facts->n_endpoints = ret_list->n_items;
  facts->n_any_port = sysvpn_endpoints_count_any_port (ret_list);
  return true;
}

static bool
examine_once (SysvpnNftReader *reader,
              const char *root,
              const char *digest,
              SysvpnKillswitchFacts *ret_facts,
              GError **error)
{
  g_autofree char *flag_path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_FLAG);
  g_auto (SysvpnKillswitchFacts) facts = { 0 };
  g_auto (SysvpnEndpoints) endpoints = { 0 };
  g_autoptr (SysvpnNftTable) table = NULL;
  SysvpnKillswitchEvidence evidence = { .digest = digest, .endpoints = &endpoints };

  facts.is_loading = sysvpn_killswitch_is_loading (root, g_get_monotonic_time ());
  if (!take_endpoints (root, &facts, &endpoints, error) ||
      !sysvpn_nft_reader_read (reader, &table, error) ||
      !sysvpn_routing_rules_check (&evidence.has_routing_rules, error) ||
      !sysvpn_uplink_check (&evidence.has_stray_uplink, error))
    return false;
  if (table != NULL)
    take_counters (&facts, table);
  evidence.table = table;
  evidence.has_service_flag = access (flag_path, F_OK) == 0;
  facts.reason = sysvpn_killswitch_judge (&evidence);
  facts.is_loading =
      facts.is_loading || sysvpn_killswitch_is_loading (root, g_get_monotonic_time ());

  *ret_facts = facts;
  facts = (SysvpnKillswitchFacts){ 0 };
  return true;
}

/**
 * sysvpn_killswitch_examine:
 * @reader: a reader
 * @root: (nullable): the folder that stands for /; netlink is always this network namespace's
 * @ret_facts: (out caller-allocates): only on success; free with
 *   sysvpn_killswitch_facts_clear()
 * @error: return location: %SYSVPN_KILLSWITCH_ERROR_PERMISSION without CAP_NET_ADMIN or if an
 *   endpoints file may not be read, _BUSY or _FAILED; then the killswitch is unknown, neither
 *   armed nor broken
 *
 * Broken is said only when two looks in a row agree, because a loader may come and go between
 * two questions. While one is at work is_loading is set, and a broken verdict may be its doing:
 * the kernel shows some of a transaction before all of it is done.
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_killswitch_examine (SysvpnNftReader *reader,
                           const char *root,
                           SysvpnKillswitchFacts *ret_facts,
                           GError **error)
{
  g_auto (SysvpnKillswitchFacts) facts = { 0 };
  bool is_sure = false;

  for (unsigned i = 0; i < TRIES_MAX && !is_sure; i++) {
    g_autofree char *digest = sysvpn_killswitch_load_digest (root);
    SysvpnKillswitchReason reason_before = facts.reason;
    uint32_t generation_before = facts.generation;

    sysvpn_killswitch_facts_clear (&facts);
    if (!examine_once (reader, root, digest, &facts, error))
      return false;
    is_sure = facts.reason == SYSVPN_KILLSWITCH_REASON_NONE || facts.is_loading ||
              (facts.reason == reason_before && facts.generation == generation_before);
  }

  *ret_facts = facts;
  facts = (SysvpnKillswitchFacts){ 0 };
  return true;
}

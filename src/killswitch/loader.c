/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads the killswitch. The order is the point: first the table, in one transaction, so that
 * nothing new passes; then, where anything passed before, what lets old flows pass beside the
 * table; then the digest, which says that all this was done; the second layer last. A loader
 * that dies on the way leaves a table that drops and no digest for it. */
#include "killswitch/loader.h"

#include <assert.h>
#include <nftables/libnftables.h>
#include <string.h>
#include <unistd.h>

#include "killswitch/canonical.h"
#include "killswitch/conntrack.h"
#include "killswitch/error.h"
#include "killswitch/files.h"
#include "killswitch/reader.h"
#include "killswitch/routing.h"
#include "killswitch/ruleset.h"
#include "killswitch/verdict.h"

enum { LOCK_TIMEOUT_MS = 10 * 1000, TRIES_MAX = 10 };

/* What vif-route-qubes makes: a flow that was once forwarded in the clear goes past every
 * chain from then on. Declared first, because deleting what is not there is an error. */
static const char delete_offload[] = "table inet qubes-nat-accel\n"
                                     "delete table inet qubes-nat-accel\n";

typedef struct {
  SysvpnNftReader *reader;
  const SysvpnEndpoints *endpoints;
  const char *root;
  SysvpnLoaderReport *report;
} Job;

/**
 * sysvpn_loader_report_clear:
 * @report: a report
 *
 * Frees what @report holds and makes it all zero.
 */
void
sysvpn_loader_report_clear (SysvpnLoaderReport *report)
{
  g_free (report->endpoints_error);
  *report = (SysvpnLoaderReport){ 0 };
}

static bool
run_nft (const char *commands, GError **error)
{
  struct nft_ctx *nft = nft_ctx_new (NFT_CTX_DEFAULT);
  g_autofree char *message = NULL;
  bool done;

  nft_ctx_buffer_output (nft);
  nft_ctx_buffer_error (nft);
  done = nft_run_cmd_from_buffer (nft, commands) == 0;
  if (!done) {
    const char *text = nft_ctx_get_error_buffer (nft);

    message = g_strndup (text, strcspn (text, "\n"));
    g_set_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_FAILED,
                 "nftables refused the ruleset: %s", message);
  }
  nft_ctx_free (nft);
  return done;
}

/* Whether nothing can have passed until now. Endpoints, routing rules and the service flag do
 * not matter for that: with the table as it was loaded, they open nothing. */
static bool
was_armed (const SysvpnNftTable *table, const char *digest)
{
  SysvpnEndpoints none = { 0 };
  SysvpnKillswitchEvidence evidence = { .table = table, .digest = digest, .endpoints = &none };

  return sysvpn_killswitch_judge (&evidence) >= SYSVPN_KILLSWITCH_REASON_ENDPOINTS;
}

static_assert (SYSVPN_KILLSWITCH_REASON_MISSING < SYSVPN_KILLSWITCH_REASON_ENDPOINTS &&
                   SYSVPN_KILLSWITCH_REASON_POLICY < SYSVPN_KILLSWITCH_REASON_ENDPOINTS &&
                   SYSVPN_KILLSWITCH_REASON_UNVERIFIED < SYSVPN_KILLSWITCH_REASON_ENDPOINTS &&
                   SYSVPN_KILLSWITCH_REASON_CHANGED < SYSVPN_KILLSWITCH_REASON_ENDPOINTS,
               "was_armed relies on the order");

/* One try: %TRUE with *@ret_table NULL if somebody else wrote to nftables meanwhile. */
static bool
try_load (Job *job, SysvpnNftTable **ret_table, GError **error)
{
  g_autoptr (SysvpnNftTable) before = NULL;
  g_autoptr (SysvpnNftTable) after = NULL;
  g_autofree char *commands = NULL;
  g_autofree char *digest = sysvpn_killswitch_load_digest (job->root);
  uint32_t generation = 0;
  SysvpnRulesetMode mode;

  if (!sysvpn_nft_reader_get_generation (job->reader, &generation, error) ||
      !sysvpn_nft_reader_read (job->reader, &before, error))
    return false;
  job->report->was_armed = job->report->was_armed && was_armed (before, digest);
  mode = before == NULL || sysvpn_ruleset_fits (before) ? SYSVPN_RULESET_KEEP
                                                        : SYSVPN_RULESET_REBUILD;
  job->report->was_rebuilt = mode == SYSVPN_RULESET_REBUILD;
  /* until old flows are flushed nothing may call this table armed: see load_all() */
  if (!job->report->was_armed && !sysvpn_killswitch_drop_digest (job->root, error))
    return false;
  commands = sysvpn_ruleset_print (job->endpoints, mode);
  if (!run_nft (commands, error) || !sysvpn_nft_reader_read (job->reader, &after, error))
    return false;
  /* exactly our transaction lies between: what was read back is what was loaded */
  *ret_table =
      after != NULL && after->generation == generation + 1 ? g_steal_pointer (&after) : NULL;
  return true;
}

static bool
load_table (Job *job, char **ret_digest, GError **error)
{
  g_autoptr (SysvpnNftTable) table = NULL;

  for (unsigned i = 0; i < TRIES_MAX && table == NULL; i++)
    if (!try_load (job, &table, error))
      return false;
  if (table == NULL) {
    g_set_error_literal (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_BUSY,
                         "other programs kept writing to nftables while the table was loaded, "
                         "so it could not be verified; run sysvpn-killswitch again");
    return false;
  }
  if (!sysvpn_ruleset_fits (table) || !sysvpn_ruleset_has_drop_chains (table) ||
      !sysvpn_ruleset_has_endpoints (table, job->endpoints)) {
    g_set_error_literal (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_FAILED,
                         "the kernel did not take the table as it was written; this is a bug, "
                         "please report the versions of kernel and nftables");
    return false;
  }
  *ret_digest = sysvpn_canonical_digest (table);
  return true;
}

static bool
forget_old_flows (GError **error)
{
  return run_nft (delete_offload, error) && sysvpn_conntrack_flush (error);
}

static bool
load_second_layer (GError **error)
{
  bool is_present = false;

  if (!sysvpn_routing_rules_add (error) || !sysvpn_routing_rules_check (&is_present, error))
    return false;
  if (is_present)
    return true;
  g_set_error_literal (
      error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_FAILED,
      "another routing rule leads traffic past the killswitch's rules; see `ip rule` "
      "and `ip -6 rule`");
  return false;
}

static bool
load_all (Job *job, GError **error)
{
  g_autofree char *digest = NULL;

  return load_table (job, &digest, error) &&
         (job->report->was_armed || forget_old_flows (error)) &&
         sysvpn_killswitch_save_digest (job->root, digest, error) && load_second_layer (error);
}

/**
 * sysvpn_loader_load:
 * @root: (nullable): the folder that stands for /; the table is always this network namespace's
 * @ret_report: (out caller-allocates): what was done; only on success
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * A bad endpoints file is not a failure of this function: the closed table is loaded, and the
 * report says why. Running it again changes nothing.
 *
 * Returns: %TRUE if the killswitch is loaded, verified and enforced in both layers
 */
bool
sysvpn_loader_load (const char *root, SysvpnLoaderReport *ret_report, GError **error)
{
  g_autoptr (SysvpnNftReader) reader = sysvpn_nft_reader_new ();
  g_auto (SysvpnEndpoints) endpoints = { 0 };
  g_auto (SysvpnLoaderReport) report = { .was_armed = true };
  g_autoptr (GError) bad_file = NULL;
  Job job = { .reader = reader, .endpoints = &endpoints, .root = root, .report = &report };
  int lock = sysvpn_killswitch_lock (root, LOCK_TIMEOUT_MS, error);
  bool done;

  if (lock < 0)
    return false;
  sysvpn_killswitch_begin_loading (root, g_get_monotonic_time ());
  if (!sysvpn_killswitch_load_endpoints (root, &endpoints, &bad_file))
    report.endpoints_error = g_strdup (bad_file->message);
  report.n_endpoints = endpoints.n_items;
  report.n_any_port = sysvpn_endpoints_count_any_port (&endpoints);
  done = load_all (&job, error);
  sysvpn_killswitch_end_loading (root);
  close (lock);
  if (!done)
    return false;

  *ret_report = report;
  report = (SysvpnLoaderReport){ 0 };
  return true;
}

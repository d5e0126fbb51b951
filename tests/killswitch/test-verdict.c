/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "killswitch/verdict.h"

#include <linux/netfilter.h>

#include "killswitch/canonical.h"
#include "sample-table.h"

/* What is wrong, as bits; several things at once show that the worst is reported. */
enum {
  NO_TABLE = 1,
  OPEN_POLICY = 2,
  NO_DIGEST = 4,
  OTHER_RULE = 8,
  OTHER_FILES = 16,
  NO_ROUTING = 32,
  NO_FLAG = 64,
  STRAY_UPLINK = 128,
  ALL = 255,
};

static const struct VerdictCase {
  const char *name;
  unsigned wrong;
  SysvpnKillswitchReason reason;
} cases[] = {
  { "armed", 0, SYSVPN_KILLSWITCH_REASON_NONE },
  { "missing", NO_TABLE, SYSVPN_KILLSWITCH_REASON_MISSING },
  { "policy", OPEN_POLICY, SYSVPN_KILLSWITCH_REASON_POLICY },
  { "unverified", NO_DIGEST, SYSVPN_KILLSWITCH_REASON_UNVERIFIED },
  { "changed", OTHER_RULE, SYSVPN_KILLSWITCH_REASON_CHANGED },
  { "endpoints", OTHER_FILES, SYSVPN_KILLSWITCH_REASON_ENDPOINTS },
  { "routing", NO_ROUTING, SYSVPN_KILLSWITCH_REASON_ROUTING },
  { "uplink", STRAY_UPLINK, SYSVPN_KILLSWITCH_REASON_UPLINK },
  { "flag", NO_FLAG, SYSVPN_KILLSWITCH_REASON_FLAG },
  { "all", ALL, SYSVPN_KILLSWITCH_REASON_MISSING },
  { "all-but-table", ALL & ~NO_TABLE, SYSVPN_KILLSWITCH_REASON_POLICY },
  { "no-digest-and-changed", NO_DIGEST | OTHER_RULE, SYSVPN_KILLSWITCH_REASON_UNVERIFIED },
  { "changed-and-files", OTHER_RULE | OTHER_FILES, SYSVPN_KILLSWITCH_REASON_CHANGED },
  { "files-and-routing", OTHER_FILES | NO_ROUTING, SYSVPN_KILLSWITCH_REASON_ENDPOINTS },
  { "routing-and-uplink", NO_ROUTING | STRAY_UPLINK, SYSVPN_KILLSWITCH_REASON_ROUTING },
  { "uplink-and-flag", STRAY_UPLINK | NO_FLAG, SYSVPN_KILLSWITCH_REASON_UPLINK },
  { "routing-and-flag", NO_ROUTING | NO_FLAG, SYSVPN_KILLSWITCH_REASON_ROUTING },
};

static void
test_judge (gconstpointer data)
{
  const struct VerdictCase *c = data;
  g_autoptr (SysvpnNftTable) table = sample_table_new ();
  g_autofree char *digest = sysvpn_canonical_digest (table);
  SysvpnEndpoint endpoint = { .address = { 8, 8, 8, 8 }, .prefix = 32, .protocols = 1 };
  SysvpnEndpoints files = { .items = &endpoint, .n_items = c->wrong & OTHER_FILES ? 1 : 0 };
  SysvpnKillswitchEvidence evidence = {
    .table = c->wrong & NO_TABLE ? NULL : table,
    .digest = c->wrong & NO_DIGEST ? NULL : digest,
    .endpoints = &files,
    .has_routing_rules = !(c->wrong & NO_ROUTING),
    .has_stray_uplink = c->wrong & STRAY_UPLINK,
    .has_service_flag = !(c->wrong & NO_FLAG),
  };

  if (c->wrong & OPEN_POLICY)
    sample_table_chain (table, "output")->policy = NF_ACCEPT;
  if (c->wrong & OTHER_RULE)
    g_ptr_array_remove_index (sample_table_chain (table, "input")->rules, 0);
  g_assert_cmpint (sysvpn_killswitch_judge (&evidence), ==, c->reason);
}

/* The right digest of a table that is open says nothing: policy is judged by our constants. */
static void
test_policy_despite_digest (void)
{
  g_autoptr (SysvpnNftTable) table = sample_table_new ();
  g_autofree char *digest = NULL;
  SysvpnEndpoints none = { 0 };
  SysvpnKillswitchEvidence evidence = {
    .table = table, .endpoints = &none, .has_routing_rules = true, .has_service_flag = true
  };

  sample_table_chain (table, "forward")->policy = NF_ACCEPT;
  digest = sysvpn_canonical_digest (table);
  evidence.digest = digest;
  g_assert_cmpint (sysvpn_killswitch_judge (&evidence), ==, SYSVPN_KILLSWITCH_REASON_POLICY);
}

static void
test_words (void)
{
  for (unsigned i = 0; i < SYSVPN_N_KILLSWITCH_REASONS; i++) {
    const char *word = sysvpn_killswitch_reason_word (i);

    g_assert_cmpuint (strlen (word), >, 0);
    g_assert_cmpuint (strspn (word, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (word));
    g_assert_cmpuint (strlen (sysvpn_killswitch_reason_text (i)), >, 0);
    for (unsigned j = 0; j < i; j++)
      g_assert_cmpstr (sysvpn_killswitch_reason_word (j), !=, word);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/verdict/judge/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_judge);
  }
  g_test_add_func ("/verdict/policy-despite-digest", test_policy_despite_digest);
  g_test_add_func ("/verdict/words", test_words);
  return g_test_run ();
}

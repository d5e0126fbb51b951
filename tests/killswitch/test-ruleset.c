/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "killswitch/ruleset.h"

#include <linux/netfilter.h>
#include <string.h>

#include "sample-table.h"

static void
parse (const char *text, SysvpnEndpoints *ret_list)
{
  unsigned bad_line;

  g_assert_true (sysvpn_endpoints_parse (text, strlen (text), ret_list, &bad_line, NULL));
  sysvpn_endpoints_fold (ret_list);
}

static void
test_print_closed (void)
{
  SysvpnEndpoints none = { 0 };
  g_autofree char *text = sysvpn_ruleset_print (&none, SYSVPN_RULESET_KEEP);

  g_assert_null (strstr (text, "add element"));
  g_assert_null (strstr (text, "delete table"));
  g_assert_nonnull (strstr (text, "flush set inet sysvpn endpoints4\n"));
  g_assert_nonnull (strstr (text, "flush set inet sysvpn endpoints6_any\n"));
  g_assert_null (strstr (text, "flush set inet sysvpn clients")); /* counters survive */
  for (unsigned i = 0; i < SYSVPN_N_COUNTERS; i++) {
    g_autofree char *used = g_strdup_printf ("counter name %s ", sysvpn_counter_name (i));
    g_autofree char *used_last = g_strdup_printf ("counter name %s\n", sysvpn_counter_name (i));

    g_assert_true (strstr (text, used) != NULL || strstr (text, used_last) != NULL);
  }
}

static void
test_print_endpoints (void)
{
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autofree char *text = NULL;

  parse ("8.8.8.8 1194 udp\n8.8.4.0/24 443\n9.9.9.9\n2001:db8::1 5 tcp\n2001:db8:b::/48\n",
         &list);
  text = sysvpn_ruleset_print (&list, SYSVPN_RULESET_KEEP);
  g_assert_nonnull (strstr (text, "add element inet sysvpn endpoints4 {\n"
                                  "  8.8.4.0/24 . tcp . 443,\n"
                                  "  8.8.4.0/24 . udp . 443,\n"
                                  "  8.8.8.8 . udp . 1194\n}\n"
                                  "add element inet sysvpn endpoints4_any {\n"
                                  "  9.9.9.9 . tcp,\n"
                                  "  9.9.9.9 . udp\n}\n"
                                  "add element inet sysvpn endpoints6 {\n"
                                  "  2001:db8::1 . tcp . 5\n}\n"
                                  "add element inet sysvpn endpoints6_any {\n"
                                  "  2001:db8:b::/48 . tcp,\n"
                                  "  2001:db8:b::/48 . udp\n}\n"));
}

static void
test_print_rebuild (void)
{
  SysvpnEndpoints none = { 0 };
  g_autofree char *text = sysvpn_ruleset_print (&none, SYSVPN_RULESET_REBUILD);

  g_assert_true (g_str_has_prefix (text, "table inet sysvpn\ndelete table inet sysvpn\n"));
}

/* One thing that no line of the ruleset may ever do. */
static void
test_print_traps (void)
{
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  bool in_forward = false;

  parse ("8.8.8.8 1194 udp\n", &list);
  text = sysvpn_ruleset_print (&list, SYSVPN_RULESET_KEEP);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    bool has_verdict = strstr (*line, "accept") != NULL || strstr (*line, "drop") != NULL;

    if (strstr (*line, "  chain ") != NULL)
      in_forward = strstr (*line, "chain forward") != NULL;
    if (strstr (*line, "established") != NULL)
      g_assert_true (strstr (*line, "iifkind") != NULL || strstr (*line, "oifgroup 2") != NULL);
    if (strstr (*line, "update @") != NULL)
      g_assert_false (has_verdict);
    if (in_forward) {
      g_assert_null (strstr (*line, "@endpoints"));
      if (strstr (*line, " accept") != NULL)
        g_assert_nonnull (strstr (*line, "ifkind { \"tun\", \"wireguard\" }"));
    }
    g_assert_null (strstr (*line, "ifname"));
  }
}

typedef void (*Mutate) (SysvpnNftTable *table);

static void
unchanged (SysvpnNftTable *table)
{
  (void) table;
}

static void
dormant (SysvpnNftTable *table)
{
  table->flags = 1;
}

static void
used_by_more (SysvpnNftTable *table)
{
  table->n_uses++;
}

static void
forward_accepts (SysvpnNftTable *table)
{
  sample_table_chain (table, "forward")->policy = NF_ACCEPT;
}

static void
output_accepts (SysvpnNftTable *table)
{
  sample_table_chain (table, "output")->policy = NF_ACCEPT;
}

static void
forward_later (SysvpnNftTable *table)
{
  sample_table_chain (table, "forward")->priority = 0;
}

static void
forward_elsewhere (SysvpnNftTable *table)
{
  sample_table_chain (table, "forward")->hook = NF_INET_LOCAL_IN;
}

static void
output_is_nat (SysvpnNftTable *table)
{
  SysvpnNftChain *chain = sample_table_chain (table, "output");

  g_free (chain->type);
  chain->type = g_strdup ("nat");
}

static void
forward_unhooked (SysvpnNftTable *table)
{
  SysvpnNftChain *chain = sample_table_chain (table, "forward");

  g_free (chain->type);
  chain->type = g_strdup ("");
}

static void
forward_gone (SysvpnNftTable *table)
{
  g_ptr_array_remove (table->chains, sample_table_chain (table, "forward"));
}

static void
prerouting_later (SysvpnNftTable *table)
{
  sample_table_chain (table, "prerouting")->priority = 0;
}

static void
set_gone (SysvpnNftTable *table)
{
  g_ptr_array_remove (table->sets, sample_table_set (table, "clients4"));
}

static void
set_of_other_flags (SysvpnNftTable *table)
{
  sample_table_set (table, "endpoints4")->flags = 128;
}

static void
set_of_other_size (SysvpnNftTable *table)
{
  sample_table_set (table, "clients4")->size = 16;
}

static void
set_of_other_type (SysvpnNftTable *table)
{
  sample_table_set (table, "endpoints4")->key_type = 1;
}

static void
set_with_timeout (SysvpnNftTable *table)
{
  sample_table_set (table, "endpoints4")->timeout_ms = 1000;
}

static void
counter_gone (SysvpnNftTable *table)
{
  g_ptr_array_remove_index (table->objects, 0);
}

static void
counter_is_quota (SysvpnNftTable *table)
{
  ((SysvpnNftObject *) g_ptr_array_index (table->objects, 0))->type = 2;
}

static const struct FitCase {
  const char *name;
  Mutate mutate;
  bool fits;
  bool drops;
} fits[] = {
  { "unchanged", unchanged, true, true },
  { "dormant", dormant, false, false },
  { "used-by-more", used_by_more, false, true },
  { "forward-accepts", forward_accepts, false, false },
  { "output-accepts", output_accepts, false, false },
  { "forward-later", forward_later, false, false },
  { "forward-elsewhere", forward_elsewhere, false, false },
  { "forward-unhooked", forward_unhooked, false, false },
  { "forward-gone", forward_gone, false, false },
  { "output-is-nat", output_is_nat, false, false },
  { "prerouting-later", prerouting_later, false, true },
  { "set-gone", set_gone, false, true },
  { "set-flags", set_of_other_flags, false, true },
  { "set-size", set_of_other_size, false, true },
  { "set-type", set_of_other_type, false, true },
  { "set-timeout", set_with_timeout, false, true },
  { "counter-gone", counter_gone, false, true },
  { "counter-is-quota", counter_is_quota, false, true },
};

static void
test_fit (gconstpointer data)
{
  const struct FitCase *c = data;
  g_autoptr (SysvpnNftTable) table = sample_table_new ();

  c->mutate (table);
  g_assert_cmpint (sysvpn_ruleset_fits (table), ==, c->fits);
  g_assert_cmpint (sysvpn_ruleset_has_drop_chains (table), ==, c->drops);
}

static void
test_has_endpoints (void)
{
  g_autoptr (SysvpnNftTable) table = sample_table_new ();
  GPtrArray *with_port = sample_table_set (table, "endpoints4")->elements;
  GPtrArray *any_port = sample_table_set (table, "endpoints6_any")->elements;
  g_auto (SysvpnEndpoints) list = { 0 };
  SysvpnEndpoints none = { 0 };

  g_assert_true (sysvpn_ruleset_has_endpoints (table, &none));
  parse ("8.8.8.0/25 1194 udp\n2001:db8:a::/48\n", &list);
  g_assert_false (sysvpn_ruleset_has_endpoints (table, &list));
  g_ptr_array_add (with_port, g_strdup ("0808080011000000"
                                        "04aa0000-0808087f1100000004aa0000"));
  g_assert_false (sysvpn_ruleset_has_endpoints (table, &list));
  g_ptr_array_add (any_port, g_strdup ("20010db8000a0000000000000000000006000000-"
                                       "20010db8000affffffffffffffffffff06000000"));
  g_ptr_array_add (any_port, g_strdup ("20010db8000a0000000000000000000011000000-"
                                       "20010db8000affffffffffffffffffff11000000"));
  g_assert_true (sysvpn_ruleset_has_endpoints (table, &list));
  g_assert_false (sysvpn_ruleset_has_endpoints (table, &none));
  g_ptr_array_add (any_port, g_strdup ("x"));
  g_assert_false (sysvpn_ruleset_has_endpoints (table, &list));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ruleset/print/closed", test_print_closed);
  g_test_add_func ("/ruleset/print/endpoints", test_print_endpoints);
  g_test_add_func ("/ruleset/print/rebuild", test_print_rebuild);
  g_test_add_func ("/ruleset/print/traps", test_print_traps);
  for (size_t i = 0; i < G_N_ELEMENTS (fits); i++) {
    g_autofree char *path = g_strconcat ("/ruleset/fits/", fits[i].name, NULL);
    g_test_add_data_func (path, &fits[i], test_fit);
  }
  g_test_add_func ("/ruleset/has-endpoints", test_has_endpoints);
  return g_test_run ();
}

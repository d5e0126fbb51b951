/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample-table.h"

#include <linux/netfilter.h>

#include "killswitch/ruleset.h"

static const SysvpnNftChain chains[] = {
  { "clients", "filter", 0, -90, NF_ACCEPT, 1, NULL },
  { "forward", "filter", 2, -10, NF_DROP, 1, NULL },
  { "input", "filter", 1, -10, NF_ACCEPT, 1, NULL },
  { "output", "filter", 3, -10, NF_DROP, 1, NULL },
  { "prerouting", "filter", 0, -310, NF_ACCEPT, 1, NULL },
};

/* flags, key type, key length and size as Linux 6.18 and nftables 1.0.6 have them */
static const SysvpnNftSet sets[] = {
  { "clients4", 32, 7, 4, 256, 0, "data", NULL },
  { "clients6", 32, 8, 16, 256, 0, "data", NULL },
  { "endpoints4", 132, 29453, 12, 0, 0, "data", NULL },
  { "endpoints4_any", 132, 460, 8, 0, 0, "data", NULL },
  { "endpoints6", 132, 33549, 24, 0, 0, "data", NULL },
  { "endpoints6_any", 132, 524, 20, 0, 0, "data", NULL },
};

static void
chain_free (void *data)
{
  SysvpnNftChain *chain = data;

  g_free (chain->name);
  g_free (chain->type);
  g_ptr_array_unref (chain->rules);
  g_free (chain);
}

static void
set_free (void *data)
{
  SysvpnNftSet *set = data;

  g_free (set->name);
  g_free (set->shape);
  g_ptr_array_unref (set->elements);
  g_free (set);
}

static void
object_free (void *data)
{
  SysvpnNftObject *object = data;

  g_free (object->name);
  g_free (object);
}

SysvpnNftTable *
sample_table_new (void)
{
  SysvpnNftTable *table = g_new0 (SysvpnNftTable, 1);

  table->chains = g_ptr_array_new_with_free_func (chain_free);
  table->sets = g_ptr_array_new_with_free_func (set_free);
  table->objects = g_ptr_array_new_with_free_func (object_free);
  table->clients = g_array_new (FALSE, TRUE, sizeof (SysvpnNftClient));
  for (size_t i = 0; i < G_N_ELEMENTS (chains); i++) {
    SysvpnNftChain *chain = g_memdup2 (&chains[i], sizeof chains[i]);

    chain->name = g_strdup (chains[i].name);
    chain->type = g_strdup (chains[i].type);
    chain->rules = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (chain->rules, g_strdup ("meta(,1:01) immediate(,1:accept)"));
    g_ptr_array_add (chain->rules, g_strdup ("objref(,1:drops) immediate(,1:drop)"));
    g_ptr_array_add (table->chains, chain);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++) {
    SysvpnNftSet *set = g_memdup2 (&sets[i], sizeof sets[i]);

    set->name = g_strdup (sets[i].name);
    set->shape = g_strdup (sets[i].shape);
    set->elements = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (table->sets, set);
  }
  for (unsigned i = 0; i < SYSVPN_N_COUNTERS; i++) {
    SysvpnNftObject *object = g_new0 (SysvpnNftObject, 1);

    object->name = g_strdup (sysvpn_counter_name (i));
    object->type = 1;
    g_ptr_array_add (table->objects, object);
  }
  table->n_uses = table->chains->len + table->sets->len + table->objects->len;
  return table;
}

SysvpnNftChain *
sample_table_chain (SysvpnNftTable *table, const char *name)
{
  for (unsigned i = 0; i < table->chains->len; i++) {
    SysvpnNftChain *chain = g_ptr_array_index (table->chains, i);

    if (g_str_equal (chain->name, name))
      return chain;
  }
  g_assert_not_reached ();
}

SysvpnNftSet *
sample_table_set (SysvpnNftTable *table, const char *name)
{
  for (unsigned i = 0; i < table->sets->len; i++) {
    SysvpnNftSet *set = g_ptr_array_index (table->sets, i);

    if (g_str_equal (set->name, name))
      return set;
  }
  g_assert_not_reached ();
}

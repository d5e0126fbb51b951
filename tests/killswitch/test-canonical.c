/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest differs for every single thing that decides about packets, and for nothing else.
 */
#include "killswitch/canonical.h"

#include "sample-table.h"

#define FORWARD(table) sample_table_chain ((table), "forward")
#define SET(table) sample_table_set ((table), "endpoints4")
#define REPLACE(place, value) (g_free (place), (place) = g_strdup (value))

typedef enum {
  TABLE_FLAGS,
  TABLE_USES,
  CHAIN_NAME,
  CHAIN_TYPE,
  CHAIN_HOOK,
  CHAIN_PRIORITY,
  CHAIN_POLICY,
  CHAIN_FLAGS,
  CHAIN_REMOVED,
  RULE_REMOVED,
  RULE_CHANGED,
  RULE_ADDED,
  RULES_SWAPPED,
  SET_FLAGS,
  SET_KEY_TYPE,
  SET_KEY_LEN,
  SET_SIZE,
  SET_TIMEOUT,
  SET_SHAPE,
  SET_REMOVED,
  ELEMENT_ADDED,
  OBJECT_NAME,
  OBJECT_TYPE,
  OBJECT_REMOVED,
  N_CHANGES,
  GENERATION = N_CHANGES, /* from here on: no difference */
  COUNTER_VALUE,
  CLIENT_ADDED,
  N_CASES,
} Change;

static void
change_chain (SysvpnNftTable *table, Change change)
{
  SysvpnNftChain *chain = FORWARD (table);
  void *first = chain->rules->pdata[0];

  if (change == CHAIN_NAME)
    REPLACE (chain->name, "forwarD");
  else if (change == CHAIN_TYPE)
    REPLACE (chain->type, "nat");
  else if (change == CHAIN_HOOK)
    chain->hook++;
  else if (change == CHAIN_PRIORITY)
    chain->priority++;
  else if (change == CHAIN_POLICY)
    chain->policy = !chain->policy;
  else if (change == CHAIN_FLAGS)
    chain->flags ^= 2;
  else if (change == CHAIN_REMOVED)
    g_ptr_array_remove (table->chains, chain);
  else if (change == RULE_REMOVED)
    g_ptr_array_remove_index (chain->rules, 0);
  else if (change == RULE_CHANGED)
    REPLACE (chain->rules->pdata[0], "meta(,1:01) immediate(,1:drop)");
  else if (change == RULE_ADDED)
    g_ptr_array_add (chain->rules, g_strdup ("immediate(,1:accept)"));
  else if (change == RULES_SWAPPED) {
    chain->rules->pdata[0] = chain->rules->pdata[1];
    chain->rules->pdata[1] = first;
  }
}

static void
change_set (SysvpnNftTable *table, Change change)
{
  SysvpnNftSet *set = SET (table);

  if (change == SET_FLAGS)
    set->flags ^= 1;
  else if (change == SET_KEY_TYPE)
    set->key_type++;
  else if (change == SET_KEY_LEN)
    set->key_len++;
  else if (change == SET_SIZE)
    set->size++;
  else if (change == SET_TIMEOUT)
    set->timeout_ms++;
  else if (change == SET_SHAPE)
    REPLACE (set->shape, "other");
  else if (change == SET_REMOVED)
    g_ptr_array_remove (table->sets, set);
  else if (change == ELEMENT_ADDED)
    g_ptr_array_add (set->elements, g_strdup ("08080808"));
}

static void
change_rest (SysvpnNftTable *table, Change change)
{
  SysvpnNftObject *object = g_ptr_array_index (table->objects, 0);
  SysvpnNftClient client = { .packets = 1 };

  if (change == TABLE_FLAGS)
    table->flags = 1;
  else if (change == TABLE_USES)
    table->n_uses++;
  else if (change == OBJECT_NAME)
    REPLACE (object->name, "other");
  else if (change == OBJECT_TYPE)
    object->type++;
  else if (change == OBJECT_REMOVED)
    g_ptr_array_remove (table->objects, object);
  else if (change == GENERATION)
    table->generation++;
  else if (change == COUNTER_VALUE)
    object->packets++;
  else if (change == CLIENT_ADDED)
    g_array_append_val (table->clients, client);
}

static void
test_change (gconstpointer data)
{
  Change change = (Change) GPOINTER_TO_INT (data);
  g_autoptr (SysvpnNftTable) before = sample_table_new ();
  g_autoptr (SysvpnNftTable) after = sample_table_new ();
  g_autofree char *digest_before = sysvpn_canonical_digest (before);
  g_autofree char *digest_after = NULL;

  change_chain (after, change);
  change_set (after, change);
  change_rest (after, change);
  digest_after = sysvpn_canonical_digest (after);
  if (change < N_CHANGES)
    g_assert_cmpstr (digest_before, !=, digest_after);
  else
    g_assert_cmpstr (digest_before, ==, digest_after);
}

/* A rule's end and the next one's begin must not be movable. */
static void
test_line_borders (void)
{
  g_autoptr (SysvpnNftTable) two = sample_table_new ();
  g_autoptr (SysvpnNftTable) one = sample_table_new ();
  g_autofree char *digest_two = NULL;
  g_autofree char *digest_one = NULL;
  GPtrArray *rules = FORWARD (one)->rules;

  REPLACE (rules->pdata[0], "meta(,1:01) immediate(,1:accept) objref(,1:drops)"
                            " immediate(,1:drop)");
  g_ptr_array_remove_index (rules, 1);
  digest_two = sysvpn_canonical_digest (two);
  digest_one = sysvpn_canonical_digest (one);
  g_assert_cmpstr (digest_two, !=, digest_one);
  g_assert_cmpuint (strlen (digest_one), ==, 64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < N_CASES; i++) {
    g_autofree char *path = g_strdup_printf ("/canonical/change/%d", i);
    g_test_add_data_func (path, GINT_TO_POINTER (i), test_change);
  }
  g_test_add_func ("/canonical/line-borders", test_line_borders);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical form of the killswitch's table: everything that decides about packets, nothing
 * that changes while it works (counter values, handles, clients) or from one load to the next
 * (names of anonymous sets, order of creation). */
#include "killswitch/canonical.h"

/**
 * sysvpn_canonical_print:
 * @table: a table
 *
 * Returns: (transfer full): the text whose digest identifies @table
 */
char *
sysvpn_canonical_print (const SysvpnNftTable *table)
{
  GString *text = g_string_new (NULL);

  /* the number of uses gives away whatever kind of thing is in the table that nobody read */
  g_string_append_printf (text, "table inet %s flags %u uses %u\n", SYSVPN_KILLSWITCH_TABLE,
                          table->flags, table->n_uses);
  for (unsigned i = 0; i < table->chains->len; i++) {
    const SysvpnNftChain *chain = g_ptr_array_index (table->chains, i);

    g_string_append_printf (text, "chain %s type %s hook %u priority %d policy %u flags %u\n",
                            chain->name, chain->type, chain->hook, chain->priority,
                            chain->policy, chain->flags);
    for (unsigned j = 0; j < chain->rules->len; j++)
      g_string_append_printf (text, " rule %s\n",
                              (const char *) g_ptr_array_index (chain->rules, j));
  }
  for (unsigned i = 0; i < table->sets->len; i++) {
    const SysvpnNftSet *set = g_ptr_array_index (table->sets, i);

    g_string_append_printf (
        text, "set %s flags %u key %u/%u size %u timeout %" G_GUINT64_FORMAT " %s\n", set->name,
        set->flags, set->key_type, set->key_len, set->size, set->timeout_ms, set->shape);
    for (unsigned j = 0; j < set->elements->len; j++)
      g_string_append_printf (text, " element %s\n",
                              (const char *) g_ptr_array_index (set->elements, j));
  }
  for (unsigned i = 0; i < table->objects->len; i++) {
    const SysvpnNftObject *object = g_ptr_array_index (table->objects, i);

    g_string_append_printf (text, "object %s type %u\n", object->name, object->type);
  }
  return g_string_free (text, FALSE);
}

/**
 * sysvpn_canonical_digest:
 * @table: a table
 *
 * Returns: (transfer full): the SHA-256 of its canonical form, 64 lower-case hex digits
 */
char *
sysvpn_canonical_digest (const SysvpnNftTable *table)
{
  g_autofree char *text = sysvpn_canonical_print (table);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

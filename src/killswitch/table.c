/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The killswitch's table as plain data: what the reader made of the kernel's answers. */
#include "killswitch/table.h"

/**
 * sysvpn_nft_table_free:
 * @self: (nullable): a table
 *
 * Frees @self with everything in it.
 */
void
sysvpn_nft_table_free (SysvpnNftTable *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->chains, g_ptr_array_unref);
  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_clear_pointer (&self->objects, g_ptr_array_unref);
  g_clear_pointer (&self->clients, g_array_unref);
  g_free (self);
}

/**
 * sysvpn_nft_table_find_chain:
 * @self: a table
 * @name: a name
 *
 * Returns: (nullable) (transfer none): the chain of that name
 */
const SysvpnNftChain *
sysvpn_nft_table_find_chain (const SysvpnNftTable *self, const char *name)
{
  for (unsigned i = 0; i < self->chains->len; i++) {
    const SysvpnNftChain *chain = g_ptr_array_index (self->chains, i);

    if (g_str_equal (chain->name, name))
      return chain;
  }
  return NULL;
}

/**
 * sysvpn_nft_table_find_set:
 * @self: a table
 * @name: a name
 *
 * Returns: (nullable) (transfer none): the set of that name
 */
const SysvpnNftSet *
sysvpn_nft_table_find_set (const SysvpnNftTable *self, const char *name)
{
  for (unsigned i = 0; i < self->sets->len; i++) {
    const SysvpnNftSet *set = g_ptr_array_index (self->sets, i);

    if (g_str_equal (set->name, name))
      return set;
  }
  return NULL;
}

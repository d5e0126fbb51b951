/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of endpoints: joined, folded and sorted, so that the same holes give the same ruleset
 * whatever the files' order, and so that no two elements of a set overlap (which the kernel
 * would refuse, and with it the whole transaction). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "killswitch/endpoints.h"
#include "killswitch/error.h"

/* All that says where an endpoint is; compared as bytes, so no padding is allowed. */
typedef struct {
  uint8_t address[16];
  uint8_t port[2];
  uint8_t prefix;
  uint8_t is_v6;
} EndpointKey;

static_assert (sizeof (EndpointKey) == 20, "the key is hashed as bytes");

/**
 * sysvpn_endpoints_clear:
 * @list: a list
 *
 * Frees what @list holds and makes it the empty list.
 */
void
sysvpn_endpoints_clear (SysvpnEndpoints *list)
{
  g_free (list->items);
  *list = (SysvpnEndpoints){ 0 };
}

/**
 * sysvpn_endpoints_add:
 * @list: a list
 * @endpoint: copied to the end of @list
 */
void
sysvpn_endpoints_add (SysvpnEndpoints *list, const SysvpnEndpoint *endpoint)
{
  if (list->n_items == list->n_allocated) {
    list->n_allocated = MAX (16, list->n_allocated * 2);
    list->items = g_renew (SysvpnEndpoint, list->items, list->n_allocated);
  }
  list->items[list->n_items++] = *endpoint;
}

static EndpointKey
key_of (const SysvpnEndpoint *e, unsigned prefix, uint16_t port)
{
  EndpointKey key = { .prefix = (uint8_t) prefix, .is_v6 = e->is_v6 };
  size_t whole = prefix / 8;

  memcpy (key.address, e->address, whole);
  if (prefix % 8 != 0)
    key.address[whole] = (uint8_t) (e->address[whole] & (0xff00u >> (prefix % 8)));
  key.port[0] = (uint8_t) (port >> 8);
  key.port[1] = (uint8_t) (port & 0xff);
  return key;
}

static guint
key_hash (gconstpointer data)
{
  const uint8_t *bytes = data;
  guint hash = 2166136261u; /* FNV-1a */

  for (size_t i = 0; i < sizeof (EndpointKey); i++)
    hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (EndpointKey)) == 0;
}

static int
compare (const void *a_data, const void *b_data)
{
  const SysvpnEndpoint *a = a_data;
  const SysvpnEndpoint *b = b_data;
  int by_address = memcmp (a->address, b->address, sizeof a->address);

  if (a->is_v6 != b->is_v6)
    return a->is_v6 ? 1 : -1;
  if (by_address != 0)
    return by_address;
  if (a->prefix != b->prefix)
    return a->prefix < b->prefix ? -1 : 1;
  return a->port < b->port ? -1 : a->port > b->port;
}

/* The protocols that wider entries, or the same address with any port, already let out. */
static unsigned
covered_protocols (GHashTable *by_key, const SysvpnEndpoint *e, const bool *has_prefix)
{
  unsigned covered = 0;

  for (unsigned prefix = 0; prefix <= e->prefix; prefix++) {
    EndpointKey same_port = key_of (e, prefix, e->port);
    EndpointKey any_port = key_of (e, prefix, 0);

    if (!has_prefix[prefix])
      continue;
    if (prefix < e->prefix)
      covered |= GPOINTER_TO_UINT (g_hash_table_lookup (by_key, &same_port));
    if (e->port != 0)
      covered |= GPOINTER_TO_UINT (g_hash_table_lookup (by_key, &any_port));
  }
  return covered;
}

/**
 * sysvpn_endpoints_fold:
 * @list: a list
 *
 * Removes what another entry already lets out, joins the protocols of equal entries, and sorts.
 * Afterwards no entry covers any part of another one of its kind (with port, any port). That
 * holds because a line has one port or all: two entries either nest or are apart.
 */
void
sysvpn_endpoints_fold (SysvpnEndpoints *list)
{
  g_autoptr (GHashTable) by_key = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  bool has_prefix[2][129] = { { false } };
  size_t n_kept = 0;

  if (list->n_items == 0)
    return;
  for (size_t i = 0; i < list->n_items; i++) {
    const SysvpnEndpoint *e = &list->items[i];
    EndpointKey key = key_of (e, e->prefix, e->port);
    unsigned before = GPOINTER_TO_UINT (g_hash_table_lookup (by_key, &key));

    g_hash_table_insert (by_key, g_memdup2 (&key, sizeof key),
                         GUINT_TO_POINTER (before | e->protocols));
    has_prefix[e->is_v6][e->prefix] = true;
  }
  qsort (list->items, list->n_items, sizeof *list->items, compare);
  for (size_t i = 0; i < list->n_items; i++) {
    SysvpnEndpoint e = list->items[i];
    EndpointKey key = key_of (&e, e.prefix, e.port);
    unsigned joined = GPOINTER_TO_UINT (g_hash_table_lookup (by_key, &key));

    if (n_kept > 0 && compare (&list->items[n_kept - 1], &e) == 0)
      continue;
    e.protocols = (uint8_t) (joined & ~covered_protocols (by_key, &e, has_prefix[e.is_v6]));
    if (e.protocols != 0)
      list->items[n_kept++] = e;
  }
  list->n_items = n_kept;
}

/* Whether @imported names @e's single address with a port. */
static bool
is_named_with_port (const SysvpnEndpoint *e, GHashTable *addresses)
{
  EndpointKey key = key_of (e, e->prefix, 0);

  return e->prefix == (e->is_v6 ? 128 : 32) && g_hash_table_contains (addresses, &key);
}

/**
 * sysvpn_endpoints_join:
 * @own: what the user's file names
 * @imported: what the imported profiles name
 * @ret_list: (out caller-allocates): both, folded; only on success
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR_ENDPOINTS
 *
 * A line of the user without port whose address a profile names takes its port and protocol
 * from there, so it is left out: the profile's entry is what it means.
 *
 * Returns: %FALSE if there are more than %SYSVPN_ENDPOINTS_MAX
 */
bool
sysvpn_endpoints_join (const SysvpnEndpoints *own,
                       const SysvpnEndpoints *imported,
                       SysvpnEndpoints *ret_list,
                       GError **error)
{
  g_autoptr (GHashTable) addresses = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  g_auto (SysvpnEndpoints) list = { 0 };

  for (size_t i = 0; i < imported->n_items; i++) {
    const SysvpnEndpoint *e = &imported->items[i];
    EndpointKey key = key_of (e, e->prefix, 0);

    if (!sysvpn_endpoint_is_any_port (e))
      g_hash_table_add (addresses, g_memdup2 (&key, sizeof key));
    sysvpn_endpoints_add (&list, e);
  }
  for (size_t i = 0; i < own->n_items; i++)
    if (!sysvpn_endpoint_is_any_port (&own->items[i]) ||
        !is_named_with_port (&own->items[i], addresses))
      sysvpn_endpoints_add (&list, &own->items[i]);
  sysvpn_endpoints_fold (&list);
  if (list.n_items > SYSVPN_ENDPOINTS_MAX) {
    g_set_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_ENDPOINTS,
                 "more than %d endpoints in both files", SYSVPN_ENDPOINTS_MAX);
    return false;
  }

  *ret_list = list;
  list = (SysvpnEndpoints){ 0 };
  return true;
}

/**
 * sysvpn_endpoints_count_any_port:
 * @list: a list
 *
 * Returns: how many of @list let out any port
 */
size_t
sysvpn_endpoints_count_any_port (const SysvpnEndpoints *list)
{
  size_t count = 0;

  for (size_t i = 0; i < list->n_items; i++)
    count += sysvpn_endpoint_is_any_port (&list->items[i]);
  return count;
}

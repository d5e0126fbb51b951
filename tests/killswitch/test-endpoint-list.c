/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "killswitch/endpoints.h"

static const struct FoldCase {
  const char *name;
  const char *text;
  const char *folded; /* as one line each, ", " between */
} folds[] = {
  { "empty", "", "" },
  { "sorted", "9.9.9.9\n8.8.8.8\n", "8.8.8.8, 9.9.9.9" },
  { "sorted-by-bytes", "100.1.1.1\n20.1.1.1\n", "20.1.1.1, 100.1.1.1" },
  { "v4-first", "2001:db8::1\n8.8.8.8\n", "8.8.8.8, 2001:db8::1" },
  { "sorted-by-port", "8.8.8.8 443\n8.8.8.8 53\n", "8.8.8.8 53, 8.8.8.8 443" },
  { "duplicate", "8.8.8.8 1 udp\n8.8.8.8 1 udp\n", "8.8.8.8 1 udp" },
  { "triplicate", "8.8.8.8\n8.8.8.8\n8.8.8.8\n", "8.8.8.8" },
  { "protocols-join", "8.8.8.8 1 udp\n8.8.8.8 1 tcp\n", "8.8.8.8 1" },
  { "both-covers-one", "8.8.8.8 1 udp\n8.8.8.8 1\n", "8.8.8.8 1" },
  { "ports-stay-apart", "8.8.8.8 1 udp\n8.8.8.8 2 udp\n", "8.8.8.8 1 udp, 8.8.8.8 2 udp" },
  { "any-covers-port", "8.8.8.8 1 udp\n8.8.8.8\n", "8.8.8.8" },
  { "net-covers-host", "8.8.8.8 1 udp\n8.8.8.0/24 1 udp\n", "8.8.8.0/24 1 udp" },
  { "net-covers-net", "8.8.8.0/25 1 udp\n8.8.8.0/24 1 udp\n", "8.8.8.0/24 1 udp" },
  { "net-covers-first-address", "8.8.8.0 1\n8.8.8.0/24 1\n", "8.8.8.0/24 1" },
  { "net-covers-last-address", "8.8.8.255 1\n8.8.8.0/24 1\n", "8.8.8.0/24 1" },
  { "net-not-next", "8.8.9.0 1\n8.8.8.0/24 1\n", "8.8.8.0/24 1, 8.8.9.0 1" },
  { "net-covers-protocol", "8.8.8.8 1\n8.8.8.0/24 1 udp\n", "8.8.8.0/24 1 udp, 8.8.8.8 1 tcp" },
  { "net-other-port", "8.8.8.8 2 udp\n8.8.8.0/24 1 udp\n", "8.8.8.0/24 1 udp, 8.8.8.8 2 udp" },
  { "any-net-covers-port", "8.8.8.8 1\n8.8.8.0/24\n", "8.8.8.0/24" },
  { "any-in-port-net", "8.8.8.8\n8.8.8.0/24 1\n", "8.8.8.0/24 1, 8.8.8.8" },
  { "odd-prefix", "8.8.8.130 1\n8.8.8.128/25 1\n8.8.8.1 1\n", "8.8.8.1 1, 8.8.8.128/25 1" },
  { "v6-net", "2001:db8:a:ffff::1 1\n2001:db8:a::/48 1\n", "2001:db8:a::/48 1" },
  { "v6-apart", "2001:db8:b::1 1\n2001:db8:a::/48 1\n", "2001:db8:a::/48 1, 2001:db8:b::1 1" },
};

static void
parse (const char *text, SysvpnEndpoints *ret_list)
{
  unsigned bad_line;

  g_assert_true (sysvpn_endpoints_parse (text, strlen (text), ret_list, &bad_line, NULL));
}

static char *
print (const SysvpnEndpoints *list)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < list->n_items; i++) {
    char line[SYSVPN_ENDPOINT_TEXT_MAX];

    sysvpn_endpoint_print (&list->items[i], line);
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", line);
  }
  return g_string_free (text, FALSE);
}

static void
test_fold (gconstpointer data)
{
  const struct FoldCase *c = data;
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;

  parse (c->text, &list);
  sysvpn_endpoints_fold (&list);
  once = print (&list);
  g_assert_cmpstr (once, ==, c->folded);
  sysvpn_endpoints_fold (&list);
  twice = print (&list);
  g_assert_cmpstr (twice, ==, once);
}

static const struct JoinCase {
  const char *name;
  const char *own;
  const char *imported;
  const char *joined;
} joins[] = {
  { "both", "8.8.8.8 1 udp\n", "9.9.9.9 2 tcp\n", "8.8.8.8 1 udp, 9.9.9.9 2 tcp" },
  { "own-only", "8.8.8.8\n", "", "8.8.8.8" },
  { "imported-only", "", "8.8.8.8 1 udp\n", "8.8.8.8 1 udp" },
  { "port-from-profile", "8.8.8.8\n", "8.8.8.8 1 udp\n", "8.8.8.8 1 udp" },
  { "ports-from-profiles", "8.8.8.8\n", "8.8.8.8 1 udp\n8.8.8.8 2 tcp\n",
    "8.8.8.8 1 udp, 8.8.8.8 2 tcp" },
  { "other-profile", "8.8.8.8\n", "8.8.4.4 1 udp\n", "8.8.4.4 1 udp, 8.8.8.8" },
  { "named-port-stays", "8.8.8.8\n8.8.8.8 5 udp\n", "8.8.8.8 1 udp\n",
    "8.8.8.8 1 udp, 8.8.8.8 5 udp" },
  { "profile-without-port", "8.8.8.8\n", "8.8.8.8\n", "8.8.8.8" },
  { "net-takes-no-port", "8.8.8.0/24\n", "8.8.8.0 1 udp\n", "8.8.8.0/24" },
  { "same-net-takes-no-port", "8.8.8.0/24\n", "8.8.8.0/24 1 udp\n", "8.8.8.0/24" },
  { "v6", "2001:db8::1\n", "2001:db8::1 1 udp\n", "2001:db8::1 1 udp" },
};

static void
test_join (gconstpointer data)
{
  const struct JoinCase *c = data;
  g_auto (SysvpnEndpoints) own = { 0 };
  g_auto (SysvpnEndpoints) imported = { 0 };
  g_auto (SysvpnEndpoints) joined = { 0 };
  g_autofree char *text = NULL;

  parse (c->own, &own);
  parse (c->imported, &imported);
  g_assert_true (sysvpn_endpoints_join (&own, &imported, &joined, NULL));
  text = print (&joined);
  g_assert_cmpstr (text, ==, c->joined);
}

static void
test_join_bound (void)
{
  g_auto (SysvpnEndpoints) own = { 0 };
  g_auto (SysvpnEndpoints) imported = { 0 };
  g_auto (SysvpnEndpoints) joined = { 0 };
  g_auto (SysvpnEndpoints) refused = { 0 };
  SysvpnEndpoint e = { .address = { 8 }, .port = 1, .prefix = 32, .protocols = 1 };

  for (unsigned i = 0; i < SYSVPN_ENDPOINTS_MAX; i++) {
    e.address[2] = (uint8_t) (i / 256);
    e.address[3] = (uint8_t) (i % 256);
    sysvpn_endpoints_add (i % 2 == 0 ? &own : &imported, &e);
  }
  g_assert_true (sysvpn_endpoints_join (&own, &imported, &joined, NULL));
  g_assert_cmpuint (joined.n_items, ==, SYSVPN_ENDPOINTS_MAX);
  e.address[0] = 9;
  sysvpn_endpoints_add (&own, &e);
  g_assert_false (sysvpn_endpoints_join (&own, &imported, &refused, NULL));
}

static void
test_count (void)
{
  g_auto (SysvpnEndpoints) list = { 0 };

  parse ("8.8.8.8\n8.8.4.4 1\n9.9.9.0/24\n", &list);
  g_assert_cmpuint (sysvpn_endpoints_count_any_port (&list), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (folds); i++) {
    g_autofree char *path = g_strconcat ("/endpoint-list/fold/", folds[i].name, NULL);
    g_test_add_data_func (path, &folds[i], test_fold);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (joins); i++) {
    g_autofree char *path = g_strconcat ("/endpoint-list/join/", joins[i].name, NULL);
    g_test_add_data_func (path, &joins[i], test_join);
  }
  g_test_add_func ("/endpoint-list/join-bound", test_join_bound);
  g_test_add_func ("/endpoint-list/count", test_count);
  return g_test_run ();
}

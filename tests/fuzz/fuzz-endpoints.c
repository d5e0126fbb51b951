/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The endpoints file: what a user pastes from a provider's page decides what the killswitch
 * lets out, so nothing may make it wider than it reads. */
#include "fuzz.h"

#include "base/safe-text.h"
#include "killswitch/endpoints.h"

#include <string.h>

static void
check_endpoint (const SysvpnEndpoint *endpoint)
{
  char text[SYSVPN_ENDPOINT_TEXT_MAX], again_text[SYSVPN_ENDPOINT_TEXT_MAX];
  SysvpnEndpoint again;

  g_assert_cmpuint (endpoint->prefix, <=, endpoint->is_v6 ? 128 : 32);
  g_assert_cmpuint (endpoint->prefix, >=,
                    endpoint->is_v6 ? SYSVPN_ENDPOINT_PREFIX6_MIN
                                    : SYSVPN_ENDPOINT_PREFIX4_MIN);
  g_assert_true (endpoint->protocols != 0 &&
                 endpoint->protocols <= (SYSVPN_ENDPOINT_UDP | SYSVPN_ENDPOINT_TCP));
  sysvpn_endpoint_print (endpoint, text);
  g_assert_cmpuint (strlen (text), <, sizeof text);
  g_assert_true (sysvpn_text_is_printable (text, strlen (text)));
  g_assert_true (sysvpn_endpoint_parse (text, strlen (text), &again, NULL));
  sysvpn_endpoint_print (&again, again_text);
  g_assert_cmpstr (text, ==, again_text);
}

static bool
is_same (const SysvpnEndpoints *a, const SysvpnEndpoints *b)
{
  if (a->n_items != b->n_items)
    return false;
  for (size_t i = 0; i < a->n_items; i++) {
    char one[SYSVPN_ENDPOINT_TEXT_MAX], other[SYSVPN_ENDPOINT_TEXT_MAX];

    sysvpn_endpoint_print (&a->items[i], one);
    sysvpn_endpoint_print (&b->items[i], other);
    if (!g_str_equal (one, other))
      return false;
  }
  return true;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = size > 0 ? (const char *) data : "";
  g_auto (SysvpnEndpoints) list = { 0 };
  g_auto (SysvpnEndpoints) nothing = { 0 };
  g_auto (SysvpnEndpoints) joined = { 0 };
  g_auto (SysvpnEndpoints) twice = { 0 };
  g_autoptr (GError) error = NULL;
  unsigned bad_line = 0;

  if (!sysvpn_endpoints_parse (text, size, &list, &bad_line, &error)) {
    g_assert_nonnull (error);
    g_assert_cmpuint (list.n_items, ==, 0);
    return 0;
  }
  g_assert_cmpuint (list.n_items, <=, SYSVPN_ENDPOINTS_MAX);
  for (size_t i = 0; i < list.n_items; i++)
    check_endpoint (&list.items[i]);

  /* folding once is enough, and a file twice is the same as once */
  if (!sysvpn_endpoints_join (&list, &nothing, &joined, NULL))
    return 0;
  g_assert_cmpuint (joined.n_items, <=, list.n_items);
  for (size_t i = 0; i < joined.n_items; i++)
    check_endpoint (&joined.items[i]);
  if (sysvpn_endpoints_join (&list, &list, &twice, NULL))
    g_assert_true (is_same (&joined, &twice));
  sysvpn_endpoints_fold (&twice);
  g_assert_true (twice.n_items == 0 || is_same (&joined, &twice));
  return 0;
}

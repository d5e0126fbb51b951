/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/sight.h"

#include <string.h>

static const struct EndpointCase {
  const char *name;
  const char *endpoint;
  bool is_endpoint; /* of 198.51.100.10, udp, port 1194 */
} cases[] = {
  { "same", "198.51.100.10:1194/udp", true },
  { "another-port", "198.51.100.10:1195/udp", false },
  { "another-protocol", "198.51.100.10:1194/tcp", false },
  { "another-address", "198.51.100.11:1194/udp", false },
  { "longer-address", "198.51.100.101:1194/udp", false },
  { "none", "", false },
};

static void
test_endpoint (gconstpointer data)
{
  const struct EndpointCase *c = data;
  const SysvpnFlow flow = { .way = SYSVPN_WAY_UP,
                            .version = 4,
                            .protocol = SYSVPN_FLOW_UDP,
                            .address = "198.51.100.10",
                            .port = 1194,
                            .packets = 3 };

  g_assert_cmpint (sysvpn_flow_is_endpoint (&flow, c->endpoint), ==, c->is_endpoint);
}

/* One packet that is not the tunnel's is a stray one, however many are. */
static void
test_stray (void)
{
  g_autofree SysvpnSighting *sighting = g_new0 (SysvpnSighting, 1);
  const SysvpnFlow flows[] = {
    { SYSVPN_WAY_UP, 4, SYSVPN_FLOW_UDP, "198.51.100.10", 1194, 1000 },
    { SYSVPN_WAY_TUNNEL, 4, SYSVPN_FLOW_TCP, "1.1.1.1", 443, 5 },
    { SYSVPN_WAY_IN, 4, SYSVPN_FLOW_UDP, "10.139.1.1", 53, 5 },
    { SYSVPN_WAY_UP, 4, SYSVPN_FLOW_UDP, "9.9.9.9", 53, 1 },
  };

  memcpy (sighting->flows, flows, sizeof flows);
  sighting->n = 3;
  g_assert_null (sysvpn_sight_find_stray (sighting, "198.51.100.10:1194/udp"));
  g_assert_nonnull (sysvpn_sight_find_stray (sighting, "203.0.113.1:1194/udp"));
  g_assert_null (sysvpn_sight_find_names (sighting, SYSVPN_WAY_UP));
  g_assert_cmpuint (sysvpn_sight_count_endpoint (sighting, "198.51.100.10:1194/udp"), ==, 1000);
  sighting->n = 4;
  g_assert_true (sysvpn_sight_find_stray (sighting, "198.51.100.10:1194/udp") ==
                 &sighting->flows[3]);
  g_assert_true (sysvpn_sight_find_names (sighting, SYSVPN_WAY_UP) == &sighting->flows[3]);
}

/* What was not looked at cannot be called absent. */
static void
test_complete (void)
{
  g_autofree SysvpnSighting *sighting = g_new0 (SysvpnSighting, 1);

  sighting->uplinks = 1;
  g_assert_true (sysvpn_sight_is_complete (sighting));
  sighting->lost = 1;
  g_assert_false (sysvpn_sight_is_complete (sighting));
  sighting->lost = 0;
  sighting->more = 1;
  g_assert_false (sysvpn_sight_is_complete (sighting));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/sight/endpoint/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_endpoint);
  }
  g_test_add_func ("/sight/stray", test_stray);
  g_test_add_func ("/sight/complete", test_complete);
  return g_test_run ();
}

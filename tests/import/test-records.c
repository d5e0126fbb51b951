/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/records.h"

#include "import/hosts.h"

static const char text[] = "[file a b.ovpn]\n"
                           "uuid=u\n"
                           "digest=d\n"
                           "profile=p\n"
                           "endpoints=1.2.3.4:5/udp;[2001:db8::1]:5/tcp;\n"
                           "certificates=a-ca.pem;\n"
                           "\n"
                           "[pins]\n"
                           "a.example=203.0.113.1;203.0.113.2;\n";

static void
test_round_trip (void)
{
  g_autoptr (GHashTable) pins = sysvpn_hosts_new ();
  g_autoptr (GHashTable) records = sysvpn_records_parse (text, pins);
  const SysvpnRecord *record = g_hash_table_lookup (records, "a b.ovpn");
  g_autofree char *printed = sysvpn_records_print (records, pins);

  g_assert_nonnull (record);
  g_assert_cmpstr (record->uuid, ==, "u");
  g_assert_cmpuint (g_strv_length (record->endpoints), ==, 2);
  g_assert_cmpstr (record->endpoints[1], ==, "[2001:db8::1]:5/tcp");
  g_assert_cmpstr (sysvpn_hosts_find (pins, "A.example")[1], ==, "203.0.113.2");
  g_assert_cmpstr (printed, ==, text);
}

static void
test_broken (void)
{
  static const char *const broken[] = { "", "no key file", "[file a.ovpn]\nuuid=u\n",
                                        "[other]\nuuid=u\ndigest=d\nprofile=p\n" };

  for (size_t i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (GHashTable) pins = sysvpn_hosts_new ();
    g_autoptr (GHashTable) records = sysvpn_records_parse (broken[i], pins);

    g_assert_cmpuint (g_hash_table_size (records), ==, 0);
    g_assert_cmpuint (g_hash_table_size (pins), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/round-trip", test_round_trip);
  g_test_add_func ("/records/broken", test_broken);
  return g_test_run ();
}

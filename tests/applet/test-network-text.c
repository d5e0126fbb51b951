/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/network-text.h"

#include <string.h>

static void
test_overview (void)
{
  static const struct {
    unsigned n_through, n_passing, n_unknown;
    const char *text;
  } cases[] = {
    { 0, 0, 0, "No qube that runs goes through sys-vpn." },
    { 1, 0, 0, "1 qube that runs goes through sys-vpn." },
    { 3, 0, 0, "3 qubes that run go through sys-vpn." },
    { 3, 1, 0, "3 qubes that run go through sys-vpn. 1 more passes traffic on to it." },
    { 0, 2, 0, "No qube that runs goes through sys-vpn. 2 more pass traffic on to it." },
    { 2, 0, 1,
      "2 qubes that run go through sys-vpn. Of 1 it is not known where its traffic goes." },
    { 0, 0, 2,
      "No qube that runs goes through sys-vpn. Of 2 it is not known where their traffic "
      "goes." },
  };
  const SysvpnWiredQube qube = { .name = "a", .power = SYSVPN_POWER_RUNNING };
  g_autofree char *untold = sysvpn_network_text_overview (NULL, "sys-vpn");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GArray) map = g_array_new (FALSE, FALSE, sizeof (SysvpnNetworkClient));
    g_autofree char *text = NULL;

    for (unsigned n = 0; n < cases[i].n_through + cases[i].n_passing; n++) {
      SysvpnNetworkClient client = { .qube = &qube,
                                     .route = SYSVPN_ROUTE_THROUGH,
                                     .is_net_qube = n >= cases[i].n_through };

      g_array_append_val (map, client);
    }
    for (unsigned n = 0; n < cases[i].n_unknown; n++) {
      SysvpnNetworkClient client = { .qube = &qube, .route = SYSVPN_ROUTE_UNKNOWN };

      g_array_append_val (map, client);
    }
    text = sysvpn_network_text_overview (map, "sys-vpn");
    g_assert_cmpstr (text, ==, cases[i].text);
  }
  g_assert_true (
      g_str_has_prefix (untold, "dom0 does not tell which qubes go through sys-vpn."));
}

static void
test_notice (void)
{
  static const struct {
    const char *strays;
    const char *summary;
    const char *names; /* with which the body begins */
  } cases[] = {
    { "work", "A qube goes past the VPN", "work is tagged vpn-only, runs, and sends past" },
    { "a b", "Qubes go past the VPN", "a, b are tagged vpn-only, run, and send past" },
    { "a b c d", "Qubes go past the VPN", "a, b, c, d are " },
    { "a b c d e", "Qubes go past the VPN", "a, b, c, d, … (5) are " },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (GStrv) strays = g_strsplit (cases[i].strays, " ", -1);
    g_auto (SysvpnMessage) message = { 0 };

    sysvpn_network_text_notice ((const char *const *) strays, &message);
    g_assert_cmpstr (message.summary, ==, cases[i].summary);
    g_assert_true (g_str_has_prefix (message.body, cases[i].names));
  }
}

/* No name in it: the panel takes an underscore of a label that changes for a mnemonic. */
static void
test_warning (void)
{
  g_autofree char *none = sysvpn_network_text_warning (0);
  g_autofree char *one = sysvpn_network_text_warning (1);
  g_autofree char *two = sysvpn_network_text_warning (2);

  g_assert_null (none);
  g_assert_cmpstr (one, ==, "1 qube tagged vpn-only goes past the VPN");
  g_assert_cmpstr (two, ==, "2 qubes tagged vpn-only go past the VPN");
}

static void
test_words (void)
{
  g_assert_cmpstr (sysvpn_network_text_route (SYSVPN_ROUTE_UNKNOWN), ==, "not known");
  g_assert_cmpstr (sysvpn_network_text_route (SYSVPN_N_ROUTES), ==, "not known");
  g_assert_cmpstr (sysvpn_network_text_power (SYSVPN_N_POWERS), ==, "not known");
}

static void
test_missing (void)
{
  g_assert_null (sysvpn_network_text_missing (SYSVPN_NETWORK_KNOWN, false, true));
  g_assert_nonnull (
      strstr (sysvpn_network_text_missing (SYSVPN_NETWORK_KNOWN, false, false), "; "));
  g_assert_cmpstr (sysvpn_network_text_missing (SYSVPN_NETWORK_WAITING, false, false), ==,
                   "Unknown: no VPN qube is known yet");
  g_assert_true (
      g_str_has_prefix (sysvpn_network_text_missing (SYSVPN_NETWORK_KNOWN, true, true),
                        "Unknown: dom0 does not tell of every qube"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network-text/overview", test_overview);
  g_test_add_func ("/network-text/notice", test_notice);
  g_test_add_func ("/network-text/warning", test_warning);
  g_test_add_func ("/network-text/words", test_words);
  g_test_add_func ("/network-text/missing", test_missing);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/wiring.h"

#include <string.h>

/* "NAME>NETVM" parted by blanks; "NAME>" for none, "NAME?" where dom0 does not tell. */
static GArray *
qubes_of (const char *text)
{
  GArray *qubes = g_array_new (FALSE, TRUE, sizeof (SysvpnWiredQube));
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (size_t i = 0; words[i] != NULL; i++) {
    SysvpnWiredQube qube = { .power = SYSVPN_POWER_RUNNING };
    size_t len = strcspn (words[i], ">?");

    memcpy (qube.name, words[i], len);
    qube.netvm_known = words[i][len] == '>';
    if (qube.netvm_known)
      g_strlcpy (qube.netvm, words[i] + len + 1, sizeof qube.netvm);
    g_array_append_val (qubes, qube);
  }
  return qubes;
}

#define FIREWALL "work>fw fw>sys-dns sys-dns>sys-vpn sys-vpn>sys-net sys-net>"

static const struct WiringCase {
  const char *name;
  const char *qubes;
  const char *resolver; /* NULL: none */
  bool sandwich;
  SysvpnOutcome outcome;
} cases[] = {
  { "whole", FIREWALL, "sys-dns", false, SYSVPN_OUTCOME_PASSED },
  { "no-resolver", "work>fw fw>sys-vpn sys-vpn>sys-net sys-net>", NULL, false,
    SYSVPN_OUTCOME_PASSED },
  { "second-firewall", "work>fw fw>sys-dns sys-dns>sys-vpn sys-vpn>fw2 fw2>sys-net sys-net>",
    "sys-dns", true, SYSVPN_OUTCOME_PASSED },
  { "second-firewall-missing", FIREWALL, "sys-dns", true, SYSVPN_OUTCOME_FAILED },
  { "past-the-vpn", "work>fw fw>sys-net sys-dns>sys-vpn sys-vpn>sys-net sys-net>", "sys-dns",
    false, SYSVPN_OUTCOME_FAILED },
  { "past-the-resolver", "work>fw fw>sys-vpn sys-dns>sys-vpn sys-vpn>sys-net sys-net>",
    "sys-dns", false, SYSVPN_OUTCOME_FAILED },
  { "resolver-behind-the-vpn", "work>fw fw>sys-vpn sys-vpn>sys-dns sys-dns>sys-net sys-net>",
    "sys-dns", false, SYSVPN_OUTCOME_FAILED },
  { "no-network", "work> fw>sys-dns sys-dns>sys-vpn sys-vpn>sys-net sys-net>", "sys-dns", false,
    SYSVPN_OUTCOME_FAILED },
  { "not-told", "work>fw fw? sys-dns>sys-vpn sys-vpn>sys-net sys-net>", "sys-dns", false,
    SYSVPN_OUTCOME_INCONCLUSIVE },
  { "ring", "work>fw fw>work sys-vpn>sys-net sys-net>", NULL, false,
    SYSVPN_OUTCOME_INCONCLUSIVE },
};

static void
test_judge (gconstpointer data)
{
  const struct WiringCase *c = data;
  g_autoptr (GArray) qubes = qubes_of (c->qubes);
  const SysvpnWiringWish wish = { "work", "sys-vpn", c->resolver, c->sandwich };
  g_auto (SysvpnFinding) finding = sysvpn_wiring_judge (qubes, &wish);

  if (c->outcome != finding.outcome)
    g_error ("%s: %s: %s", c->name, sysvpn_words_get (&sysvpn_outcome_words, finding.outcome),
             finding.text);
  g_assert_true ((finding.remedy == NULL) == (finding.outcome == SYSVPN_OUTCOME_PASSED));
}

static void
test_no_client (void)
{
  static const char *const nobodies[] = { "fw", "sys-dns", "sys-vpn", "sys-net" };

  for (size_t i = 0; i < G_N_ELEMENTS (nobodies); i++) {
    g_autoptr (GArray) qubes = qubes_of (FIREWALL);
    const SysvpnWiringWish wish = { nobodies[i], "sys-vpn", "sys-dns", false };
    g_auto (SysvpnFinding) finding = sysvpn_wiring_judge (qubes, &wish);

    g_assert_cmpint (finding.outcome, ==, SYSVPN_OUTCOME_FAILED);
    g_assert_nonnull (strstr (finding.text, nobodies[i]));
    g_assert_nonnull (strstr (finding.remedy, "--client"));
  }
}

/* A VPN qube that nobody sends through. */
static void
test_vpn_alone (void)
{
  g_autoptr (GArray) qubes = qubes_of ("work>fw fw>sys-net sys-vpn>sys-net sys-net>");
  const SysvpnWiringWish wish = { "sys-vpn", "sys-vpn", NULL, false };
  g_auto (SysvpnFinding) finding = sysvpn_wiring_judge (qubes, &wish);

  g_assert_cmpint (finding.outcome, ==, SYSVPN_OUTCOME_FAILED);
  g_assert_nonnull (strstr (finding.remedy, "--client"));
}

/* It ends, whatever dom0 says. */
static void
test_ring (void)
{
  g_autoptr (GArray) qubes = qubes_of ("a>b b>c c>a");
  SysvpnChain chain = sysvpn_chain_walk (qubes, "a");

  g_assert_false (chain.is_whole);
  g_assert_cmpuint (chain.n, <=, SYSVPN_CHAIN_MAX);
  chain = sysvpn_chain_walk (qubes, "nobody");
  g_assert_cmpuint (chain.n, ==, 0);
  g_assert_false (chain.is_whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/wiring/judge/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_judge);
  }
  g_test_add_func ("/wiring/no-client", test_no_client);
  g_test_add_func ("/wiring/vpn-alone", test_vpn_alone);
  g_test_add_func ("/wiring/ring", test_ring);
  return g_test_run ();
}

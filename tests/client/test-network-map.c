/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/network-map.h"

#include "client/vpn-qubes.h"

#include <string.h>

/* "NAME>NETVM" parted by blanks; "NAME>" for none, "NAME?" where dom0 does not tell. Before the
 * name, '-' for one that does not run, '!' for one that is tagged. */
static GArray *
qubes_of (const char *text)
{
  GArray *qubes = g_array_new (FALSE, TRUE, sizeof (SysvpnWiredQube));
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (size_t i = 0; words[i] != NULL && words[i][0] != '\0'; i++) {
    SysvpnWiredQube qube = { .power = SYSVPN_POWER_RUNNING };
    const char *name = words[i];
    size_t len;

    for (; *name == '-' || *name == '!'; name++) {
      qube.is_vpn_only = qube.is_vpn_only || *name == '!';
      if (*name == '-')
        qube.power = SYSVPN_POWER_HALTED;
    }
    len = strcspn (name, ">?");
    memcpy (qube.name, name, len);
    qube.netvm_known = name[len] == '>';
    if (qube.netvm_known)
      g_strlcpy (qube.netvm, name + len + 1, sizeof qube.netvm);
    g_array_append_val (qubes, qube);
  }
  return qubes;
}

/* Each qube as "CHAIN", before it '+' for through, '-' for past and '?' for unknown, and '!'
 * for a stray. */
static char *
text_of (const GArray *map)
{
  static const char marks[] = {
    [SYSVPN_ROUTE_UNKNOWN] = '?',
    [SYSVPN_ROUTE_THROUGH] = '+',
    [SYSVPN_ROUTE_PAST] = '-',
    [SYSVPN_ROUTE_NOWHERE] = '0',
  };
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < map->len; i++) {
    const SysvpnNetworkClient *client = &g_array_index (map, SysvpnNetworkClient, i);
    g_autofree char *chain = sysvpn_chain_text (&client->chain, ">");

    g_string_append_printf (text, "%s%c%s%s", i > 0 ? " " : "", marks[client->route],
                            client->is_stray ? "!" : "", chain);
  }
  return g_string_free (text, FALSE);
}

#define NETWORK " fw>dns dns>vpn vpn>net net>"

static const struct MapCase {
  const char *name;
  const char *qubes;
  const char *map;
  unsigned n_through; /* that are counted */
} cases[] = {
  { "none", "", "", 0 },
  { "alone", "vpn>net net>", "", 0 },
  { "whole", "work>fw home>fw" NETWORK,
    "+dns>vpn +fw>dns>vpn +home>fw>dns>vpn +work>fw>dns>vpn", 2 },
  { "next-to-it", "work>vpn vpn>net net>", "+work>vpn", 1 },
  { "those-that-run-first", "-a>fw b>fw" NETWORK,
    "+b>fw>dns>vpn +dns>vpn +fw>dns>vpn +a>fw>dns>vpn", 1 },
  { "past", "work>fw2 fw2>net vpn>net net>", "-fw2>net -work>fw2>net", 0 },
  { "no-network", "vault> vpn>net net>", "", 0 },
  { "not-told", "work>fw fw? vpn>net net>", "?fw>? ?work>fw>?", 0 },
  /* what is beyond the VPN qube does not matter, and need not be known */
  { "not-told-beyond", "work>vpn vpn?", "+work>vpn", 1 },
  { "a-net-qube-that-is-not-there", "work>gone vpn>net net>", "?work>?", 0 },
  { "itself", "work>work vpn>net net>",
    "?work>work>work>work>work>work>work>work>work>work>work>work>work>work>work>work>?", 0 },
  { "a-ring", "a>b b>a vpn>net net>",
    "?a>b>a>b>a>b>a>b>a>b>a>b>a>b>a>b>? ?b>a>b>a>b>a>b>a>b>a>b>a>b>a>b>a>?", 0 },
  { "a-ring-with-the-vpn", "a>vpn vpn>a net>", "+a>vpn", 0 },
  { "as-long-as-can-be", "a>b b>c c>d d>e e>f f>g g>h h>i i>j j>k k>l l>m m>n n>o o>vpn vpn>",
    "+a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>vpn", 1 },
  { "longer", "q>a a>b b>c c>d d>e e>f f>g g>h h>i i>j j>k k>l l>m m>n n>o o>vpn vpn>",
    "?q>a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>?", 0 },
  { "stray", "!work>net home>vpn vpn>net net>", "-!work>net +home>vpn", 1 },
  { "stray-that-does-not-run", "-!work>net vpn>net net>", "-work>net", 0 },
  { "stray-without-a-network", "!work> vpn>net net>", "", 0 },
  { "stray-not-told", "!work? vpn>net net>", "?work>?", 0 },
  { "tagged-and-through", "!work>vpn vpn>net net>", "+work>vpn", 1 },
  { "tagged-and-through-the-other", "!work>vpn2 vpn2>net vpn>net net>", "-work>vpn2>net", 0 },
  { "one-behind-the-other", "work>vpn2 vpn2>vpn vpn>net net>", "+vpn2>vpn +work>vpn2>vpn", 1 },
  /* where all leave is no client; a tag there cannot be kept, whatever it was meant to say */
  { "tagged-uplink", "work>vpn vpn>net !net>", "-!net +work>vpn", 1 },
  { "a-tagged-vpn", "work>vpn !vpn>net net>", "+work>vpn", 1 },
};

static void
test_map (gconstpointer data)
{
  static const char *const vpns[] = { "vpn", "vpn2", NULL };
  const struct MapCase *c = data;
  g_autoptr (GArray) qubes = qubes_of (c->qubes);
  g_autoptr (GArray) map = sysvpn_network_map_new (qubes, "vpn", vpns);
  g_autofree char *text = text_of (map);

  if (strchr (c->map, ' ') == NULL && map->len > 1) /* the one of many that matters */
    g_assert_nonnull (strstr (text, c->map));
  else
    g_assert_cmpstr (text, ==, c->map);
  g_assert_cmpuint (sysvpn_network_map_count (map, SYSVPN_ROUTE_THROUGH, false), ==,
                    c->n_through);
}

static void
test_strays (void)
{
  static const char *const vpns[] = { "vpn", "vpn2", NULL };
  static const char *const none[] = { NULL };
  g_autoptr (GArray) qubes =
      qubes_of ("!a>vpn !b>net !c>vpn2 !-d>net e>net !f? !g> vpn>net !vpn2>net net>");
  g_auto (GStrv) strays = sysvpn_network_dup_strays (qubes, vpns);
  g_auto (GStrv) without = sysvpn_network_dup_strays (qubes, none);
  g_autofree char *text = g_strjoinv (" ", strays);
  g_autofree char *text_without = g_strjoinv (" ", without);

  g_assert_cmpstr (text, ==, "b");
  g_assert_cmpstr (text_without, ==, "a b c vpn2");
}

/* A VPN qube may itself be the client of another. */
static void
test_vpn_behind_vpn (void)
{
  static const char *const vpns[] = { "vpn2", "vpn", NULL };
  g_autoptr (GArray) qubes = qubes_of ("vpn2>vpn vpn>net net>");
  SysvpnChain chain;

  g_assert_cmpint (sysvpn_route_judge (qubes, "vpn2", vpns, &chain), ==, SYSVPN_ROUTE_THROUGH);
  g_assert_cmpuint (chain.n, ==, 2);
  g_assert_cmpint (sysvpn_route_judge (qubes, "vpn", vpns, &chain), ==, SYSVPN_ROUTE_PAST);
}

static void
test_vpn_qubes (void)
{
  g_autoptr (GArray) qubes = qubes_of ("a>net b>net -c>net d>net net>");
  g_auto (GStrv) names = NULL;
  g_autofree char *text = NULL;

  g_array_index (qubes, SysvpnWiredQube, 0).has_agent = true;
  g_array_index (qubes, SysvpnWiredQube, 0).is_template = true;
  g_array_index (qubes, SysvpnWiredQube, 1).has_agent = true;
  g_array_index (qubes, SysvpnWiredQube, 2).has_service = true;
  names = sysvpn_vpn_qubes_dup_names (qubes);
  text = g_strjoinv (" ", names);
  g_assert_cmpstr (text, ==, "b c");
}

static void
test_addresses (void)
{
  static const struct {
    const char *address;
    const char *qube; /* NULL: of nobody */
  } addresses[] = {
    { "10.137.0.5", "dns" }, { "10.137.0.6", NULL /* not next to it */ },
    { "fd09::5", "dns" },    { "FD09:0::5", "dns" },
    { "10.137.0.55", NULL }, { "", NULL },
    { "10.137.0.05", NULL }, { "<b>", NULL },
  };
  g_autoptr (GArray) qubes = qubes_of ("fw>dns dns>vpn work>vpn vpn>net net>");

  g_strlcpy (g_array_index (qubes, SysvpnWiredQube, 0).ip, "10.137.0.6", SYSVPN_ADDRESS_MAX);
  g_strlcpy (g_array_index (qubes, SysvpnWiredQube, 1).ip, "10.137.0.5", SYSVPN_ADDRESS_MAX);
  g_strlcpy (g_array_index (qubes, SysvpnWiredQube, 1).ip6, "fd09::5", SYSVPN_ADDRESS_MAX);
  for (size_t i = 0; i < G_N_ELEMENTS (addresses); i++) {
    const SysvpnWiredQube *qube =
        sysvpn_network_find_address (qubes, "vpn", addresses[i].address);

    g_assert_cmpstr (qube != NULL ? qube->name : NULL, ==, addresses[i].qube);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/network-map/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_map);
  }
  g_test_add_func ("/network-map/strays", test_strays);
  g_test_add_func ("/network-map/a-vpn-behind-a-vpn", test_vpn_behind_vpn);
  g_test_add_func ("/network-map/vpn-qubes", test_vpn_qubes);
  g_test_add_func ("/network-map/addresses", test_addresses);
  return g_test_run ();
}

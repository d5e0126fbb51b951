/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/vpn-qubes.h"

static const struct {
  const char *title;
  const char *names[4];
  const char *chosen; /* NULL: the user is to say */
} choices[] = {
  { "dom0 knows of none", { NULL }, "sys-vpn" },
  { "the usual one", { "sys-vpn", NULL }, "sys-vpn" },
  { "one that was renamed", { "vpn-home", NULL }, "vpn-home" },
  { "the usual one first", { "sys-vpn", "vpn-work", NULL }, "sys-vpn" },
  { "the usual one last", { "aaa", "bbb", "sys-vpn", NULL }, "sys-vpn" },
  { "several others", { "vpn-home", "vpn-work", NULL }, NULL },
  { "a name that begins alike", { "sys-vpn-2", "sys-vpn-3", NULL }, NULL },
};

static void
test_choose (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++) {
    g_test_message ("%s", choices[i].title);
    g_assert_cmpstr (sysvpn_vpn_qubes_choose (choices[i].names), ==, choices[i].chosen);
  }
}

static const struct {
  SysvpnWiredQube qube;
  bool is_vpn;
} marks[] = {
  { { .name = "plain" }, false },
  { { .name = "agent", .has_agent = true }, true },
  { { .name = "service", .has_service = true }, true },
  { { .name = "both", .has_agent = true, .has_service = true }, true },
  { { .name = "template", .is_template = true, .has_agent = true }, false },
};

static void
test_names (void)
{
  g_autoptr (GArray) qubes = g_array_new (FALSE, FALSE, sizeof (SysvpnWiredQube));
  g_auto (GStrv) names = NULL;
  unsigned n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (marks); i++)
    g_array_append_val (qubes, marks[i].qube);
  names = sysvpn_vpn_qubes_dup_names (qubes);
  for (size_t i = 0; i < G_N_ELEMENTS (marks); i++) {
    g_assert_true (g_strv_contains ((const char *const *) names, marks[i].qube.name) ==
                   marks[i].is_vpn);
    n += marks[i].is_vpn;
  }
  g_assert_cmpuint (g_strv_length (names), ==, n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vpn-qubes/choose", test_choose);
  g_test_add_func ("/vpn-qubes/names", test_names);
  return g_test_run ();
}

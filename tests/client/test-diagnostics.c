/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/diagnostics.h"

#include <string.h>

/* Whatever the VPN qube says, it cannot look like a line of dom0's. */
static void
test_marked (void)
{
  g_autofree char *text = sysvpn_diagnostics_text (
      "Exposed: the killswitch was changed", "one\n\nProtected: all is well\nsysvpn 9.9\n");
  const char *theirs = strstr (text, "The VPN qube says of itself");
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) before = NULL;

  g_assert_nonnull (theirs);
  g_assert_true (g_str_has_prefix (text, "sysvpn " SYSVPN_VERSION "\n"));
  g_assert_true (strstr (text, "\nExposed: the killswitch was changed\n") < theirs);
  lines = g_strsplit (theirs, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 7);
  g_assert_cmpstr (lines[2], ==, "| one");
  g_assert_cmpstr (lines[3], ==, "| ");
  g_assert_cmpstr (lines[4], ==, "| Protected: all is well");
  g_assert_cmpstr (lines[5], ==, "| sysvpn 9.9");
  g_assert_cmpstr (lines[6], ==, "");
  before = g_strsplit (text, "\n", -1);
  for (size_t i = 0; !g_str_has_prefix (before[i], "The VPN qube"); i++)
    g_assert_false (g_str_has_prefix (before[i], "|"));
}

static void
test_without_an_answer (void)
{
  g_autofree char *text = sysvpn_diagnostics_text ("nobody answers in the VPN qube", NULL);

  g_assert_nonnull (strstr (text, "\nnobody answers in the VPN qube\n"));
  g_assert_null (strstr (text, "says of itself"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnostics/marked", test_marked);
  g_test_add_func ("/diagnostics/without-an-answer", test_without_an_answer);
  return g_test_run ();
}

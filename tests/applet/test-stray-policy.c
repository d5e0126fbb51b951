/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/stray-policy.h"

enum { S = 1000, MIN_MS = 60 * S };

/* "TIME NAMES>WHAT" in seconds: what is done about the notification when the strays are these:
 * '!' show, 'x' over, '.' nothing. */
static const struct StrayCase {
  const char *name;
  const char *script;
} cases[] = {
  { "none", "1 >. 2 >." },
  { "one", "1 a>! 2 a>. 900 a>. 901 >x 902 >." },
  { "another", "1 a>! 2 a,b>! 3 b>. 4 >x" },
  { "two-at-once", "1 a,b>! 2 a,b>." },
  { "one-goes-one-stays", "1 a,b>! 2 a>. 3 >x" },
  /* started anew, or wired to and fro */
  { "back-soon", "1 a>! 2 >x 3 a>. 4 >. 299 a>." },
  { "back-later", "1 a>! 2 >x 303 a>!" },
  { "there-for-long", "1 a>! 5000 a>. 5001 >x 5002 a>." },
  { "back-soon-with-another", "1 a>! 2 >x 3 a,b>! 4 >x" },
};

static void
test_script (gconstpointer data)
{
  g_auto (GStrv) words = g_strsplit_set (((const struct StrayCase *) data)->script, " >", -1);
  SysvpnStrayPolicy policy = { 0 };

  for (size_t i = 0; words[i] != NULL; i += 3) {
    g_auto (GStrv) strays = g_strsplit (words[i + 1], ",", -1);
    SysvpnStrayNotice notice = sysvpn_stray_decide (&policy, (const char *const *) strays,
                                                    g_ascii_strtoll (words[i], NULL, 10) * S);

    g_test_message ("%s s", words[i]);
    g_assert_cmpint (".!x"[notice], ==, words[i + 2][0]);
  }
}

static char **
many (unsigned first, unsigned n)
{
  char **names = g_new0 (char *, n + 1);

  for (unsigned i = 0; i < n; i++)
    names[i] = g_strdup_printf ("q%u", first + i);
  return names;
}

/* However many there are, memory is bounded, and what is there is not announced over and over.
 */
static void
test_many (void)
{
  SysvpnStrayPolicy policy = { 0 };
  g_auto (GStrv) all = many (0, 3 * SYSVPN_STRAYS_TOLD_MAX);
  g_auto (GStrv) others = many (1000, SYSVPN_STRAYS_TOLD_MAX);
  static const char *const none[] = { NULL };

  g_assert_cmpint (sysvpn_stray_decide (&policy, (const char *const *) all, 1), ==,
                   SYSVPN_STRAY_NOTICE_SHOW);
  g_assert_cmpint (sysvpn_stray_decide (&policy, (const char *const *) all, 10 * MIN_MS), ==,
                   SYSVPN_STRAY_NOTICE_NONE);
  g_assert_cmpint (sysvpn_stray_decide (&policy, none, 20 * MIN_MS), ==,
                   SYSVPN_STRAY_NOTICE_OVER);
  g_assert_cmpint (sysvpn_stray_decide (&policy, (const char *const *) others, 21 * MIN_MS), ==,
                   SYSVPN_STRAY_NOTICE_SHOW); /* in the places of those that are gone */
  g_assert_cmpint (sysvpn_stray_decide (&policy, (const char *const *) others, 22 * MIN_MS), ==,
                   SYSVPN_STRAY_NOTICE_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/stray-policy/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_script);
  }
  g_test_add_func ("/stray-policy/many", test_many);
  return g_test_run ();
}

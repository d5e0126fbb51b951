/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/words.h"

#include "base/safe-text.h"
#include "proto/limits.h"

#include <string.h>

static const struct WordsCase {
  const char *name;
  const SysvpnWords *words;
  unsigned n_words;
} cases[] = {
  { "tunnel", &sysvpn_tunnel_words, SYSVPN_N_TUNNELS },
  { "cause", &sysvpn_cause_words, SYSVPN_N_CAUSES },
  { "killswitch", &sysvpn_killswitch_words, SYSVPN_N_KILLSWITCHES },
  { "killswitch-break", &sysvpn_break_words, SYSVPN_N_BREAKS },
  { "wanted", &sysvpn_wanted_words, SYSVPN_N_WANTEDS },
  { "profile-type", &sysvpn_profile_type_words, SYSVPN_N_PROFILE_TYPES },
  { "egress", &sysvpn_egress_words, SYSVPN_N_EGRESSES },
  { "dns", &sysvpn_dns_words, SYSVPN_N_DNS },
  { "code", &sysvpn_code_words, SYSVPN_N_CODES },
};

static void
test_both_ways (gconstpointer data)
{
  const struct WordsCase *c = data;

  g_assert_cmpuint (c->words->n_words, ==, c->n_words);
  for (unsigned i = 0; i < c->n_words; i++) {
    const char *word = sysvpn_words_get (c->words, i);

    /* finds itself: so there is no word twice */
    g_assert_cmpuint (sysvpn_words_find (c->words, word), ==, i);
    g_assert_cmpuint (strlen (word), >, 0);
    g_assert_cmpuint (strlen (word), <=, SYSVPN_VALUE_MAX);
    g_assert_cmpuint (strspn (word, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (word));
  }
}

static void
test_unknown (gconstpointer data)
{
  const struct WordsCase *c = data;
  const char *first = sysvpn_words_get (c->words, 1);
  g_autofree char *longer = g_strconcat (first, "x", NULL);
  g_autofree char *shorter = g_strndup (first, strlen (first) - 1);
  g_autofree char *upper = g_ascii_strup (first, -1);

  g_assert_cmpstr (sysvpn_words_get (c->words, 0), ==, "unknown");
  g_assert_cmpstr (sysvpn_words_get (c->words, c->n_words), ==, "unknown");
  g_assert_cmpstr (sysvpn_words_get (c->words, G_MAXUINT), ==, "unknown");
  g_assert_cmpuint (sysvpn_words_find (c->words, ""), ==, 0);
  g_assert_cmpuint (sysvpn_words_find (c->words, longer), ==, 0);
  g_assert_cmpuint (sysvpn_words_find (c->words, shorter), ==, 0);
  g_assert_cmpuint (sysvpn_words_find (c->words, upper), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *both = g_strdup_printf ("/words/%s/both-ways", cases[i].name);
    g_autofree char *unknown = g_strdup_printf ("/words/%s/unknown", cases[i].name);

    g_test_add_data_func (both, &cases[i], test_both_ways);
    g_test_add_data_func (unknown, &cases[i], test_unknown);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/failure.h"

#include <stdint.h>
#include <string.h>

/* Every failure has a word of its own that fits the wire. */
static void
test_words (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < SYSVPN_N_PROBE_FAILURES; i++) {
    const char *word = sysvpn_probe_failure_word ((SysvpnProbeFailure) i);

    g_assert_nonnull (word);
    g_assert_cmpuint (strspn (word, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (word));
    g_assert_true (g_hash_table_add (seen, (gpointer) (uintptr_t) word));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/words", test_words);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/backoff.h"

static const struct BackoffCase {
  const char *name;
  unsigned attempt, first_ms, cap_ms;
  uint32_t random;
  unsigned delay_ms;
} cases[] = {
  { "first", 1, 5000, 60000, 0, 5000 },
  { "before-the-first", 0, 5000, 60000, 0, 5000 },
  { "second", 2, 5000, 60000, 0, 10000 },
  { "fourth", 4, 5000, 60000, 0, 40000 },
  { "fifth-is-capped", 5, 5000, 60000, 0, 60000 },
  { "stays-capped", 6, 5000, 60000, 0, 60000 },
  { "for-ever", G_MAXUINT, 5000, 60000, 0, 60000 },
  { "reaches-the-cap-exactly", 3, 1000, 4000, 0, 4000 },
  { "below-an-odd-cap", 2, 2, 5, 0, 4 },
  { "odd-cap", 3, 2, 5, 0, 5 },
  { "first-is-the-cap", 9, 60000, 60000, 0, 60000 },
  { "smallest", 1, 1, 1, UINT32_MAX, 1 },
  { "largest-cap-does-not-wrap", 64, 3, G_MAXUINT, 0, G_MAXUINT },
  { "all-of-the-jitter", 1, 4000, 60000, UINT32_MAX, 3000 },
  { "half-of-the-jitter", 1, 4000, 60000, UINT32_MAX / 2 + 1, 3500 },
  { "all-of-the-jitter-capped", 20, 5000, 60000, UINT32_MAX, 45000 },
  { "jitter-of-the-largest", 64, 1, G_MAXUINT, UINT32_MAX, G_MAXUINT - G_MAXUINT / 4 },
};

static void
test_delay (gconstpointer data)
{
  const struct BackoffCase *c = data;

  g_assert_cmpuint (sysvpn_backoff_delay_ms (c->attempt, c->first_ms, c->cap_ms, c->random), ==,
                    c->delay_ms);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/backoff/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_delay);
  }
  return g_test_run ();
}

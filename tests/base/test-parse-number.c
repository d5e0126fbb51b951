/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/parse-number.h"

static const struct NumberCase {
  const char *name;
  const char *text;
  uint64_t max;
  uint64_t value;
  bool refused;
} cases[] = {
  { "zero", "0", 10, 0 },
  { "zero-of-zero", "0", 0, 0 },
  { "one-of-zero", "1", 0, .refused = true },
  { "digit-at-the-bound", "7", 7, 7 },
  { "digit-past-the-bound", "8", 7, .refused = true },
  { "at-the-bound", "65535", 65535, 65535 },
  { "one-past-the-bound", "65536", 65535, .refused = true },
  { "a-digit-past-the-bound", "100000", 65535, .refused = true },
  { "largest", "18446744073709551615", UINT64_MAX, UINT64_MAX },
  { "one-past-the-largest", "18446744073709551616", UINT64_MAX, .refused = true },
  { "wraps-to-small", "36893488147419103233", UINT64_MAX, .refused = true },
  { "very-long", "99999999999999999999999999", UINT64_MAX, .refused = true },
  { "all-digits", "1234567890", UINT64_MAX, 1234567890 },
  { "empty", "", 10, .refused = true },
  { "leading-zero", "01", 10, .refused = true },
  { "two-zeros", "00", 10, .refused = true },
  { "plus", "+1", 10, .refused = true },
  { "minus", "-1", UINT64_MAX, .refused = true },
  { "blank-before", " 1", 10, .refused = true },
  { "blank-after", "1 ", 10, .refused = true },
  { "newline-after", "1\n", 10, .refused = true },
  { "hexadecimal", "0x1", 10, .refused = true },
  { "fraction", "1.0", 10, .refused = true },
  { "exponent", "1e1", 100, .refused = true },
  { "before-0-in-ascii", "/", 100, .refused = true },
  { "after-9-in-ascii", ":", 100, .refused = true },
  { "other-script", "\xd9\xa1", 10, .refused = true },
};

static void
test_parse (gconstpointer data)
{
  const struct NumberCase *c = data;
  uint64_t value = 4711;

  g_assert_cmpint (sysvpn_parse_u64 (c->text, c->max, &value), ==, !c->refused);
  g_assert_cmpuint (value, ==, c->refused ? 4711 : c->value);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/parse-number/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_parse);
  }
  return g_test_run ();
}

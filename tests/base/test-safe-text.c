/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/safe-text.h"

#include <string.h>

static const struct SanitizeCase {
  const char *name;
  const char *text;
  size_t max_len;
  const char *safe;
} cases[] = {
  { "plain", "Provider A, 10.8.0.2", 100, "Provider A, 10.8.0.2" },
  { "empty", "", 100, "" },
  { "every-kind-of-ascii", " !#$%()*+,-./09:;=?@AZ[\\]^_`az{|}~", 100,
    " !#$%()*+,-./09:;=?@AZ[\\]^_`az{|}~" },
  { "markup", "<b>&amp;\"'</b>", 100, "_b__amp;___/b_" },
  { "terminal-escape", "\x1b[2J", 100, "_[2J" },
  { "newline-tab-return", "a\nb\tc\rd", 100, "a_b_c_d" },
  { "below-and-above-printable", "\x1f \x7e\x7f", 100, "_ ~_" },
  { "utf-8", "K\xc3\xb6ln", 100, "K__ln" },
  { "right-to-left-override",
    "\xe2\x80\xae"
    "x",
    100, "___x" },
  { "not-utf-8", "\xff\xfe", 100, "__" },
  { "as-long-as-allowed", "12345", 5, "12345" },
  { "one-too-long", "123456", 5, "12..." },
  { "cut-to-dots", "1234", 3, "..." },
  { "too-short-for-dots", "1234", 2, "12" },
  { "cut-to-nothing", "1234", 0, "" },
  { "cut-markup", "<<<<<<", 5, "__..." },
};

static void
test_sanitize (gconstpointer data)
{
  const struct SanitizeCase *c = data;
  g_autofree char *safe = sysvpn_text_sanitize (c->text, c->max_len);

  g_assert_cmpstr (safe, ==, c->safe);
}

/* Every byte there is, against the rule written in another way. */
static void
test_sanitize_every_byte (void)
{
  for (int byte = 1; byte < 256; byte++) {
    const char text[] = { (char) byte, '\0' };
    g_autofree char *safe = sysvpn_text_sanitize (text, 1);
    g_autofree char *escaped = g_markup_escape_text (safe, -1);
    bool keeps = g_ascii_isprint ((char) byte) && strchr ("<>&\"'", byte) == NULL;

    g_assert_cmpstr (safe, ==, keeps ? text : "_");
    g_assert_cmpstr (safe, ==, escaped); /* nothing in it means anything to Pango */
  }
}

static void
test_is_printable (void)
{
  g_assert_true (sysvpn_text_is_printable ("", 0));
  g_assert_true (sysvpn_text_is_printable (NULL, 0));
  for (int byte = 0; byte < 256; byte++) {
    const char text[] = { 'a', (char) byte, 'z' };

    g_assert_cmpint (sysvpn_text_is_printable (text, 3), ==, byte >= 0x20 && byte <= 0x7e);
    g_assert_true (sysvpn_text_is_printable (text, 1)); /* only as many as it was told */
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/safe-text/sanitize/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_sanitize);
  }
  g_test_add_func ("/safe-text/sanitize-every-byte", test_sanitize_every_byte);
  g_test_add_func ("/safe-text/is-printable", test_is_printable);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/diagnosis.h"

#include "proto/wire-error.h"

#include "read-blocks.h"

#include <string.h>

static const struct DecodeCase {
  const char *name;
  const char *lines; /* between the version and the result */
  const char *text;  /* NULL: must be refused */
} decode_cases[] = {
  { "none", "", "" },
  { "lines", "line_0=a\nline_1=\nline_2=b c\n", "a\n\nb c\n" },
  { "another-order", "line_1=b\nline_0=a\n", "a\nb\n" },
  { "other-fields", "colour=red\nline_0=a\n", "a\n" },
  { "markup", "line_0=<b>&\"'</b>\n", "_b_____/b_\n" },
  { "gap", "line_0=a\nline_2=b\n", NULL },
  { "begins-at-one", "line_1=a\n", NULL },
  { "leading-zero", "line_0=a\nline_01=b\n", NULL },
  { "no-number", "line_0=a\nline_x=b\n", NULL },
};

static void
test_decode (gconstpointer data)
{
  const struct DecodeCase *c = data;
  g_autofree char *block_text = g_strdup_printf ("sysvpn=1\n%sresult=ok\n\n", c->lines);
  g_autoptr (SysvpnBlock) block = read_block (block_text);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = sysvpn_diagnosis_decode (block, &error);

  g_assert_cmpstr (text, ==, c->text);
  if (c->text == NULL)
    g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE);
  else
    g_assert_no_error (error);
}

/* What is written fits the limits and comes back, whatever the text was. */
static char *
there_and_back (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GPtrArray) blocks = NULL;

  sysvpn_diagnosis_encode (out, text);
  blocks = read_blocks (out->str, out->len, SYSVPN_DIAGNOSIS_LINES_MAX, 7, NULL);
  g_assert_nonnull (blocks);
  g_assert_cmpuint (blocks->len, ==, 1);
  return sysvpn_diagnosis_decode (g_ptr_array_index (blocks, 0), NULL);
}

static void
test_cleaned (void)
{
  g_autofree char *plain = there_and_back ("a\n\nb\n");
  g_autofree char *no_newline = there_and_back ("a\nb");
  g_autofree char *odd = there_and_back ("\x1b[2J\tZ\xc3\xbcrich\r\n");
  g_autofree char *empty = there_and_back ("");

  g_assert_cmpstr (plain, ==, "a\n\nb\n");
  g_assert_cmpstr (no_newline, ==, "a\nb\n");
  g_assert_cmpstr (odd, ==, "_[2J_Z__rich_\n");
  g_assert_cmpstr (empty, ==, "");
}

static void
test_bounds (void)
{
  g_autofree char *longest = g_strnfill (SYSVPN_VALUE_MAX, 'x');
  g_autofree char *longer = g_strnfill (SYSVPN_VALUE_MAX + 1, 'x');
  g_autofree char *kept = there_and_back (longest);
  g_autofree char *cut = there_and_back (longer);
  g_autofree char *most = g_strnfill (SYSVPN_DIAGNOSIS_LINES_MAX - 2, '\n');
  g_autofree char *more = g_strnfill (SYSVPN_DIAGNOSIS_LINES_MAX - 1, '\n');
  g_autofree char *all = there_and_back (most);
  g_autofree char *not_all = there_and_back (more);

  g_assert_cmpuint (strlen (kept), ==, SYSVPN_VALUE_MAX + 1);
  g_assert_false (g_str_has_suffix (kept, "...\n"));
  g_assert_cmpuint (strlen (cut), ==, SYSVPN_VALUE_MAX + 1);
  g_assert_true (g_str_has_suffix (cut, "...\n"));
  g_assert_cmpstr (all, ==, most);
  g_assert_cmpstr (not_all, ==, most);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (decode_cases); i++) {
    g_autofree char *path = g_strconcat ("/diagnosis/decode/", decode_cases[i].name, NULL);

    g_test_add_data_func (path, &decode_cases[i], test_decode);
  }
  g_test_add_func ("/diagnosis/encode/cleaned", test_cleaned);
  g_test_add_func ("/diagnosis/encode/bounds", test_bounds);
  return g_test_run ();
}

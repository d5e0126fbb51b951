/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qrexec/PROTOCOL.md against the code, in both directions: fields, words, limits, services. */
#include "proto/profile-list.h"
#include "proto/request.h"
#include "proto/status.h"

#include "golden.h"
#include "read-blocks.h"

#include <string.h>

enum { MAX_CELLS = 8 };

/* One row of a table: its cells, with the backticks taken off. */
typedef struct {
  char *cells[MAX_CELLS];
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  for (size_t i = 0; i < MAX_CELLS; i++)
    g_free (row->cells[i]);
  g_free (row);
}

static Row *
parse_row (const char *line)
{
  g_auto (GStrv) cells = g_strsplit (line, "|", -1);
  Row *row = g_new0 (Row, 1);

  g_assert_cmpuint (g_strv_length (cells), <, MAX_CELLS + 2);
  for (size_t i = 1; cells[i] != NULL && cells[i + 1] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (g_strstrip (cells[i]), "`", -1);

    row->cells[i - 1] = g_strjoinv ("", parts);
  }
  return row;
}

/* The rows of the first table below a heading, without its head. */
static GPtrArray *
load_table (const char *heading)
{
  g_autofree char *page = golden_load_text ("qrexec/PROTOCOL.md");
  g_auto (GStrv) lines = g_strsplit (page, "\n", -1);
  GPtrArray *rows = g_ptr_array_new_with_free_func (row_free);
  size_t i = 0;

  while (lines[i] != NULL && !g_str_equal (lines[i], heading))
    i++;
  g_assert_nonnull (lines[i]); /* the heading is not there */
  while (lines[i] != NULL && !g_str_has_prefix (lines[i], "|---"))
    i++;
  for (i++; lines[i] != NULL && lines[i][0] == '|'; i++)
    g_ptr_array_add (rows, parse_row (lines[i]));
  g_assert_cmpuint (rows->len, >, 0);
  return rows;
}

/* --- words */

static const struct {
  const char *name;
  const SysvpnWords *words;
} enumerations[] = {
  { "tunnel", &sysvpn_tunnel_words },
  { "cause", &sysvpn_cause_words },
  { "wanted", &sysvpn_wanted_words },
  { "profile-type", &sysvpn_profile_type_words },
  { "dns", &sysvpn_dns_words },
  { "killswitch", &sysvpn_killswitch_words },
  { "killswitch-break", &sysvpn_break_words },
  { "egress", &sysvpn_egress_words },
  { "code", &sysvpn_code_words },
};

static const SysvpnWords *
find_enumeration (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (enumerations); i++)
    if (g_str_equal (enumerations[i].name, name))
      return enumerations[i].words;
  g_error ("the page names an enumeration %s that the code does not have", name);
}

static void
test_words (void)
{
  g_autofree char *page = golden_load_text ("qrexec/PROTOCOL.md");
  g_auto (GStrv) headings = g_strsplit (page, "\n#### ", -1);

  /* the page has no list of words that the code lacks */
  g_assert_cmpuint (g_strv_length (headings), ==, G_N_ELEMENTS (enumerations) + 1);
  for (size_t i = 0; i < G_N_ELEMENTS (enumerations); i++) {
    g_autofree char *heading = g_strconcat ("#### ", enumerations[i].name, NULL);
    g_autoptr (GPtrArray) rows = load_table (heading);

    g_assert_cmpuint (rows->len, ==, enumerations[i].words->n_words);
    for (unsigned w = 0; w < rows->len; w++) {
      const Row *row = g_ptr_array_index (rows, w);

      g_assert_cmpstr (row->cells[0], ==, sysvpn_words_get (enumerations[i].words, w));
      g_assert_cmpuint (strlen (row->cells[1]), >, 0);
    }
  }
}

/* --- fields */

/* Whether the smallest report with one line more, instead of its own or left out, is accepted,
 * and what is then written for that field. */
static bool
accepts (const char *key, const char *value, char **ret_written)
{
  g_autofree char *golden = golden_get ("status-minimal");
  g_auto (GStrv) lines = g_strsplit (golden, "\n", -1);
  g_autofree char *prefix = g_strconcat (key, "=", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (SysvpnBlock) block = NULL;
  g_autoptr (SysvpnBlock) written = NULL;
  SysvpnStatus status;

  for (size_t i = 0; lines[i + 1] != NULL; i++) {
    if (g_str_has_prefix (lines[i], "result=") && value != NULL)
      g_string_append_printf (text, "%s%s\n", prefix, value);
    if (!g_str_has_prefix (lines[i], prefix))
      g_string_append_printf (text, "%s\n", lines[i]);
  }
  block = read_block (text->str);
  if (!sysvpn_status_decode (block, &status, NULL))
    return false;
  g_string_set_size (text, 0);
  sysvpn_status_encode (text, &status);
  written = read_block (text->str);
  *ret_written = g_strdup (sysvpn_block_get (written, key));
  return true;
}

static void
assert_kept (const char *key, const char *value)
{
  g_autofree char *written = NULL;

  g_assert_true (accepts (key, value, &written));
  g_assert_cmpstr (written, ==, value);
}

static void
assert_refused (const char *key, const char *value)
{
  g_autofree char *written = NULL;

  g_assert_false (accepts (key, value, &written));
}

static void
check_number (const char *key, const char *range)
{
  g_autofree char *past = NULL;
  guint64 max = 0;

  g_assert_true (g_str_has_prefix (range, "0 to "));
  g_assert_true (g_ascii_string_to_unsigned (range + 5, 10, 1, UINT64_MAX - 1, &max, NULL));
  past = g_strdup_printf ("%" G_GUINT64_FORMAT, max + 1);
  assert_kept (key, "0");
  assert_kept (key, range + 5);
  assert_refused (key, past);
  assert_refused (key, "");
  assert_refused (key, "-1");
  assert_refused (key, "many");
}

static void
check_text (const char *key, const char *range)
{
  guint64 max = 0;
  g_autofree char *longest = NULL;
  g_autofree char *longer = NULL;

  g_assert_true (g_str_has_prefix (range, "0 to "));
  g_assert_true (g_ascii_string_to_unsigned (range + 5, 10, 1, SYSVPN_VALUE_MAX, &max, NULL));
  longest = g_strnfill (max, 'x');
  longer = g_strnfill (max + 1, 'x');
  assert_kept (key, longest);
  assert_kept (key, "a b=c");
  assert_refused (key, longer);
}

static void
check_word (const char *key, const char *range)
{
  const SysvpnWords *words = find_enumeration (range);
  g_autofree char *written = NULL;

  for (unsigned i = 0; i < words->n_words; i++)
    assert_kept (key, sysvpn_words_get (words, i));
  g_assert_true (accepts (key, "word-of-a-later-version", &written));
  g_assert_cmpstr (written, ==, "unknown");
}

static void
check_field (const Row *row)
{
  const char *key = row->cells[0], *type = row->cells[1], *range = row->cells[3];

  if (g_str_equal (type, "number"))
    check_number (key, range);
  else if (g_str_equal (type, "text"))
    check_text (key, range);
  else if (g_str_equal (type, "word"))
    check_word (key, range);
  else if (g_str_equal (type, "uuid")) {
    assert_kept (key, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
    assert_refused (key, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8eg");
  } else if (g_str_equal (type, "ipv4")) {
    assert_kept (key, "255.255.255.255");
    assert_refused (key, "::1");
  } else if (g_str_equal (type, "ipv6")) {
    assert_kept (key, "2001:db8::1");
    assert_refused (key, "127.0.0.1");
  } else
    g_error ("the page names a type %s that this test does not know", type);
}

static void
collect_key (const char *key, const char *value, bool is_number, gpointer data)
{
  g_ptr_array_add (data, g_strdup_printf ("%s %d", key, is_number));
  (void) value;
}

/* Same fields, same order, same idea of what is a number. */
static void
test_field_list (void)
{
  g_autoptr (GPtrArray) rows = load_table ("## Report");
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  SysvpnStatus status;

  sysvpn_status_init (&status);
  sysvpn_status_foreach (&status, collect_key, keys);
  g_assert_cmpuint (rows->len, ==, keys->len);
  for (unsigned i = 0; i < rows->len; i++) {
    const Row *row = g_ptr_array_index (rows, i);
    g_autofree char *wanted =
        g_strdup_printf ("%s %d", row->cells[0], g_str_equal (row->cells[1], "number"));

    g_assert_cmpstr (wanted, ==, g_ptr_array_index (keys, i));
    g_assert_cmpuint (strlen (row->cells[5]), >, 0);
  }
}

static void
test_field (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *written = NULL;

  g_assert_cmpint (accepts (row->cells[0], NULL, &written), ==,
                   g_str_equal (row->cells[4], "no"));
  g_assert_true (g_str_equal (row->cells[4], "yes") || g_str_equal (row->cells[4], "no"));
  check_field (row);
}

/* A unit is told by the field's name, and the other way round. */
static void
test_units (void)
{
  g_autoptr (GPtrArray) rows = load_table ("## Report");

  for (unsigned i = 0; i < rows->len; i++) {
    const Row *row = g_ptr_array_index (rows, i);
    const char *key = row->cells[0], *unit = row->cells[2];

    g_assert_cmpint (g_str_has_suffix (key, "_s"), ==, g_str_equal (unit, "s"));
    g_assert_cmpint (g_str_has_suffix (key, "_ms"), ==, g_str_equal (unit, "ms"));
    g_assert_cmpint (g_str_has_suffix (key, "_bytes"), ==, g_str_equal (unit, "bytes"));
  }
}

/* --- limits */

/* Name and value of every limit in limits.h, which is simple enough to be read like this. */
static GHashTable *
load_limits (void)
{
  g_autofree char *header = golden_load_text ("src/proto/limits.h");
  g_autoptr (GRegex) regex = g_regex_new ("\\bSYSVPN_(\\w+)\\s*=\\s*(\\d+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GHashTable *limits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_regex_match (regex, header, 0, &match);
  while (g_match_info_matches (match)) {
    g_hash_table_insert (limits, g_match_info_fetch (match, 1), g_match_info_fetch (match, 2));
    g_match_info_next (match, NULL);
  }
  return limits;
}

static void
test_limits (void)
{
  g_autoptr (GPtrArray) rows = load_table ("### Limits");
  g_autoptr (GHashTable) limits = load_limits ();

  for (unsigned i = 0; i < rows->len; i++) {
    const Row *row = g_ptr_array_index (rows, i);

    g_assert_cmpstr (g_hash_table_lookup (limits, row->cells[0]), ==, row->cells[1]);
    g_assert_true (g_hash_table_remove (limits, row->cells[0]));
  }
  /* the page leaves none out */
  g_assert_cmpuint (g_hash_table_size (limits), ==, 0);
}

/* --- services */

static void
test_services (void)
{
  g_autoptr (GPtrArray) rows = load_table ("### Services");

  g_assert_cmpuint (rows->len, ==, SYSVPN_N_SERVICES);
  for (unsigned i = 0; i < rows->len; i++) {
    const Row *row = g_ptr_array_index (rows, i);
    unsigned timeout_s = sysvpn_service_timeout_s (i);
    g_autofree char *lines = g_strdup_printf ("%zu", sysvpn_service_max_lines (i));
    g_autofree char *seconds =
        timeout_s > 0 ? g_strdup_printf ("%u", timeout_s) : g_strdup ("-");
    g_autofree char *descriptor =
        g_strconcat (row->cells[0], "+6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1 dom0", NULL);
    SysvpnRequest request;

    g_assert_cmpstr (row->cells[0], ==, sysvpn_service_name (i));
    g_assert_cmpint (sysvpn_request_parse (descriptor, strlen (descriptor), &request, NULL), ==,
                     g_str_equal (row->cells[1], "UUID, or none"));
    g_assert_cmpstr (row->cells[2], ==, sysvpn_service_controls (i) ? "control" : "read");
    g_assert_cmpstr (row->cells[3], ==, lines);
    g_assert_cmpstr (row->cells[4], ==, seconds);
  }
}

/* --- flags of profiles */

static void
test_flags (void)
{
  g_autoptr (GPtrArray) rows = load_table ("## Profiles");
  g_autoptr (GArray) profiles = g_array_new (FALSE, TRUE, sizeof (SysvpnProfile));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) flags = g_string_new (NULL);
  SysvpnProfile profile = { .autoconnect = true, .active = true, .pinned = true };

  for (unsigned i = 0; i < rows->len; i++)
    g_string_append_printf (flags, "%s%s", i > 0 ? "," : " unknown ",
                            ((const Row *) g_ptr_array_index (rows, i))->cells[0]);
  g_string_append_c (flags, ' ');
  g_array_append_val (profiles, profile);
  sysvpn_profile_list_encode (text, profiles);
  g_assert_nonnull (strstr (text->str, flags->str));
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) rows = NULL;

  g_test_init (&argc, &argv, NULL);
  rows = load_table ("## Report");
  for (unsigned i = 0; i < rows->len; i++) {
    const Row *row = g_ptr_array_index (rows, i);
    g_autofree char *path = g_strconcat ("/protocol-page/field/", row->cells[0], NULL);

    g_test_add_data_func (path, row, test_field);
  }
  g_test_add_func ("/protocol-page/field-list", test_field_list);
  g_test_add_func ("/protocol-page/units", test_units);
  g_test_add_func ("/protocol-page/words", test_words);
  g_test_add_func ("/protocol-page/limits", test_limits);
  g_test_add_func ("/protocol-page/services", test_services);
  g_test_add_func ("/protocol-page/flags", test_flags);
  return g_test_run ();
}

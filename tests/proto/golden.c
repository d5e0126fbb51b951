/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The examples of qrexec/PROTOCOL.md, for every test that needs an answer of the agent: one
 * truth for both sides. An example stands between a line "```KIND NAME" and a line "```". */
#include "golden.h"

#include <string.h>

static const char *const kind_words[N_GOLDEN_KINDS] = {
  [GOLDEN_CANONICAL] = "golden",
  [GOLDEN_ACCEPTED] = "accepted",
  [GOLDEN_REFUSED] = "refused",
};

/**
 * golden_load_text:
 * @path: a file, from the top of the tree
 *
 * Returns: (transfer full): its text; there is no going on without it
 */
char *
golden_load_text (const char *path)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", path, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
golden_example_free (gpointer data)
{
  GoldenExample *example = data;

  g_free (example->name);
  g_free (example->text);
  g_free (example);
}

/* The example that a line opens, or NULL. */
static GoldenExample *
open_example (const char *line)
{
  for (unsigned kind = 0; kind < N_GOLDEN_KINDS; kind++) {
    g_autofree char *opening = g_strdup_printf ("```%s ", kind_words[kind]);

    if (g_str_has_prefix (line, opening)) {
      GoldenExample *example = g_new0 (GoldenExample, 1);

      example->kind = kind;
      example->name = g_strdup (line + strlen (opening));
      return example;
    }
  }
  return NULL;
}

/**
 * golden_load:
 *
 * Returns: (transfer full) (element-type GoldenExample): all examples, in the order of the page
 */
GPtrArray *
golden_load (void)
{
  g_autofree char *page = golden_load_text ("qrexec/PROTOCOL.md");
  g_auto (GStrv) lines = g_strsplit (page, "\n", -1);
  GPtrArray *examples = g_ptr_array_new_with_free_func (golden_example_free);

  for (size_t i = 0; lines[i] != NULL; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    GoldenExample *example = open_example (lines[i]);

    if (example == NULL)
      continue;
    while (!g_str_equal (lines[++i], "```")) {
      g_assert_nonnull (lines[i + 1]); /* an example without an end */
      g_string_append_printf (text, "%s\n", lines[i]);
    }
    example->text = g_strdup (text->str);
    g_ptr_array_add (examples, example);
  }
  return examples;
}

/**
 * golden_get:
 * @name: of an example that must be there
 *
 * Returns: (transfer full): its bytes
 */
char *
golden_get (const char *name)
{
  g_autoptr (GPtrArray) examples = golden_load ();

  for (unsigned i = 0; i < examples->len; i++) {
    const GoldenExample *example = g_ptr_array_index (examples, i);

    if (g_str_equal (example->name, name))
      return g_strdup (example->text);
  }
  g_error ("qrexec/PROTOCOL.md has no example %s", name);
}

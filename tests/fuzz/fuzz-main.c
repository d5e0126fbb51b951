/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for libFuzzer where it is not wanted: gives a fuzz target every file of a folder,
 * one TAP point each. So what a fuzzer ever found stays tested with any compiler. */
#include "fuzz.h"

#include <glib.h>

#include <stdio.h>
#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = NULL;

  if (argc != 2) {
    fprintf (stderr, "Usage: %s FOLDER\n", argv[0]);
    return 2;
  }

  names = list_folder (argv[1]);
  for (unsigned i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *path = g_build_filename (argv[1], name, NULL);
    g_autofree char *bytes = NULL;
    size_t len;

    if (!g_file_get_contents (path, &bytes, &len, NULL)) {
      printf ("not ok %u - %s cannot be read\n", i + 1, name);
      continue;
    }
    {
      /* of exactly its size, so that a sanitizer sees a read past the end */
      g_autofree uint8_t *exact = g_memdup2 (bytes, len);

      LLVMFuzzerTestOneInput (exact, len);
    }
    printf ("ok %u - %s\n", i + 1, name);
    fflush (stdout); /* so that a crash comes after the last good one */
  }
  printf ("1..%u\n", names->len);
  return names->len > 0 ? 0 : 1;
}

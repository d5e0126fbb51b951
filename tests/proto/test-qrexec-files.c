/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files in qrexec/ against the table of services: one that is left out would work in every
 * test of ours, and on a Qubes machine not at all. */
#include "proto/request.h"

#include "golden.h"

#include <string.h>

static void
test_config (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "qrexec/config", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned n_files = 0;

  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++) {
    g_autofree char *path = g_strconcat ("qrexec/config/", sysvpn_service_name (i), NULL);
    g_autofree char *text = golden_load_text (path);
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
    unsigned n_settings = 0;

    for (size_t l = 0; lines[l] != NULL; l++)
      if (lines[l][0] != '#' && lines[l][0] != '\0') {
        /* the platform's parser refuses every call when it does not like a line */
        g_assert_cmpstr (lines[l], ==, "exit-on-service-eof=true");
        n_settings++;
      }
    g_assert_cmpuint (n_settings, ==, 1);
  }
  while (g_dir_read_name (dir) != NULL)
    n_files++;
  g_assert_cmpuint (n_files, ==, SYSVPN_N_SERVICES);
}

/* One word of a text stands somewhere in it, with nothing that would make it another word. */
static bool
has_word (const char *text, const char *word)
{
  g_autofree char *escaped = g_regex_escape_string (word, -1);
  g_autofree char *pattern = g_strdup_printf ("(?<![\\w.])%s(?![\\w.])", escaped);

  return g_regex_match_simple (pattern, text, 0, 0);
}

static void
test_every_service_is_named (gconstpointer data)
{
  g_autofree char *text = golden_load_text (data);

  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++) {
    const char *name = sysvpn_service_name (i);

    /* meson.build and the script write what stands after the dot, or the whole name */
    g_assert_true (has_word (text, name) || has_word (text, strchr (name, '.') + 1) ||
                   strstr (text, name) != NULL);
  }
}

/* Nothing is allowed to anybody as it is shipped, and dom0 needs no line. */
static void
test_policy_allows_nothing (void)
{
  g_autofree char *text = golden_load_text ("qrexec/policy/30-sysvpn.policy");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (size_t i = 0; lines[i] != NULL; i++) {
    g_assert_true (lines[i][0] == '#' || lines[i][0] == '\0');
    /* the one line that is there to start a qube is the one that says so */
    if (strstr (lines[i], " allow") != NULL && !g_str_has_prefix (lines[i], "#admin.vm.Start "))
      g_assert_nonnull (strstr (lines[i], "autostart=no"));
  }
}

/* Longer names than this cannot be told to dom0 (facts of the platform: 63 with the prefix). */
static void
test_name_lengths (void)
{
  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++)
    g_assert_cmpuint (strlen (sysvpn_service_name (i)), <=, 31);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qrexec-files/config", test_config);
  g_test_add_data_func ("/qrexec-files/policy-names-all", "qrexec/policy/30-sysvpn.policy",
                        test_every_service_is_named);
  g_test_add_data_func ("/qrexec-files/build-installs-all", "qrexec/meson.build",
                        test_every_service_is_named);
  g_test_add_data_func ("/qrexec-files/features-name-all", "qrexec/post-install.d/30-sysvpn.sh",
                        test_every_service_is_named);
  g_test_add_func ("/qrexec-files/policy-allows-nothing", test_policy_allows_nothing);
  g_test_add_func ("/qrexec-files/name-lengths", test_name_lengths);
  return g_test_run ();
}

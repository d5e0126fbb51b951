/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "killswitch/files.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "killswitch/error.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct {
  char *root;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = NULL;

  (void) data;
  f->root = g_dir_make_tmp ("sysvpn-test-XXXXXX", NULL);
  folder = g_build_filename (f->root, "rw/config/vpn", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  static const char *const folders[] = { "rw/config/vpn", "rw/config", "rw", "run/sysvpn",
                                         "run" };

  (void) data;
  for (unsigned i = 0; i < SYSVPN_N_KILLSWITCH_FILES; i++) {
    g_autofree char *path = sysvpn_killswitch_path (f->root, i);

    g_unlink (path);
    g_rmdir (path);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (f->root, folders[i], NULL);

    g_rmdir (path);
  }
  g_assert_cmpint (g_rmdir (f->root), ==, 0);
  g_free (f->root);
}

static void
write_file (Fixture *f, SysvpnKillswitchFile file, const char *text)
{
  g_autofree char *path = sysvpn_killswitch_path (f->root, file);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_endpoints_missing (Fixture *f, gconstpointer data)
{
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autoptr (GError) error = NULL;

  (void) data;
  g_assert_true (sysvpn_killswitch_load_endpoints (f->root, &list, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (list.n_items, ==, 0);
}

static void
test_endpoints_both (Fixture *f, gconstpointer data)
{
  g_auto (SysvpnEndpoints) list = { 0 };

  (void) data;
  write_file (f, SYSVPN_KILLSWITCH_FILE_ENDPOINTS, "8.8.8.8\n9.9.9.9 1 udp\n");
  write_file (f, SYSVPN_KILLSWITCH_FILE_IMPORTED, "8.8.8.8 1194 udp\n");
  g_assert_true (sysvpn_killswitch_load_endpoints (f->root, &list, NULL));
  g_assert_cmpuint (list.n_items, ==, 2);
  g_assert_cmpuint (sysvpn_endpoints_count_any_port (&list), ==, 0);
}

static void
test_endpoints_bad (Fixture *f, gconstpointer data)
{
  SysvpnKillswitchFile file = (SysvpnKillswitchFile) GPOINTER_TO_INT (data);
  g_autofree char *path = sysvpn_killswitch_path (f->root, file);
  g_autofree char *prefix = g_strconcat (path, ": line 2: ", NULL);
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autoptr (GError) error = NULL;

  write_file (f, SYSVPN_KILLSWITCH_FILE_ENDPOINTS, "8.8.8.8\n");
  write_file (f, SYSVPN_KILLSWITCH_FILE_IMPORTED, "9.9.9.9\n");
  write_file (f, file, "8.8.8.8\n10.0.0.1\n");
  g_assert_false (sysvpn_killswitch_load_endpoints (f->root, &list, &error));
  g_assert_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_ENDPOINTS);
  g_assert_true (g_str_has_prefix (error->message, prefix));
  g_assert_cmpuint (list.n_items, ==, 0);
}

static void
test_endpoints_not_a_file (Fixture *f, gconstpointer data)
{
  bool is_fifo = GPOINTER_TO_INT (data) != 0;
  g_autofree char *path = sysvpn_killswitch_path (f->root, SYSVPN_KILLSWITCH_FILE_ENDPOINTS);
  g_auto (SysvpnEndpoints) list = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (is_fifo ? mkfifo (path, 0600) : g_mkdir (path, 0700), ==, 0);
  g_assert_false (sysvpn_killswitch_load_endpoints (f->root, &list, &error));
  g_assert_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_ENDPOINTS);
}

static void
test_endpoints_too_large (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (SYSVPN_ENDPOINTS_FILE_MAX + 1, '\n');
  g_auto (SysvpnEndpoints) list = { 0 };

  (void) data;
  write_file (f, SYSVPN_KILLSWITCH_FILE_ENDPOINTS, text);
  g_assert_false (sysvpn_killswitch_load_endpoints (f->root, &list, NULL));
}

static void
test_digest_round_trip (Fixture *f, gconstpointer data)
{
  g_autofree char *path = sysvpn_killswitch_path (f->root, SYSVPN_KILLSWITCH_FILE_DIGEST);
  g_autofree char *digest = NULL;
  struct stat about;

  (void) data;
  g_assert_null (sysvpn_killswitch_load_digest (f->root));
  umask (022);
  g_assert_true (sysvpn_killswitch_save_digest (f->root, DIGEST, NULL));
  digest = sysvpn_killswitch_load_digest (f->root);
  g_assert_cmpstr (digest, ==, DIGEST);
  g_assert_cmpint (g_stat (path, &about), ==, 0);
  g_assert_cmpint (about.st_mode & 07777, ==, 0644);
}

static void
test_digest_bad (Fixture *f, gconstpointer data)
{
  write_file (f, SYSVPN_KILLSWITCH_FILE_DIGEST, data);
  g_assert_null (sysvpn_killswitch_load_digest (f->root));
}

static void
test_lock (Fixture *f, gconstpointer data)
{
  g_autofree char *path = sysvpn_killswitch_path (f->root, SYSVPN_KILLSWITCH_FILE_LOCK);
  g_autoptr (GError) error = NULL;
  struct stat about;
  int lock;

  (void) data;
  umask (022);
  lock = sysvpn_killswitch_lock (f->root, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &about), ==, 0);
  g_assert_cmpint (about.st_mode & 07777, ==, 0600);
  g_assert_cmpint (sysvpn_killswitch_lock (f->root, 20, &error), ==, -1);
  g_assert_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_BUSY);
  close (lock);
  lock = sysvpn_killswitch_lock (f->root, 0, NULL);
  g_assert_cmpint (lock, >=, 0);
  close (lock);
}

static void
test_loading (Fixture *f, gconstpointer data)
{
  const int64_t began_us = 5 * G_USEC_PER_SEC;
  const int64_t max_us = SYSVPN_KILLSWITCH_LOADING_MAX_MS * 1000;

  (void) data;
  g_assert_false (sysvpn_killswitch_is_loading (f->root, began_us));
  sysvpn_killswitch_begin_loading (f->root, began_us);
  g_assert_true (sysvpn_killswitch_is_loading (f->root, began_us));
  g_assert_true (sysvpn_killswitch_is_loading (f->root, began_us + max_us - 1));
  g_assert_false (sysvpn_killswitch_is_loading (f->root, began_us + max_us));
  g_assert_false (sysvpn_killswitch_is_loading (f->root, began_us - 1));
  sysvpn_killswitch_begin_loading (f->root, began_us + max_us); /* the one before was killed */
  g_assert_true (sysvpn_killswitch_is_loading (f->root, began_us + max_us));
  sysvpn_killswitch_end_loading (f->root);
  g_assert_false (sysvpn_killswitch_is_loading (f->root, began_us + max_us));
}

static void
test_loading_bad (Fixture *f, gconstpointer data)
{
  write_file (f, SYSVPN_KILLSWITCH_FILE_LOADING, data);
  g_assert_false (sysvpn_killswitch_is_loading (f->root, 5));
}

static void
test_paths (void)
{
  g_autofree char *plain = sysvpn_killswitch_path (NULL, SYSVPN_KILLSWITCH_FILE_ENDPOINTS);
  g_autofree char *moved = sysvpn_killswitch_path ("/x", SYSVPN_KILLSWITCH_FILE_DIGEST);

  g_assert_cmpstr (plain, ==, "/rw/config/vpn/endpoints.txt");
  g_assert_cmpstr (moved, ==, "/x/run/sysvpn/killswitch.digest");
}

#define ADD(path, data, function)                                                              \
  g_test_add ("/files/" path, Fixture, (data), set_up, (function), tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/paths", test_paths);
  ADD ("endpoints/missing", NULL, test_endpoints_missing);
  ADD ("endpoints/both", NULL, test_endpoints_both);
  ADD ("endpoints/bad-own", GINT_TO_POINTER (SYSVPN_KILLSWITCH_FILE_ENDPOINTS),
       test_endpoints_bad);
  ADD ("endpoints/bad-imported", GINT_TO_POINTER (SYSVPN_KILLSWITCH_FILE_IMPORTED),
       test_endpoints_bad);
  ADD ("endpoints/folder", GINT_TO_POINTER (0), test_endpoints_not_a_file);
  ADD ("endpoints/fifo", GINT_TO_POINTER (1), test_endpoints_not_a_file);
  ADD ("endpoints/too-large", NULL, test_endpoints_too_large);
  ADD ("digest/round-trip", NULL, test_digest_round_trip);
  ADD ("digest/empty", "", test_digest_bad);
  ADD ("digest/short", "0123\n", test_digest_bad);
  ADD ("digest/no-newline", DIGEST, test_digest_bad);
  ADD ("digest/long", DIGEST "0\n", test_digest_bad);
  ADD ("digest/more-after", DIGEST "\nx", test_digest_bad);
  ADD ("digest/not-hex",
       "ghijklmnopqrstuvwxyz"
       "0123456789abcdef0123456789abcdef0123456789ab\n",
       test_digest_bad);
  ADD ("lock", NULL, test_lock);
  ADD ("loading/times", NULL, test_loading);
  ADD ("loading/empty", "", test_loading_bad);
  ADD ("loading/no-newline", "5", test_loading_bad);
  ADD ("loading/later", "6\n", test_loading_bad);
  ADD ("loading/negative", "-5\n", test_loading_bad);
  ADD ("loading/long", "00000000000000000005\n", test_loading_bad);
  return g_test_run ();
}

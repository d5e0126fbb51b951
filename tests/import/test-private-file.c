/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/private-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/error.h"

static void
check (const char *path, SysvpnFileCare care, const char *why)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  size_t len = 99;

  if (why == NULL) {
    g_assert_true (sysvpn_file_read (path, care, 4, &text, &len, &error));
    g_assert_cmpstr (text, ==, "abcd");
    g_assert_cmpuint (len, ==, 4);
    return;
  }
  g_assert_false (sysvpn_file_read (path, care, 4, &text, &len, &error));
  g_assert_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, why));
  g_assert_null (text);
  g_assert_cmpuint (len, ==, 99);
}

static void
test_read (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *absent = g_build_filename (folder, "absent", NULL);

  g_assert_true (sysvpn_file_write (path, "abcd", 0600, NULL));
  g_assert_cmpint (symlink ("file", link), ==, 0);
  check (path, SYSVPN_FILE_PRIVATE, NULL);
  check (link, SYSVPN_FILE_ANY, NULL);
  check (link, SYSVPN_FILE_OURS, "symbolic link");
  check (absent, SYSVPN_FILE_ANY, "No such file");
  check (folder, SYSVPN_FILE_ANY, "not a regular file");
  g_chmod (path, 0620);
  check (path, SYSVPN_FILE_ANY, NULL);
  check (path, SYSVPN_FILE_OURS, "others may write it");
  g_chmod (path, 0640);
  check (path, SYSVPN_FILE_OURS, NULL);
  check (path, SYSVPN_FILE_PRIVATE, "chmod 0600");
  if (geteuid () == 0) {
    g_assert_cmpint (chown (path, 1, 1), ==, 0);
    check (path, SYSVPN_FILE_ANY, NULL);
    check (path, SYSVPN_FILE_OURS, "chown root:root");
    check (path, SYSVPN_FILE_PRIVATE, "chown root:root");
  }
  g_assert_true (sysvpn_file_write (path, "abcde", 0600, NULL));
  check (path, SYSVPN_FILE_ANY, "too large");
  g_unlink (path);
  g_unlink (link);
  g_rmdir (folder);
}

static void
test_folder (void)
{
  g_autofree char *above = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (above, "folder", NULL);
  g_autofree char *link = g_build_filename (above, "link", NULL);

  g_assert_true (sysvpn_file_make_folder (folder, 0700, NULL));
  g_assert_true (sysvpn_file_make_folder (folder, 0700, NULL));
  g_assert_cmpint (symlink ("folder", link), ==, 0);
  g_assert_false (sysvpn_file_make_folder (link, 0700, NULL));
  g_chmod (folder, 0720);
  g_assert_false (sysvpn_file_make_folder (folder, 0700, NULL));
  g_unlink (link);
  g_rmdir (folder);
  g_rmdir (above);
}

static void
check_way (const char *above, const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sysvpn_file_check_way (above, path, &error), ==, why == NULL);
  if (why != NULL) {
    g_assert_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, why));
  }
}

static void
test_way (void)
{
  g_autofree char *above = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *outer = g_build_filename (above, "outer", NULL);
  g_autofree char *inner = g_build_filename (outer, "inner", NULL);
  g_autofree char *link = g_build_filename (above, "link", NULL);
  g_autofree char *direct = g_build_filename (above, "file", NULL);
  g_autofree char *deep = g_build_filename (inner, "file", NULL);
  g_autofree char *by_link = g_build_filename (link, "inner", "file", NULL);
  g_autofree char *absent = g_build_filename (above, "absent", "file", NULL);

  g_assert_cmpint (g_mkdir_with_parents (inner, 0755), ==, 0);
  g_assert_cmpint (symlink ("outer", link), ==, 0);
  check_way (above, direct, NULL);
  check_way (above, deep, NULL);
  check_way (above, by_link, "not a folder");
  check_way (above, absent, "No such file");
  g_chmod (inner, 0775);
  check_way (above, deep, "chmod go-w");
  g_chmod (inner, 0755);
  g_chmod (outer, 0757);
  check_way (above, deep, "chmod go-w");
  g_chmod (outer, 0755);
  if (geteuid () == 0) {
    g_assert_cmpint (chown (outer, 1, 1), ==, 0);
    check_way (above, deep, "chown root:root");
  }
  g_unlink (link);
  g_rmdir (inner);
  g_rmdir (outer);
  g_rmdir (above);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/private-file/read", test_read);
  g_test_add_func ("/private-file/folder", test_folder);
  g_test_add_func ("/private-file/way", test_way);
  return g_test_run ();
}

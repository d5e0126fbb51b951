/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Autostart entries, in folders of their own for each test. */
#include "applet/autostart.h"

#include <glib/gstdio.h>
#include <string.h>

#define NAME "sysvpn-applet.desktop"
#define ENTRY                                                                                  \
  "# of the package\n[Desktop Entry]\nType=Application\nName=VPN\nName[de]=VPN-Anzeige\n"      \
  "Exec=x\n"

static void
put (const char *dir, const char *text)
{
  g_autofree char *folder = g_build_filename (dir, "autostart", NULL);
  g_autofree char *path = g_build_filename (folder, NAME, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
own_entry (void)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "autostart", NAME, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
set (bool on)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sysvpn_autostart_set (on, &error));
  g_assert_no_error (error);
  g_assert_cmpint (sysvpn_autostart_is_on (), ==, on);
}

static void
test_not_installed (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_false (sysvpn_autostart_is_installed ());
  g_assert_false (sysvpn_autostart_is_on ());
  g_assert_false (sysvpn_autostart_set (true, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  text = own_entry ();
  g_assert_null (text);
}

static void
test_off_and_on (void)
{
  g_autofree char *nothing = NULL;
  g_autofree char *off = NULL;

  put (g_get_system_config_dirs ()[0], ENTRY);
  g_assert_true (sysvpn_autostart_is_installed ());
  g_assert_true (sysvpn_autostart_is_on ());
  set (true);
  nothing = own_entry ();
  g_assert_null (nothing);
  set (false);
  off = own_entry ();
  /* the whole entry: a desktop that reads no more than this one has all it needs */
  g_assert_nonnull (strstr (off, "# of the package\n"));
  g_assert_nonnull (strstr (off, "Name[de]=VPN-Anzeige\n"));
  g_assert_nonnull (strstr (off, "Exec=x\n"));
  g_assert_nonnull (strstr (off, "Hidden=true\n"));
  set (true);
}

static void
test_entry_of_the_user (void)
{
  g_autofree char *text = NULL;

  put (g_get_system_config_dirs ()[0], ENTRY);
  put (g_get_user_config_dir (), "[Desktop Entry]\nExec=mine\nHidden=true\n");
  g_assert_false (sysvpn_autostart_is_on ());
  set (true);
  set (false);
  set (true);
  text = own_entry ();
  g_assert_nonnull (strstr (text, "Exec=mine\n"));
}

static void
test_hidden_by_the_administrator (void)
{
  put (g_get_system_config_dirs ()[0], ENTRY "Hidden=true\n");
  g_assert_false (sysvpn_autostart_is_on ());
  set (true);
}

static void
test_cannot_be_written (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "autostart", NULL);

  put (g_get_system_config_dirs ()[0], ENTRY);
  g_assert_cmpint (g_mkdir_with_parents (g_get_user_config_dir (), 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder, "", 0, NULL)); /* a file in the folder's place */
  g_assert_false (sysvpn_autostart_set (false, &error));
  g_assert_nonnull (error);
  g_assert_true (sysvpn_autostart_is_on ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/autostart/not-installed", test_not_installed);
  g_test_add_func ("/autostart/off-and-on", test_off_and_on);
  g_test_add_func ("/autostart/entry-of-the-user", test_entry_of_the_user);
  g_test_add_func ("/autostart/hidden-by-the-administrator", test_hidden_by_the_administrator);
  g_test_add_func ("/autostart/cannot-be-written", test_cannot_be_written);
  return g_test_run ();
}

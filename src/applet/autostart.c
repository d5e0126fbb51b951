/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the applet starts with the session. The package's entry in the system's autostart
 * folder says so, and an entry of that name in the user's own folder takes its place;
 * Hidden=true there is how desktops switch one off, so what is set here is seen in XFCE's
 * settings too. */
#include "applet/autostart.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define ENTRY_NAME "sysvpn-applet.desktop"

static char *
user_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", ENTRY_NAME, NULL);
}

/* NULL: the package is not installed */
static char *
system_path (void)
{
  for (const char *const *dir = g_get_system_config_dirs (); *dir != NULL; dir++) {
    g_autofree char *path = g_build_filename (*dir, "autostart", ENTRY_NAME, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* Comments and all that others have put there stay. */
static bool
load (GKeyFile *entry, const char *path, GError **error)
{
  return g_key_file_load_from_file (
      entry, path, G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, error);
}

static bool
is_hidden (GKeyFile *entry)
{
  return g_key_file_get_boolean (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN,
                                 NULL);
}

/**
 * sysvpn_autostart_is_installed:
 *
 * Returns: %TRUE if there is an entry that can be switched on and off
 */
bool
sysvpn_autostart_is_installed (void)
{
  g_autofree char *path = system_path ();

  return path != NULL;
}

/**
 * sysvpn_autostart_is_on:
 *
 * Returns: %TRUE if the applet starts with the user's next session
 */
bool
sysvpn_autostart_is_on (void)
{
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_autofree char *own = user_path ();
  g_autofree char *installed = system_path ();

  if (load (entry, own, NULL))
    return !is_hidden (entry);
  return installed != NULL && load (entry, installed, NULL) && !is_hidden (entry);
}

/**
 * sysvpn_autostart_set:
 * @on: whether the applet shall start with the user's next session
 * @error: return location for a %G_FILE_ERROR or %G_KEY_FILE_ERROR
 *
 * Does nothing where it is so already, and so leaves no entry of the user's own that would hide
 * a later one of the package.
 *
 * Returns: %TRUE if it is so
 */
bool
sysvpn_autostart_set (bool on, GError **error)
{
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_autofree char *own = user_path ();
  g_autofree char *installed = system_path ();
  g_autofree char *folder = g_path_get_dirname (own);

  if (sysvpn_autostart_is_on () == on)
    return true;
  if (installed == NULL) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                         _ ("the applet's entry for autostart is not installed"));
    return false;
  }
  if (!load (entry, own, NULL) && !load (entry, installed, error))
    return false;
  g_key_file_set_boolean (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, !on);
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int code = errno;

    g_set_error_literal (error, G_FILE_ERROR, (int) g_file_error_from_errno (code),
                         g_strerror (code));
    return false;
  }
  return g_key_file_save_to_file (entry, own, error);
}

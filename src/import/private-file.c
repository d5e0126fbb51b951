/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with secrets, read only when nobody else can have read or written them. What decides is
 * who can write to the folders: where that is root alone, nothing can be exchanged between one
 * look and the next, by NetworkManager's of the same path neither. */
#include "import/private-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/error.h"

static bool
refuse_errno (GError **error, const char *path, int saved_errno)
{
  return sysvpn_import_refuse (error, 0, "%s: %s", path,
                               saved_errno == ELOOP ? "a symbolic link is not followed"
                                                    : g_strerror (saved_errno));
}

static bool
check_owner (const char *path, const struct stat *about, SysvpnFileCare care, GError **error)
{
  if (!S_ISREG (about->st_mode))
    return sysvpn_import_refuse (error, 0, "%s: not a regular file", path);
  if (care != SYSVPN_FILE_ANY && about->st_uid != geteuid ())
    return sysvpn_import_refuse (
        error, 0, "%s: must be root's own: chown root:root '%s' && chmod 0600 '%s'", path, path,
        path);
  if (care != SYSVPN_FILE_ANY && (about->st_mode & 022) != 0)
    return sysvpn_import_refuse (error, 0, "%s: others may write it: chmod 0600 '%s'", path,
                                 path);
  if (care == SYSVPN_FILE_PRIVATE && (about->st_mode & 077) != 0)
    return sysvpn_import_refuse (error, 0, "%s: others may read it: chmod 0600 '%s'", path,
                                 path);
  return true;
}

/**
 * sysvpn_file_read:
 * @path: a file
 * @care: what to insist on
 * @max: longest file in bytes
 * @ret_text: (out) (transfer full): its bytes and a NUL; only on success
 * @ret_len: (out): their number; only on success
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED that names the remedy
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_file_read (const char *path,
                  SysvpnFileCare care,
                  size_t max,
                  char **ret_text,
                  size_t *ret_len,
                  GError **error)
{
  int links = care == SYSVPN_FILE_ANY ? 0 : O_NOFOLLOW;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | links);
  g_autofree char *text = NULL;
  struct stat about;
  size_t len = 0;
  ssize_t n = 1;

  if (fd < 0)
    return refuse_errno (error, path, errno);
  if (fstat (fd, &about) < 0 || !check_owner (path, &about, care, error)) {
    close (fd);
    return false;
  }
  text = g_malloc (max + 2);
  while (n > 0 && len <= max) {
    n = read (fd, text + len, max + 1 - len);
    len += n > 0 ? (size_t) n : 0;
  }
  close (fd);
  if (n < 0 || len > max)
    return sysvpn_import_refuse (error, 0, "%s: %s", path,
                                 n < 0 ? "cannot be read" : "the file is too large");
  text[len] = '\0';
  *ret_text = g_steal_pointer (&text);
  *ret_len = len;
  return true;
}

/**
 * sysvpn_file_write:
 * @path: a file, replaced as a whole
 * @text: its new text
 * @mode: its permissions
 * @error: return location for a %G_FILE_ERROR
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_file_write (const char *path, const char *text, int mode, GError **error)
{
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode, error);
}

/**
 * sysvpn_file_check_folder:
 * @path: a folder
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED that names the remedy
 *
 * Returns: %TRUE if it is a folder that only we can write to
 */
bool
sysvpn_file_check_folder (const char *path, GError **error)
{
  struct stat about;

  if (lstat (path, &about) < 0)
    return refuse_errno (error, path, errno);
  if (!S_ISDIR (about.st_mode))
    return sysvpn_import_refuse (error, 0, "%s: not a folder", path);
  if (about.st_uid == geteuid () && (about.st_mode & 022) == 0)
    return true;
  return sysvpn_import_refuse (
      error, 0,
      "%s: nobody but root may write to this folder: chown root:root '%s' && chmod go-w '%s'",
      path, path, path);
}

/**
 * sysvpn_file_check_way:
 * @folder: a folder that only we can write to
 * @path: something in it, or in folders below it
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED that names the remedy
 *
 * Returns: %TRUE if only we can exchange what stands at @path: each folder on the way is a
 *   folder, no symbolic link, and ours alone
 */
bool
sysvpn_file_check_way (const char *folder, const char *path, GError **error)
{
  g_assert (g_str_has_prefix (path, folder));

  for (const char *slash = strchr (path + strlen (folder) + 1, '/'); slash != NULL;
       slash = strchr (slash + 1, '/')) {
    g_autofree char *part = g_strndup (path, (gsize) (slash - path));

    if (!sysvpn_file_check_folder (part, error))
      return false;
  }
  return true;
}

/**
 * sysvpn_file_make_folder:
 * @path: a folder, made if it is not there; the one above it must be
 * @mode: its permissions if it is made
 * @error: return location for a %SYSVPN_IMPORT_ERROR
 *
 * Returns: %TRUE if it is a folder that only we can write to
 */
bool
sysvpn_file_make_folder (const char *path, int mode, GError **error)
{
  if (mkdir (path, (mode_t) mode) == 0 || errno == EEXIST)
    return sysvpn_file_check_folder (path, error);
  g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_FAILED, "cannot make %s: %s",
               path, g_strerror (errno));
  return false;
}

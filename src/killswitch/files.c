/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The killswitch's files: endpoints, digest, lock and sign of loading, service flag. */
#include "killswitch/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parse-number.h"
#include "killswitch/error.h"

enum { DIGEST_LEN = 64, LOCK_STEP_MS = 10, TIME_MAX_LEN = 20 };

static const char *const paths[SYSVPN_N_KILLSWITCH_FILES] = {
  [SYSVPN_KILLSWITCH_FILE_ENDPOINTS] = "rw/config/vpn/endpoints.txt",
  [SYSVPN_KILLSWITCH_FILE_IMPORTED] = "rw/config/vpn/endpoints.imported",
  [SYSVPN_KILLSWITCH_FILE_DIGEST] = "run/sysvpn/killswitch.digest",
  [SYSVPN_KILLSWITCH_FILE_LOCK] = "run/sysvpn/killswitch.lock",
  [SYSVPN_KILLSWITCH_FILE_LOADING] = "run/sysvpn/killswitch.loading",
  [SYSVPN_KILLSWITCH_FILE_FLAG] = "run/qubes-service/sysvpn",
};

/**
 * sysvpn_killswitch_path:
 * @root: (nullable): the folder that stands for /, or %NULL
 * @file: which file
 *
 * Returns: (transfer full): its path
 */
char *
sysvpn_killswitch_path (const char *root, SysvpnKillswitchFile file)
{
  g_assert (file < SYSVPN_N_KILLSWITCH_FILES);

  return g_build_filename (root != NULL ? root : "/", paths[file], NULL);
}

/* errno of the failure, 0 on success. Reads one byte more than @max, so that the caller sees
 * that there was more; never waits for a FIFO that somebody put there. */
static int
read_some (const char *path, size_t max, char **ret_bytes, size_t *ret_len)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *bytes = NULL;
  size_t len = 0;
  ssize_t n = 1;
  struct stat about;
  int failure = 0;

  if (fd < 0)
    return errno;
  if (fstat (fd, &about) < 0 || !S_ISREG (about.st_mode)) {
    close (fd);
    return EISDIR;
  }
  bytes = g_malloc (max + 1);
  while (n > 0 && len <= max) {
    n = read (fd, bytes + len, max + 1 - len);
    if (n > 0)
      len += (size_t) n;
  }
  if (n < 0)
    failure = errno;
  close (fd);
  if (failure != 0)
    return failure;
  *ret_bytes = g_steal_pointer (&bytes);
  *ret_len = len;
  return 0;
}

static bool
load_list (const char *path, SysvpnEndpoints *ret_list, GError **error)
{
  g_autofree char *text = NULL;
  size_t len = 0;
  unsigned bad_line;
  int failure = read_some (path, SYSVPN_ENDPOINTS_FILE_MAX, &text, &len);

  if (failure == ENOENT) {
    *ret_list = (SysvpnEndpoints){ 0 };
    return true;
  }
  if (failure != 0) {
    g_set_error (error, SYSVPN_KILLSWITCH_ERROR,
                 failure == EACCES ? SYSVPN_KILLSWITCH_ERROR_PERMISSION
                                   : SYSVPN_KILLSWITCH_ERROR_ENDPOINTS,
                 "%s: cannot be read: %s", path,
                 failure == EISDIR ? "not a regular file" : g_strerror (failure));
    return false;
  }
  if (!sysvpn_endpoints_parse (text, len, ret_list, &bad_line, error)) {
    g_prefix_error (error, "%s: ", path);
    return false;
  }
  return true;
}

/**
 * sysvpn_killswitch_load_endpoints:
 * @root: (nullable): the folder that stands for /
 * @ret_list: (out caller-allocates): what both endpoints files name, folded; only on success
 * @error: return location: %SYSVPN_KILLSWITCH_ERROR_ENDPOINTS if a file is bad, _PERMISSION if
 *   it may not be read
 *
 * A file that is not there is as good as an empty one.
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_killswitch_load_endpoints (const char *root, SysvpnEndpoints *ret_list, GError **error)
{
  g_autofree char *own_path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_ENDPOINTS);
  g_autofree char *imported_path =
      sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_IMPORTED);
  g_auto (SysvpnEndpoints) own = { 0 };
  g_auto (SysvpnEndpoints) imported = { 0 };

  return load_list (own_path, &own, error) && load_list (imported_path, &imported, error) &&
         sysvpn_endpoints_join (&own, &imported, ret_list, error);
}

/**
 * sysvpn_killswitch_check_imported:
 * @root: (nullable): the folder that stands for /
 * @text: what would be the file of imported endpoints
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR_ENDPOINTS
 *
 * Where the user's own file cannot be read, @text is looked at alone: the loader tells of the
 * other.
 *
 * Returns: %TRUE if both files together are what the killswitch takes
 */
bool
sysvpn_killswitch_check_imported (const char *root, const char *text, GError **error)
{
  g_autofree char *own_path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_ENDPOINTS);
  g_auto (SysvpnEndpoints) own = { 0 };
  g_auto (SysvpnEndpoints) imported = { 0 };
  g_auto (SysvpnEndpoints) joined = { 0 };
  unsigned bad_line;

  load_list (own_path, &own, NULL);
  return sysvpn_endpoints_parse (text, strlen (text), &imported, &bad_line, error) &&
         sysvpn_endpoints_join (&own, &imported, &joined, error);
}

/**
 * sysvpn_killswitch_load_digest:
 * @root: (nullable): the folder that stands for /
 *
 * Returns: (transfer full) (nullable): what the loader left, or %NULL if there is no such file
 *   or it does not contain a digest
 */
char *
sysvpn_killswitch_load_digest (const char *root)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_DIGEST);
  g_autofree char *text = NULL;
  size_t len = 0;

  if (read_some (path, DIGEST_LEN + 1, &text, &len) != 0)
    return NULL;
  if (len != DIGEST_LEN + 1 || text[DIGEST_LEN] != '\n')
    return NULL;
  text[DIGEST_LEN] = '\0';
  return strspn (text, "0123456789abcdef") == DIGEST_LEN ? g_steal_pointer (&text) : NULL;
}

static bool
make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *what = NULL;

  if (g_mkdir_with_parents (folder, 0755) == 0)
    return true;
  what = g_strdup_printf ("cannot make %s", folder);
  sysvpn_killswitch_set_errno (error, errno, what);
  return false;
}

/**
 * sysvpn_killswitch_drop_digest:
 * @root: (nullable): the folder that stands for /
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * The digest of one load fits the next, whose table is the same: before flows that were open
 * in between are flushed, it must not be there.
 *
 * Returns: %TRUE if there is none now
 */
bool
sysvpn_killswitch_drop_digest (const char *root, GError **error)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_DIGEST);

  if (unlink (path) == 0 || errno == ENOENT)
    return true;
  sysvpn_killswitch_set_errno (error, errno, "cannot remove the digest of an earlier load");
  return false;
}

/* A reader sees the old text or the new one, never half of it. */
static bool
save (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!make_folder (path, error))
    return false;
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &failure))
    return true;
  g_set_error_literal (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_FAILED,
                       failure->message);
  return false;
}

/**
 * sysvpn_killswitch_save_digest:
 * @root: (nullable): the folder that stands for /
 * @digest: what sysvpn_canonical_digest() made
 * @error: return location for a %SYSVPN_KILLSWITCH_ERROR
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_killswitch_save_digest (const char *root, const char *digest, GError **error)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_DIGEST);
  g_autofree char *line = g_strconcat (digest, "\n", NULL);

  return save (path, line, error);
}

/**
 * sysvpn_killswitch_lock:
 * @root: (nullable): the folder that stands for /
 * @timeout_ms: how long to wait for another loader
 * @error: return location: %SYSVPN_KILLSWITCH_ERROR_BUSY if it did not end in time
 *
 * Sleeps; for the loader only. The file is the loader's user's alone: whoever can open it can
 * hold the lock and keep the killswitch from being loaded.
 *
 * Returns: a file descriptor that holds the lock until it is closed, or -1
 */
int
sysvpn_killswitch_lock (const char *root, unsigned timeout_ms, GError **error)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_LOCK);
  g_autofree char *what = g_strdup_printf ("cannot lock %s", path);
  int fd;

  if (!make_folder (path, error))
    return -1;
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    sysvpn_killswitch_set_errno (error, errno, what);
    return -1;
  }
  for (unsigned waited_ms = 0; flock (fd, LOCK_EX | LOCK_NB) < 0; waited_ms += LOCK_STEP_MS) {
    if (waited_ms >= timeout_ms) {
      g_set_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_BUSY,
                   "%s: another process has held it for %u ms", what, timeout_ms);
      close (fd);
      return -1;
    }
    g_usleep (LOCK_STEP_MS * 1000UL);
  }
  return fd;
}

/**
 * sysvpn_killswitch_begin_loading:
 * @root: (nullable): the folder that stands for /
 * @now_us: monotonic time
 *
 * For whoever holds the lock. Without the sign a moment of the load may be called broken, which
 * is no reason not to load: nothing is done about a failure.
 */
void
sysvpn_killswitch_begin_loading (const char *root, int64_t now_us)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_LOADING);
  g_autofree char *line = g_strdup_printf ("%" G_GINT64_FORMAT "\n", now_us);

  save (path, line, NULL);
}

/**
 * sysvpn_killswitch_end_loading:
 * @root: (nullable): the folder that stands for /
 *
 * Before the lock is given up, so that it is never another loader's sign.
 */
void
sysvpn_killswitch_end_loading (const char *root)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_LOADING);

  unlink (path);
}

/**
 * sysvpn_killswitch_is_loading:
 * @root: (nullable): the folder that stands for /
 * @now_us: monotonic time
 *
 * A loader that was killed leaves its sign behind, hence the time in it.
 *
 * Returns: %TRUE if a loader began less than %SYSVPN_KILLSWITCH_LOADING_MAX_MS ago and has not
 *   ended
 */
bool
sysvpn_killswitch_is_loading (const char *root, int64_t now_us)
{
  g_autofree char *path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_LOADING);
  g_autofree char *text = NULL;
  uint64_t began_us;
  size_t len = 0;

  if (read_some (path, TIME_MAX_LEN, &text, &len) != 0 || len == 0 || text[len - 1] != '\n')
    return false;
  text[len - 1] = '\0';
  return sysvpn_parse_u64 (text, (uint64_t) now_us, &began_us) &&
         (uint64_t) now_us - began_us < SYSVPN_KILLSWITCH_LOADING_MAX_MS * UINT64_C (1000);
}

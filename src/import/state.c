/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sysvpn-import keeps what, in /rw/config/vpn: records, certificates and the choice of
 * what comes up at boot in imported/, and the generated endpoints. All of it root's, because
 * what is in it decides whom a tunnel trusts; the agent's user has a folder of its own. Nothing
 * is written that has not changed. */
#include "import/state.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "import/error.h"
#include "import/hosts.h"
#include "import/plan.h"
#include "import/private-file.h"
#include "import/records.h"
#include "killswitch/files.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

static const char group[] = "tunnel";
static const char key[] = "profile";

static char *
read_or_empty (const char *path, SysvpnFileCare care)
{
  g_autofree char *text = NULL;
  size_t len;

  if (!sysvpn_file_read (path, care, FILE_MAX, &text, &len, NULL))
    return g_strdup ("");
  return g_steal_pointer (&text);
}

static char *
read_autoconnect (const char *path)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *text = read_or_empty (path, SYSVPN_FILE_OURS);

  if (!g_key_file_load_from_data (keys, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_key_file_get_string (keys, group, key, NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);

    if (g_file_test (inner, G_FILE_TEST_IS_DIR) && !g_file_test (inner, G_FILE_TEST_IS_SYMLINK))
      remove_tree (inner);
    else
      g_unlink (inner);
  }
  g_rmdir (path);
}

/* Until imported/ was made for them these files were in the agent's folder. Whether that has
 * put something else there is seen at the file; folders cannot be trusted there, so
 * certificates stay behind and are imported anew. */
static void
take_over (SysvpnImportState *state, const char *from, const char *to, SysvpnFileCare care)
{
  g_autofree char *old = g_build_filename (state->folder, "state", from, NULL);
  g_autofree char *text = read_or_empty (old, care);

  if (text[0] != '\0')
    sysvpn_file_write (to, text, care == SYSVPN_FILE_PRIVATE ? 0600 : 0644, NULL);
}

static bool
make_imported (SysvpnImportState *state, GError **error)
{
  bool is_new = !g_file_test (state->imported, G_FILE_TEST_EXISTS);

  if (!sysvpn_file_make_folder (state->imported, 0755, error))
    return false;
  if (is_new) {
    take_over (state, "imports", state->records_path, SYSVPN_FILE_PRIVATE);
    take_over (state, "autoconnect", state->autoconnect_path, SYSVPN_FILE_OURS);
  }
  return true;
}

static bool
make_folders (SysvpnImportState *state, const char *root, bool dry_run, GError **error)
{
  g_autofree char *run = g_build_filename (root, "run", NULL);
  /* in memory: what the importer writes there may be a key */
  g_autofree char *scratch = g_build_filename (run, "sysvpn-import.XXXXXX", NULL);

  if (!g_file_test (state->folder, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_NO_MANAGER,
                 "%s is not there: make it and put the provider's files into it",
                 state->folder);
    return false;
  }
  if (!sysvpn_file_check_folder (state->folder, error))
    return false;
  if (g_mkdtemp (scratch) == NULL) {
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_NO_MANAGER,
                 "cannot write to %s: %s", run, g_strerror (errno));
    return false;
  }
  state->scratch = g_steal_pointer (&scratch);
  state->certificates =
      g_build_filename (dry_run ? state->scratch : state->imported, "certificates", NULL);
  return (dry_run || make_imported (state, error)) &&
         sysvpn_file_make_folder (state->certificates, 0700, error);
}

/**
 * sysvpn_import_state_open:
 * @root: the folder that stands for /
 * @dry_run: whether nothing is to be written
 * @error: return location for a %SYSVPN_IMPORT_ERROR
 *
 * Returns: (transfer full) (nullable): what is remembered; $HOME is set to the scratch folder,
 * because the importer writes there
 */
SysvpnImportState *
sysvpn_import_state_open (const char *root, bool dry_run, GError **error)
{
  g_autoptr (SysvpnImportState) state = g_new0 (SysvpnImportState, 1);

  state->folder = g_build_filename (root, "rw/config/vpn", NULL);
  state->imported = g_build_filename (state->folder, "imported", NULL);
  state->records_path = g_build_filename (state->imported, "records", NULL);
  state->autoconnect_path = g_build_filename (state->imported, "autoconnect", NULL);
  state->endpoints_path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_IMPORTED);
  state->pins = sysvpn_hosts_new ();
  if (!make_folders (state, root, dry_run, error))
    return NULL;
  g_setenv ("HOME", state->scratch, TRUE);
  state->records_text = read_or_empty (state->records_path, SYSVPN_FILE_PRIVATE);
  state->endpoints_text = read_or_empty (state->endpoints_path, SYSVPN_FILE_ANY);
  state->autoconnect = read_autoconnect (state->autoconnect_path);
  state->records = sysvpn_records_parse (state->records_text, state->pins);
  return g_steal_pointer (&state);
}

/**
 * sysvpn_import_state_free:
 * @state: (transfer full): the state; its scratch folder goes with it
 */
void
sysvpn_import_state_free (SysvpnImportState *state)
{
  if (state->scratch != NULL)
    remove_tree (state->scratch);
  g_free (state->folder);
  g_free (state->imported);
  g_free (state->certificates);
  g_free (state->scratch);
  g_free (state->records_path);
  g_free (state->autoconnect_path);
  g_free (state->endpoints_path);
  g_free (state->records_text);
  g_free (state->endpoints_text);
  g_free (state->autoconnect);
  g_clear_pointer (&state->records, g_hash_table_unref);
  g_clear_pointer (&state->pins, g_hash_table_unref);
  g_free (state);
}

/**
 * sysvpn_import_state_remove_certificates:
 * @state: the state
 * @names: (nullable): files in the folder of certificates
 * @kept: (nullable): those of them that are needed
 */
void
sysvpn_import_state_remove_certificates (SysvpnImportState *state,
                                         char *const *names,
                                         const char *const *kept)
{
  for (; names != NULL && *names != NULL; names++) {
    g_autofree char *path = g_build_filename (state->certificates, *names, NULL);

    if (strchr (*names, '/') == NULL && (kept == NULL || !g_strv_contains (kept, *names)))
      g_unlink (path);
  }
}

static bool
write_changed (
    const char *path, const char *before, const char *after, int mode, GError **error)
{
  return g_str_equal (before, after) || sysvpn_file_write (path, after, mode, error);
}

/**
 * sysvpn_import_state_save:
 * @state: the state with its changed records
 * @autoconnect: (nullable): UUID of what comes up at boot, empty for nothing, %NULL to leave it
 * @ret_endpoints_changed: (out): whether the killswitch has to be loaded again
 * @error: return location for a %G_FILE_ERROR
 *
 * Returns: %TRUE on success
 */
bool
sysvpn_import_state_save (SysvpnImportState *state,
                          const char *autoconnect,
                          bool *ret_endpoints_changed,
                          GError **error)
{
  g_autofree char *records = sysvpn_records_print (state->records, state->pins);
  g_autofree char *endpoints = sysvpn_plan_endpoints_text (state->records);
  bool is_new = state->endpoints_text[0] == '\0' && g_hash_table_size (state->records) == 0;
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *choice = NULL;

  if (!write_changed (state->records_path, state->records_text, records, 0600, error))
    return false;
  *ret_endpoints_changed = !is_new && !g_str_equal (endpoints, state->endpoints_text);
  if (*ret_endpoints_changed &&
      !sysvpn_file_write (state->endpoints_path, endpoints, 0644, error))
    return false;
  if (autoconnect == NULL || g_strcmp0 (autoconnect, state->autoconnect) == 0)
    return true;
  g_key_file_set_string (keys, group, key, autoconnect);
  choice = g_key_file_to_data (keys, NULL, NULL);
  return sysvpn_file_write (state->autoconnect_path, choice, 0644, error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sysvpn-import keeps what: the records of /rw/config/vpn/state, certificates, the choice
 * of what comes up at boot, the generated endpoints. Nothing is written that has not changed.
 */
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

static bool
make_folders (SysvpnImportState *state, const char *root, bool dry_run, GError **error)
{
  g_autofree char *folder = g_build_filename (state->folder, "state", NULL);
  g_autofree char *run = g_build_filename (root, "run", NULL);
  /* in memory: what the importer writes there may be a key */
  g_autofree char *scratch = g_build_filename (run, "sysvpn-import.XXXXXX", NULL);

  if (!g_file_test (state->folder, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_NO_MANAGER,
                 "%s is not there: make it and put the provider's files into it",
                 state->folder);
    return false;
  }
  if (g_mkdtemp (scratch) == NULL) {
    g_set_error (error, SYSVPN_IMPORT_ERROR, SYSVPN_IMPORT_ERROR_NO_MANAGER,
                 "cannot write to %s: %s", run, g_strerror (errno));
    return false;
  }
  state->scratch = g_steal_pointer (&scratch);
  state->certificates =
      g_build_filename (dry_run ? state->scratch : folder, "certificates", NULL);
  if (!dry_run && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    g_mkdir (folder, 0700); /* the agent's unit gives it to the agent */
  return sysvpn_file_make_folder (state->certificates, error);
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
  state->pins = sysvpn_hosts_new ();
  if (!make_folders (state, root, dry_run, error))
    return NULL;
  g_setenv ("HOME", state->scratch, TRUE);
  state->records_path = g_build_filename (state->folder, "state", "imports", NULL);
  state->autoconnect_path = g_build_filename (state->folder, "state", "autoconnect", NULL);
  state->endpoints_path = sysvpn_killswitch_path (root, SYSVPN_KILLSWITCH_FILE_IMPORTED);
  /* the folder is the agent's: records of anybody else's making could have profiles deleted */
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

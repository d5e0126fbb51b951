/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of sysvpn-import: reads everything, acts file by file, writes down what it did. */
#include "import/run.h"

#include <stdio.h>
#include <string.h>

#include "base/safe-text.h"
#include "import/error.h"
#include "import/hosts.h"
#include "import/importer.h"
#include "import/item.h"
#include "import/private-file.h"
#include "import/profiles.h"
#include "import/resolve.h"
#include "import/state.h"
#include "killswitch/files.h"

typedef struct {
  const SysvpnImportOptions *options;
  SysvpnImportState *state;
  SysvpnProfiles *profiles;
  GPtrArray *items;
  bool has_failed;
} Run;

static void say (const char *about, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* To a terminal or the journal: file names, host names and errors of others may be anything. */
static void
say (const char *about, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = g_strconcat (about, ": ", message, NULL);
  for (char *c = text; *c != '\0'; c++)
    if (!sysvpn_text_is_printable (c, 1))
      *c = '_';
  puts (text);
}

static void
fail (Run *run, const char *about, const char *verb, const GError *error)
{
  run->has_failed = true;
  say (about, "%s: %s", verb, error->message);
}

static const char *
name_of (const SysvpnItem *item)
{
  return item->stem != NULL ? item->stem : item->file;
}

/* The names of servers in all files. */
static GHashTable *
collect_names (const GPtrArray *items)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (unsigned i = 0; i < items->len; i++) {
    const SysvpnItem *item = items->pdata[i];

    for (unsigned j = 0; item->config != NULL && j < item->config->lines->len; j++) {
      const SysvpnConfigLine *line = item->config->lines->pdata[j];

      if (line->type == SYSVPN_CONFIG_LINE_REMOTE && !sysvpn_hosts_is_address (line->text))
        g_hash_table_add (names, g_ascii_strdown (line->text, -1));
    }
  }
  return names;
}

static void
pin (Run *run, const char *name, const char *const *addresses)
{
  const char *const *before = sysvpn_hosts_find (run->state->pins, name);
  g_autofree char *new_text = sysvpn_hosts_join (addresses);

  if (before != NULL && !g_strv_equal (before, addresses)) {
    g_autofree char *old_text = sysvpn_hosts_join (before);

    say (name, "its address changed: %s, was %s", new_text, old_text);
  } else if (before == NULL) {
    say (name, "pinned to %s", new_text);
  }
  sysvpn_hosts_set (run->state->pins, name, addresses);
}

static void
resolve_names (Run *run, GHashTable *names)
{
  g_autoptr (GList) sorted = sysvpn_records_sorted_names (names);

  if (sorted != NULL && !sysvpn_profiles_has_tunnel (run->profiles)) {
    run->has_failed = true;
    say ("--resolve", "no tunnel is up: names are asked for through a tunnel, or not at all; "
                      "connect another profile first, or use --hosts FILE");
    return;
  }
  for (GList *name = sorted; name != NULL; name = name->next) {
    g_auto (GStrv) addresses = sysvpn_resolve (name->data);

    if (addresses != NULL)
      pin (run, name->data, (const char *const *) addresses);
    else
      say (name->data, "cannot be resolved");
  }
}

static void
read_hosts (Run *run, GHashTable *names)
{
  const char *path = run->options->hosts_file;
  g_autoptr (GHashTable) hosts = sysvpn_hosts_new ();
  g_autoptr (GList) sorted = sysvpn_records_sorted_names (names);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  size_t len = 0;

  if (!sysvpn_file_read (path, SYSVPN_FILE_ANY, SYSVPN_CONFIG_MAX, &text, &len, &error) ||
      !sysvpn_hosts_parse (text, len, hosts, &error)) {
    fail (run, "--hosts", "refused", error);
    return;
  }
  for (GList *name = sorted; name != NULL; name = name->next) {
    const char *const *addresses = sysvpn_hosts_find (hosts, name->data);

    if (addresses != NULL)
      pin (run, name->data, addresses);
  }
}

static SysvpnRecord *
record_of (const SysvpnItem *item, const char *profile, char **certificates)
{
  SysvpnRecord *record = sysvpn_record_new ();

  record->uuid = g_strdup (item->uuid);
  record->digest = g_strdup (item->digest);
  record->profile = g_strdup (profile);
  record->certificates = g_strdupv (certificates);
  record->endpoints = g_new0 (char *, item->endpoints->len + 1);
  for (unsigned i = 0; i < item->endpoints->len; i++)
    record->endpoints[i] = g_strdup (item->endpoints->pdata[i]);
  return record;
}

/* A killswitch that cannot take all endpoints lets nothing pass: better one profile less. */
static bool
check_room (Run *run, const SysvpnItem *item, GError **error)
{
  GHashTable *records = run->state->records;
  gpointer file = NULL;
  gpointer before = NULL;
  bool had_one = g_hash_table_steal_extended (records, item->file, &file, &before);
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;

  g_hash_table_insert (records, g_strdup (item->file), record_of (item, "", NULL));
  text = sysvpn_plan_endpoints_text (records);
  g_hash_table_remove (records, item->file);
  if (had_one)
    g_hash_table_insert (records, file, before);
  if (sysvpn_killswitch_check_imported (run->options->root, text, &failure))
    return true;
  return sysvpn_import_refuse (error, 0,
                               "the killswitch has no room for its endpoints (%s): remove "
                               "files of profiles that are not used, then run "
                               "sysvpn-import --prune",
                               failure->message);
}

/* Adds or replaces; on a dry run the record alone, for the endpoints. */
static bool
store (Run *run, const SysvpnItem *item, GError **error)
{
  SysvpnImportState *state = run->state;
  const SysvpnRecord *before = g_hash_table_lookup (state->records, item->file);
  SysvpnSource source = { item->stem, item->uuid, item->kind, item->text, item->credentials };
  g_auto (GStrv) certificates = NULL;
  g_autofree char *digest = NULL;
  g_autoptr (NMConnection) connection =
      sysvpn_importer_read (state->scratch, state->certificates, &source, &certificates, error);

  if (connection == NULL)
    return false;
  if (run->options->dry_run)
    digest = g_strdup ("");
  else if (!sysvpn_profiles_store (run->profiles, connection, &digest, error))
    return false;
  if (before != NULL && !run->options->dry_run)
    sysvpn_import_state_remove_certificates (state, before->certificates,
                                             (const char *const *) certificates);
  g_hash_table_replace (state->records, g_strdup (item->file),
                        record_of (item, digest, certificates));
  return true;
}

static void
import (Run *run, const SysvpnItem *item, bool is_new)
{
  static const char *const verbs[2][2] = { { "replaced", "imported" },
                                           { "would be replaced", "would be imported" } };
  unsigned n = item->endpoints->len;
  g_autoptr (GError) error = NULL;

  if (!check_room (run, item, &error) || !store (run, item, &error)) {
    fail (run, item->stem, "refused", error);
    return;
  }
  say (item->stem, "%s (%u endpoint%s)", verbs[run->options->dry_run][is_new], n,
       n == 1 ? "" : "s");
  for (unsigned i = 0; i < item->config->notes->len; i++)
    say (item->stem, "%s", (const char *) item->config->notes->pdata[i]);
}

static bool
check_name (Run *run, const SysvpnItem *item, GError **error)
{
  const SysvpnStoredProfile *same = sysvpn_profiles_find_id (run->profiles, item->stem);

  if (same == NULL || g_str_equal (same->uuid, item->uuid))
    return true;
  return sysvpn_import_refuse (
      error, 0,
      "NetworkManager has a profile of this name that is not from here: "
      "rename the file, or `nmcli connection delete %s`",
      same->uuid);
}

static void
process (Run *run, SysvpnItem *item)
{
  const SysvpnRecord *record = g_hash_table_lookup (run->state->records, item->file);
  const SysvpnStoredProfile *stored = sysvpn_profiles_find (run->profiles, item->uuid);

  if (item->failure == NULL)
    sysvpn_item_prepare (item, run->state->folder, run->state->pins);
  if (item->failure == NULL)
    check_name (run, item, &item->failure);
  if (item->failure != NULL) {
    fail (run, name_of (item), "refused", item->failure);
    if (record != NULL && stored != NULL)
      say (name_of (item), "what was imported before stays");
    return;
  }
  switch (sysvpn_plan_action (record, item->digest, stored != NULL ? stored->digest : NULL,
                              run->options->force)) {
  case SYSVPN_ACTION_NONE:
    say (item->stem, "unchanged");
    break;
  case SYSVPN_ACTION_LEAVE_EDITED:
    say (item->stem,
         "left alone: the profile was edited since its import (--force replaces it)");
    break;
  case SYSVPN_ACTION_ADD:
    import (run, item, true);
    break;
  case SYSVPN_ACTION_REPLACE:
    import (run, item, false);
    break;
  }
}

static bool
has_file (const Run *run, const char *file)
{
  for (unsigned i = 0; i < run->items->len; i++)
    if (g_str_equal (((const SysvpnItem *) run->items->pdata[i])->file, file))
      return true;
  return false;
}

static void
prune_one (Run *run, const char *file)
{
  const SysvpnRecord *record = g_hash_table_lookup (run->state->records, file);
  const SysvpnStoredProfile *stored = sysvpn_profiles_find (run->profiles, record->uuid);
  bool is_edited = stored != NULL && !g_str_equal (stored->digest, record->profile);
  g_autoptr (GError) error = NULL;

  if (!run->options->prune) {
    say (file, "is gone; --prune removes its profile");
    return;
  }
  if (is_edited && !run->options->force) {
    say (file, "is gone, and its profile was edited since its import: left alone (--force)");
    return;
  }
  if (!run->options->dry_run) {
    if (!sysvpn_profiles_delete (run->profiles, record->uuid, &error)) {
      fail (run, file, "cannot be removed", error);
      return;
    }
    sysvpn_import_state_remove_certificates (run->state, record->certificates, NULL);
  }
  say (file, run->options->dry_run ? "would be removed" : "removed");
  g_hash_table_remove (run->state->records, file);
}

static void
prune (Run *run)
{
  g_autoptr (GList) files = sysvpn_records_sorted_names (run->state->records);

  for (GList *file = files; file != NULL; file = file->next)
    if (!has_file (run, file->data)) {
      g_autofree char *name = g_strdup (file->data); /* the record's key goes with it */

      prune_one (run, name);
    }
}

/* UUID of what comes up at boot; empty to write down that nothing does; NULL to leave it open.
 */
static char *
choose_autoconnect (Run *run)
{
  g_autofree char *uuid = NULL;
  g_autoptr (GError) error = NULL;
  const char *wanted = run->options->autoconnect;

  if (!sysvpn_plan_autoconnect (run->state->records, wanted, run->state->autoconnect, &uuid,
                                &error)) {
    run->has_failed = true;
    say ("autoconnect", "%s", error->message);
    return NULL;
  }
  if (uuid == NULL && wanted == NULL && g_hash_table_size (run->state->records) > 0 &&
      g_strcmp0 (run->state->autoconnect, "") != 0)
    say ("autoconnect",
         "no profile comes up at boot; choose one: sysvpn-import --autoconnect NAME");
  return uuid != NULL || wanted == NULL ? g_steal_pointer (&uuid) : g_strdup ("");
}

static void
print_diff (Run *run)
{
  g_autofree char *after = sysvpn_plan_endpoints_text (run->state->records);
  g_autoptr (GString) diff = g_string_new (NULL);

  sysvpn_plan_diff (run->state->endpoints_text, after, diff);
  fputs (diff->str, stdout);
}

static void
load_killswitch (Run *run)
{
  static char *command[] = { "systemctl", "reload-or-restart", "sysvpn-killswitch.service",
                             NULL };
  g_auto (SysvpnEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (!run->options->load) {
    say ("endpoints", "changed; load them: systemctl reload-or-restart sysvpn-killswitch");
    return;
  }
  if (!g_spawn_sync (NULL, command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                     &error) ||
      !g_spawn_check_wait_status (status, &error))
    fail (run, "endpoints", "changed, and the killswitch did not load them", error);
  else if (!sysvpn_killswitch_load_endpoints (run->options->root, &endpoints, &error))
    /* to systemd a killswitch that is closed for that is loaded */
    fail (run, "endpoints", "changed, and the killswitch lets nothing pass until this is right",
          error);
  else
    say ("endpoints", "changed and loaded");
}

static void
finish (Run *run)
{
  g_autofree char *autoconnect = choose_autoconnect (run);
  g_autoptr (GError) error = NULL;
  bool endpoints_changed = false;

  if (run->options->dry_run)
    print_diff (run);
  else if (!sysvpn_import_state_save (run->state, autoconnect, &endpoints_changed, &error))
    fail (run, "records", "cannot be written", error);
  else if (endpoints_changed)
    load_killswitch (run);
}

static int
run_all (Run *run)
{
  g_autoptr (GHashTable) names = collect_names (run->items);

  if (run->options->hosts_file != NULL)
    read_hosts (run, names);
  if (run->options->resolve)
    resolve_names (run, names);
  for (unsigned i = 0; i < run->items->len; i++)
    process (run, run->items->pdata[i]);
  prune (run);
  finish (run);
  return run->has_failed ? SYSVPN_IMPORT_EXIT_SOME : SYSVPN_IMPORT_EXIT_FINE;
}

/**
 * sysvpn_import_run:
 * @options: what the user wants
 *
 * Prints a line for each file, and more where there is more to say.
 *
 * Returns: the exit status
 */
int
sysvpn_import_run (const SysvpnImportOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnImportState) state =
      sysvpn_import_state_open (options->root, options->dry_run, &error);
  g_autoptr (SysvpnProfiles) profiles = state != NULL ? sysvpn_profiles_open (&error) : NULL;
  g_autoptr (GPtrArray) items =
      profiles != NULL ? sysvpn_items_load (state->folder, &error) : NULL;
  Run run = { options, state, profiles, items, false };

  if (items == NULL) {
    fprintf (stderr, "sysvpn-import: %s\n", error->message);
    return SYSVPN_IMPORT_EXIT_UNABLE;
  }
  return run_all (&run);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysvpn-import remembers: a key file with a group for each file that it imported, and one
 * for the names that are pinned. Pure: text in, text out. */
#include "import/records.h"

#include "import/hosts.h"

static const char file_prefix[] = "file ";
static const char pins_group[] = "pins";

/**
 * sysvpn_record_new:
 *
 * Returns: (transfer full): an empty record
 */
SysvpnRecord *
sysvpn_record_new (void)
{
  return g_new0 (SysvpnRecord, 1);
}

/**
 * sysvpn_record_free:
 * @record: (transfer full): a record
 */
void
sysvpn_record_free (SysvpnRecord *record)
{
  g_free (record->uuid);
  g_free (record->digest);
  g_free (record->profile);
  g_strfreev (record->endpoints);
  g_strfreev (record->certificates);
  g_free (record);
}

static char **
read_list (GKeyFile *keys, const char *group, const char *key)
{
  char **list = g_key_file_get_string_list (keys, group, key, NULL, NULL);

  return list != NULL ? list : g_new0 (char *, 1);
}

static SysvpnRecord *
read_record (GKeyFile *keys, const char *group)
{
  SysvpnRecord *record = sysvpn_record_new ();

  record->uuid = g_key_file_get_string (keys, group, "uuid", NULL);
  record->digest = g_key_file_get_string (keys, group, "digest", NULL);
  record->profile = g_key_file_get_string (keys, group, "profile", NULL);
  record->endpoints = read_list (keys, group, "endpoints");
  record->certificates = read_list (keys, group, "certificates");
  return record;
}

/**
 * sysvpn_records_parse:
 * @text: what sysvpn_records_print() made, or anything else
 * @ret_pins: the pinned names are added, as of sysvpn_hosts_new()
 *
 * A text that is no key file, or lacks something, is as good as less text: files are imported
 * again.
 *
 * Returns: (transfer full) (element-type utf8 SysvpnRecord): the records, by file name
 */
GHashTable *
sysvpn_records_parse (const char *text, GHashTable *ret_pins)
{
  GHashTable *records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                               (GDestroyNotify) sysvpn_record_free);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  g_auto (GStrv) names = NULL;

  if (!g_key_file_load_from_data (keys, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return records;
  groups = g_key_file_get_groups (keys, NULL);
  for (char **group = groups; *group != NULL; group++) {
    g_autoptr (SysvpnRecord) record = NULL;

    if (!g_str_has_prefix (*group, file_prefix))
      continue;
    record = read_record (keys, *group);
    if (record->uuid != NULL && record->digest != NULL && record->profile != NULL)
      g_hash_table_insert (records, g_strdup (*group + sizeof file_prefix - 1),
                           g_steal_pointer (&record));
  }
  names = g_key_file_get_keys (keys, pins_group, NULL, NULL);
  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_auto (GStrv) addresses = read_list (keys, pins_group, *name);

    if (addresses[0] != NULL)
      sysvpn_hosts_set (ret_pins, *name, (const char *const *) addresses);
  }
  return records;
}

/**
 * sysvpn_records_sorted_names:
 * @table: records or pins
 *
 * Returns: (transfer container): its keys in order
 */
GList *
sysvpn_records_sorted_names (GHashTable *table)
{
  return g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) g_strcmp0);
}

static void
write_list (GKeyFile *keys, const char *group, const char *key, char **list)
{
  g_key_file_set_string_list (keys, group, key, (const char *const *) list,
                              list != NULL ? g_strv_length (list) : 0);
}

/**
 * sysvpn_records_print:
 * @records: (element-type utf8 SysvpnRecord): the records, by file name
 * @pins: pinned names, as of sysvpn_hosts_new()
 *
 * Returns: (transfer full): the same text for the same records
 */
char *
sysvpn_records_print (GHashTable *records, GHashTable *pins)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GList) files = sysvpn_records_sorted_names (records);
  g_autoptr (GList) names = sysvpn_records_sorted_names (pins);

  for (GList *file = files; file != NULL; file = file->next) {
    const SysvpnRecord *record = g_hash_table_lookup (records, file->data);
    g_autofree char *group = g_strconcat (file_prefix, file->data, NULL);

    g_key_file_set_string (keys, group, "uuid", record->uuid);
    g_key_file_set_string (keys, group, "digest", record->digest);
    g_key_file_set_string (keys, group, "profile", record->profile);
    write_list (keys, group, "endpoints", record->endpoints);
    write_list (keys, group, "certificates", record->certificates);
  }
  for (GList *name = names; name != NULL; name = name->next)
    write_list (keys, pins_group, name->data, g_hash_table_lookup (pins, name->data));
  return g_key_file_to_data (keys, NULL, NULL);
}

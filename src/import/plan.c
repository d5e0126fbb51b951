/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be done with which file: names, identities, actions, the endpoints' file. Pure. */
#include "import/plan.h"

#include <string.h>

#include "import/error.h"

enum { STEM_MAX = 64 };

/* Of our own choice: the name space of UUIDs made from file names. */
static const guint8 uuid_space[16] = { 0x5f, 0x1d, 0x0a, 0x66, 0x3c, 0x57, 0x4e, 0x0b,
                                       0x9a, 0x41, 0x73, 0x79, 0x73, 0x76, 0x70, 0x6e };

static const char endpoints_head[] =
    "# Written by sysvpn-import: the servers of the profiles that it imported. Changes are "
    "lost;\n"
    "# other endpoints go into endpoints.txt beside this file.\n";

/**
 * sysvpn_plan_kind:
 * @file: a file's name
 * @ret_kind: (out): its kind by its ending; only on success
 *
 * Returns: %TRUE if it is one to import; hidden files and the probe's egress.conf are not
 */
bool
sysvpn_plan_kind (const char *file, SysvpnConfigKind *ret_kind)
{
  g_autofree char *lower = g_ascii_strdown (file, -1);

  if (file[0] == '.' || g_str_equal (lower, "egress.conf"))
    return false;
  if (!g_str_has_suffix (lower, ".ovpn") && !g_str_has_suffix (lower, ".conf"))
    return false;
  *ret_kind =
      g_str_has_suffix (lower, ".ovpn") ? SYSVPN_CONFIG_OPENVPN : SYSVPN_CONFIG_WIREGUARD;
  return true;
}

/**
 * sysvpn_plan_stem:
 * @file: a file's name with its ending
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: (transfer full) (nullable): the profile's name, of characters that need no quoting
 * in menus, key files and paths
 */
char *
sysvpn_plan_stem (const char *file, GError **error)
{
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             " ._+@()-";
  size_t len = (size_t) (strrchr (file, '.') - file);

  if (len == 0 || len > STEM_MAX || strspn (file, safe) != strlen (file) || file[0] == ' ' ||
      file[0] == '-' || file[len - 1] == ' ') {
    sysvpn_import_refuse (error, 0,
                          "rename it: 1 to %d letters, digits, blanks and . _ + @ ( ) - before "
                          "the ending, no blank or - at the start",
                          STEM_MAX);
    return NULL;
  }
  return g_strndup (file, len);
}

/**
 * sysvpn_plan_uuid:
 * @file: a file's name
 * @ret_uuid: (out): version 5, always the same for a name, so that whoever remembers the
 * profile finds it again after its content changed, and after the records were lost
 */
void
sysvpn_plan_uuid (const char *file, char ret_uuid[static SYSVPN_UUID_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 b[20];
  gsize len = sizeof b;

  g_checksum_update (checksum, uuid_space, sizeof uuid_space);
  g_checksum_update (checksum, (const guchar *) file, (gssize) strlen (file));
  g_checksum_get_digest (checksum, b, &len);
  b[6] = (guint8) ((b[6] & 0x0f) | 0x50);
  b[8] = (guint8) ((b[8] & 0x3f) | 0x80);
  g_snprintf (ret_uuid, SYSVPN_UUID_SIZE,
              "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
              b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
              b[14], b[15]);
}

/* Names of devices that are, or could become, somebody else's. */
static bool
is_taken (const char *stem)
{
  static const char *const prefixes[] = { "eth", "vif", "tun",     "tap", "lo", "wl",
                                          "en",  "all", "default", ".",   NULL };

  for (size_t i = 0; prefixes[i] != NULL; i++)
    if (g_str_has_prefix (stem, prefixes[i]))
      return true;
  return false;
}

/**
 * sysvpn_plan_device:
 * @stem: a profile's name
 * @ret_device: (out): a name for its WireGuard device: the profile's where the kernel and the
 * other devices allow it, else one that is made from it
 */
void
sysvpn_plan_device (const char *stem, char ret_device[static SYSVPN_DEVICE_SIZE])
{
  static const char safe[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  g_autofree char *digest = NULL;

  if (strlen (stem) < SYSVPN_DEVICE_SIZE && strspn (stem, safe) == strlen (stem) &&
      !is_taken (stem)) {
    g_strlcpy (ret_device, stem, SYSVPN_DEVICE_SIZE);
    return;
  }
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, stem, -1);
  g_snprintf (ret_device, SYSVPN_DEVICE_SIZE, "wg-%.12s", digest);
}

/**
 * sysvpn_plan_action:
 * @record: (nullable): what was imported from the file before
 * @digest: of what would be imported now
 * @profile: (nullable): digest of the profile that NetworkManager has, %NULL for none
 * @force: whether to replace what somebody edited
 *
 * A profile without record is one of ours whose record was lost: its UUID is made from the
 * file's name.
 *
 * Returns: what to do
 */
SysvpnAction
sysvpn_plan_action (const SysvpnRecord *record,
                    const char *digest,
                    const char *profile,
                    bool force)
{
  bool is_edited = record != NULL && profile != NULL && !g_str_equal (record->profile, profile);

  if (profile == NULL)
    return SYSVPN_ACTION_ADD;
  if (is_edited)
    return force ? SYSVPN_ACTION_REPLACE : SYSVPN_ACTION_LEAVE_EDITED;
  if (record == NULL || !g_str_equal (record->digest, digest))
    return SYSVPN_ACTION_REPLACE;
  return SYSVPN_ACTION_NONE;
}

/**
 * sysvpn_plan_autoconnect:
 * @records: (element-type utf8 SysvpnRecord): what is imported, by file name
 * @wanted: (nullable): the name that the user gave, with or without its ending; `none` for none
 * @recorded: (nullable): the UUID that was chosen before
 * @ret_uuid: (out) (transfer full) (nullable): the profile that comes up at boot; only on
 * success
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: %FALSE if @wanted is not there
 */
bool
sysvpn_plan_autoconnect (GHashTable *records,
                         const char *wanted,
                         const char *recorded,
                         char **ret_uuid,
                         GError **error)
{
  const SysvpnRecord *only = NULL;
  const SysvpnRecord *chosen = NULL;
  GHashTableIter at;
  gpointer file, record;

  g_hash_table_iter_init (&at, records);
  while (g_hash_table_iter_next (&at, &file, &record)) {
    const SysvpnRecord *one = record;
    g_autofree char *stem = g_strndup (file, (gsize) (strrchr (file, '.') - (char *) file));

    only = one;
    if (wanted != NULL ? g_str_equal (wanted, file) || g_str_equal (wanted, stem)
                       : g_strcmp0 (recorded, one->uuid) == 0)
      chosen = one;
  }
  if (wanted != NULL && chosen == NULL && !g_str_equal (wanted, "none"))
    return sysvpn_import_refuse (error, 0,
                                 "--autoconnect: no profile of that name is imported");
  /* `none` is remembered by an empty record, so that the only profile does not come back */
  if (wanted == NULL && recorded == NULL && g_hash_table_size (records) == 1)
    chosen = only;
  *ret_uuid = chosen != NULL ? g_strdup (chosen->uuid) : NULL;
  return true;
}

/**
 * sysvpn_plan_endpoints_text:
 * @records: (element-type utf8 SysvpnRecord): the records, by file name
 *
 * Returns: (transfer full): the file endpoints.imported
 */
char *
sysvpn_plan_endpoints_text (GHashTable *records)
{
  GString *text = g_string_new (endpoints_head);
  g_autoptr (GList) files = sysvpn_records_sorted_names (records);

  for (GList *file = files; file != NULL; file = file->next) {
    const SysvpnRecord *record = g_hash_table_lookup (records, file->data);

    for (char **line = record->endpoints; line != NULL && *line != NULL; line++)
      g_string_append_printf (text, "%s # %s\n", *line, (const char *) file->data);
  }
  return g_string_free (text, FALSE);
}

static void
add_missing (char **lines, char **others, char sign, GString *diff)
{
  for (; *lines != NULL; lines++)
    if ((*lines)[0] != '\0' && (*lines)[0] != '#' &&
        !g_strv_contains ((const char *const *) others, *lines))
      g_string_append_printf (diff, "%c %s\n", sign, *lines);
}

/**
 * sysvpn_plan_diff:
 * @before: a file of endpoints
 * @after: the same later
 * @ret_diff: a line for each endpoint that went, then for each that came, is added
 */
void
sysvpn_plan_diff (const char *before, const char *after, GString *ret_diff)
{
  g_auto (GStrv) old_lines = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new_lines = g_strsplit (after, "\n", -1);

  add_missing (old_lines, new_lines, '-', ret_diff);
  add_missing (new_lines, old_lines, '+', ret_diff);
}

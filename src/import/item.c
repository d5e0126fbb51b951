/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of /rw/config/vpn, each read on its own: what is wrong with one is kept with it. */
#include "import/item.h"

#include <string.h>
#include <sys/stat.h>

#include "import/error.h"
#include "import/hosts.h"
#include "import/private-file.h"

/* Raised when the same file would become another profile: everything is imported again once. */
static const char settings_version[] = "sysvpn-import settings 2\n";

static void
item_free (gpointer data)
{
  SysvpnItem *item = data;

  g_free (item->file);
  g_free (item->stem);
  g_clear_error (&item->failure);
  g_clear_pointer (&item->config, sysvpn_config_free);
  g_clear_pointer (&item->credentials, sysvpn_credentials_free);
  g_free (item->text);
  g_ptr_array_unref (item->endpoints);
  g_free (item->digest);
  g_free (item);
}

static bool
read_config (SysvpnItem *item, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  size_t len = 0;
  struct stat about;

  if (!sysvpn_file_read (path, SYSVPN_FILE_ANY, SYSVPN_CONFIG_MAX, &text, &len, error) ||
      !sysvpn_config_split (text, len, &lines, error))
    return false;
  item->config = item->kind == SYSVPN_CONFIG_OPENVPN
                     ? sysvpn_config_parse_openvpn (lines, error)
                     : sysvpn_config_parse_wireguard (lines, error);
  if (item->config == NULL)
    return false;
  if (item->config->holds_key && stat (path, &about) == 0 && (about.st_mode & 077) != 0)
    g_ptr_array_add (
        item->config->notes,
        g_strdup_printf ("it holds a private key and others may read it: chmod 0600 "
                         "'%s'",
                         path));
  return true;
}

static SysvpnItem *
item_load (const char *folder, const char *file, SysvpnConfigKind kind)
{
  SysvpnItem *item = g_new0 (SysvpnItem, 1);
  g_autofree char *path = g_build_filename (folder, file, NULL);

  item->file = g_strdup (file);
  item->kind = kind;
  item->endpoints = g_ptr_array_new_with_free_func (g_free);
  item->stem = sysvpn_plan_stem (file, &item->failure);
  if (item->stem == NULL)
    return item;
  sysvpn_plan_uuid (file, item->uuid);
  read_config (item, path, &item->failure);
  return item;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const SysvpnItem *const *left = a;
  const SysvpnItem *const *right = b;

  return strcmp ((*left)->file, (*right)->file);
}

/* NAME.ovpn and NAME.conf would become two profiles of one name. */
static void
refuse_twins (GPtrArray *items)
{
  for (unsigned i = 0; i < items->len; i++)
    for (unsigned j = 0; j < i; j++) {
      SysvpnItem *item = items->pdata[i];
      const SysvpnItem *other = items->pdata[j];

      if (item->failure == NULL && g_strcmp0 (item->stem, other->stem) == 0)
        sysvpn_import_refuse (&item->failure, 0,
                              "%s gives a profile of the same name: rename one", other->file);
    }
}

/**
 * sysvpn_items_load:
 * @folder: /rw/config/vpn, below the root
 * @error: return location for a %G_FILE_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type SysvpnItem): its files, by name; those that
 * cannot be imported too
 */
GPtrArray *
sysvpn_items_load (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GPtrArray *items;
  const char *file;

  if (dir == NULL)
    return NULL;
  items = g_ptr_array_new_with_free_func (item_free);
  while ((file = g_dir_read_name (dir)) != NULL) {
    SysvpnConfigKind kind;

    if (sysvpn_plan_kind (file, &kind))
      g_ptr_array_add (items, item_load (folder, file, kind));
  }
  g_ptr_array_sort (items, compare);
  refuse_twins (items);
  return items;
}

/**
 * sysvpn_item_prepare:
 * @item: an item without failure; gets one if it cannot be imported
 * @folder: /rw/config/vpn, below the root
 * @pins: what names are pinned to
 *
 * Gathers all that the profile is made of, and the digest of it.
 */
void
sysvpn_item_prepare (SysvpnItem *item, const char *folder, GHashTable *pins)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (digest, (const guchar *) settings_version, -1);
  g_checksum_update (digest, (const guchar *) item->stem, -1);
  item->credentials =
      sysvpn_credentials_load (folder, item->stem, item->config, digest, &item->failure);
  if (item->credentials == NULL)
    return;
  if (!sysvpn_hosts_render (item->config, pins, &item->text, item->endpoints, &item->failure))
    return;
  /* what the importer reads, so that a changed comment is no change and a changed address is
   * one */
  g_checksum_update (digest, (const guchar *) item->text, -1);
  for (const char *const *word =
           (const char *const[]){ item->config->user, item->config->password, NULL };
       *word != NULL; word++)
    g_checksum_update (digest, (const guchar *) *word, -1);
  item->digest = g_strdup (g_checksum_get_string (digest));
}

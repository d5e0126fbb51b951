/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the internet sees the address that this machine has without the VPN. The list of such
 * addresses is read again when its file is another one than before, and whether it is that is
 * looked up when there is a report: a file monitor would wake us every four seconds while the
 * file's folder is not there yet. */
#include "client/uplink-watch.h"

#include "client/uplink-address.h"

#include <sys/stat.h>

struct SysvpnUplinkWatch {
  char *path;
  bool is_read;     /* @file has been read, or is none */
  struct stat file; /* zeroed: there is none */
  SysvpnUplinkAddresses addresses;
};

/**
 * sysvpn_uplink_watch_new:
 * @path: where the addresses are kept, see sysvpn_uplink_addresses_path()
 *
 * Returns: (transfer full): a watch that has not looked yet
 */
SysvpnUplinkWatch *
sysvpn_uplink_watch_new (const char *path)
{
  SysvpnUplinkWatch *watch = g_new0 (SysvpnUplinkWatch, 1);

  watch->path = g_strdup (path);
  return watch;
}

/**
 * sysvpn_uplink_watch_free:
 * @watch: (transfer full) (nullable): a watch
 */
void
sysvpn_uplink_watch_free (SysvpnUplinkWatch *watch)
{
  if (watch == NULL)
    return;
  g_free (watch->path);
  g_free (watch);
}

static bool
is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
look (SysvpnUplinkWatch *watch)
{
  g_autoptr (GError) error = NULL;
  struct stat file = { 0 };

  if (stat (watch->path, &file) != 0)
    file = (struct stat){ 0 };
  if (watch->is_read && is_same_file (&file, &watch->file))
    return;
  watch->is_read = true;
  watch->file = file;
  watch->addresses.n = 0;
  if (!sysvpn_uplink_addresses_load (watch->path, &watch->addresses, &error))
    g_message ("egress addresses are not compared: %s", error->message);
}

/**
 * sysvpn_uplink_watch_is_uplink:
 * @watch: a watch
 * @report: (nullable): a report that is believed
 *
 * Returns: %TRUE if an egress address of @report is one that was recorded without the VPN;
 * %FALSE also where nothing was recorded, or no egress address is known
 */
bool
sysvpn_uplink_watch_is_uplink (SysvpnUplinkWatch *watch, const SysvpnStatus *report)
{
  if (report == NULL || report->egress != SYSVPN_EGRESS_OK)
    return false;
  look (watch);
  return sysvpn_uplink_addresses_has (&watch->addresses, report->egress4) ||
         sysvpn_uplink_addresses_has (&watch->addresses, report->egress6);
}

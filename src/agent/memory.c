/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent remembers: the wish (up or down) over its own restarts in /run, the last
 * profile over reboots in /rw, where alone an AppVM keeps things. Key files; a bad one counts
 * as none. */
#include "agent/memory.h"

#include "agent/profile-choice.h"
#include "proto/request.h"

#include <errno.h>
#include <glib/gstdio.h>

static const char run_file[] = "run/sysvpn/state/wanted";
static const char rw_file[] = "rw/config/vpn/state/last-profile";
static const char autoconnect_file[] =
    "rw/config/vpn/imported/autoconnect"; /* sysvpn-import's */
static const char group[] = "tunnel";

static char *
read_value (const char *root, const char *file, const char *key)
{
  g_autofree char *path = g_build_filename (root, file, NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (!g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_key_file_get_string (keys, group, key, NULL);
}

/**
 * sysvpn_memory_load:
 * @root: where the file system starts, "/" but in tests
 * @supervisor: its wish and profile are set to what is remembered, else left as they are
 *
 * Returns: %TRUE if a wish is remembered: the agent was restarted; %FALSE after a boot
 */
bool
sysvpn_memory_load (const char *root, SysvpnSupervisor *supervisor)
{
  g_autofree char *wanted = read_value (root, run_file, "wanted");
  g_autofree char *uuid = read_value (root, run_file, "profile");

  if (uuid == NULL || !sysvpn_uuid_is_valid (uuid)) {
    g_free (uuid);
    uuid = read_value (root, rw_file, "profile");
  }
  if (uuid != NULL && sysvpn_uuid_is_valid (uuid))
    g_strlcpy (supervisor->uuid, uuid, sizeof supervisor->uuid);
  if (wanted == NULL ||
      sysvpn_words_find (&sysvpn_wanted_words, wanted) == SYSVPN_WANTED_UNKNOWN)
    return false;
  supervisor->wanted = sysvpn_words_find (&sysvpn_wanted_words, wanted);
  return true;
}

/**
 * sysvpn_memory_list_profiles:
 * @root: where the file system starts
 * @nm: where the profiles are
 *
 * Returns: (transfer full) (element-type SysvpnProfile): the VPN profiles, autoconnect as
 * sysvpn-import wrote it down for the next boot; where it did not, as NetworkManager has it
 */
GArray *
sysvpn_memory_list_profiles (const char *root, SysvpnNetworkManager *nm)
{
  GArray *profiles = sysvpn_network_manager_get_profiles (nm);
  g_autofree char *uuid = read_value (root, autoconnect_file, "profile");

  sysvpn_profile_choice_apply (profiles, uuid);
  return profiles;
}

/* A file that is renamed into place is the old one or the new one to everybody who reads it. It
 * is not synchronised to the disk: that may take long, and this is the main loop. What a power
 * cut may cost is the name of the last profile, and a bad file counts as none. */
static bool
write_file (const char *root, const char *file, GKeyFile *keys, GError **error)
{
  g_autofree char *path = g_build_filename (root, file, NULL);
  g_autofree char *scratch = g_strconcat (path, ".new", NULL);
  g_autofree char *text = g_key_file_to_data (keys, NULL, NULL);

  if (!g_file_set_contents_full (scratch, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, error))
    return false;
  if (g_rename (scratch, path) == 0)
    return true;
  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno), "%s",
               g_strerror (errno));
  return false;
}

/**
 * sysvpn_memory_save:
 * @root: where the file system starts
 * @supervisor: what to remember
 * @error: return location for a %G_FILE_ERROR
 *
 * Returns: %FALSE if one of the two files could not be written; the other one is all the same
 */
bool
sysvpn_memory_save (const char *root, const SysvpnSupervisor *supervisor, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  bool saved;

  g_key_file_set_string (keys, group, "profile", supervisor->uuid);
  saved = write_file (root, rw_file, keys, error);
  g_key_file_set_string (keys, group, "wanted",
                         sysvpn_words_get (&sysvpn_wanted_words, supervisor->wanted));
  return write_file (root, run_file, keys, saved ? error : NULL) && saved;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn connect, disconnect, reconnect. */
#include "cli/run.h"
#include "client/call.h"
#include "proto/profile-list.h"
#include "proto/request.h"

#include <glib/gi18n.h>

static void
on_done (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, &error);

  if (block != NULL && !block->ok)
    error = sysvpn_call_error_of_reply (sysvpn_reply_decode (block));
  if (error != NULL)
    sysvpn_run_fail (run, error->message);
  else
    sysvpn_run_end (run, SYSVPN_EXIT_OK);
}

static void
act (SysvpnRun *run, SysvpnService service, const char *uuid)
{
  sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ service, uuid }, NULL, on_done,
                     run);
}

/* The profile that is called @name; NULL when that is not exactly one, and then *ret_message
 * says so. Names are not unique, UUIDs are. */
static const char *
find_profile (const GArray *profiles, const char *name, char **ret_message)
{
  g_autoptr (GString) uuids = g_string_new (NULL);
  const char *uuid = NULL;
  unsigned n = 0;

  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    if (!g_str_equal (profile->name, name))
      continue;
    uuid = profile->uuid;
    g_string_append_printf (uuids, " %s", uuid);
    n++;
  }
  if (n == 1)
    return uuid;
  *ret_message = n == 0 ? g_strdup (_ ("no profile has this name or UUID; see sysvpn profiles"))
                        : g_strdup_printf (_ ("%u profiles have this name; name one by its "
                                              "UUID:%s"),
                                           n, uuids->str);
  return NULL;
}

static void
on_profiles (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) profiles = sysvpn_profiles_finish (result, &error);
  g_autofree char *message = NULL;
  const char *uuid;

  if (profiles == NULL) {
    sysvpn_run_fail (run, error->message);
    return;
  }
  uuid = find_profile (profiles, run->argument, &message);
  if (uuid == NULL)
    sysvpn_run_fail (run, message);
  else
    act (run, SYSVPN_SERVICE_CONNECT, uuid);
}

/**
 * sysvpn_connect_command:
 * @run: the run
 *
 * Brings a profile up, named by UUID or by a name that only it has; without one, the agent's
 * choice.
 */
void
sysvpn_connect_command (SysvpnRun *run)
{
  if (run->argument == NULL || sysvpn_uuid_is_valid (run->argument))
    act (run, SYSVPN_SERVICE_CONNECT, run->argument);
  else
    sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ SYSVPN_SERVICE_PROFILES },
                       NULL, on_profiles, run);
}

/**
 * sysvpn_disconnect_command:
 * @run: the run
 *
 * Brings the tunnel down and keeps it down.
 */
void
sysvpn_disconnect_command (SysvpnRun *run)
{
  act (run, SYSVPN_SERVICE_DISCONNECT, NULL);
}

/**
 * sysvpn_reconnect_command:
 * @run: the run
 *
 * Brings the same profile down and up.
 */
void
sysvpn_reconnect_command (SysvpnRun *run)
{
  act (run, SYSVPN_SERVICE_RECONNECT, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn profiles: which profiles there are to connect. */
#include "base/safe-text.h"
#include "cli/report-json.h"
#include "cli/run.h"
#include "client/call.h"
#include "client/report-text.h"
#include "proto/profile-list.h"

#include <glib/gi18n.h>

static char *
profiles_json (const GArray *profiles)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);
    g_autofree char *name = sysvpn_text_sanitize (profile->name, SYSVPN_PROFILE_NAME_MAX);
    const struct {
      const char *key;
      bool value;
    } flags[] = {
      { "active", profile->active },
      { "autoconnect", profile->autoconnect },
      { "pinned", profile->pinned },
    };

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "uuid");
    json_builder_add_string_value (builder, profile->uuid);
    json_builder_set_member_name (builder, "type");
    json_builder_add_string_value (
        builder, sysvpn_words_get (&sysvpn_profile_type_words, profile->type));
    json_builder_set_member_name (builder, "name");
    json_builder_add_string_value (builder, name);
    for (size_t f = 0; f < G_N_ELEMENTS (flags); f++) {
      json_builder_set_member_name (builder, flags[f].key);
      json_builder_add_boolean_value (builder, flags[f].value);
    }
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  return sysvpn_json_text (builder, true);
}

static char *
profiles_text (const GArray *profiles)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);
    g_autofree char *name = sysvpn_name_text (profile->name);

    g_string_append_printf (out, "%c %s  %-9s  %s%s%s\n", profile->active ? '*' : ' ',
                            profile->uuid,
                            sysvpn_words_get (&sysvpn_profile_type_words, profile->type), name,
                            profile->autoconnect ? _ ("  (starts by itself)") : "",
                            profile->pinned ? "" : _ ("  (server not in endpoints.txt)"));
  }
  return g_strdup (out->str);
}

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) profiles = sysvpn_profiles_finish (result, &error);
  g_autofree char *text = NULL;

  if (profiles == NULL) {
    sysvpn_run_fail (run, error->message);
    return;
  }
  if (profiles->len == 0 && !run->json) {
    sysvpn_run_fail (run,
                     _ ("there is no VPN profile; put one in /rw/config/vpn of the VPN qube "
                        "and run sysvpn-import there"));
    return;
  }
  text = run->json ? profiles_json (profiles) : profiles_text (profiles);
  if (sysvpn_run_print (run, text))
    sysvpn_run_end (run, SYSVPN_EXIT_OK);
}

/**
 * sysvpn_profiles_finish:
 * @result: of a call of Profiles
 * @error: return location for a #SysvpnCallError
 *
 * Returns: (transfer full) (element-type SysvpnProfile): the profiles
 */
GArray *
sysvpn_profiles_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, error);
  GArray *profiles;

  if (block == NULL)
    return NULL;
  if (!block->ok) {
    g_propagate_error (error, sysvpn_call_error_of_reply (sysvpn_reply_decode (block)));
    return NULL;
  }
  profiles = sysvpn_profile_list_decode (block, NULL);
  if (profiles == NULL)
    g_propagate_error (error, sysvpn_call_error_of_silence (SYSVPN_SILENCE_GARBAGE));
  return profiles;
}

/**
 * sysvpn_profiles_command:
 * @run: the run
 *
 * Prints the profiles.
 */
void
sysvpn_profiles_command (SysvpnRun *run)
{
  sysvpn_call_async (run->transport, run->qube, (SysvpnQuery){ SYSVPN_SERVICE_PROFILES }, NULL,
                     on_answer, run);
}

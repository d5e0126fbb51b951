/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of sysvpn.Profiles: one line a profile, `profile_N=UUID TYPE FLAGS NAME`. */
#include "proto/profile-list.h"

#include "proto/request.h"
#include "proto/wire-error.h"

#include <stddef.h>
#include <string.h>

static const struct {
  const char *word;
  size_t offset; /* of the bool in SysvpnProfile */
} flags[] = {
  { "autoconnect", offsetof (SysvpnProfile, autoconnect) },
  { "active", offsetof (SysvpnProfile, active) },
  { "pinned", offsetof (SysvpnProfile, pinned) },
};

static bool
get_flag (const SysvpnProfile *profile, size_t index)
{
  return *(const bool *) ((const char *) profile + flags[index].offset);
}

static void
set_flag (SysvpnProfile *profile, size_t index, bool value)
{
  *(bool *) ((char *) profile + flags[index].offset) = value;
}

static void
add_profile (GString *out, unsigned index, const SysvpnProfile *profile)
{
  g_autofree char *key = g_strdup_printf ("profile_%u", index);
  g_autoptr (GString) value = g_string_new (profile->uuid);
  bool any = false;

  g_string_append_printf (value, " %s ",
                          sysvpn_words_get (&sysvpn_profile_type_words, profile->type));
  for (size_t i = 0; i < G_N_ELEMENTS (flags); i++)
    if (get_flag (profile, i)) {
      g_string_append_printf (value, "%s%s", any ? "," : "", flags[i].word);
      any = true;
    }
  g_string_append_printf (value, "%s %s", any ? "" : "-", profile->name);
  sysvpn_block_add (out, key, value->str);
}

/**
 * sysvpn_profile_list_encode:
 * @out: where to write a whole block
 * @profiles: (element-type SysvpnProfile): the first %SYSVPN_PROFILES_MAX are written
 */
void
sysvpn_profile_list_encode (GString *out, const GArray *profiles)
{
  unsigned n = MIN (profiles->len, SYSVPN_PROFILES_MAX);

  sysvpn_block_begin (out);
  for (unsigned i = 0; i < n; i++)
    add_profile (out, i, &g_array_index (profiles, SysvpnProfile, i));
  sysvpn_block_end (out, true);
}

static void
set_flags (SysvpnProfile *profile, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  /* unknown flags belong to a later version and are passed over */
  for (size_t i = 0; i < G_N_ELEMENTS (flags); i++)
    set_flag (profile, i, g_strv_contains ((const char *const *) words, flags[i].word));
}

static bool
parse_profile (const char *value, SysvpnProfile *ret_profile)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 4);
  SysvpnProfile profile = { 0 };

  if (g_strv_length (words) != 4 || !sysvpn_uuid_is_valid (words[0]) ||
      strlen (words[3]) > SYSVPN_PROFILE_NAME_MAX)
    return false;
  memcpy (profile.uuid, words[0], SYSVPN_UUID_LEN);
  profile.type = sysvpn_words_find (&sysvpn_profile_type_words, words[1]);
  set_flags (&profile, words[2]);
  memcpy (profile.name, words[3], strlen (words[3]));
  *ret_profile = profile;
  return true;
}

/**
 * sysvpn_profile_list_decode:
 * @block: a block whose result is ok
 * @error: return location for a #SysvpnWireError
 *
 * Returns: (transfer full) (element-type SysvpnProfile): the profiles in the order sent, or
 * %NULL when a line that should be one is not
 */
GArray *
sysvpn_profile_list_decode (const SysvpnBlock *block, GError **error)
{
  g_autoptr (GArray) profiles = g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));

  for (size_t i = 0; i < block->n_fields; i++) {
    SysvpnProfile profile;

    if (!g_str_has_prefix (block->fields[i].key, "profile_"))
      continue;
    if (profiles->len == SYSVPN_PROFILES_MAX ||
        !parse_profile (block->fields[i].value, &profile)) {
      g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                           "a profile is not UUID TYPE FLAGS NAME, or there are too many");
      return NULL;
    }
    g_array_append_val (profiles, profile);
  }
  return g_steal_pointer (&profiles);
}

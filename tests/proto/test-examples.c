/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The examples of qrexec/PROTOCOL.md, read and written again. */
#include "proto/diagnosis.h"
#include "proto/profile-list.h"
#include "proto/reply.h"
#include "proto/status.h"

#include "golden.h"
#include "read-blocks.h"

#include <string.h>

/* Each reads one block and, when it is what it should be, writes it again. */
typedef bool (*CopyFunc) (const SysvpnBlock *block, GString *out);

static bool
copy_status (const SysvpnBlock *block, GString *out)
{
  SysvpnStatus status;

  if (!sysvpn_status_decode (block, &status, NULL))
    return false;
  sysvpn_status_encode (out, &status);
  return true;
}

static bool
copy_profiles (const SysvpnBlock *block, GString *out)
{
  g_autoptr (GArray) profiles = sysvpn_profile_list_decode (block, NULL);

  if (profiles == NULL)
    return false;
  sysvpn_profile_list_encode (out, profiles);
  return true;
}

static bool
copy_diagnosis (const SysvpnBlock *block, GString *out)
{
  g_autofree char *text = sysvpn_diagnosis_decode (block, NULL);

  if (text == NULL)
    return false;
  sysvpn_diagnosis_encode (out, text);
  return true;
}

static bool
copy_reply (const SysvpnBlock *block, GString *out)
{
  sysvpn_reply_encode (out, sysvpn_reply_decode (block));
  return true;
}

static const struct {
  const char *prefix;
  CopyFunc copy;
  size_t max_lines;
} answers[] = {
  { "status-", copy_status, SYSVPN_STATUS_LINES_MAX },
  { "watch-", copy_status, SYSVPN_STATUS_LINES_MAX },
  { "profiles-", copy_profiles, SYSVPN_PROFILE_LINES_MAX },
  { "diagnosis-", copy_diagnosis, SYSVPN_DIAGNOSIS_LINES_MAX },
  { "reply-", copy_reply, SYSVPN_REPLY_LINES_MAX },
};

/* Reads a stream of blocks and writes it again; false when any of it is refused. */
static bool
copy_stream (const char *name, const char *text, GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autoptr (GPtrArray) blocks = NULL;

    if (!g_str_has_prefix (name, answers[i].prefix))
      continue;
    blocks = read_blocks (text, strlen (text), answers[i].max_lines, 5, NULL);
    for (unsigned b = 0; blocks != NULL && b < blocks->len; b++)
      if (!answers[i].copy (g_ptr_array_index (blocks, b), out))
        return false;
    return blocks != NULL;
  }
  g_error ("the name of example %s does not say what it is", name);
}

static void
test_example (gconstpointer data)
{
  const GoldenExample *example = data;
  g_autoptr (GString) once = g_string_new (NULL);
  g_autoptr (GString) twice = g_string_new (NULL);
  bool understood = copy_stream (example->name, example->text, once);

  g_assert_cmpint (understood, ==, example->kind != GOLDEN_REFUSED);
  if (example->kind == GOLDEN_CANONICAL)
    g_assert_cmpstr (once->str, ==, example->text);
  if (understood) {
    g_assert_true (copy_stream (example->name, once->str, twice));
    g_assert_cmpstr (once->str, ==, twice->str);
  }
}

/* What the page says of them in words. */
static void
test_later_words (void)
{
  g_autofree char *text = golden_get ("status-later-words");
  g_autoptr (SysvpnBlock) block = read_block (text);
  SysvpnStatus status;

  g_assert_true (sysvpn_status_decode (block, &status, NULL));
  g_assert_cmpint (status.tunnel, ==, SYSVPN_TUNNEL_UNKNOWN);
  g_assert_cmpint (status.killswitch, ==, SYSVPN_KILLSWITCH_ARMED);
  g_assert_cmpint (status.killswitch_break, ==, SYSVPN_BREAK_UNKNOWN);
  g_assert_cmpstr (status.egress6, ==, "2001:db8::1");
}

static void
test_later_flags (void)
{
  g_autofree char *text = golden_get ("profiles-later-flags");
  g_autoptr (SysvpnBlock) block = read_block (text);
  g_autoptr (GArray) profiles = sysvpn_profile_list_decode (block, NULL);
  const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, 0);

  g_assert_cmpuint (profiles->len, ==, 1);
  g_assert_cmpint (profile->type, ==, SYSVPN_PROFILE_TYPE_UNKNOWN);
  g_assert_true (profile->active);
  g_assert_false (profile->autoconnect);
  g_assert_false (profile->pinned);
  g_assert_cmpstr (profile->name, ==, "Provider A");
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) examples = NULL;

  g_test_init (&argc, &argv, NULL);
  examples = golden_load ();
  g_assert_cmpuint (examples->len, >=, 20);
  for (unsigned i = 0; i < examples->len; i++) {
    const GoldenExample *example = g_ptr_array_index (examples, i);
    g_autofree char *path = g_strconcat ("/examples/", example->name, NULL);

    g_test_add_data_func (path, example, test_example); /* aborts when a name comes twice */
  }
  g_test_add_func ("/examples-mean/later-words", test_later_words);
  g_test_add_func ("/examples-mean/later-flags", test_later_flags);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that dom0 reads of the VPN qube. The first byte says how the rest comes: in pieces of
 * that many bytes, or at once for 0. */
#include "fuzz.h"

#include "base/safe-text.h"
#include "proto/diagnosis.h"
#include "proto/profile-list.h"
#include "proto/reply.h"
#include "proto/request.h"
#include "proto/status.h"

#include <string.h>

/* Reads one block out of what our own writer wrote. It must be one. */
static SysvpnBlock *
read_back (const GString *text, size_t max_lines)
{
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (max_lines);
  SysvpnBlock *block = NULL;
  size_t used = 0;

  g_assert_true (sysvpn_block_reader_push (reader, text->str, text->len, &used, &block, NULL));
  g_assert_nonnull (block);
  g_assert_cmpuint (used, ==, text->len);
  return block;
}

/* A report that was accepted can be written, is accepted again, and is the same then. */
static void
check_status (const SysvpnBlock *block)
{
  g_autoptr (GString) once = g_string_new (NULL);
  g_autoptr (GString) twice = g_string_new (NULL);
  g_autoptr (SysvpnBlock) again = NULL;
  SysvpnStatus status, copy;

  if (!sysvpn_status_decode (block, &status, NULL))
    return;
  g_assert_cmpuint (status.n_clients, <=, SYSVPN_STATUS_CLIENTS_MAX);
  g_assert_cmpuint (status.heartbeat_s, <=, SYSVPN_HEARTBEAT_MAX_S);
  g_assert_true (sysvpn_text_is_printable (status.profile_name, strlen (status.profile_name)));
  g_assert_true (status.profile_uuid[0] == '\0' || sysvpn_uuid_is_valid (status.profile_uuid));
  sysvpn_status_encode (once, &status);
  again = read_back (once, SYSVPN_STATUS_LINES_MAX);
  g_assert_true (sysvpn_status_decode (again, &copy, NULL));
  sysvpn_status_encode (twice, &copy);
  g_assert_cmpstr (once->str, ==, twice->str);
  g_assert_false (sysvpn_status_is_news (&status, &copy));
  g_assert_cmpuint (sysvpn_status_dropped (&status), ==, sysvpn_status_dropped (&copy));
}

static void
check_profiles (const SysvpnBlock *block)
{
  g_autoptr (GArray) profiles = sysvpn_profile_list_decode (block, NULL);
  g_autoptr (GArray) copy = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) twice = g_string_new (NULL);
  g_autoptr (SysvpnBlock) again = NULL;

  if (profiles == NULL)
    return;
  g_assert_cmpuint (profiles->len, <=, SYSVPN_PROFILES_MAX);
  sysvpn_profile_list_encode (text, profiles);
  again = read_back (text, SYSVPN_PROFILE_LINES_MAX);
  copy = sysvpn_profile_list_decode (again, NULL);
  g_assert_nonnull (copy);
  g_assert_cmpuint (copy->len, ==, profiles->len);
  sysvpn_profile_list_encode (twice, copy);
  g_assert_cmpstr (text->str, ==, twice->str);
}

static void
check_diagnosis (const SysvpnBlock *block)
{
  g_autofree char *text = sysvpn_diagnosis_decode (block, NULL);
  g_autofree char *copy = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (SysvpnBlock) again = NULL;

  if (text == NULL)
    return;
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true (*c == '\n' || (*c >= ' ' && *c <= '~' && strchr ("<>&\"'", *c) == NULL));
  sysvpn_diagnosis_encode (out, text);
  again = read_back (out, SYSVPN_DIAGNOSIS_LINES_MAX);
  copy = sysvpn_diagnosis_decode (again, NULL);
  g_assert_cmpstr (copy, ==, text);
}

static void
check_reply (const SysvpnBlock *block)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (SysvpnBlock) again = NULL;
  SysvpnReply reply = sysvpn_reply_decode (block), copy;

  g_assert_true ((reply.code == SYSVPN_CODE_NONE) == block->ok);
  sysvpn_reply_encode (text, reply);
  again = read_back (text, SYSVPN_REPLY_LINES_MAX);
  copy = sysvpn_reply_decode (again);
  g_assert_cmpint (copy.code, ==, reply.code);
  g_assert_cmpint (copy.cause, ==, block->ok ? SYSVPN_CAUSE_NONE : reply.cause);
}

/* What the reader promises of every block that it hands out. */
static void
check_block (const SysvpnBlock *block, size_t max_lines)
{
  g_assert_cmpuint (block->n_fields + 2, <=, max_lines);
  for (size_t i = 0; i < block->n_fields; i++) {
    const SysvpnField *field = &block->fields[i];

    g_assert_true (g_ascii_islower (field->key[0]));
    g_assert_cmpuint (strlen (field->key), <=, SYSVPN_KEY_MAX);
    g_assert_cmpuint (strlen (field->value), <=, SYSVPN_VALUE_MAX);
    g_assert_true (sysvpn_text_is_printable (field->value, strlen (field->value)));
    /* without duplicates, so the first of its key is itself */
    g_assert_true (sysvpn_block_get (block, field->key) == field->value);
  }
  check_status (block);
  if (block->ok) {
    check_profiles (block);
    check_diagnosis (block);
  }
  check_reply (block);
}

/* Reads the stream in pieces. Returns a digest of what came out: blocks, and whether it broke.
 */
static unsigned
read_stream (const char *bytes, size_t len, size_t piece, size_t max_lines, bool check)
{
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (max_lines);
  unsigned digest = 0;

  for (size_t done = 0; done < len;) {
    size_t now = MIN (piece, len - done), used = 0;
    g_autoptr (SysvpnBlock) block = NULL;
    g_autoptr (GError) error = NULL;

    if (!sysvpn_block_reader_push (reader, bytes + done, now, &used, &block, &error)) {
      g_assert_nonnull (error);
      g_assert_true (sysvpn_text_is_printable (error->message, strlen (error->message)));
      return digest * 31 + 7;
    }
    g_assert_true (used <= now && (used == now || block != NULL));
    if (block != NULL) {
      if (check)
        check_block (block, max_lines);
      digest = digest * 31 + (unsigned) block->n_fields + (block->ok ? 1000 : 2000);
    }
    done += used;
  }
  return digest * 31 + (sysvpn_block_reader_is_empty (reader) ? 1 : 2);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *) data + 1;
  size_t piece;

  if (size < 2)
    return 0;
  piece = data[0] > 0 ? data[0] : size;
  g_assert_cmpuint (read_stream (bytes, size - 1, piece, SYSVPN_STATUS_LINES_MAX, true), ==,
                    read_stream (bytes, size - 1, size, SYSVPN_STATUS_LINES_MAX, false));
  return 0;
}

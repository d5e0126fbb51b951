/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of everything that the agent says: key=value lines, the first names the protocol
 * version, the last is the result, an empty line ends it. Reading takes bytes as they come and
 * is bounded in every direction; whoever wrote them may be hostile. No I/O here. */
#include "proto/block.h"

#include "base/parse-number.h"
#include "base/safe-text.h"
#include "proto/wire-error.h"

#include <string.h>

static const char version_key[] = "sysvpn";
static const char result_key[] = "result";

struct _SysvpnBlockReader {
  GArray *fields; /* of SysvpnField: the lines of the block so far */
  size_t max_lines;
  char line[SYSVPN_LINE_MAX];
  size_t line_len;
  bool failed; /* after an error nothing that follows can be trusted to be in step */
};

/**
 * sysvpn_block_free:
 * @block: (nullable): a block
 */
void
sysvpn_block_free (SysvpnBlock *block)
{
  if (block == NULL)
    return;
  g_free (block->fields);
  g_free (block);
}

/**
 * sysvpn_block_get:
 * @block: a block
 * @key: a key
 *
 * Returns: (nullable): the value of @key, %NULL when the block does not have it
 */
const char *
sysvpn_block_get (const SysvpnBlock *block, const char *key)
{
  for (size_t i = 0; i < block->n_fields; i++)
    if (g_str_equal (block->fields[i].key, key))
      return block->fields[i].value;
  return NULL;
}

/**
 * sysvpn_block_reader_new:
 * @max_lines: the most lines that a block may have, the empty one not counted
 *
 * Returns: (transfer full): a reader
 */
SysvpnBlockReader *
sysvpn_block_reader_new (size_t max_lines)
{
  SysvpnBlockReader *reader = g_new0 (SysvpnBlockReader, 1);

  reader->fields = g_array_new (FALSE, FALSE, sizeof (SysvpnField));
  reader->max_lines = max_lines;
  return reader;
}

/**
 * sysvpn_block_reader_free:
 * @reader: (nullable): a reader
 */
void
sysvpn_block_reader_free (SysvpnBlockReader *reader)
{
  if (reader == NULL)
    return;
  g_array_unref (reader->fields);
  g_free (reader);
}

/**
 * sysvpn_block_reader_is_empty:
 * @reader: a reader
 *
 * Returns: %TRUE when it holds no part of a block, so that an end of file here cuts nothing off
 */
bool
sysvpn_block_reader_is_empty (const SysvpnBlockReader *reader)
{
  return reader->line_len == 0 && reader->fields->len == 0;
}

static bool
key_is_valid (const char *key, size_t len)
{
  if (len < 1 || len > SYSVPN_KEY_MAX || !g_ascii_islower (key[0]))
    return false;
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_islower (key[i]) && !g_ascii_isdigit (key[i]) && key[i] != '_')
      return false;
  return true;
}

static bool
parse_line (const char *line, size_t len, SysvpnField *ret_field, GError **error)
{
  const char *equals = memchr (line, '=', len);
  size_t key_len = equals != NULL ? (size_t) (equals - line) : 0;
  size_t value_len = equals != NULL ? len - key_len - 1 : 0;

  if (equals == NULL || !key_is_valid (line, key_len) || value_len > SYSVPN_VALUE_MAX ||
      !sysvpn_text_is_printable (line, len)) {
    g_set_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                 "a line of %zu bytes is not key=value within bounds", len);
    return false;
  }

  memset (ret_field, 0, sizeof *ret_field);
  memcpy (ret_field->key, line, key_len);
  memcpy (ret_field->value, equals + 1, value_len);
  return true;
}

static bool
has_duplicates (const SysvpnField *fields, size_t n_fields)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (size_t i = 0; i < n_fields; i++)
    if (!g_hash_table_add (seen, (gpointer) (uintptr_t) fields[i].key))
      return true;
  return false;
}

/* The first line is checked as soon as it is there: what another version writes after it need
 * not look like anything we know. */
static bool
check_version (const SysvpnField *first, GError **error)
{
  uint64_t version;

  if (!g_str_equal (first->key, version_key)) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                         "a block does not begin with its version line");
    return false;
  }
  if (!sysvpn_parse_u64 (first->value, UINT32_MAX, &version) ||
      version != SYSVPN_PROTOCOL_VERSION) {
    g_set_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VERSION,
                 "the other side does not speak protocol version %d", SYSVPN_PROTOCOL_VERSION);
    return false;
  }
  return true;
}

/* Checks what makes a block of lines an answer, and hands its fields over. */
static bool
finish_block (SysvpnBlockReader *reader, SysvpnBlock **ret_block, GError **error)
{
  const SysvpnField *fields = (const SysvpnField *) (const void *) reader->fields->data;
  size_t n = reader->fields->len;
  SysvpnBlock *block;

  if (n < 2 || !g_str_equal (fields[n - 1].key, result_key) || has_duplicates (fields, n)) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                         "a block lacks its version or result line, or repeats a key");
    return false;
  }
  if (!g_str_equal (fields[n - 1].value, "ok") && !g_str_equal (fields[n - 1].value, "error")) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                         "a result is neither ok nor error");
    return false;
  }

  block = g_new0 (SysvpnBlock, 1);
  block->n_fields = n - 2;
  block->fields = g_memdup2 (fields + 1, block->n_fields * sizeof *fields);
  block->ok = g_str_equal (fields[n - 1].value, "ok");
  g_array_set_size (reader->fields, 0);
  *ret_block = block;
  return true;
}

static bool
take_line (SysvpnBlockReader *reader, SysvpnBlock **ret_block, GError **error)
{
  SysvpnField field;

  if (reader->line_len == 0)
    return finish_block (reader, ret_block, error);
  if (reader->fields->len >= reader->max_lines) {
    g_set_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                 "a block has more than %zu lines", reader->max_lines);
    return false;
  }
  if (!parse_line (reader->line, reader->line_len, &field, error))
    return false;
  if (reader->fields->len == 0 && !check_version (&field, error))
    return false;
  g_array_append_val (reader->fields, field);
  reader->line_len = 0;
  return true;
}

/* Takes one byte in; @ret_block is set when it ended a block. */
static bool
take_byte (SysvpnBlockReader *reader, char byte, SysvpnBlock **ret_block, GError **error)
{
  if (byte == '\n')
    return take_line (reader, ret_block, error);
  if (reader->line_len == sizeof reader->line) {
    g_set_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                 "a line is longer than %d bytes", SYSVPN_LINE_MAX);
    return false;
  }
  reader->line[reader->line_len++] = byte;
  return true;
}

/**
 * sysvpn_block_reader_push:
 * @reader: a reader
 * @bytes: (array length=len): what came next
 * @len: number of bytes
 * @ret_used: (out): how many of @bytes were used; fewer than @len only when a block ended
 * @ret_block: (out) (transfer full) (nullable): the block that ended, or %NULL
 * @error: return location for a #SysvpnWireError
 *
 * Call again with the rest until all bytes are used. After an error the reader refuses
 * everything: what follows cannot be known to be in step.
 *
 * Returns: %FALSE when the bytes broke a rule; the outputs are then not written
 */
bool
sysvpn_block_reader_push (SysvpnBlockReader *reader,
                          const char *bytes,
                          size_t len,
                          size_t *ret_used,
                          SysvpnBlock **ret_block,
                          GError **error)
{
  SysvpnBlock *block = NULL;
  size_t used = 0;

  if (reader->failed) {
    g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE,
                         "a broken block came before");
    return false;
  }
  while (used < len && block == NULL) {
    if (!take_byte (reader, bytes[used], &block, error)) {
      reader->failed = true;
      return false;
    }
    used++;
  }

  *ret_used = used;
  *ret_block = block;
  return true;
}

/**
 * sysvpn_block_begin:
 * @out: where to write
 *
 * Writes the version line.
 */
void
sysvpn_block_begin (GString *out)
{
  sysvpn_block_add_u64 (out, version_key, SYSVPN_PROTOCOL_VERSION);
}

/**
 * sysvpn_block_add:
 * @out: where to write
 * @key: a key
 * @value: any text; what the wire does not allow becomes '_', what is too long is cut
 *
 * Profile names and the like are other people's text, so the writer makes them fit instead of
 * producing a block that its reader must drop.
 */
void
sysvpn_block_add (GString *out, const char *key, const char *value)
{
  size_t len = strlen (value);

  g_string_append_printf (out, "%s=", key);
  for (size_t i = 0; i < len && i < SYSVPN_VALUE_MAX; i++)
    g_string_append_c (out, sysvpn_text_is_printable (value + i, 1) ? value[i] : '_');
  g_string_append_c (out, '\n');
}

/**
 * sysvpn_block_add_u64:
 * @out: where to write
 * @key: a key
 * @value: a number
 */
void
sysvpn_block_add_u64 (GString *out, const char *key, guint64 value)
{
  g_string_append_printf (out, "%s=%" G_GUINT64_FORMAT "\n", key, value);
}

/**
 * sysvpn_block_end:
 * @out: where to write
 * @ok: the result
 */
void
sysvpn_block_end (GString *out, bool ok)
{
  g_string_append_printf (out, "%s=%s\n\n", result_key, ok ? "ok" : "error");
}

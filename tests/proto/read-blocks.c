/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks out of bytes, as a caller with a file descriptor would get them. */
#include "read-blocks.h"

#include <stdint.h>
#include <string.h>

static void
free_block (gpointer block)
{
  sysvpn_block_free (block);
}

/**
 * read_blocks:
 * @bytes: (array length=len): a stream
 * @len: its length
 * @max_lines: of a block
 * @piece: how many bytes come at a time
 * @error: return location
 *
 * Returns: (transfer full) (element-type SysvpnBlock) (nullable): all blocks of the stream;
 * %NULL when it breaks a rule (%SYSVPN_WIRE_ERROR) or ends inside a block (%G_FILE_ERROR_PIPE)
 */
GPtrArray *
read_blocks (const char *bytes, size_t len, size_t max_lines, size_t piece, GError **error)
{
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (max_lines);
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (free_block);

  for (size_t done = 0; done < len;) {
    size_t used = SIZE_MAX;
    SysvpnBlock *block = NULL;

    if (!sysvpn_block_reader_push (reader, bytes + done, MIN (piece, len - done), &used, &block,
                                   error))
      return NULL;
    g_assert_cmpuint (used, <=, MIN (piece, len - done));
    g_assert_true (block != NULL || used == MIN (piece, len - done));
    g_assert_true (block == NULL || sysvpn_block_reader_is_empty (reader));
    if (block != NULL)
      g_ptr_array_add (blocks, block);
    done += used;
  }
  if (!sysvpn_block_reader_is_empty (reader)) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_PIPE, "the stream ends in a block");
    return NULL;
  }
  return g_steal_pointer (&blocks);
}

/**
 * read_block:
 * @text: one whole block that breaks no rule
 *
 * Returns: (transfer full): the block
 */
SysvpnBlock *
read_block (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) blocks = read_blocks (text, strlen (text), 2000, SIZE_MAX, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (blocks->len, ==, 1);
  return g_ptr_array_steal_index (blocks, 0);
}

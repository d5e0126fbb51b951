/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/**
 * SysvpnField:
 *
 * One line of a block: a key of a-z, 0-9 and '_' that starts with a letter, and a value of
 * printable ASCII, which may be empty.
 */
typedef struct {
  char key[SYSVPN_KEY_MAX + 1];
  char value[SYSVPN_VALUE_MAX + 1];
} SysvpnField;

/**
 * SysvpnBlock:
 *
 * A whole answer: its fields between the version line and the result line, in order, without
 * duplicates, and whether the result was "ok".
 */
typedef struct {
  SysvpnField *fields;
  size_t n_fields;
  bool ok;
} SysvpnBlock;

void sysvpn_block_free (SysvpnBlock *block);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnBlock, sysvpn_block_free)

const char *sysvpn_block_get (const SysvpnBlock *block, const char *key);

typedef struct _SysvpnBlockReader SysvpnBlockReader;

SysvpnBlockReader *sysvpn_block_reader_new (size_t max_lines);
void sysvpn_block_reader_free (SysvpnBlockReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnBlockReader, sysvpn_block_reader_free)
bool sysvpn_block_reader_push (SysvpnBlockReader *reader,
                               const char *bytes,
                               size_t len,
                               size_t *ret_used,
                               SysvpnBlock **ret_block,
                               GError **error);
bool sysvpn_block_reader_is_empty (const SysvpnBlockReader *reader);

void sysvpn_block_begin (GString *out);
void sysvpn_block_add (GString *out, const char *key, const char *value);
void sysvpn_block_add_u64 (GString *out, const char *key, guint64 value);
void sysvpn_block_end (GString *out, bool ok);

G_END_DECLS

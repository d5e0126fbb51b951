/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  GOLDEN_CANONICAL, /* "golden": what the agent writes, byte for byte */
  GOLDEN_ACCEPTED,  /* must be understood */
  GOLDEN_REFUSED,   /* must be dropped */
  N_GOLDEN_KINDS
} GoldenKind;

/**
 * GoldenExample:
 * @kind: what must happen to it
 * @name: its name in qrexec/PROTOCOL.md; the part before the first '-' says what it is
 * @text: the bytes
 */
typedef struct {
  GoldenKind kind;
  char *name;
  char *text;
} GoldenExample;

char *golden_load_text (const char *path);
GPtrArray *golden_load (void);
char *golden_get (const char *name);

G_END_DECLS

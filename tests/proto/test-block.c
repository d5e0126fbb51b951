/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/block.h"

#include "proto/wire-error.h"

#include "read-blocks.h"

#include <stdint.h>
#include <string.h>

#define BYTES(literal) .bytes = (literal), .len = sizeof (literal) - 1
#define SHAPE .code = SYSVPN_WIRE_ERROR_SHAPE, .refused = true
#define VALUE .code = SYSVPN_WIRE_ERROR_VALUE, .refused = true
#define VERSION .code = SYSVPN_WIRE_ERROR_VERSION, .refused = true

/* 32 bytes, the longest key; and what makes a longest value of it */
#define KEY32 "k2345678901234567890123456789012"
#define TEN "0123456789"
#define VALUE200 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct StreamCase {
  const char *name;
  const char *bytes;
  size_t len;
  unsigned n_blocks;
  bool cut_off; /* the stream ends inside a block */
  bool refused;
  SysvpnWireError code;
} streams[] = {
  { "nothing", BYTES (""), .n_blocks = 0 },
  { "smallest", BYTES ("sysvpn=1\nresult=ok\n\n"), .n_blocks = 1 },
  { "error", BYTES ("sysvpn=1\nresult=error\n\n"), .n_blocks = 1 },
  { "two", BYTES ("sysvpn=1\nresult=ok\n\nsysvpn=1\na=1\nresult=ok\n\n"), .n_blocks = 2 },
  { "same-key-in-the-next", BYTES ("sysvpn=1\na=1\nresult=ok\n\nsysvpn=1\na=1\nresult=ok\n\n"),
    .n_blocks = 2 },
  { "empty-value", BYTES ("sysvpn=1\na=\nresult=ok\n\n"), .n_blocks = 1 },
  { "second-equals-is-value", BYTES ("sysvpn=1\na==b=\nresult=ok\n\n"), .n_blocks = 1 },
  { "every-edge-of-ascii", BYTES ("sysvpn=1\na= ~\nresult=ok\n\n"), .n_blocks = 1 },
  { "key-of-every-kind", BYTES ("sysvpn=1\naz_09_=1\nresult=ok\n\n"), .n_blocks = 1 },
  { "longest-key", BYTES ("sysvpn=1\n" KEY32 "=\nresult=ok\n\n"), .n_blocks = 1 },
  { "longest-value", BYTES ("sysvpn=1\na=" VALUE200 "\nresult=ok\n\n"), .n_blocks = 1 },
  { "longest-both", BYTES ("sysvpn=1\n" KEY32 "=" VALUE200 "\nresult=ok\n\n"), .n_blocks = 1 },

  { "cut-in-the-first-line", BYTES ("sysv"), .cut_off = true },
  { "cut-after-a-line", BYTES ("sysvpn=1\n"), .cut_off = true },
  { "cut-before-the-empty-line", BYTES ("sysvpn=1\nresult=ok\n"), .cut_off = true },
  { "cut-in-the-second", BYTES ("sysvpn=1\nresult=ok\n\nsysvpn"), .cut_off = true },

  { "longer-key", BYTES ("sysvpn=1\n" KEY32 "3=\nresult=ok\n\n"), SHAPE },
  { "longer-value", BYTES ("sysvpn=1\na=" VALUE200 "1\nresult=ok\n\n"), SHAPE },
  { "longer-line", BYTES ("sysvpn=1\na=" VALUE200 VALUE200 "\nresult=ok\n\n"), SHAPE },
  { "no-key", BYTES ("sysvpn=1\n=1\nresult=ok\n\n"), SHAPE },
  { "no-equals", BYTES ("sysvpn=1\na\nresult=ok\n\n"), SHAPE },
  { "key-starts-with-digit", BYTES ("sysvpn=1\n1a=1\nresult=ok\n\n"), SHAPE },
  { "key-starts-with-underscore", BYTES ("sysvpn=1\n_a=1\nresult=ok\n\n"), SHAPE },
  { "upper-case-key", BYTES ("sysvpn=1\naA=1\nresult=ok\n\n"), SHAPE },
  { "dash-in-key", BYTES ("sysvpn=1\na-b=1\nresult=ok\n\n"), SHAPE },
  { "blank-before-equals", BYTES ("sysvpn=1\na =1\nresult=ok\n\n"), SHAPE },
  { "blank-before-key", BYTES ("sysvpn=1\n a=1\nresult=ok\n\n"), SHAPE },
  { "carriage-return", BYTES ("sysvpn=1\r\nresult=ok\r\n\r\n"), SHAPE },
  { "tab", BYTES ("sysvpn=1\na=\t\nresult=ok\n\n"), SHAPE },
  { "nul", BYTES ("sysvpn=1\na=x\0y\nresult=ok\n\n"), SHAPE },
  { "nul-in-key", BYTES ("sysvpn=1\na\0=x\nresult=ok\n\n"), SHAPE },
  { "delete", BYTES ("sysvpn=1\na=\x7f\nresult=ok\n\n"), SHAPE },
  { "utf-8", BYTES ("sysvpn=1\na=\xc3\xb6\nresult=ok\n\n"), SHAPE },
  { "terminal-escape", BYTES ("sysvpn=1\na=\x1b[2J\nresult=ok\n\n"), SHAPE },

  { "empty-line-first", BYTES ("\nsysvpn=1\nresult=ok\n\n"), SHAPE },
  { "empty-line-too-many", BYTES ("sysvpn=1\nresult=ok\n\n\n"), SHAPE },
  { "no-version", BYTES ("a=1\nresult=ok\n\n"), SHAPE },
  { "version-is-second", BYTES ("a=1\nsysvpn=1\nresult=ok\n\n"), SHAPE },
  { "version-only", BYTES ("sysvpn=1\n\n"), SHAPE },
  { "result-only", BYTES ("result=ok\n\n"), SHAPE },
  { "no-result", BYTES ("sysvpn=1\na=1\n\n"), SHAPE },
  { "result-before-the-last", BYTES ("sysvpn=1\nresult=ok\na=1\n\n"), SHAPE },
  { "twice", BYTES ("sysvpn=1\na=1\na=1\nresult=ok\n\n"), SHAPE },
  { "version-twice", BYTES ("sysvpn=1\nsysvpn=1\nresult=ok\n\n"), SHAPE },
  { "result-twice", BYTES ("sysvpn=1\nresult=error\nresult=ok\n\n"), SHAPE },
  { "twice-with-one-between", BYTES ("sysvpn=1\na=1\nb=1\na=2\nresult=ok\n\n"), SHAPE },

  { "version-2", BYTES ("sysvpn=2\nresult=ok\n\n"), VERSION },
  { "version-0", BYTES ("sysvpn=0\nresult=ok\n\n"), VERSION },
  { "version-padded", BYTES ("sysvpn=01\nresult=ok\n\n"), VERSION },
  { "version-empty", BYTES ("sysvpn=\nresult=ok\n\n"), VERSION },
  { "version-word", BYTES ("sysvpn=one\nresult=ok\n\n"), VERSION },
  { "version-that-wraps", BYTES ("sysvpn=4294967297\nresult=ok\n\n"), VERSION },
  { "version-2-of-another-shape", BYTES ("sysvpn=2\n{ \"result\": \"ok\" }\n"), VERSION },
  { "result-unknown", BYTES ("sysvpn=1\nresult=maybe\n\n"), VALUE },
  { "result-empty", BYTES ("sysvpn=1\nresult=\n\n"), VALUE },
  { "result-longer", BYTES ("sysvpn=1\nresult=okay\n\n"), VALUE },
};

/* However the bytes are cut into pieces, the outcome is the same. */
static void
test_stream (gconstpointer data)
{
  const struct StreamCase *c = data;
  const size_t pieces[] = { SIZE_MAX, 1, 2, 3, 7 };

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) blocks = read_blocks (c->bytes, c->len, 128, pieces[i], &error);

    if (c->refused) {
      g_assert_error (error, SYSVPN_WIRE_ERROR, (int) c->code);
    } else if (c->cut_off) {
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_PIPE);
    } else {
      g_assert_no_error (error);
      g_assert_cmpuint (blocks->len, ==, c->n_blocks);
    }
  }
}

static void
test_fields (void)
{
  g_autoptr (SysvpnBlock) block = read_block ("sysvpn=1\nb=2\na=x=y\nab=\nresult=error\n\n");

  g_assert_false (block->ok);
  g_assert_cmpuint (block->n_fields, ==, 3); /* without the first and the last line */
  g_assert_cmpstr (block->fields[0].key, ==, "b");
  g_assert_cmpstr (block->fields[0].value, ==, "2");
  g_assert_cmpstr (block->fields[1].key, ==, "a");
  g_assert_cmpstr (sysvpn_block_get (block, "a"), ==, "x=y");
  g_assert_cmpstr (sysvpn_block_get (block, "ab"), ==, "");
  g_assert_null (sysvpn_block_get (block, "abc"));
  g_assert_null (sysvpn_block_get (block, "result"));
  g_assert_null (sysvpn_block_get (block, "sysvpn"));
}

/* A shorter key and value leave nothing of the line before. */
static void
test_fields_do_not_mix (void)
{
  g_autoptr (SysvpnBlock) block = read_block ("sysvpn=1\nlonger=first\ns=2\nresult=ok\n\n");

  g_assert_true (block->ok);
  g_assert_cmpstr (block->fields[0].value, ==, "first");
  g_assert_cmpstr (block->fields[1].key, ==, "s");
  g_assert_cmpstr (block->fields[1].value, ==, "2");
}

static char *
make_block (unsigned n_lines)
{
  g_autoptr (GString) text = g_string_new ("sysvpn=1\n");

  for (unsigned i = 2; i < n_lines; i++)
    g_string_append_printf (text, "key_%u=%u\n", i, i);
  g_string_append (text, "result=ok\n\n");
  return g_strdup (text->str);
}

static void
test_line_limit (void)
{
  for (unsigned max = 2; max < 70; max++)
    for (unsigned n = max - 1; n <= max + 1; n++) {
      g_autofree char *text = make_block (MAX (n, 2));
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) blocks = read_blocks (text, strlen (text), max, SIZE_MAX, &error);

      g_assert_cmpint (blocks != NULL, ==, MAX (n, 2) <= max);
      if (blocks == NULL)
        g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE);
    }
}

/* A flood without a newline is refused at the first byte too many, not collected. */
static void
test_line_bound (void)
{
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (8);
  char line[SYSVPN_LINE_MAX];
  size_t used = 0;
  SysvpnBlock *block = NULL;
  g_autoptr (GError) error = NULL;

  memset (line, 'a', sizeof line);
  g_assert_true (sysvpn_block_reader_push (reader, line, sizeof line, &used, &block, &error));
  g_assert_cmpuint (used, ==, sizeof line);
  g_assert_false (sysvpn_block_reader_is_empty (reader));
  g_assert_false (sysvpn_block_reader_push (reader, "a", 1, &used, &block, &error));
  g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE);
}

static void
test_outputs_untouched_on_refusal (void)
{
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (8);
  SysvpnBlock *const marker = (SysvpnBlock *) (void *) &reader;
  SysvpnBlock *block = marker;
  size_t used = 4711;

  g_assert_false (sysvpn_block_reader_push (reader, "no\n", 3, &used, &block, NULL));
  g_assert_cmpuint (used, ==, 4711);
  g_assert_true (block == marker);
}

/* After an error nothing is believed any more, not even what would complete the block. */
static void
test_refuses_after_error (void)
{
  static const char broken[] = "sysvpn=1\n\n", good[] = "result=ok\n\n";
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (8);
  SysvpnBlock *block = NULL;
  size_t used = 0;
  g_autoptr (GError) error = NULL;

  g_assert_false (
      sysvpn_block_reader_push (reader, broken, sizeof broken - 1, &used, &block, NULL));
  g_assert_false (
      sysvpn_block_reader_push (reader, good, sizeof good - 1, &used, &block, &error));
  g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_SHAPE);
  g_assert_null (block);
}

/* One push ends at the end of a block, whatever follows it. */
static void
test_stops_after_a_block (void)
{
  static const char two[] = "sysvpn=1\nresult=ok\n\nsysvpn=1\nresult=error\n\n";
  g_autoptr (SysvpnBlockReader) reader = sysvpn_block_reader_new (8);
  g_autoptr (SysvpnBlock) first = NULL;
  g_autoptr (SysvpnBlock) second = NULL;
  SysvpnBlock *none = NULL;
  size_t used = 0, rest = 0;

  g_assert_true (sysvpn_block_reader_is_empty (reader));
  g_assert_true (sysvpn_block_reader_push (reader, two, sizeof two - 1, &used, &first, NULL));
  g_assert_cmpuint (used, ==, 20);
  g_assert_true (first->ok);
  g_assert_true (sysvpn_block_reader_is_empty (reader));
  g_assert_true (sysvpn_block_reader_push (reader, two + used, sizeof two - 1 - used, &rest,
                                           &second, NULL));
  g_assert_cmpuint (used + rest, ==, sizeof two - 1);
  g_assert_false (second->ok);
  g_assert_true (sysvpn_block_reader_push (reader, two, 0, &used, &none, NULL));
  g_assert_cmpuint (used, ==, 0);
  g_assert_null (none);
}

static void
test_free_nothing (void)
{
  sysvpn_block_free (NULL);
  sysvpn_block_reader_free (NULL);
}

static void
test_write (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  sysvpn_block_begin (out);
  sysvpn_block_add (out, "a", "plain");
  sysvpn_block_add (out, "b", "");
  sysvpn_block_add (out, "c", "K\xc3\xb6ln\n\x1b=");
  sysvpn_block_add_u64 (out, "d", UINT64_MAX);
  sysvpn_block_end (out, true);
  sysvpn_block_begin (out);
  sysvpn_block_end (out, false);
  g_assert_cmpstr (out->str, ==,
                   "sysvpn=1\na=plain\nb=\nc=K__ln__=\nd=18446744073709551615\nresult=ok\n\n"
                   "sysvpn=1\nresult=error\n\n");
}

static void
test_write_cuts_what_is_too_long (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  sysvpn_block_add (out, "a", VALUE200);
  g_assert_cmpstr (out->str, ==, "a=" VALUE200 "\n");
  g_string_set_size (out, 0);
  sysvpn_block_add (out, "a", VALUE200 "x");
  g_assert_cmpstr (out->str, ==, "a=" VALUE200 "\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_autofree char *path = g_strconcat ("/block/stream/", streams[i].name, NULL);

    g_test_add_data_func (path, &streams[i], test_stream);
  }
  g_test_add_func ("/block/fields", test_fields);
  g_test_add_func ("/block/fields-do-not-mix", test_fields_do_not_mix);
  g_test_add_func ("/block/line-limit", test_line_limit);
  g_test_add_func ("/block/line-bound", test_line_bound);
  g_test_add_func ("/block/outputs-untouched-on-refusal", test_outputs_untouched_on_refusal);
  g_test_add_func ("/block/refuses-after-error", test_refuses_after_error);
  g_test_add_func ("/block/stops-after-a-block", test_stops_after_a_block);
  g_test_add_func ("/block/free-nothing", test_free_nothing);
  g_test_add_func ("/block/write", test_write);
  g_test_add_func ("/block/write-cuts-what-is-too-long", test_write_cuts_what_is_too_long);
  return g_test_run ();
}

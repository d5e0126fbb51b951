/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of sysvpn.Diagnose: a text for people, a line a line. */
#include "proto/diagnosis.h"

#include "base/safe-text.h"
#include "proto/wire-error.h"

/* The most lines of text: two of a block's are the version and the result. */
enum { TEXT_LINES_MAX = SYSVPN_DIAGNOSIS_LINES_MAX - 2 };

/**
 * sysvpn_diagnosis_encode:
 * @out: where to write a whole block
 * @text: lines; more than fit in an answer are left out, a longer one than fits in a value is
 * cut, and what cannot be sent or shown becomes '_'
 */
void
sysvpn_diagnosis_encode (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  unsigned n_lines = g_strv_length (lines);

  if (n_lines > 0 && lines[n_lines - 1][0] == '\0') /* after the last newline */
    n_lines--;
  sysvpn_block_begin (out);
  for (unsigned i = 0; i < MIN (n_lines, TEXT_LINES_MAX); i++) {
    g_autofree char *key = g_strdup_printf ("line_%u", i);
    g_autofree char *value = sysvpn_text_sanitize (lines[i], SYSVPN_VALUE_MAX);

    sysvpn_block_add (out, key, value);
  }
  sysvpn_block_end (out, true);
}

static unsigned
count_lines (const SysvpnBlock *block)
{
  unsigned n_lines = 0;

  for (size_t i = 0; i < block->n_fields; i++)
    if (g_str_has_prefix (block->fields[i].key, "line_"))
      n_lines++;
  return n_lines;
}

/**
 * sysvpn_diagnosis_decode:
 * @block: a block whose result is ok
 * @error: return location for a #SysvpnWireError
 *
 * Returns: (transfer full): the text, every line with its newline, safe to show as
 * sysvpn_text_sanitize() makes it, but still the VPN qube's word; or %NULL when a line is
 * missing among the others
 */
char *
sysvpn_diagnosis_decode (const SysvpnBlock *block, GError **error)
{
  unsigned n_lines = count_lines (block);
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned i = 0; i < n_lines; i++) {
    g_autofree char *key = g_strdup_printf ("line_%u", i);
    const char *value = sysvpn_block_get (block, key);
    g_autofree char *safe = NULL;

    if (value == NULL) {
      g_set_error_literal (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE,
                           "the lines of a diagnosis are not line_0, line_1 and so on");
      return NULL;
    }
    safe = sysvpn_text_sanitize (value, SYSVPN_VALUE_MAX);
    g_string_append_printf (text, "%s\n", safe);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

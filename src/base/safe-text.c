/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be shown of a text that another qube, a file or a provider wrote. */
#include "base/safe-text.h"

#include <string.h>

/**
 * sysvpn_text_is_printable:
 * @bytes: (array length=len): need not be NUL-terminated
 * @len: number of bytes
 *
 * Returns: %TRUE if every byte is printable ASCII (0x20 to 0x7E); %TRUE for no bytes at all
 */
bool
sysvpn_text_is_printable (const char *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (bytes[i] < ' ' || bytes[i] > '~')
      return false;
  return true;
}

/**
 * sysvpn_text_sanitize:
 * @text: any NUL-terminated bytes
 * @max_len: longest result in bytes, without the NUL; a longer text is cut and ends in "..."
 *
 * Every byte that is not printable ASCII, and every byte that means something to Pango markup
 * (< > & " '), becomes '_'. The result is safe in a label, a tooltip, a notification, a
 * terminal and a log without any further escaping, which matters because xfce4-panel and
 * notification daemons differ in what they escape themselves.
 *
 * Returns: (transfer full): the text to show
 */
char *
sysvpn_text_sanitize (const char *text, size_t max_len)
{
  size_t len = strlen (text);
  size_t kept = MIN (len, max_len);
  char *safe = g_strndup (text, kept);

  for (size_t i = 0; i < kept; i++)
    if (safe[i] < ' ' || safe[i] > '~' || strchr ("<>&\"'", safe[i]) != NULL)
      safe[i] = '_';
  if (len > max_len && max_len >= 3)
    memset (safe + max_len - 3, '.', 3);
  return safe;
}

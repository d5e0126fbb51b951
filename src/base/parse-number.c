/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal numbers as the wire and the configuration files write them: digits and nothing else.
 * strtol and friends take signs, blanks, bases and overflow silently; none of that is wanted.
 */
#include "base/parse-number.h"

/**
 * sysvpn_parse_u64:
 * @text: a NUL-terminated string, possibly hostile
 * @max: the largest value that is accepted
 * @ret_value: (out): written only on success
 *
 * Leading zeros are refused (except "0" itself), so that a number has one spelling.
 *
 * Returns: %TRUE if @text is a decimal number of 0 to @max
 */
bool
sysvpn_parse_u64 (const char *text, uint64_t max, uint64_t *ret_value)
{
  uint64_t value = 0;

  if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
    return false;
  for (const char *c = text; *c != '\0'; c++) {
    uint64_t digit;

    if (!g_ascii_isdigit (*c))
      return false;
    digit = (uint64_t) (*c - '0');
    /* tested before the multiply, which could wrap */
    if (digit > max || value > (max - digit) / 10)
      return false;
    value = value * 10 + digit;
  }

  *ret_value = value;
  return true;
}

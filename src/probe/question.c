/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe's side of its short conversation with the agent: what is asked, what is answered.
 * No I/O. The agent is ours, but it is another process, so its words are checked like any. */
#include "probe/question.h"

#include "base/safe-text.h"
#include "probe/failure.h"
#include "proto/block.h"

#include <string.h>
#include <sys/socket.h>

/**
 * sysvpn_question_is_whole:
 * @bytes: (array length=len): what came so far
 * @len: number of bytes
 *
 * Returns: %TRUE if @bytes has the empty line that ends a question
 */
bool
sysvpn_question_is_whole (const char *bytes, size_t len)
{
  return (len > 0 && bytes[0] == '\n') || memmem (bytes, len, "\n\n", 2) != NULL;
}

/* The kernel's own rule for a device name (dev_valid_name), within printable ASCII. */
static bool
parse_interface (const char *value, size_t len, SysvpnQuestion *question)
{
  if (question->interface[0] != '\0' || len < 1 || len > SYSVPN_INTERFACE_MAX ||
      memchr (value, ' ', len) != NULL || memchr (value, '/', len) != NULL ||
      memchr (value, ':', len) != NULL || (value[0] == '.' && len == 1) ||
      (value[0] == '.' && value[1] == '.' && len == 2))
    return false;
  memcpy (question->interface, value, len);
  return true;
}

static bool
parse_family (const char *value, size_t len, SysvpnQuestion *question)
{
  if (question->family != AF_UNSPEC || len != 1 || (value[0] != '4' && value[0] != '6'))
    return false;
  question->family = value[0] == '4' ? AF_INET : AF_INET6;
  return true;
}

static const struct {
  const char *prefix;
  bool (*parse) (const char *value, size_t len, SysvpnQuestion *question);
} keys[] = {
  { "interface=", parse_interface },
  { "family=", parse_family },
};

static bool
parse_line (const char *line, size_t len, SysvpnQuestion *question)
{
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    size_t prefix_len = strlen (keys[i].prefix);

    if (len >= prefix_len && memcmp (line, keys[i].prefix, prefix_len) == 0)
      return sysvpn_text_is_printable (line, len) &&
             keys[i].parse (line + prefix_len, len - prefix_len, question);
  }
  return false;
}

/**
 * sysvpn_question_parse:
 * @bytes: (array length=len): all that came, the empty line included; need not be
 * NUL-terminated
 * @len: number of bytes
 * @ret_question: (out caller-allocates): written only on success
 * @error: return location for %SYSVPN_PROBE_FAILURE_BAD_REQUEST
 *
 * A question has each key once and nothing after its empty line. Unknown keys are refused:
 * agent and probe are installed together, so there is no other version to be kind to.
 *
 * Returns: %TRUE if @bytes is a question
 */
bool
sysvpn_question_parse (const char *bytes,
                       size_t len,
                       SysvpnQuestion *ret_question,
                       GError **error)
{
  SysvpnQuestion question = { .family = AF_UNSPEC };
  const char *end = bytes + len;
  const char *line = bytes;
  bool good = len <= SYSVPN_REQUEST_MAX;

  while (good && line < end && *line != '\n') {
    const char *newline = memchr (line, '\n', (size_t) (end - line));

    good = newline != NULL && parse_line (line, (size_t) (newline - line), &question);
    line = good ? newline + 1 : line;
  }
  /* what is left must be the newline of the empty line alone */
  good =
      good && end - line == 1 && question.interface[0] != '\0' && question.family != AF_UNSPEC;

  if (!good) {
    g_set_error_literal (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_BAD_REQUEST,
                         "expected interface=NAME, family=4 or 6, and an empty line");
    return false;
  }
  *ret_question = question;
  return true;
}

/**
 * sysvpn_question_answer:
 * @address: (nullable): the egress address as inet_ntop() prints it
 * @failure: (nullable): why there is none, a #SysvpnProbeFailure; used when @address is %NULL
 *
 * Only the code's word is sent. The message is for the journal of the VPN qube.
 *
 * Returns: (transfer full): the answer to send
 */
char *
sysvpn_question_answer (const char *address, const GError *failure)
{
  GString *answer = g_string_new (NULL);

  g_return_val_if_fail (address != NULL || failure->domain == SYSVPN_PROBE_FAILURE, NULL);
  sysvpn_block_begin (answer);
  if (address != NULL)
    sysvpn_block_add (answer, "address", address);
  else
    sysvpn_block_add (answer, "code",
                      sysvpn_probe_failure_word ((SysvpnProbeFailure) failure->code));
  sysvpn_block_end (answer, address != NULL);
  return g_string_free (answer, FALSE);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ends an answer that is an error, and the whole answer of a request that only does. */
#include "proto/reply.h"

/**
 * sysvpn_reply_encode:
 * @out: where to write a whole block
 * @reply: what to say
 */
void
sysvpn_reply_encode (GString *out, SysvpnReply reply)
{
  bool ok = reply.code == SYSVPN_CODE_NONE;

  sysvpn_block_begin (out);
  if (!ok) {
    sysvpn_block_add (out, "code", sysvpn_words_get (&sysvpn_code_words, reply.code));
    if (reply.cause != SYSVPN_CAUSE_NONE)
      sysvpn_block_add (out, "cause", sysvpn_words_get (&sysvpn_cause_words, reply.cause));
  }
  sysvpn_block_end (out, ok);
}

/**
 * sysvpn_reply_decode:
 * @block: any block
 *
 * Returns: its result; of an error without a code it is known only that it is one
 */
SysvpnReply
sysvpn_reply_decode (const SysvpnBlock *block)
{
  const char *code = sysvpn_block_get (block, "code");
  const char *cause = sysvpn_block_get (block, "cause");
  SysvpnReply reply = { .code = SYSVPN_CODE_NONE, .cause = SYSVPN_CAUSE_NONE };

  if (block->ok)
    return reply;
  reply.code =
      code != NULL ? sysvpn_words_find (&sysvpn_code_words, code) : SYSVPN_CODE_UNKNOWN;
  if (reply.code == SYSVPN_CODE_NONE) /* an error that says it is none */
    reply.code = SYSVPN_CODE_UNKNOWN;
  if (cause != NULL)
    reply.cause = sysvpn_words_find (&sysvpn_cause_words, cause);
  return reply;
}

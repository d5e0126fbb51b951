/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/reply.h"

#include "read-blocks.h"

static const struct ReplyCase {
  const char *name;
  const char *lines; /* between the version and the empty line */
  SysvpnCode code;
  SysvpnCause cause;
} cases[] = {
  { "ok", "result=ok\n", SYSVPN_CODE_NONE, SYSVPN_CAUSE_NONE },
  { "ok-whatever-the-code", "code=busy\ncause=lost\nresult=ok\n", SYSVPN_CODE_NONE,
    SYSVPN_CAUSE_NONE },
  { "code", "code=busy\nresult=error\n", SYSVPN_CODE_BUSY, SYSVPN_CAUSE_NONE },
  { "code-and-cause", "code=failed\ncause=credentials\nresult=error\n", SYSVPN_CODE_FAILED,
    SYSVPN_CAUSE_CREDENTIALS },
  { "cause-first", "cause=timeout\ncode=timeout\nresult=error\n", SYSVPN_CODE_TIMEOUT,
    SYSVPN_CAUSE_TIMEOUT },
  { "cause-only", "cause=lost\nresult=error\n", SYSVPN_CODE_UNKNOWN, SYSVPN_CAUSE_LOST },
  { "no-code", "result=error\n", SYSVPN_CODE_UNKNOWN, SYSVPN_CAUSE_NONE },
  { "unknown-code", "code=new\nresult=error\n", SYSVPN_CODE_UNKNOWN, SYSVPN_CAUSE_NONE },
  { "unknown-cause", "code=failed\ncause=new\nresult=error\n", SYSVPN_CODE_FAILED,
    SYSVPN_CAUSE_UNKNOWN },
  { "an-error-that-is-none", "code=none\nresult=error\n", SYSVPN_CODE_UNKNOWN,
    SYSVPN_CAUSE_NONE },
  { "other-fields", "colour=red\ncode=refused\nresult=error\n", SYSVPN_CODE_REFUSED,
    SYSVPN_CAUSE_NONE },
};

static void
test_decode (gconstpointer data)
{
  const struct ReplyCase *c = data;
  g_autofree char *text = g_strdup_printf ("sysvpn=1\n%s\n", c->lines);
  g_autoptr (SysvpnBlock) block = read_block (text);
  SysvpnReply reply = sysvpn_reply_decode (block);

  g_assert_cmpint (reply.code, ==, c->code);
  g_assert_cmpint (reply.cause, ==, c->cause);
}

/* Every code with every cause comes back as it went, an ok without a cause. */
static void
test_round_trip (void)
{
  for (unsigned code = 0; code < SYSVPN_N_CODES; code++)
    for (unsigned cause = 0; cause < SYSVPN_N_CAUSES; cause++) {
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (SysvpnBlock) block = NULL;
      SysvpnReply reply;

      sysvpn_reply_encode (out, (SysvpnReply){ .code = code, .cause = cause });
      block = read_block (out->str);
      reply = sysvpn_reply_decode (block);
      g_assert_cmpint (block->ok, ==, code == SYSVPN_CODE_NONE);
      g_assert_cmpuint (reply.code, ==, code);
      g_assert_cmpuint (reply.cause, ==, block->ok ? SYSVPN_CAUSE_NONE : cause);
      g_assert_cmpuint (block->n_fields + 2, <=, SYSVPN_REPLY_LINES_MAX);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/reply/decode/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_decode);
  }
  g_test_add_func ("/reply/round-trip", test_round_trip);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/question.h"

#include "probe/failure.h"

#include <string.h>
#include <sys/socket.h>

#define BYTES(literal) .bytes = (literal), .len = sizeof (literal) - 1

static const struct QuestionCase {
  const char *name;
  const char *bytes;
  size_t len;
  const char *interface; /* NULL: must be refused */
  int family;
} cases[] = {
  { "v4", BYTES ("interface=tun0\nfamily=4\n\n"), "tun0", AF_INET },
  { "v6", BYTES ("interface=tun0\nfamily=6\n\n"), "tun0", AF_INET6 },
  { "other-order", BYTES ("family=6\ninterface=wg-home\n\n"), "wg-home", AF_INET6 },
  { "one-letter", BYTES ("interface=w\nfamily=4\n\n"), "w", AF_INET },
  { "fifteen-letters", BYTES ("interface=abcdefghijklmno\nfamily=4\n\n"), "abcdefghijklmno",
    AF_INET },
  { "equals-in-name", BYTES ("interface=a=b\nfamily=4\n\n"), "a=b", AF_INET },
  { "three-dots", BYTES ("interface=...\nfamily=4\n\n"), "...", AF_INET },
  { "dot-letter", BYTES ("interface=.a\nfamily=4\n\n"), ".a", AF_INET },
  { "sixteen-letters", BYTES ("interface=abcdefghijklmnop\nfamily=4\n\n") },
  { "no-name", BYTES ("interface=\nfamily=4\n\n") },
  { "one-dot", BYTES ("interface=.\nfamily=4\n\n") },
  { "two-dots", BYTES ("interface=..\nfamily=4\n\n") },
  { "slash", BYTES ("interface=a/b\nfamily=4\n\n") },
  { "colon", BYTES ("interface=a:b\nfamily=4\n\n") },
  { "blank", BYTES ("interface=a b\nfamily=4\n\n") },
  { "tab", BYTES ("interface=a\tb\nfamily=4\n\n") },
  { "carriage-return", BYTES ("interface=tun0\r\nfamily=4\r\n\r\n") },
  { "nul", BYTES ("interface=tun0\0x\nfamily=4\n\n") },
  { "not-ascii", BYTES ("interface=t\xc3\xbcn\nfamily=4\n\n") },
  { "interface-twice", BYTES ("interface=a\ninterface=a\nfamily=4\n\n") },
  { "family-twice", BYTES ("interface=a\nfamily=4\nfamily=4\n\n") },
  { "family-5", BYTES ("interface=a\nfamily=5\n\n") },
  { "family-empty", BYTES ("interface=a\nfamily=\n\n") },
  { "family-46", BYTES ("interface=a\nfamily=46\n\n") },
  { "no-family", BYTES ("interface=a\n\n") },
  { "no-interface", BYTES ("family=4\n\n") },
  { "unknown-key", BYTES ("interface=a\nfamily=4\nurl=x\n\n") },
  { "longer-key", BYTES ("interfaces=a\nfamily=4\n\n") },
  { "upper-case-key", BYTES ("Interface=a\nfamily=4\n\n") },
  { "no-empty-line", BYTES ("interface=a\nfamily=4\n") },
  { "cut-off", BYTES ("interface=a\nfamily=4") },
  { "something-after", BYTES ("interface=a\nfamily=4\n\nx") },
  { "two-empty-lines", BYTES ("interface=a\nfamily=4\n\n\n") },
  { "only-empty-line", BYTES ("\n") },
  { "nothing", BYTES ("") },
};

static void
test_parse (gconstpointer data)
{
  const struct QuestionCase *c = data;
  g_autoptr (GError) error = NULL;
  /* of its own size, so that a sanitizer sees a read past the end */
  g_autofree char *bytes = g_malloc (MAX (c->len, 1));
  SysvpnQuestion question;

  memcpy (bytes, c->bytes, c->len);
  memset (&question, 'x', sizeof question);
  g_assert_cmpint (sysvpn_question_parse (bytes, c->len, &question, &error), ==,
                   c->interface != NULL);
  if (c->interface != NULL) {
    g_assert_no_error (error);
    g_assert_cmpstr (question.interface, ==, c->interface);
    g_assert_cmpint (question.family, ==, c->family);
    g_assert_true (sysvpn_question_is_whole (bytes, c->len));
  } else {
    g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_BAD_REQUEST);
    g_assert_true (question.interface[0] == 'x'); /* refused: nothing was written */
  }
}

/* A question is whole with its last byte and not before. */
static void
test_whole (void)
{
  static const char bytes[] = "interface=tun0\nfamily=4\n\n";

  for (size_t len = 0; len < sizeof bytes - 1; len++)
    g_assert_false (sysvpn_question_is_whole (bytes, len));
  g_assert_true (sysvpn_question_is_whole (bytes, sizeof bytes - 1));
  g_assert_true (sysvpn_question_is_whole ("\n", 1));
}

/* However it ends: more than a request may have is refused. */
static void
test_too_long (void)
{
  g_autoptr (GString) bytes = g_string_new ("interface=a\nfamily=4\n");
  g_autoptr (GError) error = NULL;
  SysvpnQuestion question;

  while (bytes->len <= SYSVPN_REQUEST_MAX)
    g_string_append (bytes, "family=4\n");
  g_string_append (bytes, "\n");
  g_assert_false (sysvpn_question_parse (bytes->str, bytes->len, &question, &error));
  g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_BAD_REQUEST);
}

static void
test_answer (void)
{
  g_autoptr (GError) failure = g_error_new_literal (
      SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_TLS, "told to the journal only");
  g_autofree char *good = sysvpn_question_answer ("203.0.113.7", NULL);
  g_autofree char *bad = sysvpn_question_answer (NULL, failure);

  g_assert_cmpstr (good, ==, "sysvpn=1\naddress=203.0.113.7\nresult=ok\n\n");
  g_assert_cmpstr (bad, ==, "sysvpn=1\ncode=tls\nresult=error\n\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/question/parse/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_parse);
  }
  g_test_add_func ("/question/whole", test_whole);
  g_test_add_func ("/question/too-long", test_too_long);
  g_test_add_func ("/question/answer", test_answer);
  return g_test_run ();
}

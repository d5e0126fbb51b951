/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a qube says: all of it as the scripts print it, or nothing is believed. */
#include "check/evidence.h"

#include <string.h>

#define SEEN(lines) "sysvpn-check 1\n" lines "end\n"
#define ANSWERS(lines) SEEN ("has4=yes\nhas6=no\n" lines)

static const struct AnswersCase {
  const char *name;
  const char *text;
  bool is_believed;
} answers_cases[] = {
  { "plain", ANSWERS ("egress4=198.51.100.10\ntcp4=open\nudp1=answer\n"), true },
  { "after-a-login-message", "Welcome <b>\x1b[31m\n" ANSWERS ("tcp4=open\n"), true },
  { "after-the-end", ANSWERS ("tcp4=open\n") "more\n", true },
  { "no-word-of-a-route", SEEN ("has4=yes\ntcp4=open\n"), false },
  { "nothing", "", false },
  { "no-mark", "tcp4=open\nend\n", false },
  { "no-end", "sysvpn-check 1\ntcp4=open\n", false },
  { "another-version", "sysvpn-check 2\nhas4=yes\nhas6=no\ntcp4=open\nend\n", false },
  { "unknown-key", ANSWERS ("tcp5=open\n"), false },
  { "unknown-word", ANSWERS ("tcp4=ajar\n"), false },
  { "no-value", ANSWERS ("tcp4\n"), false },
  { "private-address", ANSWERS ("egress4=10.137.0.20\n"), false },
  { "address-of-the-other-family", ANSWERS ("egress4=2001:4860::1\n"), false },
  { "markup", ANSWERS ("egress4=198.51.100.10<b>\n"), false },
  { "blank-line", ANSWERS ("\n"), false },
};

static void
test_answers (gconstpointer data)
{
  const struct AnswersCase *c = data;
  SysvpnAnswers answers;

  memset (&answers, 'x', sizeof answers);
  g_assert_cmpint (sysvpn_answers_parse (c->text, strlen (c->text), &answers), ==,
                   c->is_believed);
  if (!c->is_believed) /* refused: nothing was written */
    g_assert_cmpint (((const char *) &answers)[0], ==, 'x');
}

static void
test_answers_read (void)
{
  static const char text[] = ANSWERS ("egress4=198.51.100.10\negress6=timeout\nudp2=error\n"
                                      "other_tcp6=blocked\n");
  SysvpnAnswers answers;

  g_assert_true (sysvpn_answers_parse (text, strlen (text), &answers));
  g_assert_cmpstr (answers.egress[0], ==, "198.51.100.10");
  g_assert_cmpint (answers.echo[0], ==, SYSVPN_REACH_ANSWER);
  g_assert_cmpstr (answers.egress[1], ==, "");
  g_assert_cmpint (answers.echo[1], ==, SYSVPN_REACH_TIMEOUT);
  g_assert_true (answers.has[0]);
  g_assert_false (answers.has[1]);
  g_assert_cmpint (answers.names_udp[1], ==, SYSVPN_REACH_ERROR);
  g_assert_cmpint (answers.others_tcp[1], ==, SYSVPN_REACH_BLOCKED);
  g_assert_cmpint (answers.ping[0], ==, SYSVPN_REACH_UNKNOWN); /* not told */
}

/* A NUL, and one byte more than anybody needs to say. */
static void
test_bounds (void)
{
  static const char with_nul[] = "sysvpn-check 1\n\0\nend\n";
  g_autofree char *filler = g_strnfill (SYSVPN_EVIDENCE_BYTES_MAX, '-');
  g_autofree char *longest = NULL;
  const char *tail = "\n" ANSWERS ("tcp4=open\n");
  SysvpnAnswers answers;

  g_assert_false (sysvpn_answers_parse (with_nul, sizeof with_nul - 1, &answers));
  longest = g_strconcat (filler + strlen (tail), tail, NULL);
  g_assert_cmpuint (strlen (longest), ==, SYSVPN_EVIDENCE_BYTES_MAX);
  g_assert_true (sysvpn_answers_parse (longest, strlen (longest), &answers));
  g_free (longest);
  longest = g_strconcat (filler + strlen (tail) - 1, tail, NULL);
  g_assert_false (sysvpn_answers_parse (longest, strlen (longest), &answers));
}

static const struct SightingCase {
  const char *name;
  const char *text;
  bool is_believed;
} sighting_cases[] = {
  { "plain", SEEN ("ready\nup=4 udp 198.51.100.10 1194 7\nuplinks=1\nlost=0\nmore=0\n"), true },
  { "no-flows", SEEN ("ready\nuplinks=1\nlost=0\nmore=0\n"), true },
  { "no-count-of-lost", SEEN ("ready\nuplinks=1\nmore=0\n"), false },
  { "unknown-way", SEEN ("ready\nover=4 udp 198.51.100.10 1194 7\nuplinks=1\nlost=0\nmore=0\n"),
    false },
  { "unknown-protocol",
    SEEN ("ready\nup=4 sctp 198.51.100.10 1194 7\nuplinks=1\nlost=0\nmore=0\n"), false },
  { "no-address", SEEN ("ready\nup=4 udp example.com 1194 7\nuplinks=1\nlost=0\nmore=0\n"),
    false },
  { "negative", SEEN ("ready\nup=4 udp 198.51.100.10 1194 -7\nuplinks=1\nlost=0\nmore=0\n"),
    false },
};

static void
test_sighting (gconstpointer data)
{
  const struct SightingCase *c = data;
  g_autofree SysvpnSighting *sighting = g_new0 (SysvpnSighting, 1);

  g_assert_cmpint (sysvpn_sighting_parse (c->text, strlen (c->text), sighting), ==,
                   c->is_believed);
}

static void
test_ready (void)
{
  g_assert_true (sysvpn_evidence_is_ready ("hello\nsysvpn-check 1\nready\n", 27));
  g_assert_false (sysvpn_evidence_is_ready ("hello\nsysvpn-check 1\nready\n", 26));
  g_assert_false (sysvpn_evidence_is_ready ("ready\n", 6));
  g_assert_false (sysvpn_evidence_is_ready (NULL, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (answers_cases); i++) {
    g_autofree char *path = g_strconcat ("/evidence/answers/", answers_cases[i].name, NULL);

    g_test_add_data_func (path, &answers_cases[i], test_answers);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (sighting_cases); i++) {
    g_autofree char *path = g_strconcat ("/evidence/sighting/", sighting_cases[i].name, NULL);

    g_test_add_data_func (path, &sighting_cases[i], test_sighting);
  }
  g_test_add_func ("/evidence/answers-read", test_answers_read);
  g_test_add_func ("/evidence/bounds", test_bounds);
  g_test_add_func ("/evidence/ready", test_ready);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/history.h"

#include <string.h>

static const SysvpnView up = { SYSVPN_SHOWN_PROTECTED, SYSVPN_TONE_CALM, "Protected: it is" };
static const SysvpnView down = { SYSVPN_SHOWN_BLOCKED, SYSVPN_TONE_CALM,
                                 "Blocked: it was lost" };
static const SysvpnView broken = { SYSVPN_SHOWN_EXPOSED, SYSVPN_TONE_ALARM,
                                   "Exposed: it is missing; reload it" };

/* Both clocks run alike in these tests, from a day in 2023. */
enum { BEGIN_S = 1700000000 };

static bool
take (SysvpnHistory *history, SysvpnView view, int64_t s)
{
  return sysvpn_history_take (history, view, BEGIN_S + s, (1000 + s) * 1000);
}

static void
assert_event (
    const SysvpnHistory *history, unsigned n, SysvpnView view, int64_t at_s, unsigned times)
{
  const SysvpnHistoryEvent *event = sysvpn_history_get (history, n);

  g_assert_cmpint (event->shown, ==, view.shown);
  g_assert_cmpstr (event->sentence, ==, view.sentence);
  g_assert_cmpint (event->at_s, ==, BEGIN_S + at_s);
  g_assert_cmpuint (event->times, ==, times);
}

static void
test_only_changes (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();
  SysvpnView other_cause = down;

  other_cause.sentence = "Blocked: no answer";
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 0);
  g_assert_true (take (history, up, 0));
  g_assert_false (take (history, up, 1));
  g_assert_true (take (history, down, 400));
  g_assert_true (take (history, other_cause, 401));
  g_assert_false (take (history, other_cause, 900));
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 3);
  assert_event (history, 0, other_cause, 401, 1);
  assert_event (history, 1, down, 400, 1);
  assert_event (history, 2, up, 0, 1);
}

static void
test_outage (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  take (history, down, 0); /* nobody saw when that began */
  take (history, up, 400);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, SYSVPN_ABSENT);
  take (history, down, 1000);
  take (history, broken, 1010);
  take (history, down, 1013);
  take (history, up, 1020);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, 20);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->exposed_s, ==, 3);
  take (history, broken, 2000);
  take (history, up, 2002);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, 2);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->exposed_s, ==, 2);
  take (history, down, 3000);
  take (history, up, 3005);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->exposed_s, ==, 0);
  g_assert_cmpuint (sysvpn_history_get (history, 1)->outage_s, ==, SYSVPN_ABSENT);
}

/* The wall clock may be set while the other goes on. */
static void
test_clock_set_back (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  sysvpn_history_take (history, up, BEGIN_S, 1000);
  sysvpn_history_take (history, down, BEGIN_S + 10, 11000);
  sysvpn_history_take (history, up, BEGIN_S - 86400, 16000);
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 3);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, 5);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->times, ==, 1);
}

static void
test_repeated (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  take (history, up, 0);
  take (history, down, SYSVPN_HISTORY_REPEAT_S - 1);
  take (history, up, SYSVPN_HISTORY_REPEAT_S); /* still the same */
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 2);
  assert_event (history, 0, up, SYSVPN_HISTORY_REPEAT_S, 2);
  g_assert_cmpint (sysvpn_history_get (history, 0)->first_s, ==, BEGIN_S);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, 1);
  assert_event (history, 1, down, SYSVPN_HISTORY_REPEAT_S - 1, 1);
  take (history, down, 2 * SYSVPN_HISTORY_REPEAT_S - 1);
  take (history, up, 2 * SYSVPN_HISTORY_REPEAT_S + 1); /* a second too late */
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 3);
  assert_event (history, 0, up, 2 * SYSVPN_HISTORY_REPEAT_S + 1, 1);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->outage_s, ==, 2);
  assert_event (history, 1, down, 2 * SYSVPN_HISTORY_REPEAT_S - 1, 2);
}

/* However fast it changes, the alarm of before is not pushed out. */
static void
test_flood (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  take (history, broken, 0);
  for (int i = 0; i < 100000; i++)
    sysvpn_history_take (history, i % 2 == 0 ? up : down, BEGIN_S + 1000 + i / 1000,
                         2000000 + i);
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, 3);
  assert_event (history, 2, broken, 0, 1);
  g_assert_cmpuint (sysvpn_history_get (history, 0)->times, ==, 50000);
}

static void
test_bounded (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();
  g_autofree char *text = NULL;

  for (int i = 0; i < 3 * SYSVPN_HISTORY_MAX; i++)
    take (history, i % 2 == 0 ? up : down, i * (SYSVPN_HISTORY_REPEAT_S + 1));
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, SYSVPN_HISTORY_MAX);
  assert_event (history, 0, down, (3 * SYSVPN_HISTORY_MAX - 1) * (SYSVPN_HISTORY_REPEAT_S + 1),
                1);
  text = sysvpn_history_encode (history);
  g_assert_cmpuint (strlen (text), <=, SYSVPN_HISTORY_FILE_MAX);
}

static void
test_start (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  take (history, up, 0);
  take (history, down, 1000);
  sysvpn_history_start (history, BEGIN_S + 2000);
  g_assert_cmpint (sysvpn_history_get (history, 0)->shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_true (take (history, down, 2001));
}

static void
test_text (void)
{
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();
  g_autoptr (SysvpnHistory) again = sysvpn_history_new ();
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  take (history, up, 0);
  take (history, broken, 1000);
  take (history, up, 1003);
  text = sysvpn_history_encode (history);
  g_assert_cmpstr (text, ==,
                   "sysvpn-history=1\n"
                   "1700000000 1700000000 1 - - protected Protected: it is\n"
                   "1700001000 1700001000 1 - - exposed Exposed: it is missing; reload it\n"
                   "1700001003 1700001003 1 3 3 protected Protected: it is\n");
  g_assert_true (sysvpn_history_decode (again, text));
  text_again = sysvpn_history_encode (again);
  g_assert_cmpstr (text_again, ==, text);
  g_assert_cmpuint (sysvpn_history_get (again, 0)->outage_s, ==, 3);
  /* nobody saw what happened meanwhile */
  sysvpn_history_take (again, down, BEGIN_S + 1010, 5000);
  sysvpn_history_take (again, up, BEGIN_S + 1012, 7000);
  g_assert_cmpuint (sysvpn_history_get_n_events (again), ==, 4);
  assert_event (again, 0, up, 1012, 2);
}

#define HEAD "sysvpn-history=1\n"
#define GOOD "1700000000 1700000000 1 - - protected Protected: it is\n"

static const struct {
  const char *name, *text;
  unsigned n_events; /* 0: refused */
} texts[] = {
  { "good", HEAD GOOD, 1 },
  { "later-word", HEAD "1700000000 1700000000 1 - - asleep Asleep: for a while\n", 1 },
  { "largest", HEAD "253402300799 0 4294967295 4294967295 4294967295 blocked B: x\n", 1 },
  { "empty", "", 0 },
  { "no-version", GOOD, 0 },
  { "other-version", "sysvpn-history=2\n" GOOD, 0 },
  { "cut", HEAD GOOD "1700000000 17000000", 0 },
  { "cut-at-line", HEAD "1700000000 1700000000 1 - - protected Protected: it is", 0 },
  { "bad-after-good", HEAD GOOD "x\n", 0 },
  { "too-few-words", HEAD "1700000000 1700000000 1 - protected Protected:\n", 0 },
  { "no-sentence", HEAD "1700000000 1700000000 1 - - protected \n", 0 },
  { "not-a-sentence", HEAD "1700000000 1700000000 1 - - protected Protected\n", 0 },
  { "negative", HEAD "-1 1700000000 1 - - protected Protected: it is\n", 0 },
  { "first-after-last", HEAD "1700000000 1700000001 1 - - protected Protected: it is\n", 0 },
  { "after-the-year-9999", HEAD "253402300800 0 1 - - protected Protected: it is\n", 0 },
  { "too-often", HEAD "1700000000 1 4294967296 - - protected Protected: it is\n", 0 },
  { "too-long-away", HEAD "1700000000 1 1 4294967296 - protected Protected: it is\n", 0 },
  { "escape", HEAD "1700000000 1700000000 1 - - protected Protected: \033[2J\n", 0 },
  { "not-ascii", HEAD "1700000000 1700000000 1 - - protected Protected: \xe2\x80\xae\n", 0 },
  { "carriage-return", HEAD "1700000000 1700000000 1 - - protected Protected: it is\r\n", 0 },
};

static void
test_decode (gconstpointer data)
{
  unsigned i = GPOINTER_TO_UINT (data);
  g_autoptr (SysvpnHistory) history = sysvpn_history_new ();

  g_assert_cmpint (sysvpn_history_decode (history, texts[i].text), ==, texts[i].n_events > 0);
  g_assert_cmpuint (sysvpn_history_get_n_events (history), ==, texts[i].n_events);
}

static void
test_decode_bounds (void)
{
  GString *text = g_string_new (HEAD);
  g_autoptr (SysvpnHistory) most = sysvpn_history_new ();
  g_autoptr (SysvpnHistory) more = sysvpn_history_new ();

  for (int i = 0; i < SYSVPN_HISTORY_MAX; i++)
    g_string_append (text, GOOD);
  g_assert_true (sysvpn_history_decode (most, text->str));
  g_string_append (text, GOOD);
  g_assert_false (sysvpn_history_decode (more, text->str));
  for (int len = SYSVPN_HISTORY_SENTENCE_MAX; len <= SYSVPN_HISTORY_SENTENCE_MAX + 1; len++) {
    g_autoptr (SysvpnHistory) history = sysvpn_history_new ();
    g_autofree char *filler = g_strnfill ((size_t) len - 3, 'x');
    g_autofree char *line = g_strdup_printf (HEAD "1 1 1 - - blocked B: %s\n", filler);

    g_assert_cmpint (sysvpn_history_decode (history, line), ==,
                     len == SYSVPN_HISTORY_SENTENCE_MAX);
  }
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/only-changes", test_only_changes);
  g_test_add_func ("/history/outage", test_outage);
  g_test_add_func ("/history/clock-set-back", test_clock_set_back);
  g_test_add_func ("/history/repeated", test_repeated);
  g_test_add_func ("/history/flood", test_flood);
  g_test_add_func ("/history/bounded", test_bounded);
  g_test_add_func ("/history/start", test_start);
  g_test_add_func ("/history/text", test_text);
  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *path = g_strconcat ("/history/decode/", texts[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_decode);
  }
  g_test_add_func ("/history/decode-bounds", test_decode_bounds);
  return g_test_run ();
}

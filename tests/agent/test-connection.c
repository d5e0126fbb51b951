/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call over a socket pair: what the caller does, and what becomes of it. */
#include "agent/connection.h"

#include "caller.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  SysvpnConnection *connection;
  int far;
  unsigned n_requests;
  unsigned n_closed;
} Fixture;

static void
on_request (Fixture *fixture)
{
  fixture->n_requests++;
}

static void
on_closed (Fixture *fixture)
{
  fixture->n_closed++;
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  int near;

  caller_pair (&near, &fixture->far);
  fixture->connection = sysvpn_connection_new (near);
  g_signal_connect_swapped (fixture->connection, "request", G_CALLBACK (on_request), fixture);
  g_signal_connect_swapped (fixture->connection, "closed", G_CALLBACK (on_closed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_clear_object (&fixture->connection);
  if (fixture->far >= 0)
    close (fixture->far);
  g_assert_cmpuint (fixture->n_closed, <=, 1);
}

static bool
has_request (gpointer data)
{
  return ((Fixture *) data)->n_requests > 0;
}

static bool
is_closed (gpointer data)
{
  return ((Fixture *) data)->n_closed > 0;
}

static void
ask (Fixture *fixture, const char *descriptor)
{
  caller_say (fixture->far, descriptor, strlen (descriptor) + 1);
  caller_wait (has_request, fixture);
}

static void
answer (Fixture *fixture, void (*how) (SysvpnConnection *, const GString *), const char *text)
{
  g_autoptr (GString) block = g_string_new (text);

  how (fixture->connection, block);
}

static void
test_whole (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const SysvpnRequest *request;

  ask (fixture, "sysvpn.Connect+6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1 dom0");
  request = sysvpn_connection_get_request (fixture->connection);
  g_assert_cmpint (request->service, ==, SYSVPN_SERVICE_CONNECT);
  g_assert_cmpstr (request->uuid, ==, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  g_assert_cmpstr (request->source, ==, "dom0");
}

static void
test_byte_by_byte (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char descriptor[] = "sysvpn.Status+ sys-gui";

  for (size_t i = 0; i < sizeof descriptor; i++) {
    g_assert_cmpuint (fixture->n_requests, ==, 0);
    caller_say (fixture->far, descriptor + i, 1);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  caller_wait (has_request, fixture);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  g_assert_cmpstr (sysvpn_connection_get_request (fixture->connection)->source, ==, "sys-gui");
}

/* What follows the NUL is no second request, whatever it looks like. */
static void
test_two_at_once (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char both[] = "sysvpn.Status dom0\0sysvpn.Disconnect dom0";

  caller_say (fixture->far, both, sizeof both);
  caller_wait (has_request, fixture);
  caller_say (fixture->far, both, sizeof both);
  caller_settle (50);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  g_assert_cmpint (sysvpn_connection_get_request (fixture->connection)->service, ==,
                   SYSVPN_SERVICE_STATUS);
  g_assert_cmpuint (fixture->n_closed, ==, 0);
}

#define BYTES(literal) .bytes = (literal), .len = sizeof (literal)

static const struct BadCase {
  const char *name;
  const char *bytes; /* the NUL at the end is sent too */
  size_t len;
} bad_cases[] = {
  { "garbage", BYTES ("\x01\xff\x7f hello") },
  { "empty", BYTES ("") },
  { "other-service", BYTES ("qubes.VMShell dom0") },
  { "no-source", BYTES ("sysvpn.Status") },
  { "uuid-that-is-none", BYTES ("sysvpn.Connect+1234 dom0") },
  { "uuid-for-the-shell", BYTES ("sysvpn.Connect+6f0a1f52-0c3e-4b5c-9a53-52f7a3d0$(x) dom0") },
  { "argument-that-is-not-taken",
    BYTES ("sysvpn.Status+6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1 dom0") },
};

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const struct BadCase *c = data;
  g_autofree char *heard = NULL;
  bool ended;

  caller_say (fixture->far, c->bytes, c->len);
  caller_wait (is_closed, fixture);
  g_assert_cmpuint (fixture->n_requests, ==, 0);
  heard = caller_hear_all (fixture->far, &ended);
  g_assert_true (ended);
  g_assert_cmpstr (heard, ==, "sysvpn=1\ncode=bad-request\nresult=error\n\n");
}

static void
test_end_before_the_request (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  caller_say (fixture->far, "sysvpn.Status dom0", 18);
  g_assert_cmpint (shutdown (fixture->far, SHUT_WR), ==, 0);
  caller_wait (is_closed, fixture);
  g_assert_cmpuint (fixture->n_requests, ==, 0);
}

/* REQUEST_MAX bytes without a NUL may be a request that goes on; one byte more is none. */
static void
test_oversized (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  char bytes[SYSVPN_REQUEST_MAX];

  memset (bytes, 'a', sizeof bytes);
  caller_say (fixture->far, bytes, sizeof bytes);
  caller_settle (50);
  g_assert_cmpuint (fixture->n_closed, ==, 0);
  caller_say (fixture->far, bytes, 1);
  caller_wait (is_closed, fixture);
  g_assert_cmpuint (fixture->n_requests, ==, 0);
}

/* Who talks all the time has no buffer of ours to fill. */
static void
test_talkative (Fixture *fixture, gconstpointer data)
{
  char bytes[SYSVPN_REQUEST_MAX];

  ask (fixture, data);
  memset (bytes, 'a', sizeof bytes);
  caller_say (fixture->far, bytes, sizeof bytes);
  caller_wait (is_closed, fixture);
}

/* Nothing is said: hung up on after REQUEST_TIMEOUT_S. */
static void
test_silence (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  gint64 began_us = g_get_monotonic_time ();

  caller_say (fixture->far, "sysvpn.Sta", 10);
  caller_wait (is_closed, fixture);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=,
                   (SYSVPN_REQUEST_TIMEOUT_S - 1) * G_USEC_PER_SEC);
}

static void
test_finish (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *heard = NULL;
  bool ended;

  ask (fixture, "sysvpn.Status dom0");
  answer (fixture, sysvpn_connection_finish, "all\n");
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  heard = caller_hear_all (fixture->far, &ended);
  g_assert_cmpstr (heard, ==, "all\n");
  g_assert_true (ended);
}

/* qrexec ends the input of a call at once when nobody feeds it. */
static void
test_early_end (Fixture *fixture, gconstpointer data)
{
  g_autofree char *heard = NULL;

  ask (fixture, data);
  g_assert_cmpint (shutdown (fixture->far, SHUT_WR), ==, 0);
  caller_settle (50);
  g_assert_cmpuint (fixture->n_closed, ==, 0);
  answer (fixture, sysvpn_connection_finish, "late\n");
  heard = caller_hear_all (fixture->far, NULL);
  g_assert_cmpstr (heard, ==, "late\n");
}

static void
test_watch_ends (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  ask (fixture, "sysvpn.Watch dom0");
  answer (fixture, sysvpn_connection_send, "one\n");
  g_assert_cmpint (shutdown (fixture->far, SHUT_WR), ==, 0);
  caller_wait (is_closed, fixture);
}

static void
test_watch_dies (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  ask (fixture, "sysvpn.Watch dom0");
  close (fixture->far);
  fixture->far = -1;
  answer (fixture, sysvpn_connection_send, "one\n");
  answer (fixture, sysvpn_connection_send, "two\n");
  caller_wait (is_closed, fixture);
}

static void
test_in_order (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *heard = NULL;
  bool ended;

  ask (fixture, "sysvpn.Watch dom0");
  answer (fixture, sysvpn_connection_send, "one\n");
  answer (fixture, sysvpn_connection_send, "two\n");
  heard = caller_hear_all (fixture->far, &ended);
  g_assert_cmpstr (heard, ==, "one\ntwo\n");
  g_assert_false (ended);
}

static void
test_after_close (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  ask (fixture, "sysvpn.Watch dom0");
  sysvpn_connection_close (fixture->connection);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  answer (fixture, sysvpn_connection_send, "one\n");
  answer (fixture, sysvpn_connection_finish, "two\n");
  sysvpn_connection_close (fixture->connection);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
}

static char *
block_of (char letter)
{
  char *text = g_malloc (1 << 20); /* no socket buffer takes it at once */

  memset (text, letter, (1 << 20) - 1);
  text[(1 << 20) - 1] = '\0';
  return text;
}

typedef struct {
  Fixture *fixture;
  GString *heard;
  size_t wanted;
} Hearing;

static bool
has_heard (gpointer data)
{
  Hearing *hearing = data;
  g_autofree char *more = caller_hear_all (hearing->fixture->far, NULL);

  g_string_append (hearing->heard, more);
  return hearing->heard->len >= hearing->wanted;
}

static gboolean
on_tick (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

/* Who does not read gets what was begun, whole, then the newest alone. */
static void
test_slow_reader (Fixture *fixture, gconstpointer data)
{
  bool finishes = data != NULL;
  g_autofree char *first = block_of ('a');
  g_autofree char *lost = block_of ('b');
  g_autofree char *newest = block_of ('c');
  g_autofree char *wanted = g_strconcat (first, newest, NULL);
  g_autoptr (GString) heard = g_string_new (NULL);
  Hearing hearing = { .fixture = fixture, .heard = heard, .wanted = strlen (wanted) };
  guint id = g_timeout_add (1, on_tick, NULL); /* else nothing wakes the hearing up */

  ask (fixture, "sysvpn.Watch dom0");
  answer (fixture, sysvpn_connection_send, first);
  answer (fixture, sysvpn_connection_send, lost);
  answer (fixture, sysvpn_connection_send, lost);
  answer (fixture, finishes ? sysvpn_connection_finish : sysvpn_connection_send, newest);
  caller_wait (has_heard, &hearing);
  g_source_remove (id);
  g_assert_true (strcmp (heard->str, wanted) == 0);
  caller_settle (50);
  g_assert_cmpuint (fixture->n_closed, ==, finishes);
}

/* Nobody reads at all: closed after 30 s, however much is sent meanwhile. */
static void
test_stuck_reader (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *block = block_of ('a');

  ask (fixture, "sysvpn.Watch dom0");
  for (int second = 0; second < 40 && fixture->n_closed == 0; second++) {
    answer (fixture, sysvpn_connection_send, block);
    caller_settle (1000);
  }
  g_assert_cmpuint (fixture->n_closed, ==, 1);
}

/* Freed in the midst of writing, without a word to anybody. */
static void
test_freed_while_writing (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *block = block_of ('a');

  ask (fixture, "sysvpn.Watch dom0");
  answer (fixture, sysvpn_connection_send, block);
  answer (fixture, sysvpn_connection_send, block);
  g_clear_object (&fixture->connection);
  g_free (caller_hear_all (fixture->far, NULL)); /* what was waiting for room would go on */
  caller_settle (50);
}

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/connection/whole", NULL, test_whole);
  add ("/connection/byte-by-byte", NULL, test_byte_by_byte);
  add ("/connection/two-at-once", NULL, test_two_at_once);
  for (size_t i = 0; i < G_N_ELEMENTS (bad_cases); i++) {
    g_autofree char *path = g_strconcat ("/connection/bad/", bad_cases[i].name, NULL);

    add (path, &bad_cases[i], test_bad);
  }
  add ("/connection/end-before-the-request", NULL, test_end_before_the_request);
  add ("/connection/oversized", NULL, test_oversized);
  add ("/connection/talkative/watch", "sysvpn.Watch dom0", test_talkative);
  add ("/connection/talkative/connect", "sysvpn.Connect dom0", test_talkative);
  add ("/connection/silence", NULL, test_silence);
  add ("/connection/finish", NULL, test_finish);
  add ("/connection/early-end/status", "sysvpn.Status dom0", test_early_end);
  add ("/connection/early-end/connect", "sysvpn.Connect dom0", test_early_end);
  add ("/connection/watch-ends", NULL, test_watch_ends);
  add ("/connection/watch-dies", NULL, test_watch_dies);
  add ("/connection/in-order", NULL, test_in_order);
  add ("/connection/after-close", NULL, test_after_close);
  add ("/connection/slow-reader", NULL, test_slow_reader);
  add ("/connection/slow-reader-of-the-last", "finish", test_slow_reader);
  if (g_test_slow ()) /* it waits for half a minute: run with -m slow */
    add ("/connection/stuck-reader", NULL, test_stuck_reader);
  add ("/connection/freed-while-writing", NULL, test_freed_while_writing);
  return g_test_run ();
}

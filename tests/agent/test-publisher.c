/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who hears which report, and when. Times are bounds from below only: a slow machine is late.
 */
#include "agent/publisher.h"

#include "base/pace.h"

#include "caller.h"

#include <string.h>
#include <unistd.h>

enum { GAP_MS = SYSVPN_PACE_GAP_MS, BURST = SYSVPN_PACE_BURST };

typedef struct {
  SysvpnPublisher *publisher;
  SysvpnConnection *connection; /* of one watcher */
  int far;
  GString *heard;
  SysvpnStatus status;
} Fixture;

static SysvpnConnection *
call (int *ret_far)
{
  int near;

  caller_pair (&near, ret_far);
  return sysvpn_connection_new (near);
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->publisher = sysvpn_publisher_new ();
  fixture->connection = call (&fixture->far);
  fixture->heard = g_string_new (NULL);
  sysvpn_status_init (&fixture->status);
  sysvpn_publisher_update (fixture->publisher, &fixture->status);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_object_unref (fixture->publisher);
  g_object_unref (fixture->connection);
  g_string_free (fixture->heard, TRUE);
  if (fixture->far >= 0)
    close (fixture->far);
}

/* How many reports have come so far. */
static unsigned
n_heard (Fixture *fixture)
{
  g_autofree char *more = caller_hear_all (fixture->far, NULL);
  unsigned n = 0;

  g_string_append (fixture->heard, more);
  for (const char *at = fixture->heard->str; (at = strstr (at, "result=ok\n\n")) != NULL; at++)
    n++;
  return n;
}

static void
change (Fixture *fixture, SysvpnTunnel tunnel)
{
  fixture->status.tunnel = tunnel;
  sysvpn_publisher_update (fixture->publisher, &fixture->status);
}

static guint64
last_number (Fixture *fixture, const char *key)
{
  const char *at = g_strrstr (fixture->heard->str, key);

  g_assert_nonnull (at);
  return g_ascii_strtoull (at + strlen (key), NULL, 10);
}

/* A watcher, after a quiet time and as many changes as may be told one after the other. */
static void
use_up_burst (Fixture *fixture)
{
  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  caller_settle (BURST * GAP_MS + 20); /* since what set_up told */
  for (unsigned i = 0; i < BURST; i++) {
    change (fixture, i % 2 == 0 ? SYSVPN_TUNNEL_DEGRADED : SYSVPN_TUNNEL_DISCONNECTING);
    g_assert_cmpuint (n_heard (fixture), ==, i + 2); /* each at once */
  }
}

static bool
has_one_more (gpointer data)
{
  return n_heard (data) >= BURST + 2;
}

static bool
has_two_more (gpointer data)
{
  return n_heard (data) >= BURST + 3;
}

static void
test_answer (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  bool ended;
  g_autofree char *rest = NULL;

  sysvpn_publisher_answer (fixture->publisher, fixture->connection);
  g_assert_cmpuint (n_heard (fixture), ==, 1);
  g_assert_true (g_str_has_prefix (fixture->heard->str, "sysvpn=1\n"));
  rest = caller_hear_all (fixture->far, &ended);
  g_assert_true (ended);
}

static void
test_watcher_hears_at_once (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  change (fixture, SYSVPN_TUNNEL_DOWN);
  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  g_assert_cmpuint (n_heard (fixture), ==, 1);
  g_assert_nonnull (strstr (fixture->heard->str, "tunnel=down\n"));
}

static void
test_news_at_once (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  caller_settle (GAP_MS + 20); /* since what set_up told */
  change (fixture, SYSVPN_TUNNEL_DOWN);
  g_assert_cmpuint (n_heard (fixture), ==, 2);
}

/* Changes that go on coming are told in one report, which has the last of them. */
static void
test_coalescing (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  use_up_burst (fixture);
  change (fixture, SYSVPN_TUNNEL_CONNECTING);
  change (fixture, SYSVPN_TUNNEL_UP);
  change (fixture, SYSVPN_TUNNEL_DOWN);
  g_assert_cmpuint (n_heard (fixture), ==, BURST + 1);
  caller_wait (has_one_more, fixture);
  g_assert_null (strstr (fixture->heard->str, "tunnel=connecting\n"));
  g_assert_null (strstr (fixture->heard->str, "tunnel=up\n"));
  g_assert_nonnull (g_strrstr (fixture->heard->str, "tunnel=down\n"));
  caller_settle (2 * GAP_MS);
  g_assert_cmpuint (n_heard (fixture), ==, BURST + 2);
}

static void
change_killswitch (Fixture *fixture, SysvpnKillswitch killswitch)
{
  fixture->status.killswitch = killswitch;
  sysvpn_publisher_update (fixture->publisher, &fixture->status);
}

/* ... but an alarm is told although it was over before anybody could be told. */
static void
test_alarm_is_kept (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const char *broken;

  use_up_burst (fixture);
  change_killswitch (fixture, SYSVPN_KILLSWITCH_BROKEN);
  change_killswitch (fixture, SYSVPN_KILLSWITCH_LOADING);
  change_killswitch (fixture, SYSVPN_KILLSWITCH_ARMED);
  caller_wait (has_two_more, fixture);
  broken = strstr (fixture->heard->str, "killswitch=broken\n");
  g_assert_nonnull (broken);
  g_assert_nonnull (strstr (broken, "killswitch=armed\n"));
  g_assert_null (strstr (fixture->heard->str, "killswitch=loading\n"));
  caller_settle (3 * GAP_MS);
  g_assert_cmpuint (n_heard (fixture), ==, BURST + 3);
}

static void
test_ages_wait (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  caller_settle (GAP_MS + 20);
  fixture->status.tunnel_age_s = 77;
  fixture->status.forward_drop4 = 5;
  sysvpn_publisher_update (fixture->publisher, &fixture->status);
  caller_settle (2 * GAP_MS);
  g_assert_cmpuint (n_heard (fixture), ==, 1);
  sysvpn_publisher_beat (fixture->publisher);
  g_assert_cmpuint (n_heard (fixture), ==, 2);
  g_assert_cmpuint (last_number (fixture, "tunnel_age_s="), ==, 77);
}

/* The heartbeat tells what waits; it is not told a second time. */
static void
test_beat_ends_waiting (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  use_up_burst (fixture);
  change (fixture, SYSVPN_TUNNEL_UP);
  sysvpn_publisher_beat (fixture->publisher);
  g_assert_cmpuint (n_heard (fixture), ==, BURST + 2);
  caller_settle (3 * GAP_MS);
  g_assert_cmpuint (n_heard (fixture), ==, BURST + 2);
}

static void
test_sequence (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  guint64 last = 0;

  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  for (unsigned i = 1; i <= 5; i++) {
    g_assert_cmpuint (n_heard (fixture), ==, i);
    g_assert_cmpuint (last_number (fixture, "seq="), >, last);
    last = last_number (fixture, "seq=");
    sysvpn_publisher_beat (fixture->publisher);
  }
}

/* One of three hangs up while all are told; the others hear, and it is forgotten. */
static void
test_hang_up_while_telling (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  int far[2];
  SysvpnConnection *other[2];

  for (unsigned i = 0; i < 2; i++)
    other[i] = call (&far[i]);
  sysvpn_publisher_add_watcher (fixture->publisher, other[0]);
  sysvpn_publisher_add_watcher (fixture->publisher, other[1]);
  sysvpn_publisher_add_watcher (fixture->publisher, fixture->connection);
  close (far[0]);
  g_object_unref (other[0]); /* the publisher alone holds it now */
  sysvpn_publisher_beat (fixture->publisher);
  sysvpn_publisher_beat (fixture->publisher);
  g_assert_cmpuint (n_heard (fixture), ==, 3);
  close (far[1]);
  g_object_unref (other[1]);
}

static void
on_closed_stop (SysvpnConnection *connection G_GNUC_UNUSED, gpointer data)
{
  *(bool *) data = true;
}

/* Somebody who hangs up is let go: nothing keeps the connection. */
static void
test_forgets_who_left (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  int far;
  SysvpnConnection *leaving = call (&far);
  gpointer pointer = leaving;
  bool closed = false;

  g_object_add_weak_pointer (G_OBJECT (leaving), &pointer);
  g_signal_connect (leaving, "closed", G_CALLBACK (on_closed_stop), &closed);
  sysvpn_publisher_add_watcher (fixture->publisher, leaving);
  g_object_unref (leaving);
  g_assert_nonnull (pointer);
  sysvpn_connection_close (leaving);
  g_assert_true (closed);
  g_assert_null (pointer);
  close (far);
}

static void
test_freed_while_waiting (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  use_up_burst (fixture);
  change (fixture, SYSVPN_TUNNEL_UP);
  g_clear_object (&fixture->publisher);
  fixture->publisher = sysvpn_publisher_new ();
  caller_settle (2 * GAP_MS);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/publisher/answer", test_answer);
  add ("/publisher/watcher-hears-at-once", test_watcher_hears_at_once);
  add ("/publisher/news-at-once", test_news_at_once);
  add ("/publisher/coalescing", test_coalescing);
  add ("/publisher/alarm-is-kept", test_alarm_is_kept);
  add ("/publisher/ages-wait", test_ages_wait);
  add ("/publisher/beat-ends-waiting", test_beat_ends_waiting);
  add ("/publisher/sequence", test_sequence);
  add ("/publisher/hang-up-while-telling", test_hang_up_while_telling);
  add ("/publisher/forgets-who-left", test_forgets_who_left);
  add ("/publisher/freed-while-waiting", test_freed_while_waiting);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/feed.h"

#include "fake-agent.h"

#include <string.h>

enum { BEGIN_MS = 5000 };

typedef struct {
  FakeAgent *agent;
  SysvpnTransport *transport;
  SysvpnFeed *feed;
  GSocketConnection *watch; /* the newest */
  bool refuses_watch;
  uint64_t seq;

  unsigned n_reports;
  unsigned n_lost;
  SysvpnStatus report;
  SysvpnSilence silence;
} Fixture;

static void
send_report (Fixture *f, SysvpnTunnel tunnel)
{
  SysvpnStatus report = fake_report (++f->seq, tunnel);
  g_autofree char *text = fake_report_text (&report);

  fake_agent_send (f->watch, text, -1);
}

static void
answer (FakeAgent *agent G_GNUC_UNUSED,
        GSocketConnection *connection,
        const char *request,
        gpointer data)
{
  Fixture *f = data;
  SysvpnStatus report = fake_report (++f->seq, SYSVPN_TUNNEL_DOWN);
  g_autofree char *text = fake_report_text (&report);

  if (g_str_equal (request, "sysvpn.Watch") && !f->refuses_watch) {
    f->watch = connection;
    return;
  }
  fake_agent_send (connection,
                   g_str_equal (request, "sysvpn.Status")
                       ? text
                       : "sysvpn=1\ncode=refused\nresult=error\n\n",
                   -1);
  fake_agent_hang_up (connection);
}

static void
on_report (Fixture *f, const SysvpnStatus *report)
{
  f->n_reports++;
  f->report = *report;
  g_assert_cmpint (sysvpn_feed_get_silence (f->feed), ==, SYSVPN_SILENCE_NONE);
}

static void
on_lost (Fixture *f, guint silence)
{
  f->n_lost++;
  f->silence = silence;
  g_assert_cmpint (sysvpn_feed_get_silence (f->feed), ==, silence);
}

static bool
is_watched (gpointer data)
{
  return ((Fixture *) data)->watch != NULL;
}

static bool
has_report (gpointer data)
{
  return ((Fixture *) data)->n_reports > 0;
}

static bool
is_lost (gpointer data)
{
  return ((Fixture *) data)->n_lost > 0;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->agent = fake_agent_new (answer, f);
  f->transport = fake_agent_transport (f->agent);
  f->feed = sysvpn_feed_new ("sys-vpn", f->transport);
  f->refuses_watch = data != NULL;
  g_signal_connect_swapped (f->feed, "report", G_CALLBACK (on_report), f);
  g_signal_connect_swapped (f->feed, "lost", G_CALLBACK (on_lost), f);
  sysvpn_feed_resume (f->feed);
  if (!f->refuses_watch) {
    g_assert_true (run_until (is_watched, f, BEGIN_MS));
    send_report (f, SYSVPN_TUNNEL_UP);
    g_assert_true (run_until (has_report, f, BEGIN_MS));
  }
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_feed_pause (f->feed);
  run_for (10);
  g_assert_finalize_object (f->feed);
  fake_agent_free (f->agent);
  sysvpn_transport_unref (f->transport);
}

/* A change is told at once when the last report is a while ago. */
static void
test_prompt (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gint64 sent_us;

  run_for (150);
  f->n_reports = 0;
  sent_us = g_get_monotonic_time ();
  send_report (f, SYSVPN_TUNNEL_DOWN);
  g_assert_true (run_until (has_report, f, BEGIN_MS));
  g_assert_cmpint (g_get_monotonic_time () - sent_us, <, 90 * 1000);
  g_assert_cmpint (f->report.tunnel, ==, SYSVPN_TUNNEL_DOWN);
  g_assert_cmpuint (f->n_lost, ==, 0);
}

/* Of what came in one go only the newest is told. */
static void
test_drains_to_newest (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GString) all = g_string_new (NULL);

  run_for (150);
  f->n_reports = 0;
  for (unsigned i = 0; i < 50; i++) {
    SysvpnStatus report =
        fake_report (++f->seq, i == 49 ? SYSVPN_TUNNEL_DOWN : SYSVPN_TUNNEL_CONNECTING);
    g_autofree char *text = fake_report_text (&report);

    g_string_append (all, text);
  }
  fake_agent_send (f->watch, all->str, -1);
  g_assert_true (run_until (has_report, f, BEGIN_MS));
  g_assert_cmpint (f->report.tunnel, ==, SYSVPN_TUNNEL_DOWN);
  run_for (200);
  g_assert_cmpuint (f->n_reports, ==, 1);
}

static gboolean
change_state (gpointer data)
{
  Fixture *f = data;

  for (unsigned i = 0; i < 5; i++)
    send_report (f, f->seq % 2 == 0 ? SYSVPN_TUNNEL_UP : SYSVPN_TUNNEL_CONNECTING);
  return G_SOURCE_CONTINUE;
}

/* 1,000 changes a second, for as long as they are let in. */
static void
test_coalesces (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gint64 began_us;
  guint id;
  uint64_t first_seq = f->seq;

  run_for (150);
  f->n_reports = 0;
  id = g_timeout_add (5, change_state, f);
  began_us = g_get_monotonic_time ();
  run_for (600);
  g_source_remove (id);
  run_for (150);
  g_assert_cmpuint (f->n_lost, ==, 0);
  g_assert_cmpuint (f->seq - first_seq, >, 100);
  g_assert_cmpuint (f->n_reports, <=,
                    (unsigned) ((g_get_monotonic_time () - began_us) / 100000) + 2);
  g_assert_cmpuint (f->n_reports, >=, 3);
  g_assert_cmpuint (f->report.seq, ==, f->seq); /* the last one is not forgotten */
}

static gboolean
flood (gpointer data)
{
  Fixture *f = data;

  if (f->watch != NULL)
    for (unsigned i = 0; i < 100; i++)
      send_report (f, SYSVPN_TUNNEL_UP);
  return G_SOURCE_CONTINUE;
}

/* What sends without end is cut off, and then polled. */
static void
test_flood (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  guint id = g_timeout_add (10, flood, f);

  g_assert_true (run_until (is_lost, f, BEGIN_MS));
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_FLOOD);
  g_source_remove (id);
  f->n_reports = 0;
  g_assert_true (run_until (has_report, f, BEGIN_MS));
  g_assert_cmpint (f->report.tunnel, ==, SYSVPN_TUNNEL_DOWN); /* from Status */
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 1);
}

static void
test_older_is_ignored (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  run_for (150);
  f->n_reports = 0;
  f->seq = 0; /* send_report() sends 1 once more */
  send_report (f, SYSVPN_TUNNEL_DOWN);
  run_for (150);
  g_assert_cmpuint (f->n_reports, <=, 1);
  f->n_reports = 0;
  f->seq = 41;
  send_report (f, SYSVPN_TUNNEL_CONNECTING);
  run_for (150);
  g_assert_cmpuint (f->n_reports, ==, 1);
  f->seq = 39;
  send_report (f, SYSVPN_TUNNEL_DOWN);
  run_for (150);
  g_assert_cmpuint (f->n_reports, ==, 1);
  g_assert_cmpint (f->report.tunnel, ==, SYSVPN_TUNNEL_CONNECTING);
}

/* A hang-up loses the report at once; then comes another Watch, after a second. */
static void
test_hang_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gint64 began_us = g_get_monotonic_time ();
  gint64 took_us;

  fake_agent_hang_up (f->watch);
  f->watch = NULL;
  g_assert_true (run_until (is_lost, f, 500));
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_HUNG_UP);
  g_assert_true (run_until (is_watched, f, BEGIN_MS));
  took_us = g_get_monotonic_time () - began_us;
  g_assert_cmpint (took_us, >=, 700 * 1000);
  f->n_reports = 0;
  send_report (f, SYSVPN_TUNNEL_UP);
  g_assert_true (run_until (has_report, f, BEGIN_MS));
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 0);
}

/* An agent that hangs up again and again is waited for longer, and polled meanwhile. */
static void
test_backs_off (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gint64 began_us = g_get_monotonic_time ();

  fake_agent_hang_up (f->watch);
  f->watch = NULL;
  g_assert_true (run_until (is_watched, f, BEGIN_MS));
  f->n_reports = 0;
  fake_agent_hang_up (f->watch);
  f->watch = NULL;
  g_assert_true (run_until (has_report, f, BEGIN_MS)); /* a poll */
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 1);
  g_assert_true (run_until (is_watched, f, BEGIN_MS));
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, (750 + 1500 - 50) * 1000);
  g_assert_cmpuint (f->n_lost, ==, 2); /* the second Watch ended in another way */
}

static void
test_garbage (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  fake_agent_send (f->watch, "sysvpn=1\nseq=3\nresult=ok\n\n", -1); /* lacks fields */
  g_assert_true (run_until (is_lost, f, 500));
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_GARBAGE);
  run_for (20);
  g_assert_true (fake_agent_was_hung_up_on (f->watch));
}

/* Half a report claims nothing: the one before it stands until the end comes. */
static void
test_half_report (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->n_reports = 0;
  fake_agent_send (f->watch, "sysvpn=1\nseq=3\ntunnel=up\n", -1);
  run_for (150);
  g_assert_cmpuint (f->n_reports, ==, 0);
  g_assert_cmpuint (f->n_lost, ==, 0);
  fake_agent_hang_up (f->watch);
  g_assert_true (run_until (is_lost, f, 500));
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_CUT);
}

/* A report of a heartbeat of one second is believed for six. */
static void
test_silence (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnStatus report = fake_report (++f->seq, SYSVPN_TUNNEL_UP);
  g_autofree char *text = NULL;
  GSocketConnection *silent = f->watch;
  gint64 began_us = g_get_monotonic_time ();

  report.heartbeat_s = 1;
  text = fake_report_text (&report);
  fake_agent_send (f->watch, text, -1);
  g_assert_true (run_until (is_lost, f, 8000));
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 5900 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 7500 * 1000);
  g_assert_cmpuint (sysvpn_feed_get_age_ms (f->feed), >=, 5900);
  run_for (20);
  g_assert_true (fake_agent_was_hung_up_on (silent)); /* and asked anew */
}

/* Reports that were under way for long, as after a suspend, are not believed. */
static void
test_backlog (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnStatus report = fake_report (f->seq + 2, SYSVPN_TUNNEL_UP);
  g_autofree char *text = NULL;

  f->seq++;
  run_for (150);
  f->n_reports = 0;
  report.boottime_ms -= 20000;
  text = fake_report_text (&report);
  fake_agent_send (f->watch, text, -1);
  g_assert_true (run_until (is_lost, f, 500));
  g_assert_cmpuint (f->n_reports, ==, 0);
  f->watch = NULL;
  g_assert_true (run_until (is_watched, f, BEGIN_MS)); /* a new call tells the truth */
}

static void
test_refresh (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  GSocketConnection *first = f->watch;

  f->watch = NULL;
  sysvpn_feed_refresh (f->feed);
  g_assert_true (run_until (is_watched, f, 500));
  g_assert_true (fake_agent_was_hung_up_on (first));
  g_assert_cmpuint (f->n_lost, ==, 0); /* what was believed still is */
  f->n_reports = 0;
  f->seq = 0; /* another call counts anew */
  send_report (f, SYSVPN_TUNNEL_DOWN);
  g_assert_true (run_until (has_report, f, BEGIN_MS));
}

static void
test_pause (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  GSocketConnection *first = f->watch;

  f->watch = NULL;
  sysvpn_feed_pause (f->feed);
  run_for (1500);
  g_assert_true (fake_agent_was_hung_up_on (first));
  g_assert_null (f->watch);
  g_assert_cmpuint (f->n_lost, ==, 0);
  g_assert_cmpuint (sysvpn_feed_get_age_ms (f->feed), ==, SYSVPN_ABSENT);
  sysvpn_feed_resume (f->feed);
  g_assert_true (run_until (is_watched, f, 500));
}

/* Where Watch is refused Status is asked, at once and then at intervals. */
static void
test_polls (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (run_until (has_report, f, 500));
  g_assert_cmpuint (f->n_lost, ==, 1);
  g_assert_cmpint (f->silence, ==, SYSVPN_SILENCE_REFUSED);
  sysvpn_feed_set_attentive (f->feed, true);
  run_for (6000);
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 2);
  g_assert_cmpuint (f->n_reports, ==, 2);
  g_assert_cmpuint (f->n_lost, ==, 1); /* refusals of later Watches change nothing */
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Watch"), >=, 2);
  /* nobody looks any more: the next is asked for later, and this one believed until then */
  sysvpn_feed_set_attentive (f->feed, false);
  f->n_reports = 0;
  g_assert_true (run_until (has_report, f, 20000));
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 3);
  g_assert_cmpuint (f->n_lost, ==, 1);
}

/* A Watch that is let in after all ends the polling. */
static void
test_polls_until_watch (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (run_until (has_report, f, 500));
  f->refuses_watch = false;
  g_assert_true (run_until (is_watched, f, BEGIN_MS));
  f->n_reports = 0;
  send_report (f, SYSVPN_TUNNEL_UP);
  g_assert_true (run_until (has_report, f, BEGIN_MS));
  sysvpn_feed_set_attentive (f->feed, true);
  run_for (5500);
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Status"), ==, 1);
}

static const struct {
  const char *path;
  bool refuses_watch;
  void (*func) (Fixture *f, gconstpointer data);
} tests[] = {
  { "/feed/prompt", false, test_prompt },
  { "/feed/drains-to-newest", false, test_drains_to_newest },
  { "/feed/coalesces", false, test_coalesces },
  { "/feed/flood", false, test_flood },
  { "/feed/older-is-ignored", false, test_older_is_ignored },
  { "/feed/hang-up", false, test_hang_up },
  { "/feed/backs-off", false, test_backs_off },
  { "/feed/garbage", false, test_garbage },
  { "/feed/half-report", false, test_half_report },
  { "/feed/silence", false, test_silence },
  { "/feed/backlog", false, test_backlog },
  { "/feed/refresh", false, test_refresh },
  { "/feed/pause", false, test_pause },
  { "/feed/polls", true, test_polls },
  { "/feed/polls-until-watch", true, test_polls_until_watch },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].refuses_watch ? "refuses" : NULL, set_up,
                tests[i].func, tear_down);
  return g_test_run ();
}

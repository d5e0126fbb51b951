/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/qube.h"

#include "client/call.h"
#include "fake-agent.h"

#include <string.h>

#define UUID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
#define PROFILES "sysvpn=1\nprofile_0=" UUID " wireguard active,pinned A b\nresult=ok\n\n"

typedef struct {
  FakeAgent *agent;
  SysvpnTransport *transport;
  SysvpnQube *qube;
  GSocketConnection *watch;
  GSocketConnection *held; /* the newest action that waits for its answer */
  const char *reply;       /* to an action; NULL to let it wait */
  unsigned n_changed;
  unsigned n_profiles_changed;
  unsigned n_acted;
  GError *error; /* of the last action */
} Fixture;

static void
answer (FakeAgent *agent G_GNUC_UNUSED,
        GSocketConnection *connection,
        const char *request,
        gpointer data)
{
  Fixture *f = data;

  if (g_str_equal (request, "sysvpn.Watch")) {
    f->watch = connection;
    return;
  }
  if (!g_str_equal (request, "sysvpn.Profiles") && f->reply == NULL) {
    f->held = connection;
    return;
  }
  fake_agent_send (connection, g_str_equal (request, "sysvpn.Profiles") ? PROFILES : f->reply,
                   -1);
  fake_agent_hang_up (connection);
}

static void
count (unsigned *n)
{
  ++*n;
}

static bool
is_watched (gpointer data)
{
  return ((Fixture *) data)->watch != NULL;
}

static bool
is_held (gpointer data)
{
  return ((Fixture *) data)->held != NULL;
}

static bool
has_profiles (gpointer data)
{
  return ((Fixture *) data)->n_profiles_changed > 0;
}

static bool
has_acted (gpointer data)
{
  return ((Fixture *) data)->n_acted > 0;
}

static bool
is_believed (gpointer data)
{
  return sysvpn_qube_get_silence (((Fixture *) data)->qube) == SYSVPN_SILENCE_NONE;
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->agent = fake_agent_new (answer, f);
  f->transport = fake_agent_transport (f->agent);
  f->reply = "sysvpn=1\nresult=ok\n\n";
  f->qube = sysvpn_qube_new ("sys-vpn", f->transport);
  g_signal_connect_swapped (f->qube, "changed", G_CALLBACK (count), &f->n_changed);
  g_signal_connect_swapped (f->qube, "profiles-changed", G_CALLBACK (count),
                            &f->n_profiles_changed);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_object_run_dispose (G_OBJECT (f->qube));
  run_for (20);
  g_assert_finalize_object (f->qube);
  g_clear_error (&f->error);
  fake_agent_free (f->agent);
  sysvpn_transport_unref (f->transport);
}

static void
begin (Fixture *f)
{
  SysvpnStatus report = fake_report (1, SYSVPN_TUNNEL_UP);
  g_autofree char *text = fake_report_text (&report);

  sysvpn_qube_start (f->qube);
  g_assert_true (run_until (is_watched, f, 5000));
  fake_agent_send (f->watch, text, -1);
  g_assert_true (run_until (is_believed, f, 5000));
}

static void
test_view (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GDateTime) verified = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  GTimeSpan ago;

  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_null (sysvpn_qube_get_report (f->qube));
  g_assert_null (sysvpn_qube_dup_verified_time (f->qube));
  begin (f);
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_PROTECTED);
  g_assert_cmpuint (f->n_changed, ==, 1);
  verified = sysvpn_qube_dup_verified_time (f->qube);
  ago = g_date_time_difference (now, verified);
  g_assert_cmpint (ago, >=, -G_TIME_SPAN_SECOND);
  g_assert_cmpint (ago, <=, 3 * G_TIME_SPAN_SECOND);

  fake_agent_hang_up (f->watch);
  run_for (50);
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_nonnull (sysvpn_qube_get_report (f->qube)); /* what was last known, for a window */
}

static void
test_power (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_HALTED);
  sysvpn_qube_start (f->qube);
  run_for (100);
  g_assert_null (f->watch); /* a qube that is off is never called */
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_OFF);

  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_RUNNING);
  begin (f);
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_PROTECTED);

  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_PAUSED);
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_OFF);
  g_assert_null (sysvpn_qube_get_report (f->qube));
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_RUNNING);
  g_assert_cmpint (sysvpn_qube_get_view (f->qube).shown, ==, SYSVPN_SHOWN_UNKNOWN);
}

static void
test_profiles (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const SysvpnProfile *profile;

  g_assert_null (sysvpn_qube_get_profiles (f->qube));
  begin (f);
  g_assert_true (run_until (has_profiles, f, 5000));
  g_assert_cmpuint (sysvpn_qube_get_profiles (f->qube)->len, ==, 1);
  profile = &g_array_index (sysvpn_qube_get_profiles (f->qube), SysvpnProfile, 0);
  g_assert_cmpstr (profile->name, ==, "A b");

  f->n_profiles_changed = 0;
  sysvpn_qube_fetch_profiles (f->qube);
  sysvpn_qube_fetch_profiles (f->qube); /* one call at a time */
  g_assert_true (run_until (has_profiles, f, 5000));
  run_for (50);
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Profiles"), ==, 2);
}

static bool
has_later_profiles (gpointer data)
{
  return fake_agent_n_requests (((Fixture *) data)->agent, "sysvpn.Profiles") > 1;
}

/* A qube that claims another profile in each report is not called for each, and the last of its
 * claims is looked at all the same. */
static void
test_profiles_throttled (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  g_assert_true (run_until (has_profiles, f, 5000));
  for (uint64_t seq = 2; seq < 8; seq++) {
    SysvpnStatus report = fake_report (seq, SYSVPN_TUNNEL_UP);
    g_autofree char *text = NULL;

    report.profile_uuid[0] = (char) ('0' + seq);
    text = fake_report_text (&report);
    fake_agent_send (f->watch, text, -1);
    run_for (150); /* each is told */
  }
  g_assert_cmpint (sysvpn_qube_get_report (f->qube)->profile_uuid[0], ==, '7');
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Profiles"), ==, 1);
  g_assert_true (run_until (has_later_profiles, f, 20000));
  run_for (50);
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Profiles"), ==, 2);
}

static void
on_acted (GObject *qube, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;
  bool done;

  g_clear_error (&f->error);
  f->n_acted++;
  done = sysvpn_qube_act_finish (SYSVPN_QUBE (qube), result, &f->error);
  g_assert_cmpint (done, ==, f->error == NULL);
}

static void
test_act (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_qube_act_async (f->qube, SYSVPN_ACTION_RECONNECT, NULL, NULL, on_acted, f);
  g_assert_cmpint (sysvpn_qube_get_pending (f->qube), ==, SYSVPN_ACTION_RECONNECT);
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_true (run_until (has_acted, f, 5000));
  g_assert_no_error (f->error);
  g_assert_cmpint (sysvpn_qube_get_pending (f->qube), ==, SYSVPN_ACTION_NONE);
  g_assert_cmpuint (f->n_changed, ==, 2);
}

static void
test_act_refused (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->reply = "sysvpn=1\ncode=killswitch-broken\nresult=error\n\n";
  sysvpn_qube_act_async (f->qube, SYSVPN_ACTION_DISCONNECT, NULL, NULL, on_acted, f);
  g_assert_true (run_until (has_acted, f, 5000));
  g_assert_error (f->error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_EXPOSED);
}

static void
answer_held (Fixture *f, GSocketConnection *connection, const char *reply)
{
  f->n_acted = 0;
  fake_agent_send (connection, reply, -1);
  fake_agent_hang_up (connection);
  g_assert_true (run_until (has_acted, f, 5000));
}

/* Only a disconnect may overtake, and the answer to what it overtook does not end it. */
static void
test_disconnect_cancels (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  GSocketConnection *connect;

  f->reply = NULL;
  sysvpn_qube_act_async (f->qube, SYSVPN_ACTION_CONNECT, UUID, NULL, on_acted, f);
  g_assert_true (run_until (is_held, f, 5000));
  g_assert_cmpuint (fake_agent_n_requests (f->agent, "sysvpn.Connect+" UUID), ==, 1);
  connect = g_steal_pointer (&f->held);

  sysvpn_qube_act_async (f->qube, SYSVPN_ACTION_RECONNECT, NULL, NULL, on_acted, f);
  g_assert_true (run_until (has_acted, f, 5000));
  g_assert_error (f->error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_BUSY);
  g_assert_cmpint (sysvpn_qube_get_pending (f->qube), ==, SYSVPN_ACTION_CONNECT);

  sysvpn_qube_act_async (f->qube, SYSVPN_ACTION_DISCONNECT, NULL, NULL, on_acted, f);
  g_assert_true (run_until (is_held, f, 5000));
  answer_held (f, connect, "sysvpn=1\ncode=cancelled\nresult=error\n\n");
  g_assert_error (f->error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_CANCELLED);
  g_assert_cmpint (sysvpn_qube_get_pending (f->qube), ==, SYSVPN_ACTION_DISCONNECT);
  answer_held (f, f->held, "sysvpn=1\nresult=ok\n\n");
  g_assert_no_error (f->error);
  g_assert_cmpint (sysvpn_qube_get_pending (f->qube), ==, SYSVPN_ACTION_NONE);
}

static const struct {
  const char *path;
  void (*func) (Fixture *f, gconstpointer data);
} tests[] = {
  { "/qube/view", test_view },
  { "/qube/power", test_power },
  { "/qube/profiles", test_profiles },
  { "/qube/profiles-throttled", test_profiles_throttled },
  { "/qube/act", test_act },
  { "/qube/act-refused", test_act_refused },
  { "/qube/disconnect-cancels", test_disconnect_cancels },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}

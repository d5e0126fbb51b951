/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/power-watch.h"

#include "fake-agent.h"

#include <glib/gstdio.h>
#include <string.h>

#define ESTABLISHED "1\0\0connection-established\0\0"
#define EVENT(qube, name) "1\0" qube "\0" name "\0start_guid\0True\0\0"
#define SEND(connection, literal) fake_agent_send (connection, literal, sizeof literal - 1)

typedef struct {
  FakeAgent *qubesd;
  SysvpnTransport *transport;
  SysvpnQubesdWatch *source;
  SysvpnPowerWatch *watch;
  GSocketConnection *events; /* the newest of each */
  GSocketConnection *list;
  GString *told;
  const char *wanted;
} Fixture;

static void
on_request (FakeAgent *qubesd G_GNUC_UNUSED,
            GSocketConnection *connection,
            const char *request,
            gpointer data)
{
  Fixture *f = data;

  if (g_str_equal (request, "admin.Events+ dom0 name"))
    f->events = connection;
  else if (g_str_equal (request, "admin.vm.List+ dom0 name"))
    f->list = connection;
  else
    g_error ("asked for %s", request); /* above all not for a start */
}

static void
on_changed (Fixture *f, const char *qube, guint power)
{
  static const char letters[] = "?RHPS";

  g_assert_cmpint (sysvpn_power_watch_get (f->watch, qube), ==, power);
  g_string_append_printf (f->told, "%s:%c ", qube, letters[power]);
}

static void
make_watch (Fixture *f, SysvpnTransportKind kind, const char *path)
{
  f->transport = sysvpn_transport_new (kind, path);
  f->source = sysvpn_qubesd_watch_new (f->transport);
  f->watch = sysvpn_power_watch_new (f->source);
  g_signal_connect_swapped (f->watch, "changed", G_CALLBACK (on_changed), f);
  sysvpn_power_watch_add (f->watch, "sys-vpn");
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (SysvpnTransport) way = NULL;

  f->told = g_string_new (NULL);
  f->qubesd = fake_agent_new (on_request, f);
  way = fake_agent_transport (f->qubesd);
  g_setenv ("SYSVPN_QUBESD_SOCKET", way->path, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_object_run_dispose (G_OBJECT (f->source));
  run_for (20);
  g_assert_finalize_object (f->watch);
  g_assert_finalize_object (f->source);
  fake_agent_free (f->qubesd);
  sysvpn_transport_unref (f->transport);
  g_string_free (f->told, TRUE);
}

static bool
has_events (gpointer data)
{
  return ((Fixture *) data)->events != NULL;
}

static bool
has_list (gpointer data)
{
  return ((Fixture *) data)->list != NULL;
}

static bool
has_told (gpointer data)
{
  return g_str_equal (((Fixture *) data)->told->str, ((Fixture *) data)->wanted);
}

static void
wait_told (Fixture *f, const char *wanted)
{
  f->wanted = wanted;
  run_until (has_told, f, 10000);
  g_assert_cmpstr (f->told->str, ==, wanted);
}

static void
wait_events (Fixture *f)
{
  g_assert_true (run_until (has_events, f, 10000));
}

static void
answer_list (Fixture *f, const char *text)
{
  GSocketConnection *list;

  g_assert_true (run_until (has_list, f, 10000));
  list = g_steal_pointer (&f->list);
  SEND (list, "0\0");
  fake_agent_send (list, text, -1);
  fake_agent_hang_up (list);
}

/* Goes as far as the first list. */
static void
begin (Fixture *f, const char *list)
{
  make_watch (f, SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  sysvpn_qubesd_watch_start (f->source);
  sysvpn_qubesd_watch_start (f->source); /* one connection */
  wait_events (f);
  run_for (50);
  g_assert_null (f->list); /* events first, or some would be lost */
  SEND (f->events, ESTABLISHED);
  answer_list (f, list);
}

static void
test_follow (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char odd[] = EVENT ("other", "domain-shutdown") EVENT ("sys-vpn", "domain-new")
      EVENT ("SYS-VPN", "domain-start");

  begin (f, "dom0 class=AdminVM state=Running\nsys-vpn class=AppVM state=Halted uuid=1\n");
  wait_told (f, "sys-vpn:H ");
  SEND (f->events, odd);
  SEND (f->events, EVENT ("sys-vpn", "domain-pre-start"));
  wait_told (f, "sys-vpn:H sys-vpn:S ");
  SEND (f->events, EVENT ("sys-vpn", "domain-start") EVENT ("sys-vpn", "domain-start"));
  wait_told (f, "sys-vpn:H sys-vpn:S sys-vpn:R ");
  SEND (f->events, EVENT ("sys-vpn", "domain-paused") EVENT ("sys-vpn", "domain-unpaused"));
  wait_told (f, "sys-vpn:H sys-vpn:S sys-vpn:R sys-vpn:P sys-vpn:R ");
  g_assert_cmpuint (fake_agent_n_requests (f->qubesd, "admin.Events+ dom0 name"), ==, 1);
  g_assert_cmpuint (fake_agent_n_requests (f->qubesd, "admin.vm.List+ dom0 name"), ==, 1);
}

static void
test_overtaken (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  make_watch (f, SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  sysvpn_qubesd_watch_start (f->source);
  wait_events (f);
  SEND (f->events, ESTABLISHED);
  g_assert_true (run_until (has_list, f, 10000));
  SEND (f->events, EVENT ("sys-vpn", "domain-start"));
  wait_told (f, "sys-vpn:R ");
  answer_list (f,
               "sys-vpn class=AppVM state=Halted\n"); /* from before the event: not believed */
  answer_list (f, "sys-vpn class=AppVM state=Running\n");
  run_for (50);
  g_assert_cmpstr (f->told->str, ==, "sys-vpn:R ");
}

static void
test_removed (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f, "sys-vpn class=AppVM state=Halted\n");
  wait_told (f, "sys-vpn:H ");
  SEND (f->events, "1\0\0domain-delete\0vm\0other\0\0"
                   "1\0\0domain-delete\0vm\0sys-vpn\0\0");
  answer_list (f, "dom0 class=AdminVM state=Running\n");
  wait_told (f, "sys-vpn:H sys-vpn:? ");
  SEND (f->events, "1\0\0domain-add\0vm\0sys-vpn\0\0");
  answer_list (f, "sys-vpn class=AppVM state=Halted\n");
  wait_told (f, "sys-vpn:H sys-vpn:? sys-vpn:H ");
}

/* What was known stays for as long as a restart takes, then it is known no more. */
static void
test_restart (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f, "sys-vpn class=AppVM state=Halted\n");
  wait_told (f, "sys-vpn:H ");
  fake_agent_hang_up (g_steal_pointer (&f->events));
  wait_events (f);
  g_assert_cmpstr (f->told->str, ==, "sys-vpn:H ");
  SEND (f->events, ESTABLISHED);
  answer_list (f, "sys-vpn class=AppVM state=Paused\n");
  wait_told (f, "sys-vpn:H sys-vpn:P ");

  SEND (f->events, "2\0PermissionDenied\0\0<b>\0"); /* no event */
  wait_told (f, "sys-vpn:H sys-vpn:P sys-vpn:? ");
}

/* Off for as long as a start can take; then nobody knows, until there is another state. */
static void
test_starts_for_ever (Fixture *f, gconstpointer data)
{
  make_watch (f, SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  sysvpn_power_watch_set_start_limit (f->watch, 200);
  sysvpn_qubesd_watch_start (f->source);
  wait_events (f);
  SEND (f->events, ESTABLISHED);
  if (g_str_equal (data, "listed")) {
    answer_list (f, "sys-vpn class=AppVM state=Transient\n");
  } else {
    answer_list (f, "sys-vpn class=AppVM state=Halted\n");
    wait_told (f, "sys-vpn:H ");
    g_string_truncate (f->told, 0);
    SEND (f->events, EVENT ("sys-vpn", "domain-pre-start"));
  }
  wait_told (f, "sys-vpn:S sys-vpn:? ");
  sysvpn_qubesd_watch_ask_list (f->source);
  answer_list (f, "sys-vpn class=AppVM state=Transient\n"); /* still: no more believed */
  run_for (50);
  wait_told (f, "sys-vpn:S sys-vpn:? ");
  SEND (f->events, EVENT ("sys-vpn", "domain-start-failed"));
  wait_told (f, "sys-vpn:S sys-vpn:? sys-vpn:H ");
  sysvpn_power_watch_set_start_limit (f->watch, 60000);
  SEND (f->events, EVENT ("sys-vpn", "domain-pre-start")); /* another start has its time anew */
  wait_told (f, "sys-vpn:S sys-vpn:? sys-vpn:H sys-vpn:S ");
  SEND (f->events, EVENT ("sys-vpn", "domain-start"));
  wait_told (f, "sys-vpn:S sys-vpn:? sys-vpn:H sys-vpn:S sys-vpn:R ");
}

static void
test_unclear (Fixture *f, gconstpointer data)
{
  make_watch (f, SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  sysvpn_qubesd_watch_start (f->source);
  wait_events (f);
  if (g_str_equal (data, "no-list")) {
    SEND (f->events, ESTABLISHED);
    g_assert_true (run_until (has_list, f, 10000));
    fake_agent_hang_up (f->list); /* denied */
  } else {
    fake_agent_hang_up (f->events);
  }
  wait_told (f, "sys-vpn:? ");
}

static void
test_absent (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_setenv ("SYSVPN_QUBESD_SOCKET", "/nonexistent", TRUE);
  make_watch (f, SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  sysvpn_qubesd_watch_start (f->source);
  g_assert_cmpstr (f->told->str, ==, "");
  wait_told (f, "sys-vpn:? ");
}

static void
test_no_qubes_os (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  make_watch (f, SYSVPN_TRANSPORT_SOCKET, "/nonexistent");
  sysvpn_qubesd_watch_start (f->source);
  g_assert_cmpstr (f->told->str, ==, "");
  wait_told (f, "sys-vpn:? ");
  run_for (50);
  g_assert_null (f->events);
  sysvpn_power_watch_add (f->watch, "other"); /* later: it is not kept waiting */
  wait_told (f, "sys-vpn:? other:? ");
}

static void
test_gui_domain (Fixture *f, gconstpointer data)
{
  static const char script[] =
      "#!/bin/sh\n"
      "[ \"$1 $MODE\" = 'dom0 refused' ] && exit 126\n"
      "case $2 in\n"
      "admin.Events+) printf '1\\0\\0connection-established\\0\\0'; exec sleep 100 ;;\n"
      "admin.vm.List+) printf '0\\0sys-vpn class=AppVM state=Paused\\n' ;;\n"
      "esac\n";
  g_autofree char *folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "qrexec-client-vm", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  g_setenv ("MODE", data, TRUE);
  make_watch (f, SYSVPN_TRANSPORT_GUI_DOMAIN, path);
  sysvpn_qubesd_watch_start (f->source);
  wait_told (f, g_str_equal (data, "refused") ? "sys-vpn:? " : "sys-vpn:P ");
  g_unlink (path);
  g_rmdir (folder);
}

static const struct {
  const char *path;
  void (*func) (Fixture *f, gconstpointer data);
  const char *data;
} tests[] = {
  { "/power-watch/follows-events", test_follow },
  { "/power-watch/a-list-that-was-overtaken", test_overtaken },
  { "/power-watch/a-qube-that-goes-and-comes", test_removed },
  { "/power-watch/qubesd-restarted", test_restart },
  { "/power-watch/starts-for-ever", test_starts_for_ever, "listed" },
  { "/power-watch/starts-for-ever-by-event", test_starts_for_ever, "" },
  { "/power-watch/qubesd-hangs-up", test_unclear, "hang-up" },
  { "/power-watch/list-denied", test_unclear, "no-list" },
  { "/power-watch/no-qubesd", test_absent },
  { "/power-watch/no-qubes-os", test_no_qubes_os },
  { "/power-watch/gui-domain", test_gui_domain, "allowed" },
  { "/power-watch/gui-domain-refused", test_gui_domain, "refused" },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].data, set_up, tests[i].func, tear_down);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/network-watch.h"

#include "client/network-map.h"
#include "fake-agent.h"

#include <string.h>

#define ESTABLISHED "1\0\0connection-established\0\0"
#define EVENT(qube, name) "1\0" qube "\0" name "\0key\0value\0\0"
#define SEND(connection, literal) fake_agent_send (connection, literal, sizeof literal - 1)
#define NOT_SET "2\0QubesFeatureNotFoundError\0\0no\0"

typedef struct {
  FakeAgent *qubesd;
  SysvpnTransport *transport;
  SysvpnQubesdWatch *source;
  SysvpnNetworkWatch *watch;
  GSocketConnection *events; /* the newest */
  GHashTable *answers;       /* by "METHOD+ARGUMENT QUBE"; "-" for none, which is a refusal */
  GSocketConnection *held;   /* of the one question whose answer waits */
  const char *hold;
  unsigned n_changes;
  const char *wanted;
} Fixture;

static void
on_request (FakeAgent *qubesd G_GNUC_UNUSED,
            GSocketConnection *connection,
            const char *request,
            gpointer data)
{
  Fixture *f = data;
  g_auto (GStrv) words = g_strsplit (request, " ", -1);
  g_autofree char *question = g_strjoin (" ", words[0], words[3], NULL);
  const char *answer = g_hash_table_lookup (f->answers, question);

  if (g_str_equal (words[0], "admin.Events+")) {
    f->events = connection;
    return;
  }
  if (g_strcmp0 (f->hold, question) == 0) {
    f->held = connection;
    return;
  }
  if (answer == NULL) {
    SEND (connection, NOT_SET);
  } else if (!g_str_equal (answer, "-")) {
    SEND (connection, "0\0");
    fake_agent_send (connection, answer, -1);
  }
  fake_agent_hang_up (connection);
}

static void
set_answer (Fixture *f, const char *question, const char *answer)
{
  g_hash_table_insert (f->answers, g_strdup (question), g_strdup (answer));
}

static void
set_netvm (Fixture *f, const char *qube, const char *netvm, bool is_default)
{
  g_autofree char *question = g_strconcat ("admin.vm.property.Get+netvm ", qube, NULL);
  g_autofree char *answer =
      g_strdup_printf ("default=%s type=vm %s", is_default ? "True" : "False", netvm);

  set_answer (f, question, answer);
}

static void
on_changed (Fixture *f)
{
  f->n_changes++;
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (SysvpnTransport) way = NULL;

  f->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  f->qubesd = fake_agent_new (on_request, f);
  way = fake_agent_transport (f->qubesd);
  g_setenv ("SYSVPN_QUBESD_SOCKET", way->path, TRUE);
  set_answer (f, "admin.vm.List+",
              "dom0 class=AdminVM state=Running\nwork class=AppVM state=Running\n"
              "debian class=TemplateVM state=Halted\nfw class=AppVM state=Running\n"
              "vpn class=AppVM state=Running\nnet class=AppVM state=Running\n");
  set_netvm (f, "work", "fw", true);
  set_netvm (f, "fw", "vpn", false);
  set_netvm (f, "vpn", "net", false);
  set_netvm (f, "net", "", false);
  set_netvm (f, "debian", "", true);
  set_answer (f, "admin.vm.feature.Get+service.sysvpn vpn", "1");
  set_answer (f, "admin.vm.feature.Get+supported-rpc.sysvpn.Status debian", "1");
  set_answer (f, "admin.vm.tag.Get+vpn-only work", "1");
  set_answer (f, "admin.vm.tag.Get+vpn-only fw", "0");
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_object_run_dispose (G_OBJECT (f->watch));
  g_object_run_dispose (G_OBJECT (f->source));
  run_for (20);
  g_assert_finalize_object (f->watch);
  g_assert_finalize_object (f->source);
  fake_agent_free (f->qubesd);
  sysvpn_transport_unref (f->transport);
  g_hash_table_unref (f->answers);
}

static void
start (Fixture *f, SysvpnTransportKind kind)
{
  f->transport = sysvpn_transport_new (kind, "/nonexistent");
  f->source = sysvpn_qubesd_watch_new (f->transport);
  f->watch = sysvpn_network_watch_new (f->source, f->transport);
  g_signal_connect_swapped (f->watch, "changed", G_CALLBACK (on_changed), f);
  sysvpn_qubesd_watch_start (f->source);
}

static bool
has_events (gpointer data)
{
  return ((Fixture *) data)->events != NULL;
}

static bool
is_held (gpointer data)
{
  return ((Fixture *) data)->held != NULL;
}

/* "NAME>NETVM" of each, "NAME?" where that is not known, behind it '*' for a VPN qube, '!' for
 * one that is tagged and '-' for one that does not run. NULL: nothing is known at all. */
static char *
text_of (Fixture *f)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (f->watch);
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; qubes != NULL && i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (qube->is_template)
      continue;
    g_string_append_printf (text, "%s%s%s%s%s%s%s", text->len > 0 ? " " : "", qube->name,
                            qube->netvm_known ? ">" : "?", qube->netvm,
                            qube->has_agent || qube->has_service ? "*" : "",
                            qube->is_vpn_only ? "!" : "",
                            qube->power == SYSVPN_POWER_RUNNING ? "" : "-");
  }
  return g_string_free (text, qubes == NULL);
}

static bool
reads_as_wanted (gpointer data)
{
  Fixture *f = data;
  g_autofree char *text = text_of (f);

  return g_strcmp0 (text, f->wanted) == 0;
}

static void
wait_for (Fixture *f, const char *wanted)
{
  g_autofree char *text = NULL;

  f->wanted = wanted;
  run_until (reads_as_wanted, f, 10000);
  text = text_of (f);
  g_assert_cmpstr (text, ==, wanted);
}

static bool
is_unknown (gpointer data)
{
  return sysvpn_network_watch_get_state (((Fixture *) data)->watch) == SYSVPN_NETWORK_UNKNOWN;
}

static void
begin (Fixture *f)
{
  start (f, SYSVPN_TRANSPORT_DOM0);
  g_assert_true (run_until (has_events, f, 10000));
  g_assert_cmpint (sysvpn_network_watch_get_state (f->watch), ==, SYSVPN_NETWORK_WAITING);
  SEND (f->events, ESTABLISHED);
}

static void
test_follow (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  g_assert_cmpuint (f->n_changes, ==, 1); /* not one for each answer */
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.tag.Get+vpn-only dom0 name debian"), ==, 0);

  set_netvm (f, "work", "net", false);
  SEND (f->events, EVENT ("work", "property-set:netvm"));
  wait_for (f, "work>net! fw>vpn vpn>net* net>");
  set_netvm (f, "work", "fw", true);
  SEND (f->events, EVENT ("work", "property-reset:netvm"));
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  set_answer (f, "admin.vm.tag.Get+vpn-only work", "0");
  set_answer (f, "admin.vm.tag.Get+vpn-only fw", "1");
  SEND (f->events,
        EVENT ("work", "domain-tag-delete:vpn-only") EVENT ("fw", "domain-tag-add:vpn-only"));
  wait_for (f, "work>fw fw>vpn! vpn>net* net>");
  SEND (f->events, EVENT ("work", "domain-shutdown"));
  wait_for (f, "work>fw- fw>vpn! vpn>net* net>");
  set_answer (f, "admin.vm.feature.Get+supported-rpc.sysvpn.Status fw", "1");
  SEND (f->events, EVENT ("fw", "domain-feature-set:supported-rpc.sysvpn.Status"));
  wait_for (f, "work>fw- fw>vpn*! vpn>net* net>");
  g_hash_table_remove (f->answers, "admin.vm.feature.Get+service.sysvpn vpn");
  SEND (f->events, EVENT ("vpn", "domain-feature-delete:service.sysvpn"));
  wait_for (f, "work>fw- fw>vpn*! vpn>net net>");
}

/* Without an event nothing is asked twice. */
static void
test_quiet (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  SEND (f->events, EVENT ("work", "domain-paused") EVENT ("work", "domain-unpaused"));
  SEND (f->events, EVENT ("nobody", "property-set:netvm"));
  sysvpn_qubesd_watch_ask_list (f->source);
  run_for (100);
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.property.Get+netvm dom0 name work"), ==, 1);
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.property.Get+netvm dom0 name nobody"), ==, 0);
}

static void
test_default (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  set_netvm (f, "work", "net", true);
  SEND (f->events, "1\0\0property-set:default_netvm\0name\0default_netvm\0\0");
  wait_for (f, "work>net! fw>vpn vpn>net* net>");
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.property.Get+netvm dom0 name fw"), ==, 1);
}

static void
test_come_and_go (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  set_netvm (f, "new", "fw", true);
  set_answer (f, "admin.vm.List+",
              "dom0 class=AdminVM state=Running\nnew class=AppVM state=Halted\n"
              "fw class=AppVM state=Running\n");
  SEND (f->events, "1\0\0domain-add\0vm\0new\0\0"
                   "1\0\0domain-delete\0vm\0work\0\0");
  wait_for (f, "new>fw- fw>vpn");
}

/* What cannot be read, or is no name, is not known; the rest is. */
static void
test_garbage (Fixture *f, gconstpointer data)
{
  set_answer (f, "admin.vm.property.Get+netvm work", data);
  begin (f);
  wait_for (f, "work?! fw>vpn vpn>net* net>");
}

/* A qube of a kind that has no such property has no network; that is known. */
static void
test_no_property (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_hash_table_remove (f->answers, "admin.vm.property.Get+netvm work");
  begin (f);
  wait_for (f, "work>! fw>vpn vpn>net* net>");
}

/* While it is asked again what was is not known any more, and the last answer counts. */
static void
test_overtaken (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char question[] = "admin.vm.property.Get+netvm work";

  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  f->hold = question;
  SEND (f->events, EVENT ("work", "property-set:netvm"));
  g_assert_true (run_until (is_held, f, 10000));
  f->hold = NULL;
  SEND (f->events, EVENT ("work", "property-set:netvm") EVENT ("work", "property-set:netvm"));
  run_for (50);
  wait_for (f, "work?fw! fw>vpn vpn>net* net>");
  set_netvm (f, "work", "vpn", false);
  SEND (f->held, "0\0default=False type=vm net");
  fake_agent_hang_up (f->held);
  wait_for (f, "work>vpn! fw>vpn vpn>net* net>");
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.property.Get+netvm dom0 name work"), ==, 3);
}

static void
test_refused (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const names[] = { "work", "fw", "vpn", "net", "debian" };
  unsigned n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *question = g_strconcat ("admin.vm.property.Get+netvm ", names[i], NULL);

    set_answer (f, question, "-");
  }
  begin (f);
  g_assert_true (run_until (is_unknown, f, 10000));
  g_assert_null (sysvpn_network_watch_get_qubes (f->watch));
  sysvpn_qubesd_watch_ask_list (f->source);
  run_for (100);
  g_assert_true (is_unknown (f));
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *request =
        g_strconcat ("admin.vm.property.Get+netvm dom0 name ", names[i], NULL);

    n += fake_agent_n_requests (f->qubesd, request);
  }
  g_assert_cmpuint (n, <, 8); /* what was under way at once, and no more */
}

static void
test_restart (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  set_netvm (f, "work", "vpn", false); /* while nobody listens */
  fake_agent_hang_up (g_steal_pointer (&f->events));
  g_assert_true (run_until (has_events, f, 10000));
  wait_for (f, "work>fw! fw>vpn vpn>net* net>"); /* for as long as a restart takes */
  SEND (f->events, ESTABLISHED);
  wait_for (f, "work>vpn! fw>vpn vpn>net* net>");

  SEND (f->events, "2\0PermissionDenied\0\0<b>\0");
  wait_for (f, NULL);
  g_assert_true (is_unknown (f));
}

static void
test_no_qubes_os (Fixture *f, gconstpointer data)
{
  g_setenv ("SYSVPN_QUBESD_SOCKET", "/nonexistent", TRUE);
  start (f, g_str_equal (data, "dom0") ? SYSVPN_TRANSPORT_DOM0 : SYSVPN_TRANSPORT_SOCKET);
  g_assert_true (run_until (is_unknown, f, 10000));
  g_assert_cmpuint (f->n_changes, ==, 1);
}

static bool
has_address (gpointer data)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (((Fixture *) data)->watch);

  return sysvpn_network_find_address (qubes, "vpn", "10.137.0.5") != NULL;
}

/* Only of those that are next to a VPN qube. */
static void
test_addresses (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const vpns[] = { "vpn", NULL };

  set_answer (f, "admin.vm.property.Get+ip fw", "default=True type=str 10.137.0.5");
  set_answer (f, "admin.vm.property.Get+ip6 fw", "default=True type=str None");
  begin (f);
  wait_for (f, "work>fw! fw>vpn vpn>net* net>");
  g_assert_false (has_address (f));
  sysvpn_network_watch_set_vpn_qubes (f->watch, vpns);
  g_assert_true (run_until (has_address, f, 10000));
  g_assert_cmpuint (
      fake_agent_n_requests (f->qubesd, "admin.vm.property.Get+ip dom0 name work"), ==, 0);
}

static const struct {
  const char *path;
  void (*func) (Fixture *f, gconstpointer data);
  const char *data;
} tests[] = {
  { "/network-watch/follows-events", test_follow },
  { "/network-watch/asks-once", test_quiet },
  { "/network-watch/default", test_default },
  { "/network-watch/qubes-come-and-go", test_come_and_go },
  { "/network-watch/no-name", test_garbage, "default=False type=vm <b>" },
  { "/network-watch/no-value", test_garbage, "vpn" },
  { "/network-watch/no-property", test_no_property },
  { "/network-watch/one-refusal", test_garbage, "-" },
  { "/network-watch/overtaken", test_overtaken },
  { "/network-watch/refused", test_refused },
  { "/network-watch/qubesd-restarted", test_restart },
  { "/network-watch/no-qubesd", test_no_qubes_os, "dom0" },
  { "/network-watch/no-qubes-os", test_no_qubes_os, "" },
  { "/network-watch/addresses", test_addresses },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].data, set_up, tests[i].func, tear_down);
  return g_test_run ();
}

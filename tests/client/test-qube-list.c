/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/qube-list.h"

#include "fake-agent.h"

#include <string.h>

typedef struct {
  FakeAgent *agent;
  SysvpnTransport *transport;
  SysvpnQubesdWatch *qubesd;
  SysvpnQubeList *list;
  GString *told; /* "+name" and "-name" */
} Fixture;

static void
answer (FakeAgent *agent G_GNUC_UNUSED,
        GSocketConnection *connection G_GNUC_UNUSED,
        const char *request G_GNUC_UNUSED,
        gpointer data G_GNUC_UNUSED)
{
}

static void
on_added (Fixture *f, SysvpnQube *qube)
{
  g_string_append_printf (f->told, "+%s", sysvpn_qube_get_name (qube));
}

static void
on_removed (Fixture *f, SysvpnQube *qube)
{
  g_assert_null (sysvpn_qube_list_find (f->list, sysvpn_qube_get_name (qube)));
  g_string_append_printf (f->told, "-%s", sysvpn_qube_get_name (qube));
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->agent = fake_agent_new (answer, f);
  f->transport = fake_agent_transport (f->agent);
  f->qubesd = sysvpn_qubesd_watch_new (f->transport);
  f->list = sysvpn_qube_list_new (f->transport, f->qubesd);
  f->told = g_string_new (NULL);
  g_signal_connect_swapped (f->list, "added", G_CALLBACK (on_added), f);
  g_signal_connect_swapped (f->list, "removed", G_CALLBACK (on_removed), f);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_object_run_dispose (G_OBJECT (f->list));
  g_object_run_dispose (G_OBJECT (f->qubesd));
  run_for (20);
  g_assert_finalize_object (f->list);
  g_assert_finalize_object (f->qubesd);
  g_string_free (f->told, TRUE);
  fake_agent_free (f->agent);
  sysvpn_transport_unref (f->transport);
}

static void
test_named (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct {
    const char *names, *told;
    unsigned n;
  } steps[] = {
    { "a b", "+a+b", 2 }, { "a b", "", 2 }, { "b c", "-a+c", 2 }, { "c b", "", 2 },
    { "c c", "-b", 1 },   { "", "-c", 0 },  { "a", "+a", 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_auto (GStrv) names = g_strsplit (steps[i].names, " ", 0);

    g_string_truncate (f->told, 0);
    sysvpn_qube_list_set_named (f->list, (const char *const *) names);
    g_assert_cmpstr (f->told->str, ==, steps[i].told);
    g_assert_cmpuint (sysvpn_qube_list_get_n_qubes (f->list), ==, steps[i].n);
  }
}

static void
test_bounded (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  char *names[SYSVPN_VPN_QUBES_MAX + 3] = { NULL };

  for (size_t i = 0; i < G_N_ELEMENTS (names) - 1; i++)
    names[i] = g_strdup_printf ("q%zu", i);
  sysvpn_qube_list_set_named (f->list, (const char *const *) names);
  g_assert_cmpuint (sysvpn_qube_list_get_n_qubes (f->list), ==, SYSVPN_VPN_QUBES_MAX);
  g_assert_nonnull (sysvpn_qube_list_find (f->list, "q15"));
  g_assert_null (sysvpn_qube_list_find (f->list, "q16"));
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (names[i]);
}

static bool
was_asked (gpointer data)
{
  return fake_agent_n_requests (((Fixture *) data)->agent, "sysvpn.Watch") == 1;
}

/* Not before it is told, and one that was removed no longer. */
static void
test_called (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const one[] = { "a", NULL };
  static const char *const none[] = { NULL };
  g_autoptr (SysvpnQube) qube = NULL;

  sysvpn_qube_list_set_named (f->list, one);
  run_for (20);
  g_assert_false (was_asked (f));
  sysvpn_qubesd_watch_start (f->qubesd);
  g_assert_true (run_until (was_asked, f, 5000));
  qube = g_object_ref (sysvpn_qube_list_get (f->list, 0));
  sysvpn_qube_list_set_named (f->list, none);
  run_for (20);
  g_assert_finalize_object (g_steal_pointer (&qube));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/qube-list/named", Fixture, NULL, set_up, test_named, tear_down);
  g_test_add ("/qube-list/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/qube-list/called-while-it-is-there", Fixture, NULL, set_up, test_called,
              tear_down);
  return g_test_run ();
}

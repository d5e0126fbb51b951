/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/qubesd-queue.h"

#include "fake-agent.h"

#include <string.h>

enum { AT_ONCE = 8 };

typedef struct {
  FakeAgent *qubesd;
  SysvpnTransport *transport;
  GCancellable *cancellable;
  SysvpnQubesdQueue *queue;
  GPtrArray *asked; /* of GSocketConnection, borrowed, in their order */
  GString *told;    /* the qube of each answer, and '!' for one that is none */
  unsigned wanted;
  bool frees; /* the queue goes with the first answer */
} Fixture;

static void
on_request (FakeAgent *qubesd G_GNUC_UNUSED,
            GSocketConnection *connection,
            const char *request G_GNUC_UNUSED,
            gpointer data)
{
  g_ptr_array_add (((Fixture *) data)->asked, connection);
}

static void
on_answer (const SysvpnQubesdQuery *query, GBytes *answer, const GError *error, gpointer data)
{
  Fixture *f = data;

  g_assert_true ((answer == NULL) == (error != NULL));
  g_string_append_printf (f->told, "%s%s", query->qube, answer == NULL ? "!" : "");
  if (f->frees)
    g_clear_pointer (&f->queue, sysvpn_qubesd_queue_free);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (SysvpnTransport) way = NULL;

  f->asked = g_ptr_array_new ();
  f->told = g_string_new (NULL);
  f->qubesd = fake_agent_new (on_request, f);
  way = fake_agent_transport (f->qubesd);
  g_setenv ("SYSVPN_QUBESD_SOCKET", way->path, TRUE);
  f->transport = sysvpn_transport_new (SYSVPN_TRANSPORT_DOM0, "/nonexistent");
  f->cancellable = g_cancellable_new ();
  f->queue = sysvpn_qubesd_queue_new (f->transport, f->cancellable, on_answer, f);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_clear_pointer (&f->queue, sysvpn_qubesd_queue_free);
  run_for (20);
  g_assert_finalize_object (f->cancellable);
  fake_agent_free (f->qubesd);
  sysvpn_transport_unref (f->transport);
  g_ptr_array_unref (f->asked);
  g_string_free (f->told, TRUE);
}

static void
ask (Fixture *f, const char *qube)
{
  sysvpn_qubesd_queue_ask (f->queue,
                           &(SysvpnQubesdQuery){ SYSVPN_QUBESD_PROPERTY_GET, "netvm", qube });
}

static bool
has_asked (gpointer data)
{
  return ((Fixture *) data)->asked->len >= ((Fixture *) data)->wanted;
}

static void
wait_asked (Fixture *f, unsigned n)
{
  f->wanted = n;
  g_assert_true (run_until (has_asked, f, 10000));
  run_for (50); /* and no more */
  g_assert_cmpuint (f->asked->len, ==, n);
}

static void
answer (Fixture *f, unsigned n)
{
  fake_agent_send (f->asked->pdata[n], "0\0x", 3);
  fake_agent_hang_up (f->asked->pdata[n]);
}

static bool
is_idle (gpointer data)
{
  return sysvpn_qubesd_queue_is_idle (((Fixture *) data)->queue);
}

static void
test_some_at_a_time (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (is_idle (f));
  for (char name[] = "a"; name[0] < 'a' + AT_ONCE + 2; name[0]++)
    ask (f, name);
  g_assert_false (is_idle (f));
  wait_asked (f, AT_ONCE);
  answer (f, 0);
  wait_asked (f, AT_ONCE + 1);
  for (unsigned i = 1; i < AT_ONCE + 1; i++)
    answer (f, i);
  wait_asked (f, AT_ONCE + 2);
  answer (f, AT_ONCE + 1);
  g_assert_true (run_until (is_idle, f, 10000));
  g_assert_cmpuint (f->told->len, ==, AT_ONCE + 2);
}

/* What waits is not asked twice; what is asked again while it is under way is, but after it. */
static void
test_again (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  ask (f, "a");
  wait_asked (f, 1);
  ask (f, "a");
  ask (f, "a");
  ask (f, "b");
  wait_asked (f, 2); /* b */
  answer (f, 0);
  wait_asked (f, 3);
  answer (f, 1);
  answer (f, 2);
  g_assert_true (run_until (is_idle, f, 10000));
  g_assert_cmpuint (f->told->len, ==, 3);
}

static void
test_cancelled (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  for (char name[] = "a"; name[0] < 'a' + AT_ONCE + 2; name[0]++)
    ask (f, name);
  g_cancellable_cancel (f->cancellable);
  g_assert_true (run_until (is_idle, f, 10000));
  g_assert_cmpuint (f->told->len, ==, 2 * (AT_ONCE + 2)); /* each, with a mark */
}

static void
test_freed (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->frees = true;
  for (char name[] = "a"; name[0] < 'a' + AT_ONCE + 2; name[0]++)
    ask (f, name);
  wait_asked (f, AT_ONCE);
  answer (f, 0);
  answer (f, 1);
  run_for (100);
  g_assert_cmpuint (f->told->len, ==, 1);
  g_assert_cmpuint (f->asked->len, ==, AT_ONCE);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*func) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/qubesd-queue/some-at-a-time", test_some_at_a_time },
    { "/qubesd-queue/again", test_again },
    { "/qubesd-queue/cancelled", test_cancelled },
    { "/qubesd-queue/freed", test_freed },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}

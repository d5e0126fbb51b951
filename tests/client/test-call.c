/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/call.h"

#include "fake-agent.h"

typedef struct {
  bool done;
  SysvpnBlock *block;
  SysvpnSilence silence;
  GError *error;
} Answer;

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->done = true;
  answer->block = sysvpn_call_finish (result, &answer->silence, &answer->error);
  g_assert_true ((answer->block == NULL) == (answer->error != NULL));
}

static bool
is_done (gpointer data)
{
  return ((Answer *) data)->done;
}

static void
clear_answer (Answer *answer)
{
  g_clear_pointer (&answer->block, sysvpn_block_free);
  g_clear_error (&answer->error);
}

static const struct Case {
  const char *name;
  const char *bytes;
  bool hangs_up;
  bool answered;
  SysvpnCallError error;
  SysvpnSilence silence;
} cases[] = {
  { "ok", "sysvpn=1\nresult=ok\n\n", true, true },
  { "error", "sysvpn=1\ncode=busy\nresult=error\n\n", true, true },
  { "ok-without-hang-up", "sysvpn=1\nresult=ok\n\n", false, true },
  { "two-answers", "sysvpn=1\nresult=ok\n\nsysvpn=1\nresult=ok\n\n", true, false,
    SYSVPN_CALL_ERROR_FAILED, SYSVPN_SILENCE_GARBAGE },
  { "more-after-the-answer", "sysvpn=1\nresult=ok\n\nsysv", true, false,
    SYSVPN_CALL_ERROR_SILENT, SYSVPN_SILENCE_CUT },
  { "cut", "sysvpn=1\nresult=ok\n", true, false, SYSVPN_CALL_ERROR_SILENT, SYSVPN_SILENCE_CUT },
  { "garbage", "HTTP/1.0 400 Bad Request\n\n", true, false, SYSVPN_CALL_ERROR_FAILED,
    SYSVPN_SILENCE_GARBAGE },
};

static void
answer_bytes (FakeAgent *agent G_GNUC_UNUSED,
              GSocketConnection *connection,
              const char *request,
              gpointer data)
{
  const struct Case *c = data;

  g_assert_cmpstr (request, ==, "sysvpn.Connect+6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  fake_agent_send (connection, c->bytes, -1);
  if (c->hangs_up)
    fake_agent_hang_up (connection);
}

static void
test_answer (gconstpointer data)
{
  const struct Case *c = data;
  g_autoptr (FakeAgent) agent = fake_agent_new (answer_bytes, (gpointer) (uintptr_t) c);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  Answer answer = { 0 };

  sysvpn_call_async (
      transport, "sys-vpn",
      (SysvpnQuery){ SYSVPN_SERVICE_CONNECT, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1" }, NULL,
      on_answer, &answer);
  g_assert_false (answer.done);
  g_assert_true (run_until (is_done, &answer, 5000));
  if (c->answered) {
    g_assert_no_error (answer.error);
  } else {
    g_assert_error (answer.error, SYSVPN_CALL_ERROR, (int) c->error);
    g_assert_cmpint (answer.silence, ==, c->silence);
  }
  clear_answer (&answer);
}

static void
keep_silent (FakeAgent *agent G_GNUC_UNUSED,
             GSocketConnection *connection,
             const char *request G_GNUC_UNUSED,
             gpointer data)
{
  *(GSocketConnection **) data = connection;
}

static bool
is_called (gpointer data)
{
  return *(GSocketConnection **) data != NULL;
}

static void
test_timeout (void)
{
  GSocketConnection *connection = NULL;
  g_autoptr (FakeAgent) agent = fake_agent_new (keep_silent, &connection);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  gint64 began_us = g_get_monotonic_time ();
  Answer answer = { 0 };

  sysvpn_call_async (transport, "sys-vpn", (SysvpnQuery){ SYSVPN_SERVICE_STATUS }, NULL,
                     on_answer, &answer);
  g_assert_true (run_until (is_done, &answer, 20000));
  g_assert_error (answer.error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_SILENT);
  g_assert_cmpint (answer.silence, ==, SYSVPN_SILENCE_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=,
                   (SYSVPN_SHORT_CALL_TIMEOUT_S - 1) * G_USEC_PER_SEC);
  g_assert_true (fake_agent_was_hung_up_on (connection));
  clear_answer (&answer);
}

static void
test_cancel (void)
{
  GSocketConnection *connection = NULL;
  g_autoptr (FakeAgent) agent = fake_agent_new (keep_silent, &connection);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 };

  sysvpn_call_async (transport, "sys-vpn", (SysvpnQuery){ SYSVPN_SERVICE_STATUS }, cancellable,
                     on_answer, &answer);
  g_assert_true (run_until (is_called, &connection, 5000));
  g_cancellable_cancel (cancellable);
  g_assert_true (run_until (is_done, &answer, 5000));
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (fake_agent_was_hung_up_on (connection));
  clear_answer (&answer);
}

static void
test_cancelled_before (void)
{
  g_autoptr (SysvpnTransport) transport =
      sysvpn_transport_new (SYSVPN_TRANSPORT_SOCKET, "/nonexistent/agent");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 };

  g_cancellable_cancel (cancellable);
  sysvpn_call_async (transport, "sys-vpn", (SysvpnQuery){ SYSVPN_SERVICE_STATUS }, cancellable,
                     on_answer, &answer);
  g_assert_true (run_until (is_done, &answer, 5000));
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  clear_answer (&answer);
}

/* Every way to fail has words, and they are ours. */
static void
test_messages (void)
{
  for (unsigned i = 0; i < SYSVPN_N_SILENCES; i++) {
    g_autoptr (GError) error = sysvpn_call_error_of_silence (i);

    g_assert_true (g_ascii_islower (error->message[0]) ||
                   g_str_has_prefix (error->message, "NetworkManager"));
  }
  for (unsigned code = 0; code < SYSVPN_N_CODES; code++)
    for (unsigned cause = 0; cause < SYSVPN_N_CAUSES; cause++) {
      SysvpnReply reply = { .code = code, .cause = cause };
      g_autoptr (GError) error = sysvpn_call_error_of_reply (reply);

      g_assert_true (error->domain == SYSVPN_CALL_ERROR);
      g_assert_cmpstr (error->message, !=, "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/call/answer/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_answer);
  }
  g_test_add_func ("/call/timeout", test_timeout);
  g_test_add_func ("/call/cancel", test_cancel);
  g_test_add_func ("/call/cancelled-before", test_cancelled_before);
  g_test_add_func ("/call/messages", test_messages);
  return g_test_run ();
}

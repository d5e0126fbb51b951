/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/stream.h"

#include "fake-agent.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define BLOCK "sysvpn=1\nresult=ok\n\n"

/* What a stream has told. */
typedef struct {
  SysvpnStream *stream;
  unsigned n_blocks;
  unsigned n_drained;
  unsigned n_ended;
  unsigned close_after; /* blocks; 0 for never */
  SysvpnSilence silence;
} Seen;

static void
on_block (Seen *seen, const SysvpnBlock *block)
{
  g_assert_nonnull (block);
  if (++seen->n_blocks == seen->close_after) {
    sysvpn_stream_close (seen->stream);
    g_clear_object (&seen->stream);
  }
}

static void
on_drained (Seen *seen)
{
  seen->n_drained++;
}

static void
on_ended (Seen *seen, guint silence)
{
  seen->n_ended++;
  seen->silence = silence;
}

static bool
has_ended (gpointer data)
{
  return ((Seen *) data)->n_ended > 0;
}

static bool
has_block (gpointer data)
{
  return ((Seen *) data)->n_blocks > 0;
}

static void
follow (Seen *seen, SysvpnStream *stream)
{
  seen->stream = stream;
  g_signal_connect_swapped (stream, "block", G_CALLBACK (on_block), seen);
  g_signal_connect_swapped (stream, "drained", G_CALLBACK (on_drained), seen);
  g_signal_connect_swapped (stream, "ended", G_CALLBACK (on_ended), seen);
}

/* --- over a socket */

static const struct SocketCase {
  const char *name;
  const char *bytes;
  gssize len; /* 0: up to the NUL */
  unsigned n_blocks;
  SysvpnSilence silence;
} socket_cases[] = {
  { "one-block", BLOCK, .n_blocks = 1, .silence = SYSVPN_SILENCE_HUNG_UP },
  { "two-blocks", BLOCK BLOCK, .n_blocks = 2, .silence = SYSVPN_SILENCE_HUNG_UP },
  { "nothing", "", .silence = SYSVPN_SILENCE_CUT },
  { "half-a-block", "sysvpn=1\nresult=ok\n", .silence = SYSVPN_SILENCE_CUT },
  { "half-a-line", BLOCK "sysvpn=", .n_blocks = 1, .silence = SYSVPN_SILENCE_CUT },
  { "no-result", "sysvpn=1\ncode=busy\n\n", .silence = SYSVPN_SILENCE_GARBAGE },
  { "garbage-after-a-block", BLOCK "\x1b[2J\n", .n_blocks = 1,
    .silence = SYSVPN_SILENCE_GARBAGE },
  { "nul-bytes", "\0\0\0\0\n", .len = 5, .silence = SYSVPN_SILENCE_GARBAGE },
  { "other-version", "sysvpn=2\nresult=ok\n\n", .silence = SYSVPN_SILENCE_VERSION },
};

static void
answer_bytes (FakeAgent *agent G_GNUC_UNUSED,
              GSocketConnection *connection,
              const char *request,
              gpointer data)
{
  const struct SocketCase *c = data;

  g_assert_cmpstr (request, ==, "sysvpn.Watch");
  fake_agent_send (connection, c->bytes, c->len != 0 ? c->len : (gssize) strlen (c->bytes));
  fake_agent_hang_up (connection);
}

static void
test_socket (gconstpointer data)
{
  const struct SocketCase *c = data;
  g_autoptr (FakeAgent) agent = fake_agent_new (answer_bytes, (gpointer) (uintptr_t) c);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_ended, &seen, 5000));
  g_assert_cmpuint (seen.n_blocks, ==, c->n_blocks);
  g_assert_cmpint (seen.silence, ==, c->silence);
  run_for (20);
  g_assert_cmpuint (seen.n_ended, ==, 1);
  g_clear_object (&seen.stream);
}

static void
test_no_socket (void)
{
  g_autoptr (SysvpnTransport) transport =
      sysvpn_transport_new (SYSVPN_TRANSPORT_SOCKET, "/nonexistent/agent");
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_STATUS, NULL));
  g_assert_cmpuint (seen.n_ended, ==, 0);
  g_assert_true (run_until (has_ended, &seen, 5000));
  g_assert_cmpint (seen.silence, ==, SYSVPN_SILENCE_NO_QUBE);
  g_clear_object (&seen.stream);
}

static void
keep_connection (FakeAgent *agent G_GNUC_UNUSED,
                 GSocketConnection *connection,
                 const char *request G_GNUC_UNUSED,
                 gpointer data)
{
  *(GSocketConnection **) data = connection;
  fake_agent_send (connection, BLOCK BLOCK BLOCK, -1);
}

/* Closing from within a signal is final: no block that was read along comes after it. */
static void
test_close_in_handler (void)
{
  GSocketConnection *connection = NULL;
  g_autoptr (FakeAgent) agent = fake_agent_new (keep_connection, &connection);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  Seen seen = { .close_after = 2 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_block, &seen, 5000));
  run_for (50);
  g_assert_cmpuint (seen.n_blocks, ==, 2);
  g_assert_cmpuint (seen.n_drained, ==, 0);
  g_assert_cmpuint (seen.n_ended, ==, 0);
  g_assert_true (fake_agent_was_hung_up_on (connection));
}

static void
test_drained_once (void)
{
  GSocketConnection *connection = NULL;
  g_autoptr (FakeAgent) agent = fake_agent_new (keep_connection, &connection);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_block, &seen, 5000));
  run_for (20);
  g_assert_cmpuint (seen.n_blocks, ==, 3);
  g_assert_cmpuint (seen.n_drained, ==, 1);
  sysvpn_stream_close (seen.stream);
  g_clear_object (&seen.stream);
  run_for (20);
  g_assert_true (fake_agent_was_hung_up_on (connection));
}

static gboolean
flood (gpointer data)
{
  GSocketConnection **connection = data;

  if (*connection == NULL)
    return G_SOURCE_CONTINUE;
  for (unsigned i = 0; i < 1000; i++)
    fake_agent_send (*connection, BLOCK, -1);
  return G_SOURCE_CONTINUE;
}

static void
test_flood (void)
{
  GSocketConnection *connection = NULL;
  g_autoptr (FakeAgent) agent = fake_agent_new (keep_connection, &connection);
  g_autoptr (SysvpnTransport) transport = fake_agent_transport (agent);
  guint id = g_idle_add (flood, &connection);
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_ended, &seen, 20000));
  g_assert_cmpint (seen.silence, ==, SYSVPN_SILENCE_FLOOD);
  /* four seconds' worth of bytes, and some for the time that it took */
  g_assert_cmpuint (seen.n_blocks, <, 2 * 4 * SYSVPN_BYTES_PER_SECOND / strlen (BLOCK));
  g_source_remove (id);
  g_clear_object (&seen.stream);
}

/* --- over a program */

static char *
write_program (const char *folder, const char *script)
{
  char *path = g_build_filename (folder, "qrexec-client", NULL);
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return path;
}

static const struct ProgramCase {
  const char *name;
  const char *script;
  unsigned n_blocks;
  SysvpnSilence silence;
} program_cases[] = {
  { "answer", "printf 'sysvpn=1\\nresult=ok\\n\\n'", 1, SYSVPN_SILENCE_HUNG_UP },
  { "arguments",
    "test \"$1 $2 $3\" = \"-d sys-vpn DEFAULT:QUBESRPC sysvpn.Status dom0\" && "
    "printf 'sysvpn=1\\nresult=ok\\n\\n'",
    1, SYSVPN_SILENCE_HUNG_UP },
  { "no-answer", "exit 0", 0, SYSVPN_SILENCE_CUT },
  { "no-qube", "exit 125", 0, SYSVPN_SILENCE_NO_QUBE },
  { "refused", "echo 'Request refused' >&2; exit 126", 0, SYSVPN_SILENCE_REFUSED },
  { "no-service", "exit 127", 0, SYSVPN_SILENCE_NO_SERVICE },
  { "died", "printf 'sysvpn=1\\n'; exit 255", 0, SYSVPN_SILENCE_DIED },
  { "died-after-an-answer", "printf 'sysvpn=1\\nresult=ok\\n\\n'; exit 255", 1,
    SYSVPN_SILENCE_DIED },
  { "killed", "kill -KILL $$", 0, SYSVPN_SILENCE_DIED },
  { "closes-and-stays", "exec >&-; exec sleep 60", 0, SYSVPN_SILENCE_DIED },
};

static void
test_program (gconstpointer data)
{
  const struct ProgramCase *c = data;
  g_autofree char *folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *path = write_program (folder, c->script);
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_new (SYSVPN_TRANSPORT_DOM0, path);
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_STATUS, NULL));
  g_assert_true (run_until (has_ended, &seen, 10000));
  g_assert_cmpuint (seen.n_blocks, ==, c->n_blocks);
  g_assert_cmpint (seen.silence, ==, c->silence);
  g_clear_object (&seen.stream);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_no_program (void)
{
  g_autoptr (SysvpnTransport) transport =
      sysvpn_transport_new (SYSVPN_TRANSPORT_DOM0, "/nonexistent/qrexec-client");
  Seen seen = { 0 };

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_ended, &seen, 5000));
  g_assert_cmpint (seen.silence, ==, SYSVPN_SILENCE_NO_CLIENT);
  g_clear_object (&seen.stream);
}

static int
read_pid (const char *path)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? atoi (text) : 0;
}

static bool
is_gone (gpointer pid)
{
  return kill (GPOINTER_TO_INT (pid), 0) != 0; /* a zombie is not gone */
}

/* Hanging up ends the child, which nobody has to wait for. */
static void
test_program_hang_up (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *path = write_program (
      folder, "echo $$ >\"$0.pid\"; printf 'sysvpn=1\\nresult=ok\\n\\n'; exec cat");
  g_autofree char *pid_path = g_strconcat (path, ".pid", NULL);
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_new (SYSVPN_TRANSPORT_DOM0, path);
  Seen seen = { 0 };
  int pid;

  follow (&seen, sysvpn_stream_open (transport, "sys-vpn", SYSVPN_SERVICE_WATCH, NULL));
  g_assert_true (run_until (has_block, &seen, 5000));
  run_for (50);
  g_assert_cmpuint (seen.n_ended, ==, 0); /* cat waits for its input, which is held open */
  pid = read_pid (pid_path);
  g_assert_cmpint (pid, >, 1);
  sysvpn_stream_close (seen.stream);
  g_clear_object (&seen.stream);
  g_assert_true (run_until (is_gone, GINT_TO_POINTER (pid), 5000));
  g_unlink (pid_path);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (socket_cases); i++) {
    g_autofree char *path = g_strconcat ("/stream/socket/", socket_cases[i].name, NULL);
    g_test_add_data_func (path, &socket_cases[i], test_socket);
  }
  g_test_add_func ("/stream/no-socket", test_no_socket);
  g_test_add_func ("/stream/close-in-handler", test_close_in_handler);
  g_test_add_func ("/stream/drained-once", test_drained_once);
  g_test_add_func ("/stream/flood", test_flood);
  for (size_t i = 0; i < G_N_ELEMENTS (program_cases); i++) {
    g_autofree char *path = g_strconcat ("/stream/program/", program_cases[i].name, NULL);
    g_test_add_data_func (path, &program_cases[i], test_program);
  }
  g_test_add_func ("/stream/no-program", test_no_program);
  g_test_add_func ("/stream/program-hang-up", test_program_hang_up);
  return g_test_run ();
}

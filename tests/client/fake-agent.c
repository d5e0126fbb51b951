/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-agent.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

struct _FakeAgent {
  GSocketService *service;
  char *folder;
  char *path;
  FakeAgentFunc func;
  gpointer data;
  GPtrArray *requests;    /* of char* */
  GPtrArray *connections; /* of GSocketConnection */
};

typedef struct {
  FakeAgent *agent;
  GSocketConnection *connection;
  char buffer[256];
} Reading;

static void
on_read (GObject *input, GAsyncResult *result, gpointer data)
{
  g_autofree Reading *reading = data;
  g_autoptr (GSocketConnection) connection = reading->connection;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (input), result, NULL);
  char *source;

  if (n <= 0)
    return;
  /* the descriptor comes in one piece from a client that sends it at once */
  g_assert_cmpint (reading->buffer[n - 1], ==, '\0');
  source = strrchr (reading->buffer, ' ');
  if (g_str_equal (source, " dom0"))
    *source = '\0';
  else /* the qube that qubesd is asked about; the caller of an agent is always dom0 */
    g_assert_nonnull (strstr (reading->buffer, " dom0 name "));
  g_ptr_array_add (reading->agent->requests, g_strdup (reading->buffer));
  g_socket_set_blocking (g_socket_connection_get_socket (connection), FALSE);
  reading->agent->func (reading->agent, connection, reading->buffer, reading->agent->data);
}

static gboolean
on_incoming (FakeAgent *agent, GSocketConnection *connection)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->agent = agent;
  reading->connection = g_object_ref (connection);
  g_ptr_array_add (agent->connections, g_object_ref (connection));
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                             reading->buffer, sizeof reading->buffer, G_PRIORITY_DEFAULT, NULL,
                             on_read, reading);
  return TRUE;
}

FakeAgent *
fake_agent_new (FakeAgentFunc func, gpointer data)
{
  FakeAgent *agent = g_new0 (FakeAgent, 1);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  agent->folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  agent->path = g_build_filename (agent->folder, "agent", NULL);
  agent->func = func;
  agent->data = data;
  agent->requests = g_ptr_array_new_with_free_func (g_free);
  agent->connections = g_ptr_array_new_with_free_func (g_object_unref);
  agent->service = g_socket_service_new ();
  address = g_unix_socket_address_new (agent->path);
  g_socket_listener_add_address (G_SOCKET_LISTENER (agent->service), address,
                                 G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL,
                                 &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (agent->service, "incoming", G_CALLBACK (on_incoming), agent);
  return agent;
}

void
fake_agent_free (FakeAgent *agent)
{
  g_socket_service_stop (agent->service);
  g_socket_listener_close (G_SOCKET_LISTENER (agent->service));
  g_clear_object (&agent->service);
  for (unsigned i = 0; i < agent->connections->len; i++)
    fake_agent_hang_up (agent->connections->pdata[i]);
  run_for (10); /* reads that were under way end */
  g_ptr_array_unref (agent->connections);
  g_ptr_array_unref (agent->requests);
  g_unlink (agent->path);
  g_rmdir (agent->folder);
  g_free (agent->path);
  g_free (agent->folder);
  g_free (agent);
}

SysvpnTransport *
fake_agent_transport (FakeAgent *agent)
{
  return sysvpn_transport_new (SYSVPN_TRANSPORT_SOCKET, agent->path);
}

unsigned
fake_agent_n_requests (FakeAgent *agent, const char *request)
{
  unsigned n = 0;

  for (unsigned i = 0; i < agent->requests->len; i++)
    n += g_str_equal (agent->requests->pdata[i], request);
  return n;
}

bool
fake_agent_was_hung_up_on (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  return (g_socket_condition_check (socket, G_IO_HUP) & G_IO_HUP) != 0;
}

gssize
fake_agent_send (GSocketConnection *connection, const char *text, gssize len)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  return g_socket_send (socket, text, len < 0 ? strlen (text) : (gsize) len, NULL, NULL);
}

void
fake_agent_hang_up (GSocketConnection *connection)
{
  /* shut down first: a read that is under way would keep the descriptor open */
  g_socket_shutdown (g_socket_connection_get_socket (connection), TRUE, TRUE, NULL);
}

SysvpnStatus
fake_report (uint64_t seq, SysvpnTunnel tunnel)
{
  SysvpnStatus report;

  sysvpn_status_init (&report);
  report.seq = seq;
  report.boottime_ms = (uint64_t) (g_get_monotonic_time () / 1000);
  report.heartbeat_s = 10;
  report.tunnel = tunnel;
  report.cause = SYSVPN_CAUSE_NONE;
  report.tunnel_age_s = 1;
  report.wanted = SYSVPN_WANTED_UP;
  report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  report.killswitch_break = SYSVPN_BREAK_NONE;
  report.killswitch_age_s = 1;
  strcpy (report.profile_uuid, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  strcpy (report.interface, "tun0");
  return report;
}

char *
fake_report_text (const SysvpnStatus *report)
{
  g_autoptr (GString) text = g_string_new (NULL);

  sysvpn_status_encode (text, report);
  return g_strdup (text->str);
}

static gboolean
on_time_over (gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

bool
run_until (bool (*done) (gpointer data), gpointer data, unsigned timeout_ms)
{
  bool over = false;
  guint id = g_timeout_add (timeout_ms, on_time_over, &over);
  guint tick_id = g_timeout_add (5, on_tick, NULL); /* for what happens outside of the loop */

  while (!over && !(done != NULL && done (data)))
    g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (id);
  g_source_remove (tick_id);
  return done != NULL && done (data);
}

void
run_for (unsigned ms)
{
  run_until (NULL, NULL, ms);
}

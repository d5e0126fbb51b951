/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request to qubesd and the bytes that it answers: over its socket in dom0, in a GUI domain
 * through qrexec-client-vm, where the name of the service is the request. */
#include "client/qubesd-stream.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
#include <signal.h>

#define QUBESD_SOCKET "/var/run/qubesd.sock"

enum {
  BUFFER_SIZE = 16384,
  EXIT_REFUSED = 126,     /* qrexec's code for what policy does not let through */
  EXIT_TIMEOUT_MS = 2000, /* from the end of the output to the child's exit */
};

struct _SysvpnQubesdStream {
  GObject parent_instance;

  GBytes *request; /* NULL for a child */
  GSubprocess *process;
  GSocketConnection *connection;
  GInputStream *input; /* of the child or the connection */
  GCancellable *cancellable;
  guint late_id; /* a child that cannot be started, or closed its output and does not exit */
  bool closed;   /* nothing is emitted any more */
  char buffer[BUFFER_SIZE];
};

G_DEFINE_FINAL_TYPE (SysvpnQubesdStream, sysvpn_qubesd_stream, G_TYPE_OBJECT)

enum { SIGNAL_BYTES, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void read_more (SysvpnQubesdStream *self);

/**
 * sysvpn_qubesd_stream_close:
 * @self: a stream
 *
 * Hangs up. No signal comes after it. May be called again, and by the handler of a signal.
 */
void
sysvpn_qubesd_stream_close (SysvpnQubesdStream *self)
{
  g_return_if_fail (SYSVPN_IS_QUBESD_STREAM (self));

  self->closed = true;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->late_id, g_source_remove);
  /* GSubprocess itself waits for the child, whether or not we still hold it */
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
  g_clear_object (&self->process);
  g_clear_object (&self->input); /* before what closes it, which a read under way outlives */
  g_clear_object (&self->connection);
}

static void
sysvpn_qubesd_stream_dispose (GObject *object)
{
  sysvpn_qubesd_stream_close (SYSVPN_QUBESD_STREAM (object));
  G_OBJECT_CLASS (sysvpn_qubesd_stream_parent_class)->dispose (object);
}

static void
sysvpn_qubesd_stream_finalize (GObject *object)
{
  SysvpnQubesdStream *self = SYSVPN_QUBESD_STREAM (object);

  g_clear_pointer (&self->request, g_bytes_unref);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (sysvpn_qubesd_stream_parent_class)->finalize (object);
}

static void
sysvpn_qubesd_stream_class_init (SysvpnQubesdStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qubesd_stream_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_qubesd_stream_finalize;

  /**
   * SysvpnQubesdStream::bytes:
   * @bytes: what came
   * @len: how many
   */
  signals[SIGNAL_BYTES] =
      g_signal_new ("bytes", SYSVPN_TYPE_QUBESD_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT);
  /**
   * SysvpnQubesdStream::ended:
   * @error: (type GError) (nullable): a #SysvpnQubesdError; %NULL for the end of the output
   *
   * The last signal of a stream.
   */
  signals[SIGNAL_ENDED] = g_signal_new ("ended", SYSVPN_TYPE_QUBESD_STREAM, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
sysvpn_qubesd_stream_init (SysvpnQubesdStream *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
end (SysvpnQubesdStream *self, const GError *error)
{
  if (self->closed)
    return;
  sysvpn_qubesd_stream_close (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, error);
}

static void
end_as (SysvpnQubesdStream *self, SysvpnQubesdError code)
{
  g_autoptr (GError) error = g_error_new_literal (
      SYSVPN_QUBESD_ERROR, (int) code,
      code == SYSVPN_QUBESD_ERROR_DENIED
          ? _ ("dom0's policy does not let this qube ask; see /etc/qubes/policy.d there")
          : _ ("dom0's qubesd does not answer; see journalctl -u qubesd there"));

  end (self, error);
}

static gboolean
on_late (gpointer data)
{
  SysvpnQubesdStream *self = data;

  self->late_id = 0;
  end_as (self, SYSVPN_QUBESD_ERROR_ABSENT);
  return G_SOURCE_REMOVE;
}

static void
end_late (SysvpnQubesdStream *self, unsigned delay_ms)
{
  self->late_id = g_timeout_add (delay_ms, on_late, self);
  g_source_set_name_by_id (self->late_id, "sysvpn: no qubesd");
}

static void
on_exited (GObject *process, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubesdStream) self = data;
  GSubprocess *child = G_SUBPROCESS (process);
  int code;

  if (!g_subprocess_wait_finish (child, result, NULL) || self->closed)
    return;
  code = g_subprocess_get_if_exited (child) ? g_subprocess_get_exit_status (child) : -1;
  if (code == 0)
    end (self, NULL);
  else
    end_as (self,
            code == EXIT_REFUSED ? SYSVPN_QUBESD_ERROR_DENIED : SYSVPN_QUBESD_ERROR_ABSENT);
}

static void
on_read (GObject *input, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubesdStream) self = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (input), result, NULL);

  if (self->closed)
    return;
  if (n > 0) {
    g_signal_emit (self, signals[SIGNAL_BYTES], 0, self->buffer, (guint) n);
    if (!self->closed)
      read_more (self);
  } else if (n < 0) {
    end_as (self, SYSVPN_QUBESD_ERROR_ABSENT);
  } else if (self->process == NULL) {
    end (self, NULL);
  } else { /* only its exit code tells whether that was an answer */
    end_late (self, EXIT_TIMEOUT_MS);
    g_subprocess_wait_async (self->process, self->cancellable, on_exited, g_object_ref (self));
  }
}

static void
read_more (SysvpnQubesdStream *self)
{
  /* below GTK's drawing: the whole system's events come here */
  g_input_stream_read_async (self->input, self->buffer, sizeof self->buffer,
                             G_PRIORITY_DEFAULT_IDLE, self->cancellable, on_read,
                             g_object_ref (self));
}

static void
on_connected (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubesdStream) self = data;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, NULL);
  gsize len;
  const char *request = g_bytes_get_data (self->request, &len);
  GSocket *socket;

  if (self->closed)
    return;
  if (connection == NULL) {
    end_as (self, SYSVPN_QUBESD_ERROR_ABSENT);
    return;
  }
  self->connection = g_steal_pointer (&connection);
  socket = g_socket_connection_get_socket (self->connection);
  g_socket_set_blocking (socket, FALSE);
  /* a new socket's buffer has room for much more than a request; qubesd waits for its end */
  if (g_socket_send (socket, request, len, NULL, NULL) != (gssize) len ||
      !g_socket_shutdown (socket, FALSE, TRUE, NULL)) {
    end_as (self, SYSVPN_QUBESD_ERROR_ABSENT);
    return;
  }
  self->input = g_object_ref (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
  read_more (self);
}

static void
open_socket (SysvpnQubesdStream *self)
{
  const char *elsewhere = g_getenv ("SYSVPN_QUBESD_SOCKET"); /* a test's */
  g_autoptr (GSocketAddress) address =
      g_unix_socket_address_new (elsewhere != NULL ? elsewhere : QUBESD_SOCKET);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), self->cancellable,
                                 on_connected, g_object_ref (self));
}

static void
open_process (SysvpnQubesdStream *self, const char *program, const SysvpnQubesdQuery *query)
{
  g_autofree char *service = sysvpn_qubesd_service (query);

  /* its stdin is empty, as the payload is; its stderr may pass another qube's words on */
  self->process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        NULL, program, query->qube, service, NULL);
  if (self->process == NULL) {
    end_late (self, 0);
    return;
  }
  self->input = g_object_ref (g_subprocess_get_stdout_pipe (self->process));
  read_more (self);
}

/**
 * sysvpn_qubesd_stream_open:
 * @transport: how qubes are reached from here, which tells where qubesd is
 * @query: what to ask
 *
 * Every failure comes as #SysvpnQubesdStream::ended, and none before this returns; a machine
 * that is no part of Qubes OS has no qubesd. Whoever opens a stream closes it.
 *
 * Returns: (transfer full): an open request
 */
SysvpnQubesdStream *
sysvpn_qubesd_stream_open (const SysvpnTransport *transport, const SysvpnQubesdQuery *query)
{
  SysvpnQubesdStream *self = g_object_new (SYSVPN_TYPE_QUBESD_STREAM, NULL);

  switch (transport->kind) {
  case SYSVPN_TRANSPORT_DOM0:
    self->request = sysvpn_qubesd_request (query);
    open_socket (self);
    break;
  case SYSVPN_TRANSPORT_GUI_DOMAIN:
    open_process (self, transport->path, query);
    break;
  case SYSVPN_TRANSPORT_SOCKET:
  default:
    end_late (self, 0);
    break;
  }
  return self;
}

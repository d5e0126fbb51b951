/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One open call to an agent: qrexec's client as a child, or a socket. Bytes become blocks as
 * they come; the end comes once, with its reason. The child's stderr is discarded, because
 * qrexec may pass the other qube's words through it. */
#include "client/stream.h"

#include "proto/wire-error.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>

enum {
  /* holds what a full pipe does, so that one read drains it; only touched pages count */
  BUFFER_SIZE = 65536,
  BURST_S = 4,            /* how much of SYSVPN_BYTES_PER_SECOND may come at once */
  EXIT_TIMEOUT_MS = 2000, /* from the end of the output to the child's exit */
};

struct _SysvpnStream {
  GObject parent_instance;

  char *descriptor; /* what a socket is sent; NULL for a child, whose command line has it */
  GSubprocess *process;
  GSocketConnection *connection;
  GPollableInputStream *input; /* of the child or the connection */
  GSource *readable;
  guint late_id; /* a child that closed its output and does not exit, or cannot be started */
  GCancellable *cancellable;

  SysvpnBlockReader *reader;
  char *buffer;
  bool any_block;
  bool closed; /* nothing is emitted any more */
  int64_t allowance_bytes;
  int64_t allowance_at_us;
};

G_DEFINE_FINAL_TYPE (SysvpnStream, sysvpn_stream, G_TYPE_OBJECT)

enum { SIGNAL_BLOCK, SIGNAL_DRAINED, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
stop_reading (SysvpnStream *self)
{
  if (self->readable != NULL)
    g_source_destroy (self->readable);
  g_clear_pointer (&self->readable, g_source_unref);
}

/**
 * sysvpn_stream_close:
 * @self: a stream
 *
 * Hangs up. No signal comes after it. May be called again, and by the handler of a signal.
 */
void
sysvpn_stream_close (SysvpnStream *self)
{
  g_return_if_fail (SYSVPN_IS_STREAM (self));

  self->closed = true;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->late_id, g_source_remove);
  stop_reading (self);
  self->input = NULL;
  /* GSubprocess itself waits for the child, whether or not we still hold it */
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
  g_clear_object (&self->process);
  g_clear_object (&self->connection); /* closes it */
}

static void
sysvpn_stream_dispose (GObject *object)
{
  sysvpn_stream_close (SYSVPN_STREAM (object));
  G_OBJECT_CLASS (sysvpn_stream_parent_class)->dispose (object);
}

static void
sysvpn_stream_finalize (GObject *object)
{
  SysvpnStream *self = SYSVPN_STREAM (object);

  sysvpn_block_reader_free (self->reader);
  g_free (self->buffer);
  g_free (self->descriptor);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (sysvpn_stream_parent_class)->finalize (object);
}

static void
sysvpn_stream_class_init (SysvpnStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_stream_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_stream_finalize;

  /**
   * SysvpnStream::block:
   * @block: (type SysvpnBlock) (transfer none): one answer
   */
  signals[SIGNAL_BLOCK] = g_signal_new ("block", SYSVPN_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * SysvpnStream::drained:
   *
   * All that could be read has been told; only the last block of them is news.
   */
  signals[SIGNAL_DRAINED] = g_signal_new ("drained", SYSVPN_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SysvpnStream::ended:
   * @silence: a #SysvpnSilence, why; the last signal of a stream
   */
  signals[SIGNAL_ENDED] = g_signal_new ("ended", SYSVPN_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
sysvpn_stream_init (SysvpnStream *self)
{
  self->cancellable = g_cancellable_new ();
  self->buffer = g_malloc (BUFFER_SIZE);
  self->allowance_bytes = (int64_t) BURST_S * SYSVPN_BYTES_PER_SECOND;
  self->allowance_at_us = g_get_monotonic_time ();
}

static void
end (SysvpnStream *self, SysvpnSilence silence)
{
  if (self->closed)
    return;
  sysvpn_stream_close (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, (guint) silence);
}

/* After the last byte. A clean end that leaves nothing whole behind is none. */
static void
end_of_bytes (SysvpnStream *self, SysvpnSilence silence)
{
  bool whole = self->any_block && sysvpn_block_reader_is_empty (self->reader);

  end (self, silence == SYSVPN_SILENCE_HUNG_UP && !whole ? SYSVPN_SILENCE_CUT : silence);
}

/* Lets SYSVPN_BYTES_PER_SECOND through on average, in bursts of BURST_S seconds. */
static bool
allow_bytes (SysvpnStream *self, size_t n_bytes)
{
  int64_t now_us = g_get_monotonic_time ();
  int64_t most = (int64_t) BURST_S * SYSVPN_BYTES_PER_SECOND;
  int64_t passed_us = MIN (now_us - self->allowance_at_us, (int64_t) BURST_S * G_USEC_PER_SEC);
  int64_t earned = passed_us * SYSVPN_BYTES_PER_SECOND / G_USEC_PER_SEC;

  self->allowance_bytes = MIN (self->allowance_bytes + earned, most) - (int64_t) n_bytes;
  self->allowance_at_us = now_us;
  return self->allowance_bytes >= 0;
}

static void
take_bytes (SysvpnStream *self, size_t len)
{
  const char *bytes = self->buffer;

  if (!allow_bytes (self, len)) {
    end (self, SYSVPN_SILENCE_FLOOD);
    return;
  }
  while (len > 0 && !self->closed) {
    g_autoptr (SysvpnBlock) block = NULL;
    g_autoptr (GError) error = NULL;
    size_t used = 0;

    if (!sysvpn_block_reader_push (self->reader, bytes, len, &used, &block, &error)) {
      end (self, g_error_matches (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VERSION)
                     ? SYSVPN_SILENCE_VERSION
                     : SYSVPN_SILENCE_GARBAGE);
      return;
    }
    bytes += used;
    len -= used;
    if (block != NULL) {
      self->any_block = true;
      g_signal_emit (self, signals[SIGNAL_BLOCK], 0, block);
    }
  }
  if (!self->closed)
    g_signal_emit (self, signals[SIGNAL_DRAINED], 0);
}

/* Returns: the number of bytes taken, 0 at the end, -1 when there are none for now */
static gssize
read_some (SysvpnStream *self)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (self->input, self->buffer, BUFFER_SIZE,
                                                       NULL, &error);

  if (n > 0)
    take_bytes (self, (size_t) n);
  if (n < 0)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? -1 : 0;
  return n;
}

static gboolean
on_late (gpointer data)
{
  SysvpnStream *self = data;

  self->late_id = 0;
  end_of_bytes (self, SYSVPN_SILENCE_DIED);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (GObject *input G_GNUC_UNUSED, gpointer data)
{
  g_autoptr (SysvpnStream) self = g_object_ref (SYSVPN_STREAM (data));

  if (read_some (self) != 0 || self->closed)
    return G_SOURCE_CONTINUE; /* destroyed already when closed */

  stop_reading (self);
  if (self->process == NULL) {
    end_of_bytes (self, SYSVPN_SILENCE_HUNG_UP);
  } else { /* only its exit code tells whether that was the end of an answer */
    self->late_id = g_timeout_add (EXIT_TIMEOUT_MS, on_late, self);
    g_source_set_name_by_id (self->late_id, "sysvpn: exit of qrexec's client");
  }
  return G_SOURCE_REMOVE;
}

static void
start_reading (SysvpnStream *self, GInputStream *input)
{
  self->input = G_POLLABLE_INPUT_STREAM (input);
  self->readable = g_pollable_input_stream_create_source (self->input, NULL);
  g_source_set_static_name (self->readable, "sysvpn: answer of an agent");
  /* below GTK's drawing: a qube that talks without pause must not freeze the menu */
  g_source_set_priority (self->readable, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->readable, NULL);
}

static void
on_exited (GObject *process, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnStream) self = data;
  GSubprocess *child = G_SUBPROCESS (process);

  if (!g_subprocess_wait_finish (child, result, NULL) || self->closed)
    return;
  /* what it wrote before it exited is still in the pipe, which take_bytes() bounds */
  while (self->readable != NULL && read_some (self) > 0 && !self->closed)
    continue;
  end_of_bytes (self, g_subprocess_get_if_exited (child)
                          ? sysvpn_silence_of_exit_code (g_subprocess_get_exit_status (child))
                          : SYSVPN_SILENCE_DIED);
}

static gboolean
on_no_client (gpointer data)
{
  SysvpnStream *self = data;

  self->late_id = 0;
  end (self, SYSVPN_SILENCE_NO_CLIENT);
  return G_SOURCE_REMOVE;
}

static void
open_process (SysvpnStream *self, const char *const *argv, bool holds_stdin)
{
  /* Watch takes the end of its input for the hang-up, the others do not care */
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE |
                           (holds_stdin ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0);

  self->process = g_subprocess_newv (argv, flags, NULL);
  if (self->process == NULL) {
    self->late_id = g_idle_add (on_no_client, self);
    g_source_set_name_by_id (self->late_id, "sysvpn: no qrexec client");
    return;
  }
  start_reading (self, g_subprocess_get_stdout_pipe (self->process));
  g_subprocess_wait_async (self->process, self->cancellable, on_exited, g_object_ref (self));
}

static void
on_connected (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnStream) self = data;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, NULL);
  size_t len = strlen (self->descriptor) + 1; /* the NUL belongs to it */
  GSocket *socket;

  if (self->closed)
    return;
  if (connection == NULL) {
    end (self, SYSVPN_SILENCE_NO_QUBE);
    return;
  }
  self->connection = g_steal_pointer (&connection);
  socket = g_socket_connection_get_socket (self->connection);
  g_socket_set_blocking (socket, FALSE);
  /* a new socket's buffer has room for much more than a descriptor */
  if (g_socket_send (socket, self->descriptor, len, NULL, NULL) != (gssize) len) {
    end (self, SYSVPN_SILENCE_DIED);
    return;
  }
  start_reading (self, g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
}

static void
open_socket (SysvpnStream *self, const char *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), self->cancellable,
                                 on_connected, g_object_ref (self));
}

/**
 * sysvpn_stream_open:
 * @transport: how to reach agents
 * @qube: the name of the VPN qube, valid; ignored for a socket
 * @service: what to call
 * @uuid: (nullable): its argument, a valid UUID
 *
 * Every failure, that of starting included, comes as #SysvpnStream::ended, and none before this
 * returns. Whoever opens a stream closes it: until it has ended it may keep itself alive.
 *
 * Returns: (transfer full): an open call
 */
SysvpnStream *
sysvpn_stream_open (SysvpnTransport *transport,
                    const char *qube,
                    SysvpnService service,
                    const char *uuid)
{
  SysvpnStream *self = g_object_new (SYSVPN_TYPE_STREAM, NULL);
  g_auto (GStrv) argv = sysvpn_transport_argv (transport, qube, service, uuid);

  self->reader = sysvpn_block_reader_new (sysvpn_service_max_lines (service));
  if (argv != NULL) {
    open_process (self, (const char *const *) argv, sysvpn_service_timeout_s (service) == 0);
  } else {
    self->descriptor = sysvpn_transport_descriptor (service, uuid);
    open_socket (self, transport->path);
  }
  return self;
}

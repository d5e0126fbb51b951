/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call: reads the descriptor that qrexec puts first, then writes blocks without ever
 * waiting for the caller. Somebody who does not read gets the newest report when they do, not
 * all of them, and is hung up on after a while. */
#include "agent/connection.h"

#include "proto/reply.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STUCK_S = 30 /* a caller that takes nothing for so long is gone */ };

struct _SysvpnConnection {
  GObject parent_instance;

  int fd; /* -1 when closed */
  char input[SYSVPN_REQUEST_MAX];
  size_t input_len;
  bool has_request;
  SysvpnRequest request;

  GString *output; /* being written, from output_done on */
  size_t output_done;
  GString *next; /* to be written after it; only the newest is kept */
  bool is_finishing;

  guint read_id;
  guint write_id;
  guint deadline_id; /* for the request, later for a stuck caller */
};

G_DEFINE_FINAL_TYPE (SysvpnConnection, sysvpn_connection, G_TYPE_OBJECT)

enum { SIGNAL_REQUEST, SIGNAL_CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_connection_dispose (GObject *object)
{
  SysvpnConnection *self = SYSVPN_CONNECTION (object);

  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->write_id, g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  G_OBJECT_CLASS (sysvpn_connection_parent_class)->dispose (object);
}

static void
sysvpn_connection_finalize (GObject *object)
{
  SysvpnConnection *self = SYSVPN_CONNECTION (object);

  g_string_free (self->output, TRUE);
  if (self->next != NULL)
    g_string_free (self->next, TRUE);
  G_OBJECT_CLASS (sysvpn_connection_parent_class)->finalize (object);
}

static void
sysvpn_connection_class_init (SysvpnConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_connection_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_connection_finalize;

  signals[SIGNAL_REQUEST] = g_signal_new ("request", SYSVPN_TYPE_CONNECTION, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", SYSVPN_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_connection_init (SysvpnConnection *self)
{
  self->fd = -1;
  self->output = g_string_new (NULL);
}

/**
 * sysvpn_connection_close:
 * @self: a connection
 *
 * Closes it at once, what is unsent included. Emits "closed" the first time.
 */
void
sysvpn_connection_close (SysvpnConnection *self)
{
  if (self->fd < 0)
    return;
  g_object_ref (self);
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->write_id, g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  close (self->fd);
  self->fd = -1;
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
  g_object_unref (self);
}

static gboolean
on_deadline (gpointer data)
{
  SysvpnConnection *self = data;

  self->deadline_id = 0;
  sysvpn_connection_close (self);
  return G_SOURCE_REMOVE;
}

static void
set_deadline (SysvpnConnection *self, unsigned seconds)
{
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (seconds == 0)
    return;
  self->deadline_id = g_timeout_add_seconds (seconds, on_deadline, self);
  g_source_set_name_by_id (self->deadline_id, "sysvpn: caller's deadline");
}

static bool
take_next (SysvpnConnection *self)
{
  if (self->next == NULL)
    return false;
  g_string_free (self->output, TRUE);
  self->output = g_steal_pointer (&self->next);
  self->output_done = 0;
  return true;
}

/* Writes what the socket takes. Returns false when the connection was closed. */
static bool
write_some (SysvpnConnection *self)
{
  while (self->output_done < self->output->len || take_next (self)) {
    ssize_t len = send (self->fd, self->output->str + self->output_done,
                        self->output->len - self->output_done, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (len < 0 && errno == EINTR)
      continue;
    if (len < 0 && errno == EAGAIN)
      return true;
    if (len < 0) {
      sysvpn_connection_close (self);
      return false;
    }
    self->output_done += (size_t) len;
    set_deadline (self, STUCK_S);
  }
  set_deadline (self, 0);
  if (self->is_finishing)
    sysvpn_connection_close (self);
  return self->fd >= 0;
}

static gboolean
on_writable (gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  SysvpnConnection *self = data;
  g_autoptr (SysvpnConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  if (!write_some (self))
    return G_SOURCE_REMOVE;
  if (self->output_done < self->output->len)
    return G_SOURCE_CONTINUE;
  self->write_id = 0;
  return G_SOURCE_REMOVE;
}

/**
 * sysvpn_connection_send:
 * @self: a connection whose request has arrived
 * @block: a whole block; it takes the place of one that the caller has not begun to read
 */
void
sysvpn_connection_send (SysvpnConnection *self, const GString *block)
{
  g_autoptr (SysvpnConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  if (self->fd < 0)
    return;
  if (self->next != NULL)
    g_string_free (self->next, TRUE);
  self->next = g_string_new_len (block->str, (gssize) block->len);
  if (self->write_id != 0)
    return;
  set_deadline (self, STUCK_S);
  if (!write_some (self) || self->output_done == self->output->len)
    return;
  self->write_id = g_unix_fd_add (self->fd, G_IO_OUT, on_writable, self);
  g_source_set_name_by_id (self->write_id, "sysvpn: write");
}

/**
 * sysvpn_connection_finish:
 * @self: a connection
 * @block: the last block; the connection closes when it is written
 */
void
sysvpn_connection_finish (SysvpnConnection *self, const GString *block)
{
  self->is_finishing = true;
  sysvpn_connection_send (self, block);
}

static void
refuse (SysvpnConnection *self)
{
  g_autoptr (GString) block = g_string_new (NULL);

  sysvpn_reply_encode (block, (SysvpnReply){ SYSVPN_CODE_BAD_REQUEST, SYSVPN_CAUSE_NONE });
  sysvpn_connection_finish (self, block);
}

/* Takes the descriptor out of what has been read. Returns false while it is not whole. */
static bool
take_request (SysvpnConnection *self)
{
  const char *end = memchr (self->input, '\0', self->input_len);
  g_autoptr (GError) error = NULL;

  if (end == NULL)
    return false;
  set_deadline (self, 0);
  self->has_request = true;
  if (sysvpn_request_parse (self->input, (size_t) (end - self->input), &self->request,
                            &error)) {
    g_signal_emit (self, signals[SIGNAL_REQUEST], 0);
  } else {
    g_message ("a call was refused: %s", error->message);
    refuse (self);
  }
  return true;
}

/* The end of a caller's input. Only a Watch holds it open until it wants to hang up; qrexec may
 * end it right away for the others, who still wait for their answer. */
static gboolean
take_end (SysvpnConnection *self)
{
  self->read_id = 0;
  if (!self->has_request || self->request.service == SYSVPN_SERVICE_WATCH)
    sysvpn_connection_close (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  SysvpnConnection *self = data;
  g_autoptr (SysvpnConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  size_t room = sizeof self->input - self->input_len;
  ssize_t len;

  if (room == 0) { /* nobody has that much to say */
    self->read_id = 0;
    sysvpn_connection_close (self);
    return G_SOURCE_REMOVE;
  }
  len = recv (fd, self->input + self->input_len, room, MSG_DONTWAIT);
  if (len < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (len <= 0)
    return take_end (self);
  self->input_len += (size_t) len;
  if (!self->has_request)
    take_request (self);
  return self->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/**
 * sysvpn_connection_new:
 * @fd: (transfer full): a connected socket
 *
 * Returns: (transfer full): the connection, already reading; connect to its signals before the
 * main loop runs
 */
SysvpnConnection *
sysvpn_connection_new (int fd)
{
  SysvpnConnection *self = g_object_new (SYSVPN_TYPE_CONNECTION, NULL);

  self->fd = fd;
  self->read_id = g_unix_fd_add (fd, G_IO_IN, on_readable, self);
  g_source_set_name_by_id (self->read_id, "sysvpn: read");
  set_deadline (self, SYSVPN_REQUEST_TIMEOUT_S);
  return self;
}

/**
 * sysvpn_connection_get_request:
 * @self: a connection that has emitted "request"
 *
 * Returns: (transfer none): what is asked
 */
const SysvpnRequest *
sysvpn_connection_get_request (SysvpnConnection *self)
{
  return &self->request;
}

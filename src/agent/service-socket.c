/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes calls: from root only, because qrexec connects as root and no program of the qube may
 * pretend to be dom0, and only so many at a time. */
#include "agent/service-socket.h"

#include "agent/callers.h"
#include "proto/limits.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct _SysvpnServiceSocket {
  GObject parent_instance;

  int fd;
  guint accept_id;
  GArray *allowed_uids; /* of uid_t, besides root */
  unsigned n_open;
};

G_DEFINE_FINAL_TYPE (SysvpnServiceSocket, sysvpn_service_socket, G_TYPE_OBJECT)

enum { SIGNAL_CONNECTION, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_service_socket_dispose (GObject *object)
{
  SysvpnServiceSocket *self = SYSVPN_SERVICE_SOCKET (object);

  g_clear_handle_id (&self->accept_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_clear_pointer (&self->allowed_uids, g_array_unref);
  G_OBJECT_CLASS (sysvpn_service_socket_parent_class)->dispose (object);
}

static void
sysvpn_service_socket_class_init (SysvpnServiceSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_service_socket_dispose;

  signals[SIGNAL_CONNECTION] =
      g_signal_new ("connection", SYSVPN_TYPE_SERVICE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, SYSVPN_TYPE_CONNECTION);
}

static void
sysvpn_service_socket_init (SysvpnServiceSocket *self)
{
  self->fd = -1;
}

static bool
is_allowed (SysvpnServiceSocket *self, int fd)
{
  struct ucred peer;
  socklen_t len = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
    return false;
  if (peer.uid == 0)
    return true;
  for (unsigned i = 0; i < self->allowed_uids->len; i++)
    if (g_array_index (self->allowed_uids, uid_t, i) == peer.uid)
      return true;
  g_message ("a call from user id %u was refused: only root may call", (unsigned) peer.uid);
  return false;
}

static void
on_closed (SysvpnServiceSocket *self)
{
  self->n_open--;
}

static gboolean
on_incoming (gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  SysvpnServiceSocket *self = data;
  int caller = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_autoptr (SysvpnConnection) connection = NULL;

  if (caller < 0)
    return G_SOURCE_CONTINUE;
  if (!is_allowed (self, caller) || self->n_open >= SYSVPN_CONNECTIONS_MAX) {
    close (caller);
    return G_SOURCE_CONTINUE;
  }
  self->n_open++;
  connection = sysvpn_connection_new (caller);
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_closed), self,
                           G_CONNECT_SWAPPED);
  g_signal_emit (self, signals[SIGNAL_CONNECTION], 0, connection);
  return G_SOURCE_CONTINUE;
}

/**
 * sysvpn_service_socket_new:
 * @fd: (transfer full): a listening socket
 * @allowed_uids: (element-type uid_t): who may call besides root; for development
 *
 * Returns: (transfer full): the socket, already accepting
 */
SysvpnServiceSocket *
sysvpn_service_socket_new (int fd, const GArray *allowed_uids)
{
  SysvpnServiceSocket *self = g_object_new (SYSVPN_TYPE_SERVICE_SOCKET, NULL);

  self->fd = fd;
  self->allowed_uids = g_array_new (FALSE, FALSE, sizeof (uid_t));
  g_array_append_vals (self->allowed_uids, allowed_uids->data, allowed_uids->len);
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->accept_id = g_unix_fd_add (fd, G_IO_IN, on_incoming, self);
  g_source_set_name_by_id (self->accept_id, "sysvpn: accept");
  return self;
}

/**
 * sysvpn_service_socket_listen:
 * @path: where to listen; a socket that is there already is replaced
 * @error: return location for %SYSVPN_AGENT_ERROR_SYSTEM
 *
 * Without systemd, for development and tests. Only the own user can connect.
 *
 * Returns: the listening socket, -1 on failure
 */
int
sysvpn_service_socket_listen (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  mode_t mask;
  int bound;

  if (fd < 0 ||
      g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
    g_set_error (error, SYSVPN_AGENT_ERROR, SYSVPN_AGENT_ERROR_SYSTEM,
                 "cannot listen: the socket's path is too long");
    if (fd >= 0)
      close (fd);
    return -1;
  }
  unlink (path);
  mask = umask (0177);
  bound = bind (fd, (struct sockaddr *) &address, sizeof address);
  umask (mask);
  if (bound != 0 || listen (fd, SYSVPN_CONNECTIONS_MAX) != 0) {
    g_set_error (error, SYSVPN_AGENT_ERROR, SYSVPN_AGENT_ERROR_SYSTEM,
                 "cannot listen on %s: %s", path, g_strerror (errno));
    close (fd);
    return -1;
  }
  return fd;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is let in. That another user is refused needs two users: tests/suites/agent. */
#include "agent/service-socket.h"

#include "agent/callers.h"
#include "caller.h"
#include "proto/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { N_CALLS = SYSVPN_CONNECTIONS_MAX + 8 };

typedef struct {
  char *folder;
  char *path;
  SysvpnServiceSocket *socket;
  GPtrArray *connections;
} Fixture;

static void
on_closed (Fixture *fixture, SysvpnConnection *connection)
{
  g_ptr_array_remove (fixture->connections, connection);
}

static void
on_connection (Fixture *fixture, SysvpnConnection *connection)
{
  g_ptr_array_add (fixture->connections, g_object_ref (connection));
  g_signal_connect_swapped (connection, "closed", G_CALLBACK (on_closed), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (uid_t));
  g_autoptr (GError) error = NULL;
  uid_t own = getuid ();
  int fd;

  fixture->folder = g_dir_make_tmp ("sysvpn-socket-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "agent.socket", NULL);
  fixture->connections = g_ptr_array_new_with_free_func (g_object_unref);
  fd = sysvpn_service_socket_listen (fixture->path, &error);
  g_assert_no_error (error);
  g_array_append_val (uids, own);
  fixture->socket = sysvpn_service_socket_new (fd, uids);
  g_signal_connect_swapped (fixture->socket, "connection", G_CALLBACK (on_connection), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_object_unref (fixture->socket);
  g_ptr_array_unref (fixture->connections);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static int
call (Fixture *fixture)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, fixture->path, sizeof address.sun_path);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  return fd;
}

static bool
has_ended (int fd)
{
  bool ended;

  g_free (caller_hear_all (fd, &ended));
  return ended;
}

static void
test_mode (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  struct stat state;

  g_assert_cmpint (stat (fixture->path, &state), ==, 0);
  g_assert_cmpuint (state.st_mode & 0777, ==, 0600);
}

static bool
is_full (gpointer data)
{
  return ((Fixture *) data)->connections->len == SYSVPN_CONNECTIONS_MAX;
}

/* The first are served, the others hung up on without a word; when one leaves, the next may in.
 */
static void
test_limit (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  int fds[N_CALLS];

  for (unsigned i = 0; i < N_CALLS; i++) {
    fds[i] = call (fixture);
    g_main_context_iteration (NULL, FALSE);
  }
  caller_wait (is_full, fixture);
  caller_settle (50);
  g_assert_true (is_full (fixture));
  for (unsigned i = 0; i < N_CALLS; i++)
    g_assert_cmpint (has_ended (fds[i]), ==, i >= SYSVPN_CONNECTIONS_MAX);

  close (fds[0]);
  close (fds[SYSVPN_CONNECTIONS_MAX]);
  caller_settle (50);
  g_assert_cmpuint (fixture->connections->len, ==, SYSVPN_CONNECTIONS_MAX - 1);
  fds[0] = call (fixture);
  fds[SYSVPN_CONNECTIONS_MAX] = call (fixture);
  caller_settle (50);
  g_assert_true (is_full (fixture));
  g_assert_false (has_ended (fds[0]));
  g_assert_true (has_ended (fds[SYSVPN_CONNECTIONS_MAX]));
  for (unsigned i = 0; i < N_CALLS; i++)
    close (fds[i]);
}

/* The socket of an agent that was killed is still there. */
static void
test_replaces (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  int fd = sysvpn_service_socket_listen (fixture->path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
}

static void
test_cannot_listen (Fixture *fixture, gconstpointer data)
{
  bool too_long = data != NULL;
  char name[200];
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  mode_t before = umask (022);

  memset (name, 'x', sizeof name);
  name[sizeof name - 1] = '\0';
  path = g_build_filename (fixture->folder, too_long ? name : "no-folder/agent.socket", NULL);
  g_assert_cmpint (sysvpn_service_socket_listen (path, &error), ==, -1);
  g_assert_error (error, SYSVPN_AGENT_ERROR, SYSVPN_AGENT_ERROR_SYSTEM);
  g_assert_cmpuint (umask (before), ==, 022);
}

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/service-socket/mode", NULL, test_mode);
  add ("/service-socket/limit", NULL, test_limit);
  add ("/service-socket/replaces", NULL, test_replaces);
  add ("/service-socket/no-folder", NULL, test_cannot_listen);
  add ("/service-socket/path-too-long", "long", test_cannot_listen);
  return g_test_run ();
}

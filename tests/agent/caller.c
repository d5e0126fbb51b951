/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "caller.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEADLINE_S = 20 /* never a measure: only a test that fails waits for it */ };

void
caller_pair (int *ret_near, int *ret_far)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
                   ==, 0);
  *ret_near = ends[0];
  *ret_far = ends[1];
}

void
caller_say (int fd, const char *bytes, size_t len)
{
  g_assert_cmpint (send (fd, bytes, len, MSG_NOSIGNAL), ==, (gssize) len);
}

/* All that is there now, without waiting; *ret_ended: and nothing more will come. */
char *
caller_hear_all (int fd, bool *ret_ended)
{
  GString *heard = g_string_new (NULL);
  char buffer[65536];
  ssize_t len;

  while ((len = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    g_string_append_len (heard, buffer, len);
  if (ret_ended != NULL)
    *ret_ended = len == 0 || errno != EAGAIN;
  return g_string_free (heard, FALSE);
}

static gboolean
on_late (gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until the answer is true. */
void
caller_wait (CallerQuestion question, gpointer data)
{
  bool late = false;
  guint id = g_timeout_add_seconds (DEADLINE_S, on_late, &late);

  while (!question (data) && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  g_assert_false (late);
}

/* Runs the main loop for a while: for what must not happen. */
void
caller_settle (unsigned ms)
{
  bool done = false;
  guint id = g_timeout_add (ms, on_late, &done);

  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

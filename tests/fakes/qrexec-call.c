/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qrexec-call.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  char data[65536];
  size_t start, end;
} Buffer;

static bool
buffer_empty (const Buffer *buffer)
{
  return buffer->start == buffer->end;
}

/* What -t lets through to a terminal. */
static void
replace_unprintable (Buffer *buffer)
{
  for (size_t i = buffer->start; i < buffer->end; i++)
    if ((buffer->data[i] < 0x20 || buffer->data[i] > 0x7e) &&
        !memchr ("\t\n\r\b\a", buffer->data[i], 5))
      buffer->data[i] = '_';
}

/* Returns false at end of file, and at an error, which for a caller is the same. */
static bool
fill (Buffer *buffer, int fd)
{
  ssize_t got = read (fd, buffer->data, sizeof buffer->data);

  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return true;
  buffer->start = 0;
  buffer->end = got > 0 ? (size_t) got : 0;
  return got > 0;
}

static bool
empty (Buffer *buffer, int fd)
{
  ssize_t put = write (fd, buffer->data + buffer->start, buffer->end - buffer->start);

  if (put < 0)
    return errno == EAGAIN || errno == EINTR;
  buffer->start += (size_t) put;
  return true;
}

static short
wanted (bool reading, bool writing)
{
  return (short) ((reading ? POLLIN : 0) | (writing ? POLLOUT : 0));
}

/* Returns the exit code of the call. */
int
call_shuttle (const Call *call)
{
  static Buffer there, back;
  bool in_open = true, service_open = true, told_eof = false;

  for (;;) {
    bool reading_in = in_open && buffer_empty (&there);
    bool reading_service = service_open && buffer_empty (&back);
    short service_events = wanted (reading_service, !buffer_empty (&there));
    /* with nothing wanted a hang-up is still reported: of interest once all is delivered */
    bool watch_service = service_events || (!service_open && buffer_empty (&back));
    struct pollfd items[] = {
      { .fd = call->qube.changes, .events = POLLIN },
      { .fd = reading_in ? call->in : -1, .events = POLLIN },
      { .fd = buffer_empty (&back) ? -1 : call->out, .events = POLLOUT },
      { .fd = watch_service ? call->service : -1, .events = service_events },
    };

    if (!in_open && buffer_empty (&there) && !told_eof) {
      if (call->config.client_eof_ends)
        return 0;
      shutdown (call->service, SHUT_WR);
      told_eof = true;
    }
    if (!service_open && buffer_empty (&back) && (call->config.service_eof_ends || told_eof))
      return 0;

    if (poll (items, 4, -1) < 0)
      continue;
    if (items[0].revents) {
      if (qube_wait_unpaused (&call->qube, 0) != QUBE_RUNNING)
        fail (EXIT_DIED, "vchan connection closed early (fds: -1 -1 -1, status: -1 -1)");
      continue;
    }
    if (items[1].revents)
      in_open = fill (&there, call->in);
    if (items[2].revents && !empty (&back, call->out))
      return 0;
    if ((items[3].revents & POLLOUT) && !empty (&there, call->service)) {
      in_open = false;
      there.start = there.end;
    }
    if (reading_service && (items[3].revents & (POLLIN | POLLHUP | POLLERR))) {
      service_open = fill (&back, call->service);
      if (call->filter)
        replace_unprintable (&back);
    }
    /* closed for good, not only shut down for writing: nobody is left to send to */
    else if (!service_open && (items[3].revents & (POLLHUP | POLLERR)) && buffer_empty (&back))
      return 0;
  }
}

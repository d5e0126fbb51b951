/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qrexec-qube.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SERVICE_NAME_MAX = 255 };

_Noreturn void
fail (int code, const char *message)
{
  if (message)
    fprintf (stderr, "%s\n", message);
  exit (code);
}

static size_t
read_file (int folder, const char *name, char *text, size_t size)
{
  int fd = openat (folder, name, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read (fd, text, size - 1);

  if (fd >= 0)
    close (fd);
  text[got > 0 ? got : 0] = '\0';
  return got > 0 ? (size_t) got : 0;
}

QubeState
qube_state (const Qube *qube)
{
  char word[32];

  read_file (qube->folder, "state", word, sizeof word);
  word[strcspn (word, "\n")] = '\0';
  if (!strcmp (word, "running"))
    return QUBE_RUNNING;
  return strcmp (word, "paused") ? QUBE_HALTED : QUBE_PAUSED;
}

static bool
has_line (int folder, const char *name, const char *wanted)
{
  char text[8192], *rest = text, *line;

  read_file (folder, name, text, sizeof text);
  while ((line = strsep (&rest, "\n")))
    if (!strcmp (line, wanted))
      return true;
  return false;
}

bool
qube_open (Qube *qube, const char *name)
{
  static const char allowed[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const char *lab = getenv ("LABDIR");
  char path[PATH_MAX];

  if (!lab || strlen (name) > 31 || strspn (name, allowed) != strlen (name))
    return false;
  snprintf (path, sizeof path, "%s/qrexec/%s", lab, name);
  qube->folder = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  qube->changes = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  inotify_add_watch (qube->changes, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE);
  return qube->folder >= 0;
}

static void
drain (int changes)
{
  char events[4096];

  while (read (changes, events, sizeof events) > 0)
    continue;
}

static int
milliseconds_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int) (now.tv_sec % 1000000) * 1000 + (int) (now.tv_nsec / 1000000);
}

/* A paused qube's daemon takes the call and nobody answers: wait as long as the caller would.
 * 0 seconds is for ever. */
QubeState
qube_wait_unpaused (const Qube *qube, int seconds)
{
  int end = milliseconds_now () + seconds * 1000;

  for (;;) {
    struct pollfd item = { .fd = qube->changes, .events = POLLIN };
    QubeState state;
    int left;

    drain (qube->changes); /* before the look, so that no change after it goes unnoticed */
    state = qube_state (qube);
    left = seconds ? end - milliseconds_now () : -1;
    if (state != QUBE_PAUSED || (seconds && left <= 0))
      return state;
    poll (&item, 1, left);
  }
}

/* The most specific file wins: SERVICE+ARG, else SERVICE. */
static void
service_file (int folder, const char *kind, const char *service, char path[static PATH_MAX])
{
  struct stat info;

  snprintf (path, PATH_MAX, "%s/%s", kind, service);
  if (fstatat (folder, path, &info, 0) < 0)
    path[strlen (kind) + 1 + strcspn (service, "+")] = '\0';
}

bool
qube_refuses (const Qube *qube, const char *service)
{
  return has_line (qube->folder, "refused", "*") || has_line (qube->folder, "refused", service);
}

ServiceConfig
qube_service_config (const Qube *qube, const char *service)
{
  char path[PATH_MAX];

  service_file (qube->folder, "rpc-config", service, path);
  return (ServiceConfig){
    .skip_descriptor = has_line (qube->folder, path, "skip-service-descriptor=true"),
    .service_eof_ends = has_line (qube->folder, path, "exit-on-service-eof=true"),
    .client_eof_ends = has_line (qube->folder, path, "exit-on-client-eof=true"),
  };
}

int
qube_service_connect (const Qube *qube, const char *service)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  char path[PATH_MAX];
  struct stat info;
  int file, fd;

  if (strcspn (service, "+") > SERVICE_NAME_MAX || !*service || *service == '+')
    fail (EXIT_NO_ANSWER, NULL);
  service_file (qube->folder, "rpc", service, path);
  if (fstatat (qube->folder, path, &info, 0) < 0)
    fail (EXIT_NO_SERVICE, NULL);
  if (!S_ISSOCK (info.st_mode))
    fail (EXIT_NO_ANSWER, NULL);
  /* through its descriptor: the path may be longer than a socket address holds */
  file = openat (qube->folder, path, O_PATH | O_CLOEXEC);
  snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", file);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    fail (EXIT_NO_ANSWER, NULL);
  close (file);
  return fd;
}

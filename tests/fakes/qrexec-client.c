/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Stand-in for Qubes' qrexec-client (dom0) and, by argv[0], qrexec-client-vm (GUI domain): the same
 * command lines, bytes and exit codes, but the "qube" is a folder.
 *
 *   $LABDIR/qrexec/QUBE/state         running | paused | anything else is halted; replaced by rename
 *   $LABDIR/qrexec/QUBE/rpc/SERVICE   a socket or a symlink to one, or SERVICE+ARG
 *   $LABDIR/qrexec/QUBE/rpc-config/SERVICE   key=true lines as in /etc/qubes/rpc-config
 *   $LABDIR/qrexec/QUBE/refused       services that policy denies a GUI domain, one a line; * for all
 *
 *   qrexec-client -d QUBE [-t] [-T] [-w SECONDS] [-e | -l PROGRAM] 'USER:QUBESRPC SERVICE+ARG SOURCE'
 *   qrexec-client-vm [-t] [-T] QUBE SERVICE+ARG
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
  EXIT_NO_ANSWER = 125,
  EXIT_REFUSED = 126,
  EXIT_NO_SERVICE = 127,
  EXIT_DIED = 255,
  SERVICE_NAME_MAX = 255,
  COMMAND_MAX = 65535,
};

typedef enum
{
  QUBE_HALTED,
  QUBE_PAUSED,
  QUBE_RUNNING,
} QubeState;

typedef struct
{
  char data[65536];
  size_t start, end;
} Buffer;

typedef struct
{
  bool skip_descriptor, service_eof_ends, client_eof_ends;
} ServiceConfig;

typedef struct
{
  const char *qube;
  const char *local_program;
  int wait_seconds;
  bool detach, filter;
} Options;

typedef struct
{
  int folder;   /* of the qube */
  int changes;  /* inotify on it */
  int in, out;  /* the caller's side */
  int service;
  bool filter;
  ServiceConfig config;
} Call;

static _Noreturn void
fail (int code, const char *message)
{
  if (message)
    fprintf (stderr, "%s\n", message);
  exit (code);
}

/* --- the qube ----------------------------------------------------------------------------------- */

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

static QubeState
qube_state (int folder)
{
  char word[32];

  read_file (folder, "state", word, sizeof word);
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

static int
open_qube (const char *name, int *changes)
{
  const char *lab = getenv ("LABDIR");
  char path[PATH_MAX];
  int folder;

  if (!lab || strlen (name) > 31 || strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789_-") != strlen (name))
    return -1;
  snprintf (path, sizeof path, "%s/qrexec/%s", lab, name);
  folder = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  *changes = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  inotify_add_watch (*changes, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE);
  return folder;
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

/* A paused qube's daemon takes the call and nobody answers: wait as long as the caller would. */
static QubeState
wait_unpaused (int folder, int changes, int seconds)
{
  int end = milliseconds_now () + seconds * 1000;
  QubeState state;

  while ((state = qube_state (folder)) == QUBE_PAUSED)
    {
      struct pollfd item = { .fd = changes, .events = POLLIN };
      int left = seconds ? end - milliseconds_now () : -1;

      if (seconds && left <= 0)
        break;
      if (poll (&item, 1, left) > 0)
        drain (changes);
    }
  return state;
}

/* --- the service -------------------------------------------------------------------------------- */

/* The most specific file wins: SERVICE+ARG, else SERVICE. */
static void
service_file (int folder, const char *kind, const char *service, char path[static PATH_MAX])
{
  struct stat info;

  snprintf (path, PATH_MAX, "%s/%s", kind, service);
  if (fstatat (folder, path, &info, 0) < 0)
    path[strlen (kind) + 1 + strcspn (service, "+")] = '\0';
}

static ServiceConfig
service_config (int folder, const char *service)
{
  char path[PATH_MAX];

  service_file (folder, "rpc-config", service, path);
  return (ServiceConfig) {
    .skip_descriptor = has_line (folder, path, "skip-service-descriptor=true"),
    .service_eof_ends = has_line (folder, path, "exit-on-service-eof=true"),
    .client_eof_ends = has_line (folder, path, "exit-on-client-eof=true"),
  };
}

static int
service_connect (int folder, const char *service)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  char path[PATH_MAX];
  struct stat info;
  int file, fd;

  if (strcspn (service, "+") > SERVICE_NAME_MAX || !*service || *service == '+')
    fail (EXIT_NO_ANSWER, NULL);
  service_file (folder, "rpc", service, path);
  if (fstatat (folder, path, &info, 0) < 0)
    fail (EXIT_NO_SERVICE, NULL);
  if (!S_ISSOCK (info.st_mode))
    fail (EXIT_NO_ANSWER, NULL);
  /* through its descriptor: the path may be longer than a socket address holds */
  file = openat (folder, path, O_PATH | O_CLOEXEC);
  snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", file);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    fail (EXIT_NO_ANSWER, NULL);
  close (file);
  return fd;
}

/* Blocking, and nothing to fear: the socket is new and its buffer is larger than a command. */
static void
send_descriptor (int fd, const char *text)
{
  size_t size = strlen (text) + 1;

  while (size > 0)
    {
      ssize_t sent = send (fd, text, size, MSG_NOSIGNAL);

      if (sent < 0)
        return;
      text += sent;
      size -= (size_t) sent;
    }
}

/* --- bytes to and fro --------------------------------------------------------------------------- */

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
    if ((buffer->data[i] < 0x20 || buffer->data[i] > 0x7e)
        && !memchr ("\t\n\r\b\a", buffer->data[i], 5))
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
static int
shuttle (const Call *call)
{
  static Buffer there, back;
  bool in_open = true, service_open = true, told_eof = false;

  for (;;)
    {
      bool reading_in = in_open && buffer_empty (&there);
      bool reading_service = service_open && buffer_empty (&back);
      short service_events = wanted (reading_service, !buffer_empty (&there));
      /* with nothing wanted a hang-up is still reported: only of interest once all is delivered */
      bool watch_service = service_events || (!service_open && buffer_empty (&back));
      struct pollfd items[] = {
        { .fd = call->changes, .events = POLLIN },
        { .fd = reading_in ? call->in : -1, .events = POLLIN },
        { .fd = buffer_empty (&back) ? -1 : call->out, .events = POLLOUT },
        { .fd = watch_service ? call->service : -1, .events = service_events },
      };

      if (!in_open && buffer_empty (&there) && !told_eof)
        {
          if (call->config.client_eof_ends)
            return 0;
          shutdown (call->service, SHUT_WR);
          told_eof = true;
        }
      if (!service_open && buffer_empty (&back) && (call->config.service_eof_ends || told_eof))
        return 0;

      if (poll (items, 4, -1) < 0)
        continue;
      if (items[0].revents)
        {
          drain (call->changes);
          if (wait_unpaused (call->folder, call->changes, 0) != QUBE_RUNNING)
            fail (EXIT_DIED, "vchan connection closed early (fds: -1 -1 -1, status: -1 -1)");
          continue;
        }
      if (items[1].revents)
        in_open = fill (&there, call->in);
      if (items[2].revents && !empty (&back, call->out))
        return 0;
      if ((items[3].revents & POLLOUT) && !empty (&there, call->service))
        {
          in_open = false;
          there.start = there.end;
        }
      if (reading_service && (items[3].revents & (POLLIN | POLLHUP | POLLERR)))
        {
          service_open = fill (&back, call->service);
          if (call->filter)
            replace_unprintable (&back);
        }
      /* closed for good, not only shut down for writing: nobody is left to send to */
      else if (!service_open && (items[3].revents & (POLLHUP | POLLERR)) && buffer_empty (&back))
        return 0;
    }
}

static pid_t
start_local (const char *program, Call *call)
{
  int ends[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || (child = fork ()) < 0)
    fail (1, "cannot start the local program");
  if (child == 0)
    {
      dup2 (ends[1], 0);
      dup2 (ends[1], 1);
      execl ("/bin/sh", "sh", "-c", program, NULL);
      _exit (127);
    }
  close (ends[1]);
  call->in = call->out = ends[0];
  return child;
}

static int
run_call (Call *call, const Options *options, const char *service, const char *descriptor)
{
  pid_t child = 0;
  int code;

  call->config = service_config (call->folder, service);
  call->service = service_connect (call->folder, service);
  if (!call->config.skip_descriptor)
    send_descriptor (call->service, descriptor);
  if (options->detach)
    return 0;
  if (options->local_program)
    child = start_local (options->local_program, call);
  fcntl (call->service, F_SETFL, O_NONBLOCK);
  code = shuttle (call);
  if (child)
    {
      shutdown (call->in, SHUT_RDWR);
      waitpid (child, NULL, 0);
    }
  return code;
}

/* --- the two programs --------------------------------------------------------------------------- */

static int
from_dom0 (int argc, char **argv)
{
  Options options = { .wait_seconds = 5 };
  Call call = { .in = 0, .out = 1 };
  char *command, *text, *service, *source;
  QubeState state;
  int option;

  while ((option = getopt (argc, argv, "d:l:ew:tT")) != -1)
    switch (option)
      {
      case 'd':
        options.qube = optarg;
        break;
      case 'l':
        options.local_program = optarg;
        break;
      case 'e':
        options.detach = true;
        break;
      case 'w':
        options.wait_seconds = atoi (optarg);
        break;
      case 't':
        options.filter = true;
        break;
      case 'T':
        break; /* a socket service has no stderr */
      default:
        fail (1, "usage: qrexec-client -d QUBE [-t] [-T] [-w S] [-e|-l PROGRAM] USER:COMMAND");
      }
  if (!options.qube || optind != argc - 1)
    fail (1, "usage: qrexec-client -d QUBE [-t] [-T] [-w S] [-e|-l PROGRAM] USER:COMMAND");

  call.folder = open_qube (options.qube, &call.changes);
  call.filter = options.filter;
  if (call.folder < 0 || qube_state (call.folder) == QUBE_HALTED)
    {
      fprintf (stderr, "connect /run/qubes/qrexec.%s: No such file or directory\n", options.qube);
      fail (EXIT_NO_ANSWER, "write daemon: Bad file descriptor");
    }
  state = wait_unpaused (call.folder, call.changes, options.wait_seconds);
  if (state != QUBE_RUNNING)
    fail (EXIT_NO_ANSWER, "vchan connection timeout");

  command = argv[optind];
  text = strchr (command, ':');
  if (!text)
    fail (1, "bad command: no user");
  if (strlen (command) > COMMAND_MAX || strncmp (text + 1, "QUBESRPC ", 9))
    fail (EXIT_NO_ANSWER, NULL);
  text += 10;
  service = strdup (text);
  source = strchr (service, ' ');
  if (!source || !source[1]) /* malformed: the source's name is not optional */
    fail (EXIT_NO_ANSWER, NULL);
  *source = '\0';
  return run_call (&call, &options, service, text);
}

static int
from_gui_domain (int argc, char **argv)
{
  Options options = { .wait_seconds = 5 };
  Call call = { .in = 0, .out = 1 };
  char service[COMMAND_MAX], descriptor[COMMAND_MAX + 16];
  int option;

  while ((option = getopt (argc, argv, "+tT")) != -1)
    if (option == 't')
      options.filter = true;
    else if (option != 'T')
      fail (1, "usage: qrexec-client-vm [-t] [-T] QUBE SERVICE+ARG");
  if (argc - optind != 2 || strlen (argv[optind + 1]) > sizeof service - 2)
    fail (1, "usage: qrexec-client-vm [-t] [-T] QUBE SERVICE+ARG");

  /* dom0 completes the name and cleans it */
  snprintf (service, sizeof service, "%s%s", argv[optind + 1],
            strchr (argv[optind + 1], '+') ? "" : "+");
  for (char *at = service; *at; at++)
    if (!isalnum ((unsigned char) *at) && !strchr ("_.-+", *at))
      *at = '_';

  call.folder = open_qube (argv[optind], &call.changes);
  call.filter = options.filter;
  if (call.folder < 0 || qube_state (call.folder) == QUBE_HALTED) /* autostart=no */
    fail (EXIT_REFUSED, "Request refused");
  snprintf (descriptor, sizeof descriptor, "%.*s", (int) strcspn (service, "+"), service);
  if (has_line (call.folder, "refused", "*") || has_line (call.folder, "refused", descriptor))
    fail (EXIT_REFUSED, "Request refused");
  if (wait_unpaused (call.folder, call.changes, options.wait_seconds) != QUBE_RUNNING)
    fail (EXIT_NO_ANSWER, "vchan connection timeout");
  snprintf (descriptor, sizeof descriptor, "%s sys-gui", service);
  return run_call (&call, &options, service, descriptor);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  if (!strcmp (basename (argv[0]), "qrexec-client-vm"))
    return from_gui_domain (argc, argv);
  return from_dom0 (argc, argv);
}

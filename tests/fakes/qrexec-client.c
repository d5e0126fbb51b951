/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stand-in for Qubes' qrexec-client (dom0) and, by argv[0], qrexec-client-vm (GUI domain): the
 * same command lines, bytes and exit codes. The qube is the folder $LABDIR/qrexec/QUBE.
 *
 *   qrexec-client -d QUBE [-t] [-T] [-w S] [-e | -l PROGRAM] 'USER:QUBESRPC SERVICE+ARG SOURCE'
 *   qrexec-client-vm [-t] [-T] QUBE SERVICE+ARG
 */
#include "qrexec-call.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMAND_MAX = 65535 };

typedef struct {
  const char *qube;
  const char *local_program;
  int wait_seconds;
  bool detach, filter;
} Options;

/* Blocking, and nothing to fear: the socket is new and its buffer is larger than a command. */
static void
send_descriptor (int fd, const char *text)
{
  size_t size = strlen (text) + 1;

  while (size > 0) {
    ssize_t sent = send (fd, text, size, MSG_NOSIGNAL);

    if (sent < 0)
      return;
    text += sent;
    size -= (size_t) sent;
  }
}

static pid_t
start_local (const char *program, Call *call)
{
  int ends[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || (child = fork ()) < 0)
    fail (1, "cannot start the local program");
  if (child == 0) {
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

  call->service = qube_service_connect (&call->qube, service); /* checks the name's length */
  call->config = qube_service_config (&call->qube, service);
  if (!call->config.skip_descriptor)
    send_descriptor (call->service, descriptor);
  if (options->detach)
    return 0;
  if (options->local_program)
    child = start_local (options->local_program, call);
  fcntl (call->service, F_SETFL, O_NONBLOCK);
  code = call_shuttle (call);
  if (child) {
    shutdown (call->in, SHUT_RDWR);
    waitpid (child, NULL, 0);
  }
  return code;
}

static int
from_dom0 (int argc, char **argv)
{
  int status;
  Options options = { .wait_seconds = 5 };
  Call call = { .in = STDIN_FILENO, .out = STDOUT_FILENO };
  char *command, *text, *service, *source;
  QubeState state;
  int option;

  while ((option = getopt (argc, argv, "d:l:ew:tT")) != -1)
    switch (option) {
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

  call.filter = options.filter;
  if (!qube_open (&call.qube, options.qube) || qube_state (&call.qube) == QUBE_HALTED) {
    fprintf (stderr, "connect /run/qubes/qrexec.%s: No such file or directory\n", options.qube);
    fail (EXIT_NO_ANSWER, "write daemon: Bad file descriptor");
  }
  state = qube_wait_unpaused (&call.qube, options.wait_seconds);
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
  status = run_call (&call, &options, service, text);
  free (service);
  return status;
}

static int
from_gui_domain (int argc, char **argv)
{
  Options options = { .wait_seconds = 5 };
  Call call = { .in = STDIN_FILENO, .out = STDOUT_FILENO };
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

  call.filter = options.filter;
  if (!qube_open (&call.qube, argv[optind]) ||
      qube_state (&call.qube) == QUBE_HALTED) /* autostart=no */
    fail (EXIT_REFUSED, "Request refused");
  snprintf (descriptor, sizeof descriptor, "%.*s", (int) strcspn (service, "+"), service);
  if (qube_refuses (&call.qube, descriptor))
    fail (EXIT_REFUSED, "Request refused");
  if (qube_wait_unpaused (&call.qube, options.wait_seconds) != QUBE_RUNNING)
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A folder that stands for a qube, as qrexec sees it; tests/lab/qrexec.py lays it out.
 *
 *   state         running | paused | anything else is halted; replaced by rename
 *   rpc/SERVICE   a socket or a symlink to one; rpc/SERVICE+ARG wins
 *   rpc-config/SERVICE   key=true lines as in /etc/qubes/rpc-config
 *   refused       services that policy denies a GUI domain, one a line; * for all
 */

#include <stdbool.h>

enum {
  EXIT_NO_ANSWER = 125,
  EXIT_REFUSED = 126,
  EXIT_NO_SERVICE = 127,
  EXIT_DIED = 255,
};

typedef enum {
  QUBE_HALTED,
  QUBE_PAUSED,
  QUBE_RUNNING,
} QubeState;

typedef struct {
  bool skip_descriptor, service_eof_ends, client_eof_ends;
} ServiceConfig;

typedef struct {
  int folder;
  int changes; /* an inotify descriptor on it */
} Qube;

_Noreturn void fail (int code, const char *message);

bool qube_open (Qube *qube, const char *name);
QubeState qube_state (const Qube *qube);
QubeState qube_wait_unpaused (const Qube *qube, int seconds);
bool qube_refuses (const Qube *qube, const char *service);
ServiceConfig qube_service_config (const Qube *qube, const char *service);
int qube_service_connect (const Qube *qube, const char *service);

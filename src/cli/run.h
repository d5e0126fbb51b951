/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qube.h"
#include "client/shown.h"
#include "client/transport.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The exit codes, which scripts rely on; data/man/sysvpn.1.scd lists them. */
typedef enum {
  SYSVPN_EXIT_OK = 0, /* done; of status: protected */
  SYSVPN_EXIT_FAILED = 1,
  SYSVPN_EXIT_USAGE = 2,
  SYSVPN_EXIT_BLOCKED = 3, /* nothing leaves, or not all of it: connecting and degraded too */
  SYSVPN_EXIT_EXPOSED = 4,
  SYSVPN_EXIT_UNKNOWN = 5,
  SYSVPN_EXIT_OFF = 6,
} SysvpnExit;

/**
 * SysvpnRun:
 *
 * One run of the program: what the command line asked for, and how it ends.
 */
typedef struct {
  GMainLoop *loop;
  SysvpnTransport *transport;
  const char *qube;
  bool is_qube_named;   /* else it is the usual one */
  const char *argument; /* NULL: none */
  bool json;
  SysvpnShown wanted; /* of wait */
  unsigned timeout_s; /* of wait */
  struct {
    const char *client;   /* NULL: choose one */
    const char *resolver; /* NULL: find out; "none" */
    bool quick;
    bool sandwich;
    bool record_uplink;
  } check;
  SysvpnExit exit;
  gpointer data; /* the command's own */
  GDestroyNotify data_free;
} SysvpnRun;

void sysvpn_run_end (SysvpnRun *run, SysvpnExit exit);
void sysvpn_run_fail (SysvpnRun *run, const char *message);
bool sysvpn_run_print (SysvpnRun *run, const char *text);
SysvpnView sysvpn_run_view (const SysvpnRun *run, SysvpnQube *qube);
SysvpnExit sysvpn_exit_of_shown (SysvpnShown shown);
GArray *sysvpn_profiles_finish (GAsyncResult *result, GError **error);

/* The commands: each starts, and ends the run when it is done. */
void sysvpn_status_command (SysvpnRun *run);
void sysvpn_watch_command (SysvpnRun *run);
void sysvpn_profiles_command (SysvpnRun *run);
void sysvpn_connect_command (SysvpnRun *run);
void sysvpn_disconnect_command (SysvpnRun *run);
void sysvpn_reconnect_command (SysvpnRun *run);
void sysvpn_wait_command (SysvpnRun *run);
void sysvpn_diagnose_command (SysvpnRun *run);
void sysvpn_check_command (SysvpnRun *run);
void sysvpn_record_uplink_command (SysvpnRun *run);

G_END_DECLS

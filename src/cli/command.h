/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/run.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  const char *name;
  const char *arguments; /* for the usage text */
  const char *summary;
  void (*start) (SysvpnRun *run);
  bool takes_all; /* VPN qubes, where none is named; else it is about one */
  bool takes_json;
  bool takes_profile;
  bool waits;  /* takes --for and --timeout, and needs the first */
  bool checks; /* takes --client, --resolver, --quick, --sandwich and --record-uplink */
} SysvpnCommand;

/**
 * SysvpnCommandLine:
 *
 * What was typed, not yet checked; %NULL or -1 for what was not.
 */
typedef struct {
  char *qube;
  char *connect;
  char *wanted;
  char *timeout;
  char *client;
  char *resolver;
  gboolean quick;
  gboolean sandwich;
  gboolean record_uplink;
  gboolean json;
  gboolean version;
  char **words;
} SysvpnCommandLine;

bool sysvpn_command_line_parse (SysvpnCommandLine *line, int argc, char **argv, GError **error);
void sysvpn_command_line_clear (SysvpnCommandLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnCommandLine, sysvpn_command_line_clear)
const SysvpnCommand *
sysvpn_command_line_check (const SysvpnCommandLine *line, SysvpnRun *run, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/evidence.h"
#include "check/qube-command.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What one qube told, or why it did not. */
typedef struct {
  bool is_told;
  SysvpnCommandEnd end;
  SysvpnAnswers answers;
} SysvpnTold;

/* What was seen in one qube, or why it was not. */
typedef struct {
  bool is_seen;
  SysvpnCommandEnd end;
  SysvpnSighting sighting;
} SysvpnSeen;

/**
 * SysvpnLook:
 * @client: what the client reaches
 * @own: what the VPN qube itself reaches
 * @at_vpn: what passed in the VPN qube meanwhile
 * @at_resolver: the same of the resolver
 */
typedef struct {
  SysvpnTold client;
  SysvpnTold own;
  SysvpnSeen at_vpn;
  SysvpnSeen at_resolver;
} SysvpnLook;

/**
 * SysvpnLookPlan:
 * @client: (nullable): where to ask from; %NULL for one that is not to be asked
 * @vpn: (nullable): where to ask from and to watch
 * @resolver: (nullable): where to watch
 * @script: what to ask
 */
typedef struct {
  const char *client;
  const char *vpn;
  const char *resolver;
  SysvpnScript script;
} SysvpnLookPlan;

void sysvpn_look_async (const SysvpnLookPlan *plan,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data);
SysvpnLook *sysvpn_look_finish (GAsyncResult *result, GError **error);

G_END_DECLS

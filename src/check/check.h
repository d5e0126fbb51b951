/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/finding.h"
#include "client/transport.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnCheckOptions:
 * @vpn: the VPN qube
 * @client: (nullable): the qube whose traffic is followed; %NULL to choose one
 * @resolver: (nullable): the resolver qube, "none" for none; %NULL to find out
 * @sandwich: whether a second firewall is to stand behind the VPN qube
 * @quick: whether to leave the tunnel alone
 */
typedef struct {
  const char *vpn;
  const char *client;
  const char *resolver;
  bool sandwich;
  bool quick;
} SysvpnCheckOptions;

/* Signals:
 * "progress" (const char *text): what is being done now
 * "finding" (const SysvpnFinding *finding)
 * "done" (): there is no more; the state that was found is back, or a finding says that it is
 * not
 */
#define SYSVPN_TYPE_CHECK (sysvpn_check_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnCheck, sysvpn_check, SYSVPN, CHECK, GObject)

SysvpnCheck *sysvpn_check_new (SysvpnTransport *transport, const SysvpnCheckOptions *options);
void sysvpn_check_start (SysvpnCheck *self);
void sysvpn_check_interrupt (SysvpnCheck *self);
bool sysvpn_check_was_interrupted (SysvpnCheck *self);
SysvpnTally sysvpn_check_get_tally (SysvpnCheck *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_SUPERVISOR_PATIENCE_S = 30, /* lost or degraded for that long: first try */
  SYSVPN_SUPERVISOR_FIRST_S = 5,     /* then after so long ... */
  SYSVPN_SUPERVISOR_CAP_S = 60,      /* ... doubling up to this */
};

/**
 * SysvpnSupervisor:
 * @wanted: what the user wants of the tunnel
 * @uuid: the profile that is wanted up, and the last used one while it is wanted down
 * @is_urgent: the next try needs no patience: nothing was tried since the qube or
 * NetworkManager started
 * @failures: tries since the tunnel was last up
 * @retry_at_us: monotonic time of the next try, 0 for none
 *
 * NetworkManager never brings a lost VPN back by itself; this decides when to.
 */
typedef struct {
  SysvpnWanted wanted;
  char uuid[SYSVPN_UUID_LEN + 1];
  bool is_urgent;
  unsigned failures;
  int64_t retry_at_us;
} SysvpnSupervisor;

/**
 * SysvpnSupervisorScene:
 * @tunnel: its state
 * @cause: why it is not up
 * @is_busy: somebody brings it up or down already
 * @can_try: NetworkManager runs and has an uplink
 * @now_us: monotonic time
 * @random: any 32 random bits
 */
typedef struct {
  SysvpnTunnel tunnel;
  SysvpnCause cause;
  bool is_busy;
  bool can_try;
  int64_t now_us;
  uint32_t random;
} SysvpnSupervisorScene;

void sysvpn_supervisor_want_up (SysvpnSupervisor *supervisor, const char *uuid);
void sysvpn_supervisor_want_down (SysvpnSupervisor *supervisor);
bool sysvpn_supervisor_decide (SysvpnSupervisor *supervisor,
                               const SysvpnSupervisorScene *scene);

G_END_DECLS

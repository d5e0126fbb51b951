/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to try again by ourselves. Pure: the caller carries it out. */
#include "agent/supervisor.h"

#include "base/backoff.h"

/**
 * sysvpn_supervisor_want_up:
 * @supervisor: the supervisor
 * @uuid: the profile that the user wants up
 */
void
sysvpn_supervisor_want_up (SysvpnSupervisor *supervisor, const char *uuid)
{
  supervisor->wanted = SYSVPN_WANTED_UP;
  g_strlcpy (supervisor->uuid, uuid, sizeof supervisor->uuid);
  supervisor->failures = 0;
  supervisor->retry_at_us = 0;
}

/**
 * sysvpn_supervisor_want_down:
 * @supervisor: the supervisor
 *
 * The profile is remembered: it is the one that Connect without an argument brings up.
 */
void
sysvpn_supervisor_want_down (SysvpnSupervisor *supervisor)
{
  supervisor->wanted = SYSVPN_WANTED_DOWN;
  supervisor->failures = 0;
  supervisor->retry_at_us = 0;
}

/* Trying again changes nothing about these, and may lock an account. It may about a
 * certificate: the clock was wrong, or somebody on the way had put in his own. */
static bool
needs_the_user (SysvpnCause cause)
{
  return cause == SYSVPN_CAUSE_CREDENTIALS || cause == SYSVPN_CAUSE_SECRET_MISSING ||
         cause == SYSVPN_CAUSE_PLUGIN_MISSING || cause == SYSVPN_CAUSE_NO_PROFILE ||
         cause == SYSVPN_CAUSE_NO_DNS;
}

static int64_t
delay_us (const SysvpnSupervisor *supervisor, uint32_t random)
{
  if (supervisor->is_urgent)
    return 0;
  if (supervisor->failures == 0)
    return (int64_t) SYSVPN_SUPERVISOR_PATIENCE_S * G_USEC_PER_SEC;
  return (int64_t) sysvpn_backoff_delay_ms (supervisor->failures,
                                            SYSVPN_SUPERVISOR_FIRST_S * 1000,
                                            SYSVPN_SUPERVISOR_CAP_S * 1000, random) *
         1000;
}

/**
 * sysvpn_supervisor_decide:
 * @supervisor: the supervisor
 * @scene: how things are
 *
 * Call it whenever the scene changed, and when retry_at_us has come.
 *
 * Returns: %TRUE if the wanted profile is to be brought up (again) now
 */
bool
sysvpn_supervisor_decide (SysvpnSupervisor *supervisor, const SysvpnSupervisorScene *scene)
{
  bool amiss = scene->tunnel == SYSVPN_TUNNEL_DOWN || scene->tunnel == SYSVPN_TUNNEL_DEGRADED;

  if (scene->tunnel == SYSVPN_TUNNEL_UP) {
    supervisor->failures = 0;
    supervisor->is_urgent = false;
  }
  if (supervisor->wanted != SYSVPN_WANTED_UP || supervisor->uuid[0] == '\0' || !amiss ||
      scene->is_busy || !scene->can_try || needs_the_user (scene->cause)) {
    supervisor->retry_at_us = 0;
    return false;
  }
  if (supervisor->retry_at_us == 0)
    supervisor->retry_at_us = scene->now_us + delay_us (supervisor, scene->random);
  if (scene->now_us < supervisor->retry_at_us)
    return false;

  supervisor->retry_at_us = 0;
  supervisor->is_urgent = false;
  supervisor->failures++;
  return true;
}

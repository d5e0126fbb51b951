/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's one clock. Ages must go on while the machine sleeps, so it is not GLib's. */
#include "agent/clock.h"

#include <time.h>

/**
 * sysvpn_clock_us:
 *
 * Returns: microseconds since the boot, sleep included (CLOCK_BOOTTIME)
 */
int64_t
sysvpn_clock_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now); /* cannot fail for this clock and address */
  return (int64_t) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long to wait before the next try of something that failed. */
#include "base/backoff.h"

/**
 * sysvpn_backoff_delay_ms:
 * @attempt: how many tries have failed since the last success, from 1
 * @first_ms: the delay after the first failure, in milliseconds, at least 1
 * @cap_ms: the longest delay, at least @first_ms
 * @random: any 32 random bits; the caller passes them so that the result can be tested
 *
 * Doubles with every failure up to @cap_ms, then takes away up to a quarter, so that several
 * callers that failed together do not come back together.
 *
 * Returns: the delay in milliseconds, from three quarters of the doubled delay to all of it
 */
unsigned
sysvpn_backoff_delay_ms (unsigned attempt, unsigned first_ms, unsigned cap_ms, uint32_t random)
{
  unsigned delay = first_ms;

  for (unsigned i = 1; i < attempt && delay < cap_ms; i++)
    delay = delay > cap_ms / 2 ? cap_ms : delay * 2;
  return delay - (unsigned) ((uint64_t) (delay / 4) * random / UINT32_MAX);
}

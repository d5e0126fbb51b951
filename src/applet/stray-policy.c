/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When it is worth a notification that qubes go past the VPN which must not: once for each of
 * them, and not again because it was restarted. Pure. */
#include "applet/stray-policy.h"

#include <stdbool.h>

static int
find (const SysvpnStrayPolicy *policy, const char *name)
{
  for (size_t i = 0; i < policy->n_told; i++)
    if (g_str_equal (policy->told[i], name))
      return (int) i;
  return -1;
}

/* Returns: a place for another one, where need be that of one that is gone; -1: all are there
 */
static int
make_room (SysvpnStrayPolicy *policy)
{
  int longest = -1;

  if (policy->n_told < SYSVPN_STRAYS_TOLD_MAX)
    return (int) policy->n_told++;
  for (int i = 0; i < SYSVPN_STRAYS_TOLD_MAX; i++)
    if (policy->left_at[i] != 0 &&
        (longest < 0 || policy->left_at[i] < policy->left_at[longest]))
      longest = i;
  return longest;
}

/* Returns: whether it is news */
static bool
see (SysvpnStrayPolicy *policy, const char *name, int64_t now_ms)
{
  int at = find (policy, name);
  bool is_news;

  if (at >= 0) {
    is_news = policy->left_at[at] != 0 && now_ms - policy->left_at[at] > SYSVPN_STRAY_AGAIN_MS;
    policy->left_at[at] = 0;
    return is_news;
  }
  at = make_room (policy);
  if (at < 0)
    return false; /* the notification names a few only, and is there */
  g_strlcpy (policy->told[at], name, sizeof policy->told[at]);
  policy->left_at[at] = 0;
  return true;
}

/**
 * sysvpn_stray_decide:
 * @policy: what has been announced so far
 * @strays: the names of the qubes that go past the VPN now and must not, ends with %NULL
 * @now_ms: the time
 *
 * Call it at every change.
 *
 * Returns: what to do about the notification
 */
SysvpnStrayNotice
sysvpn_stray_decide (SysvpnStrayPolicy *policy, const char *const *strays, int64_t now_ms)
{
  bool is_news = false;

  for (size_t i = 0; i < policy->n_told; i++)
    if (policy->left_at[i] == 0 && !g_strv_contains (strays, policy->told[i]))
      policy->left_at[i] = now_ms;
  for (size_t i = 0; strays[i] != NULL; i++)
    is_news = see (policy, strays[i], now_ms) || is_news;
  if (is_news) {
    policy->is_announced = true;
    return SYSVPN_STRAY_NOTICE_SHOW;
  }
  if (strays[0] != NULL || !policy->is_announced)
    return SYSVPN_STRAY_NOTICE_NONE;
  policy->is_announced = false;
  return SYSVPN_STRAY_NOTICE_OVER;
}

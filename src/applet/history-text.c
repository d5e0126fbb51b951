/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event of the history in words. Pure. */
#include "applet/history-text.h"

#include "applet/wording.h"
#include "client/report-text.h"

#include <glib/gi18n.h>
#include <string.h>

static char *
clock_text (int64_t wall_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (wall_s);

  return time != NULL ? g_date_time_format (time, "%x %X") : g_strdup ("");
}

/**
 * sysvpn_history_text_when:
 * @event: an event
 *
 * Returns: (transfer full): when it began the last time, by dom0's clock
 */
char *
sysvpn_history_text_when (const SysvpnHistoryEvent *event)
{
  return clock_text (event->at_s);
}

/**
 * sysvpn_history_text_state:
 * @event: an event
 *
 * Returns: (transfer full): the name of the state
 */
char *
sysvpn_history_text_state (const SysvpnHistoryEvent *event)
{
  const char *sentence = _ (event->sentence);

  return g_strndup (sentence, strcspn (sentence, ":"));
}

/**
 * sysvpn_history_text_why:
 * @event: an event
 *
 * Returns: (transfer full): what was the matter; what was to be done is over
 */
char *
sysvpn_history_text_why (const SysvpnHistoryEvent *event)
{
  g_autofree char *remedy = NULL;
  g_autofree char *sentence = sysvpn_wording_split (event->sentence, &remedy);
  const char *colon = strstr (sentence, ": ");

  return g_strdup (colon != NULL ? colon + 2 : sentence);
}

static char *
outage_text (const SysvpnHistoryEvent *event)
{
  g_autofree char *outage = NULL;
  g_autofree char *exposed = NULL;

  if (event->outage_s == SYSVPN_ABSENT)
    return NULL;
  outage = sysvpn_duration_text (event->outage_s);
  if (event->exposed_s == SYSVPN_ABSENT || event->exposed_s == 0)
    return g_strdup_printf (_ ("away for %s"), outage);
  exposed = sysvpn_duration_text (event->exposed_s);
  return g_strdup_printf (_ ("away for %s, exposed for %s of it"), outage, exposed);
}

/**
 * sysvpn_history_text_measured:
 * @event: an event
 *
 * Returns: (transfer full): for how long it had not been protected, and how often that was;
 * empty where there is nothing to say
 */
char *
sysvpn_history_text_measured (const SysvpnHistoryEvent *event)
{
  g_autofree char *outage = outage_text (event);
  g_autofree char *first = NULL;

  if (event->times <= 1)
    return outage != NULL ? g_steal_pointer (&outage) : g_strdup ("");
  first = clock_text (event->first_s);
  return outage != NULL
             ? g_strdup_printf (_ ("%u times since %s, %s in all"), event->times, first, outage)
             : g_strdup_printf (_ ("%u times since %s"), event->times, first);
}

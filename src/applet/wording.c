/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said in the menu, the tooltip and notifications. dom0's own words; what came from the
 * VPN qube is numbers, checked addresses, and profile names, which are sanitised, cut and
 * quoted. Pure. */
#include "applet/wording.h"

#include "base/safe-text.h"

#include <assert.h>
#include <string.h>

/**
 * sysvpn_message_clear:
 * @message: a message
 */
void
sysvpn_message_clear (SysvpnMessage *message)
{
  g_clear_pointer (&message->summary, g_free);
  g_clear_pointer (&message->body, g_free);
}

/**
 * sysvpn_wording_split:
 * @sentence: a state sentence, "State: what is the matter; what to do"
 * @ret_remedy: (out) (transfer full) (nullable): what to do, with a capital; %NULL when there
 * is nothing to do
 *
 * Returns: (transfer full): the rest
 */
char *
sysvpn_wording_split (const char *sentence, char **ret_remedy)
{
  const char *semicolon = strstr (sentence, "; ");

  *ret_remedy = NULL;
  if (semicolon == NULL)
    return g_strdup (sentence);
  *ret_remedy = g_strdup (semicolon + 2);
  (*ret_remedy)[0] = g_ascii_toupper ((*ret_remedy)[0]);
  return g_strndup (sentence, (size_t) (semicolon - sentence));
}

/**
 * sysvpn_wording_egress:
 * @report: (nullable): a report that is believed
 *
 * Returns: (transfer full) (nullable): from which address the internet sees us, as far as it is
 * known; %NULL where there is nothing to say
 */
char *
sysvpn_wording_egress (const SysvpnStatus *report)
{
  if (report == NULL || report->egress == SYSVPN_EGRESS_OFF)
    return NULL;
  if (report->egress == SYSVPN_EGRESS_FAILED)
    return g_strdup ("Egress address unknown: no echo service answered");
  if (report->egress != SYSVPN_EGRESS_OK ||
      (report->egress4[0] == '\0' && report->egress6[0] == '\0'))
    return NULL;
  return g_strdup_printf ("Egress %s%s%s", report->egress4,
                          report->egress4[0] != '\0' && report->egress6[0] != '\0' ? ", " : "",
                          report->egress6);
}

/**
 * sysvpn_wording_dropped:
 * @report: (nullable): a report that is believed
 *
 * Returns: (transfer full) (nullable): how many packets the killswitch kept back; %NULL where
 * nobody counted
 */
char *
sysvpn_wording_dropped (const SysvpnStatus *report)
{
  if (report == NULL ||
      (report->forward_drop4 == SYSVPN_ABSENT && report->forward_drop6 == SYSVPN_ABSENT &&
       report->output_drop4 == SYSVPN_ABSENT && report->output_drop6 == SYSVPN_ABSENT))
    return NULL;
  return g_strdup_printf ("Dropped packets: %" G_GUINT64_FORMAT,
                          (guint64) sysvpn_status_dropped (report));
}

static void
add_profile (GString *text, const SysvpnStatus *report)
{
  g_autofree char *name = sysvpn_text_sanitize (report->profile_name, SYSVPN_NAME_SHOWN_MAX);

  if (name[0] != '\0')
    g_string_append_printf (text, "\nProfile “%s”", name);
}

/**
 * sysvpn_wording_tooltip:
 * @qube: the VPN qube's name
 * @view: what is shown
 * @report: (nullable): a report that is believed
 * @verified: (nullable): when, by dom0's clock, the killswitch was compared; told only where
 *   @view does not doubt it
 *
 * Returns: (transfer full): what stands under the state sentence; plain text
 */
char *
sysvpn_wording_tooltip (const char *qube,
                        SysvpnView view,
                        const SysvpnStatus *report,
                        GDateTime *verified)
{
  GString *text = g_string_new (qube);
  g_autofree char *egress = sysvpn_wording_egress (report);
  g_autofree char *dropped = sysvpn_wording_dropped (report);
  bool is_verified = report != NULL && report->killswitch == SYSVPN_KILLSWITCH_ARMED &&
                     verified != NULL && view.shown != SYSVPN_SHOWN_EXPOSED &&
                     view.shown != SYSVPN_SHOWN_UNKNOWN;

  if (is_verified) {
    g_autofree char *time = g_date_time_format (verified, "%H:%M:%S");

    g_string_append_printf (text, ": killswitch verified %s", time);
  }
  if (report != NULL)
    add_profile (text, report);
  if (egress != NULL)
    g_string_append_printf (text, "\n%s", egress);
  if (is_verified && report->handshake_age_s != SYSVPN_ABSENT)
    g_string_append_printf (text, "\nLast handshake %" G_GUINT64_FORMAT " s before that",
                            (guint64) report->handshake_age_s);
  if (dropped != NULL)
    g_string_append_printf (text, "\n%s", dropped);
  return g_string_free (text, FALSE);
}

static char *
print_duration (int64_t ms)
{
  int64_t s = (ms + 500) / 1000;

  if (s < 60)
    return g_strdup_printf ("%d s", (int) MAX (s, 1));
  if (s < 3600)
    return g_strdup_printf ("%d min %d s", (int) (s / 60), (int) (s % 60));
  return g_strdup_printf ("%d h %d min", (int) (s / 3600), (int) (s / 60 % 60));
}

static char *
body_dropped (const char *qube, const char *state, SysvpnNotice notice G_GNUC_UNUSED)
{
  return g_strdup_printf ("%s: %s", qube, state);
}

static char *
body_recovered (const char *qube, const char *state G_GNUC_UNUSED, SysvpnNotice notice)
{
  g_autofree char *outage = print_duration (notice.outage_ms);

  return g_strdup_printf ("%s: protected again after %s.%s", qube, outage,
                          notice.nothing_left ? " Nothing left outside of the tunnel." : "");
}

static char *
body_flapping (const char *qube,
               const char *state G_GNUC_UNUSED,
               SysvpnNotice notice G_GNUC_UNUSED)
{
  return g_strdup_printf (
      "%s: the tunnel keeps dropping. You will hear of it again when it has "
      "been up for two minutes; the icon shows how it is.",
      qube);
}

/**
 * sysvpn_wording_notice:
 * @notice: what happened; not one that closes a notification
 * @qube: the VPN qube's name
 * @view: what is shown
 * @ret_message: (out caller-allocates): what to say of it
 */
void
sysvpn_wording_notice (SysvpnNotice notice,
                       const char *qube,
                       SysvpnView view,
                       SysvpnMessage *ret_message)
{
  static const struct {
    const char *summary;
    char *(*body) (const char *qube, const char *state, SysvpnNotice notice);
  } messages[] = {
    [SYSVPN_NOTICE_DROPPED] = { "VPN tunnel is down", body_dropped },
    [SYSVPN_NOTICE_RECOVERED] = { "VPN tunnel is back", body_recovered },
    [SYSVPN_NOTICE_FLAPPING] = { "VPN tunnel is unstable", body_flapping },
    [SYSVPN_NOTICE_DEGRADED] = { "VPN tunnel passes no traffic", body_dropped },
    [SYSVPN_NOTICE_EXPOSED] = { "VPN killswitch is broken", body_dropped },
    [SYSVPN_NOTICE_SILENT] = { "VPN state is unknown", body_dropped },
  };
  const char *state = strchr (view.sentence, ' ');

  g_return_if_fail (notice.kind < G_N_ELEMENTS (messages));
  ret_message->summary = g_strdup (messages[notice.kind].summary);
  /* the summary has named the state already */
  ret_message->body =
      messages[notice.kind].body (qube, state != NULL ? state + 1 : view.sentence, notice);
}

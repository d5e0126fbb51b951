/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said in the menu, the tooltip and notifications. dom0's own words; what came from the
 * VPN qube is numbers, checked addresses, and profile names, which are sanitised, cut and
 * quoted. Pure. */
#include "applet/wording.h"

#include "base/safe-text.h"

#include <assert.h>
#include <glib/gi18n.h>
#include <inttypes.h>
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
 * sysvpn_wording_capitalize:
 * @text: a text
 *
 * Returns: (transfer full): it with a capital at its start, in any language
 */
char *
sysvpn_wording_capitalize (const char *text)
{
  g_autofree char *first = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), 1));
  g_autofree char *capital = g_utf8_strup (first, -1);

  return g_strconcat (capital, text + strlen (first), NULL);
}

/**
 * sysvpn_wording_split:
 * @sentence: a state sentence, "State: what is the matter; what to do", not translated yet
 * @ret_remedy: (out) (transfer full) (nullable): what to do, with a capital; %NULL when there
 * is nothing to do
 *
 * Returns: (transfer full): the rest; both in the user's language
 */
char *
sysvpn_wording_split (const char *sentence, char **ret_remedy)
{
  const char *translated = _ (sentence);
  const char *semicolon = strstr (translated, "; ");

  *ret_remedy = NULL;
  if (semicolon == NULL)
    return g_strdup (translated);
  *ret_remedy = sysvpn_wording_capitalize (semicolon + 2);
  return g_strndup (translated, (size_t) (semicolon - translated));
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
    return g_strdup (_ ("Egress address unknown: no echo service answered"));
  if (report->egress != SYSVPN_EGRESS_OK ||
      (report->egress4[0] == '\0' && report->egress6[0] == '\0'))
    return NULL;
  return g_strdup_printf (_ ("Egress %s%s%s"), report->egress4,
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
  return g_strdup_printf (_ ("Dropped packets: %" PRIu64), sysvpn_status_dropped (report));
}

static void
add_profile (GString *text, const SysvpnStatus *report)
{
  g_autofree char *name = sysvpn_text_sanitize (report->profile_name, SYSVPN_NAME_SHOWN_MAX);

  if (name[0] != '\0') {
    g_string_append_c (text, '\n');
    g_string_append_printf (text, _ ("Profile “%s”"), name);
  }
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

    g_string_append_printf (text, _ (": killswitch verified %s"), time);
  }
  if (report != NULL)
    add_profile (text, report);
  if (egress != NULL)
    g_string_append_printf (text, "\n%s", egress);
  if (is_verified && report->handshake_age_s != SYSVPN_ABSENT) {
    g_string_append_c (text, '\n');
    g_string_append_printf (text, _ ("Last handshake %" PRIu64 " s before that"),
                            report->handshake_age_s);
  }
  if (dropped != NULL)
    g_string_append_printf (text, "\n%s", dropped);
  return g_string_free (text, FALSE);
}

static char *
print_duration (int64_t ms)
{
  int64_t s = (ms + 500) / 1000;

  if (s < 60)
    return g_strdup_printf (_ ("%d s"), (int) MAX (s, 1));
  if (s < 3600)
    return g_strdup_printf (_ ("%d min %d s"), (int) (s / 60), (int) (s % 60));
  return g_strdup_printf (_ ("%d h %d min"), (int) (s / 3600), (int) (s / 60 % 60));
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

  return g_strdup_printf (
      notice.nothing_left
          ? _ ("%s: protected again after %s. Nothing left outside of the tunnel.")
          : _ ("%s: protected again after %s."),
      qube, outage);
}

static char *
body_flapping (const char *qube,
               const char *state G_GNUC_UNUSED,
               SysvpnNotice notice G_GNUC_UNUSED)
{
  return g_strdup_printf (
      _ ("%s: the tunnel keeps dropping. You will hear of it again when it has "
         "been up for two minutes; the icon shows how it is."),
      qube);
}

static char *
body_leak (const char *qube, const char *state G_GNUC_UNUSED, SysvpnNotice notice G_GNUC_UNUSED)
{
  return g_strdup_printf (
      _ ("%s: the internet sees the address that this machine has without the VPN. "
         "Disconnect, and run sysvpn check."),
      qube);
}

static char *
body_client_drops (const char *qube, const char *state G_GNUC_UNUSED, SysvpnNotice notice)
{
  return g_strdup_printf (ngettext ("%s: %" PRIu64 " packet of %s did not leave. Something in "
                                    "it, or behind it, tries to get out past the tunnel.",
                                    "%s: %" PRIu64 " packets of %s did not leave. Something in "
                                    "it, or behind it, tries to get out past the tunnel.",
                                    (unsigned long) notice.packets),
                          qube, notice.packets, notice.client);
}

/**
 * sysvpn_wording_notice:
 * @notice: what happened; not one that closes a notification. Its client is named as it is
 *   there, which may be a qube's name instead of an address
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
    [SYSVPN_NOTICE_DROPPED] = { N_ ("VPN tunnel is down"), body_dropped },
    [SYSVPN_NOTICE_RECOVERED] = { N_ ("VPN tunnel is back"), body_recovered },
    [SYSVPN_NOTICE_FLAPPING] = { N_ ("VPN tunnel is unstable"), body_flapping },
    [SYSVPN_NOTICE_DEGRADED] = { N_ ("VPN tunnel passes no traffic"), body_dropped },
    [SYSVPN_NOTICE_EXPOSED] = { N_ ("VPN killswitch is broken"), body_dropped },
    [SYSVPN_NOTICE_SILENT] = { N_ ("VPN state is unknown"), body_dropped },
    [SYSVPN_NOTICE_LEAK] = { N_ ("VPN does not hide your address"), body_leak },
    [SYSVPN_NOTICE_CLIENT_DROPS] = { N_ ("Packets of a qube are dropped"), body_client_drops },
  };
  const char *sentence = _ (view.sentence);
  const char *colon = strstr (sentence, ": ");

  g_return_if_fail (notice.kind < G_N_ELEMENTS (messages));
  ret_message->summary = g_strdup (_ (messages[notice.kind].summary));
  /* the summary has named the state already */
  ret_message->body =
      messages[notice.kind].body (qube, colon != NULL ? colon + 2 : sentence, notice);
}

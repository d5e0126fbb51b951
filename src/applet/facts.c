/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the details window says of a report, a line for each fact. dom0's own words; what came
 * from the VPN qube is numbers, checked addresses, and names, which are sanitised, cut and
 * quoted. Without a report that is believed nothing is known, and that is what it says. Pure.
 */
#include "applet/facts.h"

#include "applet/wording.h"
#include "base/safe-text.h"
#include "client/report-text.h"

#include <assert.h>
#include <glib/gi18n.h>

enum { DAY_S = 86400 };

typedef char *FactText (const SysvpnStatus *report, const SysvpnFactScene *scene);

/* When something was that is so old. Reports come seldom, and this stays true between them. */
static char *
clock_time (uint64_t age_s, GDateTime *reported)
{
  g_autoptr (GDateTime) then = g_date_time_add_seconds (reported, -(double) age_s);

  return g_date_time_format (then != NULL ? then : reported, age_s < DAY_S ? "%X" : "%x %X");
}

static char *
ago (uint64_t age_s, GDateTime *reported)
{
  g_autofree char *duration = sysvpn_duration_text (age_s);
  g_autofree char *time = clock_time (age_s, reported);

  return g_strdup_printf (_ ("%s ago (%s)"), duration, time);
}

static const char *
tunnel_word (SysvpnTunnel tunnel)
{
  static const char *const texts[] = {
    [SYSVPN_TUNNEL_UNKNOWN] = N_ ("not known"),
    [SYSVPN_TUNNEL_DOWN] = N_ ("down"),
    [SYSVPN_TUNNEL_CONNECTING] = N_ ("coming up"),
    [SYSVPN_TUNNEL_UP] = N_ ("up"),
    [SYSVPN_TUNNEL_DEGRADED] = N_ ("there, but nothing passes"),
    [SYSVPN_TUNNEL_DISCONNECTING] = N_ ("going down"),
  };
  static_assert (G_N_ELEMENTS (texts) == SYSVPN_N_TUNNELS, "a text for each tunnel state");

  return _ (texts[tunnel < SYSVPN_N_TUNNELS ? tunnel : SYSVPN_TUNNEL_UNKNOWN]);
}

static char *
text_tunnel (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  g_autofree char *duration = sysvpn_duration_text (report->tunnel_age_s);
  g_autofree char *time = clock_time (report->tunnel_age_s, scene->reported);
  g_autofree char *next = NULL;

  if (report->tunnel == SYSVPN_TUNNEL_UNKNOWN)
    return NULL;
  if (report->next_try_s == SYSVPN_ABSENT)
    return g_strdup_printf (_ ("%s for %s (since %s)"), tunnel_word (report->tunnel), duration,
                            time);
  next = sysvpn_duration_text (report->next_try_s);
  return g_strdup_printf (_ ("%s for %s (since %s); next try in %s"),
                          tunnel_word (report->tunnel), duration, time, next);
}

static char *
text_profile (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  static const char *const types[] = {
    [SYSVPN_PROFILE_TYPE_UNKNOWN] = NULL,
    [SYSVPN_PROFILE_TYPE_VPN] = "OpenVPN",
    [SYSVPN_PROFILE_TYPE_WIREGUARD] = "WireGuard",
  };
  const char *type =
      report->profile_type < G_N_ELEMENTS (types) ? types[report->profile_type] : NULL;
  g_autofree char *name = sysvpn_text_sanitize (report->profile_name, SYSVPN_NAME_SHOWN_MAX);

  static_assert (G_N_ELEMENTS (types) == SYSVPN_N_PROFILE_TYPES, "a text for each type");
  if (report->profile_uuid[0] == '\0')
    return g_strdup (_ ("none"));
  return g_strdup_printf ("“%s”%s%s", name, type != NULL ? ", " : "", type != NULL ? type : "");
}

static char *
foreign_word (const char *word, size_t max)
{
  return word[0] != '\0' ? sysvpn_text_sanitize (word, max) : g_strdup (_ ("none"));
}

static char *
text_server (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return foreign_word (report->endpoint, SYSVPN_ENDPOINT_MAX);
}

static char *
text_interface (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return foreign_word (report->interface, SYSVPN_INTERFACE_MAX);
}

static char *
text_handshake (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  if (report->handshake_age_s != SYSVPN_ABSENT)
    return ago (report->handshake_age_s, scene->reported);
  return g_strdup (report->profile_type == SYSVPN_PROFILE_TYPE_VPN
                       ? _ ("not told: OpenVPN has none")
                       : _ ("none yet"));
}

static char *
text_dns (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  switch (report->dns) {
  case SYSVPN_DNS_OK:
    return g_strdup (_ ("by the tunnel's resolver"));
  case SYSVPN_DNS_NONE:
    return g_strdup (_ ("by nobody: the tunnel brought no resolver"));
  case SYSVPN_DNS_UNKNOWN:
  case SYSVPN_N_DNS:
  default:
    return g_strdup (_ ("not by the VPN qube"));
  }
}

static char *
text_egress (const SysvpnStatus *report, const SysvpnFactScene *scene, const char *address)
{
  g_autofree char *asked = report->egress_age_s != SYSVPN_ABSENT
                               ? ago (report->egress_age_s, scene->reported)
                               : NULL;

  switch (report->egress) {
  case SYSVPN_EGRESS_OK:
    if (address[0] == '\0')
      return g_strdup (_ ("none"));
    return asked != NULL ? g_strdup_printf (_ ("%s, seen %s"), address, asked)
                         : g_strdup (address);
  case SYSVPN_EGRESS_FAILED:
    return asked != NULL ? g_strdup_printf (_ ("no echo service answered, asked %s"), asked)
                         : g_strdup (_ ("no echo service answered"));
  case SYSVPN_EGRESS_OFF:
    return g_strdup (_ ("not asked: that needs a tunnel and an armed killswitch"));
  case SYSVPN_EGRESS_UNKNOWN:
  case SYSVPN_N_EGRESSES:
  default:
    return g_strdup (_ ("not asked yet"));
  }
}

static char *
text_egress4 (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  return text_egress (report, scene, report->egress4);
}

static char *
text_egress6 (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  return text_egress (report, scene, report->egress6);
}

static char *
text_traffic (uint64_t bytes, const uint64_t *rate)
{
  g_autofree char *size = bytes != SYSVPN_ABSENT ? sysvpn_size_text (bytes) : NULL;
  g_autofree char *now = rate != NULL ? sysvpn_size_text (*rate) : NULL;

  if (size == NULL || now == NULL)
    return g_steal_pointer (&size);
  return g_strdup_printf (_ ("%s, now %s/s"), size, now);
}

static char *
text_received (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  return text_traffic (report->rx_bytes, scene->now != NULL ? &scene->now->rx_rate : NULL);
}

static char *
text_sent (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  return text_traffic (report->tx_bytes, scene->now != NULL ? &scene->now->tx_rate : NULL);
}

/* As shown.c does, the worse of what a report says. */
static char *
text_verdict (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  bool names_break = report->killswitch_break != SYSVPN_BREAK_NONE &&
                     report->killswitch_break != SYSVPN_BREAK_UNKNOWN;

  if (report->killswitch == SYSVPN_KILLSWITCH_BROKEN || names_break)
    return g_strdup_printf (_ ("broken: %s"), sysvpn_break_text (report->killswitch_break));
  if (report->killswitch == SYSVPN_KILLSWITCH_LOADING)
    return g_strdup (_ ("being loaded"));
  if (report->killswitch == SYSVPN_KILLSWITCH_ARMED &&
      report->killswitch_break == SYSVPN_BREAK_NONE)
    return g_strdup (_ ("armed: it is what was shipped and loaded"));
  return NULL;
}

static char *
text_compared (const SysvpnStatus *report, const SysvpnFactScene *scene)
{
  return report->killswitch_age_s != SYSVPN_ABSENT
             ? ago (report->killswitch_age_s, scene->reported)
             : NULL;
}

static char *
text_exposed (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  g_autofree char *duration = NULL;

  if (report->exposed_s == SYSVPN_ABSENT)
    return NULL;
  if (report->exposed_s == 0)
    return g_strdup (_ ("never since the VPN qube's agent started"));
  duration = sysvpn_duration_text (report->exposed_s);
  return g_strdup_printf (_ ("for %s in all since the VPN qube's agent started"), duration);
}

static char *
text_count (uint64_t count)
{
  return count != SYSVPN_ABSENT ? g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) count)
                                : NULL;
}

static char *
text_endpoints (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  g_autofree char *all = text_count (report->endpoints);
  g_autofree char *open = text_count (report->endpoints_any_port);

  if (all == NULL || open == NULL || report->endpoints_any_port == 0)
    return g_steal_pointer (&all);
  return g_strdup_printf (_ ("%s, %s of them with every port open"), all, open);
}

static char *
text_families (uint64_t packets4, uint64_t packets6)
{
  g_autofree char *text4 = text_count (packets4);
  g_autofree char *text6 = text_count (packets6);

  if (text4 == NULL && text6 == NULL)
    return NULL;
  return g_strdup_printf (_ ("IPv4 %s, IPv6 %s"), text4 != NULL ? text4 : _ ("not known"),
                          text6 != NULL ? text6 : _ ("not known"));
}

static char *
text_forward (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return text_families (report->forward_drop4, report->forward_drop6);
}

static char *
text_output (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return text_families (report->output_drop4, report->output_drop6);
}

static char *
text_dns_drop (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return text_count (report->dns_drop);
}

static char *
text_injected (const SysvpnStatus *report, const SysvpnFactScene *scene G_GNUC_UNUSED)
{
  return text_count (report->inject_drop);
}

static const struct {
  const char *title;
  FactText *text;
} facts[] = {
  [SYSVPN_FACT_TUNNEL] = { N_ ("Tunnel"), text_tunnel },
  [SYSVPN_FACT_PROFILE] = { N_ ("Profile"), text_profile },
  [SYSVPN_FACT_SERVER] = { N_ ("Server"), text_server },
  [SYSVPN_FACT_INTERFACE] = { N_ ("Interface"), text_interface },
  [SYSVPN_FACT_HANDSHAKE] = { N_ ("Last handshake"), text_handshake },
  [SYSVPN_FACT_DNS] = { N_ ("Names are resolved"), text_dns },
  [SYSVPN_FACT_EGRESS4] = { N_ ("Egress, IPv4"), text_egress4 },
  [SYSVPN_FACT_EGRESS6] = { N_ ("Egress, IPv6"), text_egress6 },
  [SYSVPN_FACT_RECEIVED] = { N_ ("Received"), text_received },
  [SYSVPN_FACT_SENT] = { N_ ("Sent"), text_sent },
  [SYSVPN_FACT_VERDICT] = { N_ ("Verdict"), text_verdict },
  [SYSVPN_FACT_COMPARED] = { N_ ("Compared in full"), text_compared },
  [SYSVPN_FACT_EXPOSED] = { N_ ("Was broken"), text_exposed },
  [SYSVPN_FACT_ENDPOINTS] = { N_ ("Servers let through"), text_endpoints },
  [SYSVPN_FACT_FORWARD] = { N_ ("Dropped of client qubes"), text_forward },
  [SYSVPN_FACT_OUTPUT] = { N_ ("Dropped of the VPN qube"), text_output },
  [SYSVPN_FACT_DNS_DROP] = { N_ ("DNS among them"), text_dns_drop },
  [SYSVPN_FACT_INJECTED] = { N_ ("Injected from outside"), text_injected },
};
static_assert (G_N_ELEMENTS (facts) == SYSVPN_N_FACTS, "a line for each fact");

/**
 * sysvpn_fact_title:
 * @fact: a fact
 *
 * Returns: what stands before it
 */
const char *
sysvpn_fact_title (SysvpnFact fact)
{
  return _ (facts[fact].title);
}

/**
 * sysvpn_fact_text:
 * @fact: a fact
 * @scene: what is known
 *
 * Returns: (transfer full): what to say of it; plain text
 */
char *
sysvpn_fact_text (SysvpnFact fact, const SysvpnFactScene *scene)
{
  char *text = scene->report != NULL ? facts[fact].text (scene->report, scene) : NULL;

  return text != NULL ? text : g_strdup (_ ("not known"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report for people, in aligned lines. Lines without a value are left out. */
#include "client/report-text.h"

#include "base/safe-text.h"

#include <assert.h>
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

enum { NAME_SHOWN_MAX = 40, LABEL_WIDTH = 12 };

/* Of the state's word, on a terminal. */
static const char *const colours[] = {
  [SYSVPN_SHOWN_UNKNOWN] = "\033[33m",   [SYSVPN_SHOWN_OFF] = "\033[2m",
  [SYSVPN_SHOWN_PROTECTED] = "\033[32m", [SYSVPN_SHOWN_CONNECTING] = "\033[36m",
  [SYSVPN_SHOWN_BLOCKED] = "\033[36m",   [SYSVPN_SHOWN_DEGRADED] = "\033[33m",
  [SYSVPN_SHOWN_EXPOSED] = "\033[1;31m",
};
static_assert (G_N_ELEMENTS (colours) == SYSVPN_N_SHOWNS, "a colour for each state");

/* Why the killswitch is broken, after "broken: ". */
static const char *const breaks[] = {
  [SYSVPN_BREAK_UNKNOWN] = N_ ("for a reason that is not known here"),
  [SYSVPN_BREAK_NONE] = N_ ("for a reason that is not told"),
  [SYSVPN_BREAK_MISSING] = N_ ("its table is not there"),
  [SYSVPN_BREAK_UNVERIFIED] = N_ ("there is nothing to compare it with"),
  [SYSVPN_BREAK_CHANGED] = N_ ("its rules were changed"),
  [SYSVPN_BREAK_POLICY] = N_ ("it does not drop by default"),
  [SYSVPN_BREAK_ENDPOINTS] = N_ ("its endpoints are not those of the files"),
  [SYSVPN_BREAK_ROUTING] = N_ ("its routing rules are missing"),
  [SYSVPN_BREAK_UPLINK] = N_ ("a device leads out past it"),
  [SYSVPN_BREAK_FLAG] = N_ ("the qube's service sysvpn is off"),
  [SYSVPN_BREAK_UNREADABLE] = N_ ("the agent cannot read it"),
};
static_assert (G_N_ELEMENTS (breaks) == SYSVPN_N_BREAKS, "a text for each break");

/**
 * sysvpn_break_text:
 * @break_: what is broken
 *
 * Returns: the reason, to stand after "broken: "
 */
const char *
sysvpn_break_text (SysvpnBreak break_)
{
  return _ (breaks[break_ < SYSVPN_N_BREAKS ? break_ : SYSVPN_BREAK_UNKNOWN]);
}

/**
 * sysvpn_duration_text:
 * @seconds: a time span
 *
 * Returns: (transfer full): the same in the two largest units that it has
 */
char *
sysvpn_duration_text (uint64_t seconds)
{
  guint64 s = seconds;

  if (s < 60)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " s", s);
  if (s < 3600)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " min %" G_GUINT64_FORMAT " s", s / 60,
                            s % 60);
  if (s < 86400)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " h %" G_GUINT64_FORMAT " min", s / 3600,
                            s / 60 % 60);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " d %" G_GUINT64_FORMAT " h", s / 86400,
                          s / 3600 % 24);
}

/**
 * sysvpn_size_text:
 * @bytes: a number of bytes
 *
 * Not g_format_size(): that follows the locale and puts a no-break space before the unit.
 *
 * Returns: (transfer full): the same in the largest unit that it fills, to one decimal
 */
char *
sysvpn_size_text (uint64_t bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
  size_t unit = 0;
  uint64_t rest = bytes;

  if (bytes < 1024)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", (guint64) bytes);
  while (rest >= 1048576 && /* a whole one of the next unit */
         unit + 1 < G_N_ELEMENTS (units)) {
    rest /= 1024;
    unit++;
  }
  return g_strdup_printf ("%" G_GUINT64_FORMAT ".%u %s", (guint64) (rest / 1024),
                          (unsigned) (rest % 1024 * 10 / 1024), units[unit]);
}

/**
 * sysvpn_name_text:
 * @name: the VPN qube's name of something, a profile for instance
 *
 * Returns: (transfer full): it in quotes, so that nobody takes it for words of ours; cut, and
 * free of bytes that a terminal acts upon
 */
char *
sysvpn_name_text (const char *name)
{
  g_autofree char *safe = sysvpn_text_sanitize (name, NAME_SHOWN_MAX);

  return g_strconcat ("\"", safe, "\"", NULL);
}

/**
 * sysvpn_sentence_text:
 * @view: what to show
 * @colour: whether for a terminal
 *
 * Returns: (transfer full): the state sentence with a newline
 */
char *
sysvpn_sentence_text (SysvpnView view, bool colour)
{
  const char *sentence = _ (view.sentence);
  size_t len = strcspn (sentence, ":");

  if (!colour)
    return g_strconcat (sentence, "\n", NULL);
  return g_strdup_printf ("%s%.*s\033[0m%s\n", colours[view.shown], (int) len, sentence,
                          sentence + len);
}

G_GNUC_PRINTF (3, 4)
static void
add_line (GString *out, const char *label, const char *format, ...)
{
  va_list args;
  /* printf counts bytes, and a label in another language has more of them than characters */
  int width = (int) strlen (label) - (int) g_utf8_strlen (label, -1) + LABEL_WIDTH;

  g_string_append_printf (out, "%-*s", width, label);
  va_start (args, format);
  g_string_append_vprintf (out, format, args);
  va_end (args);
  g_string_append_c (out, '\n');
}

/* NULL when the age is not known. */
static char *
age_text (uint64_t age_s)
{
  return age_s != SYSVPN_ABSENT ? sysvpn_duration_text (age_s) : NULL;
}

static void
add_killswitch (GString *out, const SysvpnStatus *report)
{
  const char *word = sysvpn_words_get (&sysvpn_killswitch_words, report->killswitch);
  g_autofree char *age = age_text (report->killswitch_age_s);
  g_autofree char *verified =
      age != NULL ? g_strdup_printf (_ (", compared in full %s ago"), age) : g_strdup ("");
  bool broken = report->killswitch == SYSVPN_KILLSWITCH_BROKEN;

  add_line (out, _ ("Killswitch"), "%s%s%s%s", word, broken ? ": " : "",
            broken ? sysvpn_break_text (report->killswitch_break) : "", verified);
  if (report->exposed_s != SYSVPN_ABSENT && report->exposed_s > 0) {
    g_autofree char *exposed = sysvpn_duration_text (report->exposed_s);

    add_line (out, "", _ ("was broken for %s in all"), exposed);
  }
  if (report->endpoints != SYSVPN_ABSENT)
    add_line (out, _ ("Endpoints"), _ ("%" PRIu64 ", of which with any port %" PRIu64),
              report->endpoints,
              report->endpoints_any_port != SYSVPN_ABSENT ? report->endpoints_any_port : 0);
}

static void
add_tunnel (GString *out, const SysvpnStatus *report)
{
  g_autofree char *duration = sysvpn_duration_text (report->tunnel_age_s);
  g_autofree char *since = g_strdup_printf (_ ("for %s"), duration);
  g_autofree char *age = age_text (report->handshake_age_s);
  g_autofree char *handshake =
      age != NULL ? g_strdup_printf (_ (", handshake %s ago"), age) : g_strdup ("");
  bool cause = report->cause != SYSVPN_CAUSE_NONE && report->cause != SYSVPN_CAUSE_UNKNOWN;

  add_line (out, _ ("Tunnel"), "%s%s%s%s %s",
            sysvpn_words_get (&sysvpn_tunnel_words, report->tunnel), cause ? " (" : "",
            cause ? sysvpn_words_get (&sysvpn_cause_words, report->cause) : "",
            cause ? ")" : "", since);
  if (report->next_try_s != SYSVPN_ABSENT) {
    g_autofree char *next_try = sysvpn_duration_text (report->next_try_s);

    add_line (out, "", _ ("next try in %s"), next_try);
  }
  if (report->profile_uuid[0] != '\0') {
    g_autofree char *name = sysvpn_name_text (report->profile_name);

    add_line (out, _ ("Profile"), "%s, %s, %s", name,
              sysvpn_words_get (&sysvpn_profile_type_words, report->profile_type),
              report->profile_uuid);
  }
  if (report->endpoint[0] != '\0') {
    g_autofree char *endpoint = sysvpn_text_sanitize (report->endpoint, SYSVPN_ENDPOINT_MAX);

    add_line (out, _ ("Server"), "%s", endpoint);
  }
  if (report->interface[0] != '\0') {
    g_autofree char *interface = sysvpn_text_sanitize (report->interface, SYSVPN_INTERFACE_MAX);

    add_line (out, _ ("Interface"), "%s%s", interface, handshake);
  }
}

static void
add_egress (GString *out, const SysvpnStatus *report)
{
  g_autofree char *age = age_text (report->egress_age_s);
  g_autofree char *asked =
      age != NULL ? g_strdup_printf (_ (", asked %s ago"), age) : g_strdup ("");
  bool both = report->egress4[0] != '\0' && report->egress6[0] != '\0';
  bool any = report->egress4[0] != '\0' || report->egress6[0] != '\0';

  add_line (out, _ ("Egress"), "%s%s%s%s",
            any ? report->egress4 : sysvpn_words_get (&sysvpn_egress_words, report->egress),
            both ? ", " : "", report->egress6, asked);
}

static void
add_traffic (GString *out, const SysvpnStatus *report)
{
  static const char *const labels[] = { N_ ("Received"), N_ ("Sent") };
  const uint64_t bytes[] = { report->rx_bytes, report->tx_bytes };

  for (size_t i = 0; i < G_N_ELEMENTS (bytes); i++)
    if (bytes[i] != SYSVPN_ABSENT) {
      g_autofree char *size = sysvpn_size_text (bytes[i]);

      add_line (out, _ (labels[i]), "%s", size);
    }
}

static void
add_dropped (GString *out, const SysvpnStatus *report)
{
  const struct {
    const char *what;
    uint64_t packets;
  } counters[] = {
    { N_ ("packets of client qubes, IPv4"), report->forward_drop4 },
    { N_ ("packets of client qubes, IPv6"), report->forward_drop6 },
    { N_ ("packets of the VPN qube, IPv4"), report->output_drop4 },
    { N_ ("packets of the VPN qube, IPv6"), report->output_drop6 },
    { N_ ("packets of them DNS"), report->dns_drop },
    { N_ ("packets injected from outside"), report->inject_drop },
  };
  const char *label = _ ("Dropped");

  for (size_t i = 0; i < G_N_ELEMENTS (counters); i++)
    if (counters[i].packets != SYSVPN_ABSENT) {
      add_line (out, label, "%" PRIu64 " %s", counters[i].packets, _ (counters[i].what));
      label = "";
    }
  for (size_t i = 0; i < report->n_clients; i++) {
    const SysvpnClient *client = &report->clients[i];
    g_autofree char *size = sysvpn_size_text (client->bytes);

    add_line (out, i == 0 ? _ ("Clients") : "", _ ("%s: %" PRIu64 " packets dropped, %s"),
              client->address, client->packets, size);
  }
}

/**
 * sysvpn_report_text:
 * @report: a report
 *
 * Returns: (transfer full): what it says, without a state: that is for sysvpn_sentence_text()
 */
char *
sysvpn_report_text (const SysvpnStatus *report)
{
  GString *out = g_string_new (NULL);

  add_killswitch (out, report);
  add_tunnel (out, report);
  add_egress (out, report);
  add_traffic (out, report);
  add_dropped (out, report);
  return g_string_free (out, FALSE);
}

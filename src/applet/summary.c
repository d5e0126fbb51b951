/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One icon for all VPN qubes: it shows the worst state, and its tooltip whose that is. Pure. */
#include "applet/summary.h"

#include "applet/wording.h"

#include <glib/gi18n.h>

/**
 * sysvpn_summary_clear:
 * @summary: a summary
 */
void
sysvpn_summary_clear (SysvpnSummary *summary)
{
  g_clear_pointer (&summary->title, g_free);
  g_clear_pointer (&summary->description, g_free);
  g_clear_pointer (&summary->timeless, g_free);
}

/* NULL if there is none */
static const SysvpnSummaryQube *
find_worst (const SysvpnSummaryQube *qubes, size_t n_qubes)
{
  const SysvpnSummaryQube *worst = NULL;

  for (size_t i = 0; i < n_qubes; i++)
    if (worst == NULL ||
        sysvpn_shown_worst (worst->view.shown, qubes[i].view.shown) != worst->view.shown)
      worst = &qubes[i];
  return worst;
}

/* How many qubes go through, as a part of a sentence. */
static char *
text_clients (const SysvpnSummaryQube *qube)
{
  if (qube->n_clients == 0)
    return g_strdup_printf (_ ("no qube that runs goes through %s"), qube->name);
  return g_strdup_printf (
      ngettext ("%u qube through %s", "%u qubes through %s", qube->n_clients), qube->n_clients,
      qube->name);
}

/* Protected are qubes, where it is known which. */
static char *
make_title (const SysvpnSummaryQube *qube, bool is_alone, char **ret_remedy)
{
  g_autofree char *clients = NULL;

  if (!is_alone || !qube->are_clients_known || qube->view.shown != SYSVPN_SHOWN_PROTECTED)
    return sysvpn_wording_split (qube->view.sentence, ret_remedy);
  *ret_remedy = NULL;
  clients = text_clients (qube);
  return g_strdup_printf (_ ("Protected: %s"), clients);
}

static void
describe_one (GString *text, const SysvpnSummaryQube *qube, GDateTime *verified)
{
  g_autofree char *tooltip =
      sysvpn_wording_tooltip (qube->name, qube->view, qube->report, verified);

  g_string_append (text, tooltip);
  if (qube->are_clients_known && qube->view.shown != SYSVPN_SHOWN_PROTECTED) {
    g_autofree char *clients = text_clients (qube);
    g_autofree char *line = sysvpn_wording_capitalize (clients);

    g_string_append_printf (text, "\n%s", line);
  }
}

/* A line for each; the details are in the menu. */
static void
describe_all (GString *text, const SysvpnSummaryQube *qubes, size_t n_qubes)
{
  for (size_t i = 0; i < n_qubes; i++) {
    g_autofree char *remedy = NULL;
    g_autofree char *state = sysvpn_wording_split (qubes[i].view.sentence, &remedy);

    g_string_append_printf (text, "%s%s: %s", i > 0 ? "\n" : "", qubes[i].name, state);
    if (qubes[i].are_clients_known)
      g_string_append_printf (text, ngettext (" (%u qube)", " (%u qubes)", qubes[i].n_clients),
                              qubes[i].n_clients);
  }
}

/* @worst: %NULL for qubes that are missing */
static char *
describe (const SysvpnSummaryScene *scene,
          const SysvpnSummaryQube *worst,
          const char *remedy,
          GDateTime *verified)
{
  GString *text = g_string_new (NULL);

  if (scene->warning != NULL)
    g_string_append_printf (text, "%s\n", scene->warning);
  if (remedy != NULL)
    g_string_append_printf (text, "%s\n", remedy);
  if (worst != NULL && scene->n_qubes == 1) {
    describe_one (text, worst, verified);
  } else {
    if (worst != NULL) {
      g_string_append_printf (text, _ ("%s is worst of %u VPN qubes"), worst->name,
                              (unsigned) scene->n_qubes);
      g_string_append_c (text, '\n');
    }
    describe_all (text, scene->qubes, scene->n_qubes);
  }
  if (text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

static void
make_missing (const SysvpnSummaryScene *scene, SysvpnSummary *ret_summary)
{
  g_autofree char *remedy = NULL;

  ret_summary->shown = SYSVPN_SHOWN_UNKNOWN;
  ret_summary->title = sysvpn_wording_split (scene->missing, &remedy);
  ret_summary->description = describe (scene, NULL, remedy, NULL);
  ret_summary->timeless = g_strdup (ret_summary->description);
  ret_summary->verified_s = 0;
}

/**
 * sysvpn_summary_make:
 * @scene: the VPN qubes, and what is to be said besides
 * @ret_summary: (out caller-allocates): what the icon shows for them
 */
void
sysvpn_summary_make (const SysvpnSummaryScene *scene, SysvpnSummary *ret_summary)
{
  const SysvpnSummaryQube *worst = find_worst (scene->qubes, scene->n_qubes);
  g_autofree char *remedy = NULL;
  GDateTime *verified;

  if (scene->n_qubes == 0 ||
      (scene->missing != NULL &&
       sysvpn_shown_worst (worst->view.shown, SYSVPN_SHOWN_UNKNOWN) == SYSVPN_SHOWN_UNKNOWN)) {
    make_missing (scene, ret_summary);
    return;
  }
  verified = scene->n_qubes == 1 ? worst->verified : NULL;
  ret_summary->shown = worst->view.shown;
  ret_summary->title = make_title (worst, scene->n_qubes == 1, &remedy);
  ret_summary->description = describe (scene, worst, remedy, verified);
  ret_summary->timeless = describe (scene, worst, remedy, NULL);
  ret_summary->verified_s = verified != NULL ? g_date_time_to_unix (verified) : 0;
}

/**
 * sysvpn_summary_is_news:
 * @drawn: what the panel was given last; zeroed before the first
 * @summary: what is so now
 *
 * A panel that is given another tooltip reads all of the icon anew, which at each heartbeat
 * would be most of what the applet does. Its time may therefore be up to
 * %SYSVPN_SUMMARY_TIME_S old: it says when the killswitch was verified, which stays true.
 *
 * Returns: %TRUE if @summary is to be given to the panel
 */
bool
sysvpn_summary_is_news (const SysvpnSummary *drawn, const SysvpnSummary *summary)
{
  int64_t later_s = summary->verified_s - drawn->verified_s;

  if (drawn->title == NULL || drawn->shown != summary->shown ||
      !g_str_equal (drawn->title, summary->title) ||
      !g_str_equal (drawn->timeless, summary->timeless) ||
      (drawn->verified_s == 0) != (summary->verified_s == 0))
    return true;
  return later_s < 0 || later_s > SYSVPN_SUMMARY_TIME_S; /* the clock may have been set back */
}

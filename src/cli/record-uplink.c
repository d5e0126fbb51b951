/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn check --record-uplink: remembers by which public addresses the internet sees this
 * machine without the VPN, so that an egress address can be told from them later. It asks from
 * the qube at the end of the VPN qube's chain, in the clear: calling it is the user's consent.
 */
#include "check/look.h"
#include "check/survey.h"
#include "cli/run.h"
#include "client/uplink-address.h"

#include <glib/gi18n.h>

static void
store (SysvpnRun *run, const SysvpnAnswers *answers)
{
  g_autofree char *path = sysvpn_uplink_addresses_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  SysvpnUplinkAddresses uplink = { 0 };

  /* a file that cannot be read is begun anew: what is asked for is to have these in it */
  if (!sysvpn_uplink_addresses_load (path, &uplink, NULL))
    uplink = (SysvpnUplinkAddresses){ 0 };
  for (size_t i = 0; i < G_N_ELEMENTS (answers->egress); i++)
    if (answers->egress[i][0] != '\0') {
      sysvpn_uplink_addresses_add (&uplink, answers->egress[i]);
      g_string_append_printf (text, _ ("Recorded %s as an address without the VPN"),
                              answers->egress[i]);
      g_string_append_c (text, '\n');
    }
  if (text->len == 0)
    sysvpn_run_fail (run, _ ("the internet did not tell any address; is the machine online?"));
  else if (!sysvpn_uplink_addresses_store (path, &uplink, &error))
    sysvpn_run_fail (run, error->message);
  else if (sysvpn_run_print (run, text->str))
    sysvpn_run_end (run, SYSVPN_EXIT_OK);
}

static void
on_look (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autofree SysvpnLook *look = sysvpn_look_finish (result, &error);

  if (look == NULL)
    sysvpn_run_fail (run, error->message);
  else if (!look->client.is_told)
    sysvpn_run_fail (run, sysvpn_command_end_clause (look->client.end));
  else
    store (run, &look->client.answers);
}

static void
on_survey (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  SysvpnRun *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnSurvey) survey = sysvpn_survey_finish (result, &error);
  SysvpnLookPlan plan = { .script = SYSVPN_SCRIPT_ASK_ADDRESS };
  SysvpnChain chain;

  if (survey == NULL) {
    sysvpn_run_fail (run, error->message);
    return;
  }
  chain = sysvpn_chain_walk (survey->qubes, run->qube);
  if (chain.n < 2 || !chain.is_whole) {
    sysvpn_run_fail (run, _ ("the VPN qube's net qube is not known; look at qvm-prefs"));
    return;
  }
  plan.client = chain.hops[chain.n - 1]->name;
  sysvpn_look_async (&plan, NULL, on_look, run);
}

/**
 * sysvpn_record_uplink_command:
 * @run: the run
 *
 * Asks once, and stores what was told for the check and the applet.
 */
void
sysvpn_record_uplink_command (SysvpnRun *run)
{
  sysvpn_survey_async (run->transport, run->qube, NULL, on_survey, run);
}

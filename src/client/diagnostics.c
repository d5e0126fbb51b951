/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user attaches to a bug report: what dom0 knows, then what the VPN qube says of itself,
 * marked so that nobody takes the one for the other. In English: others read it. */
#include "client/diagnostics.h"

#include "client/call.h"
#include "proto/diagnosis.h"

static const char untrusted[] = "The VPN qube says of itself, which dom0 cannot verify:";

/**
 * sysvpn_diagnostics_finish:
 * @result: of a call of Diagnose
 * @error: return location for a #SysvpnCallError
 *
 * Returns: (transfer full): the VPN qube's text, safe to show, for sysvpn_diagnostics_text()
 */
char *
sysvpn_diagnostics_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (SysvpnBlock) block = sysvpn_call_finish (result, NULL, error);
  char *text;

  if (block == NULL)
    return NULL;
  if (!block->ok) {
    g_propagate_error (error, sysvpn_call_error_of_reply (sysvpn_reply_decode (block)));
    return NULL;
  }
  text = sysvpn_diagnosis_decode (block, NULL);
  if (text == NULL)
    g_propagate_error (error, sysvpn_call_error_of_silence (SYSVPN_SILENCE_GARBAGE));
  return text;
}

/**
 * sysvpn_diagnostics_text:
 * @sentence: (nullable): what dom0 shows for the qube; or why the qube did not answer
 * @diagnosis: (nullable): what sysvpn_diagnostics_finish() returned
 *
 * The qube is not named: its name is the user's choice and of no use to others.
 *
 * Returns: (transfer full): the whole text. Each line of the VPN qube's begins with "| ", and
 * none of dom0's does
 */
char *
sysvpn_diagnostics_text (const char *sentence, const char *diagnosis)
{
  GString *out = g_string_new ("sysvpn " SYSVPN_VERSION "\n");
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  g_auto (GStrv) lines = NULL;

  if (system != NULL)
    g_string_append_printf (out, "system: %s\n", system);
  if (sentence != NULL)
    g_string_append_printf (out, "%s\n", sentence);
  if (diagnosis == NULL)
    return g_string_free (out, FALSE);

  g_string_append_printf (out, "\n%s\n\n", untrusted);
  lines = g_strsplit (diagnosis, "\n", -1);
  for (size_t i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    g_string_append_printf (out, "| %s\n", lines[i]);
  return g_string_free (out, FALSE);
}

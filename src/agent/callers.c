/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which qubes may ask and which may control: dom0 always, others as /etc/sysvpn/callers says.
 * Pure; whoever reads the file hands its text over. */
#include "agent/callers.h"

#include <string.h>

G_DEFINE_QUARK (sysvpn_agent_error, sysvpn_agent_error)

struct _SysvpnCallers {
  GHashTable *may_control; /* name -> GINT_TO_POINTER (bool) */
};

/**
 * sysvpn_callers_parse:
 * @text: the file: a line a qube, `NAME read` or `NAME control`; control includes read; `#`
 * starts a comment
 * @error: return location for %SYSVPN_AGENT_ERROR_CONFIG, which names the line
 *
 * Returns: (transfer full): the table, or %NULL
 */
SysvpnCallers *
sysvpn_callers_parse (const char *text, GError **error)
{
  g_autoptr (SysvpnCallers) callers = g_new0 (SysvpnCallers, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  callers->may_control = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (unsigned i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) words = NULL;
    bool control;

    lines[i][strcspn (lines[i], "#")] = '\0';
    g_strstrip (lines[i]);
    if (lines[i][0] == '\0')
      continue;
    words = g_strsplit_set (lines[i], " \t", 2);
    if (words[1] != NULL)
      g_strstrip (words[1]);
    control = words[1] != NULL && g_str_equal (words[1], "control");
    if (words[1] == NULL || (!control && !g_str_equal (words[1], "read"))) {
      g_set_error (error, SYSVPN_AGENT_ERROR, SYSVPN_AGENT_ERROR_CONFIG,
                   "line %u is not NAME read or NAME control", i + 1);
      return NULL;
    }
    g_hash_table_insert (callers->may_control, g_strdup (words[0]), GINT_TO_POINTER (control));
  }
  return g_steal_pointer (&callers);
}

/**
 * sysvpn_callers_free:
 * @callers: (nullable): a table
 */
void
sysvpn_callers_free (SysvpnCallers *callers)
{
  if (callers == NULL)
    return;
  g_clear_pointer (&callers->may_control, g_hash_table_unref);
  g_free (callers);
}

/**
 * sysvpn_callers_allow:
 * @callers: a table
 * @request: a request
 *
 * Returns: %TRUE if its source may ask for its service
 */
bool
sysvpn_callers_allow (const SysvpnCallers *callers, const SysvpnRequest *request)
{
  gpointer may_control;

  if (g_str_equal (request->source, "dom0"))
    return true;
  if (!g_hash_table_lookup_extended (callers->may_control, request->source, NULL, &may_control))
    return false;
  return GPOINTER_TO_INT (may_control) || !sysvpn_service_controls (request->service);
}

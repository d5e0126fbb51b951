/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which qubes are VPN qubes: what marks one in dom0, and a search for all of them. Nothing that
 * is asked here could start a qube. */
#include "client/vpn-qubes.h"

#include <stdint.h>

#define FEATURE_AGENT "supported-rpc.sysvpn.Status"
#define FEATURE_SERVICE "service.sysvpn"

/* Bits of SysvpnWiredQube.untold_marks */
enum { MARK_AGENT = 1, MARK_SERVICE = 2 };

typedef struct {
  SysvpnQubesdQueue *queue;
  GArray *qubes; /* of SysvpnWiredQube */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  sysvpn_qubesd_queue_free (search->queue);
  g_clear_pointer (&search->qubes, g_array_unref);
  g_free (search);
}

/**
 * sysvpn_vpn_mark_ask:
 * @queue: where to ask
 * @qube: a qube's name
 *
 * Asks for what marks a VPN qube. The answers are for sysvpn_vpn_mark_take().
 */
void
sysvpn_vpn_mark_ask (SysvpnQubesdQueue *queue, const char *qube)
{
  sysvpn_qubesd_queue_ask (
      queue, &(SysvpnQubesdQuery){ SYSVPN_QUBESD_FEATURE_GET, FEATURE_AGENT, qube });
  sysvpn_qubesd_queue_ask (
      queue, &(SysvpnQubesdQuery){ SYSVPN_QUBESD_FEATURE_GET, FEATURE_SERVICE, qube });
}

/**
 * sysvpn_vpn_mark_take:
 * @qube: the qube that was asked about
 * @query: a question of sysvpn_vpn_mark_ask()
 * @answer: (nullable): its answer
 * @error: (nullable): why there is none
 *
 * What cannot be asked for is taken for what it was.
 */
void
sysvpn_vpn_mark_take (SysvpnWiredQube *qube,
                      const SysvpnQubesdQuery *query,
                      GBytes *answer,
                      const GError *error)
{
  bool is_agent = g_str_equal (query->argument, FEATURE_AGENT);
  unsigned mark = is_agent ? MARK_AGENT : MARK_SERVICE;

  if (answer == NULL &&
      !g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_NOT_SET)) {
    qube->untold_marks |= mark;
    return;
  }
  qube->untold_marks &= ~mark;
  if (is_agent)
    qube->has_agent = answer != NULL && sysvpn_qubesd_is_set (answer);
  else
    qube->has_service = answer != NULL;
}

/**
 * sysvpn_vpn_qubes_find_untold:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 *
 * Returns: (nullable) (transfer none): the first qube that may be a VPN qube, as far as dom0
 * told, and is not known to be off
 */
const char *
sysvpn_vpn_qubes_find_untold (const GArray *qubes)
{
  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (qube->untold_marks != 0 && !qube->is_template && !qube->has_agent &&
        !qube->has_service && qube->power != SYSVPN_POWER_HALTED)
      return qube->name;
  }
  return NULL;
}

/**
 * sysvpn_vpn_qubes_dup_names:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 *
 * A template has the feature for all qubes that are based on it, few of which are VPN qubes;
 * such a one has the service, or had it: off is a fault that is to be seen.
 *
 * Returns: (transfer full): the names of the VPN qubes among them, ends with %NULL
 */
char **
sysvpn_vpn_qubes_dup_names (const GArray *qubes)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (!qube->is_template && (qube->has_agent || qube->has_service))
      g_ptr_array_add (names, (char *) (uintptr_t) qube->name);
  }
  g_ptr_array_add (names, NULL);
  return g_strdupv ((char **) names->pdata);
}

static void
take_list (Search *search, GBytes *answer)
{
  search->qubes = sysvpn_wired_qubes_decode (answer);
  for (unsigned i = 0; i < search->qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (search->qubes, SysvpnWiredQube, i);

    if (!qube->is_template)
      sysvpn_vpn_mark_ask (search->queue, qube->name);
  }
}

static void
on_answer (const SysvpnQubesdQuery *query, GBytes *answer, const GError *error, gpointer data)
{
  GTask *task = data; /* let go of at the end */
  Search *search = g_task_get_task_data (task);

  if (query->method != SYSVPN_QUBESD_LIST) {
    sysvpn_vpn_mark_take (
        (SysvpnWiredQube *) (uintptr_t) sysvpn_wired_qube_find (search->qubes, query->qube),
        query, answer, error);
  } else if (answer != NULL) {
    take_list (search, answer);
  } else {
    g_task_return_error (task, g_error_copy (error));
    g_object_unref (task);
    return;
  }
  if (sysvpn_qubesd_queue_is_idle (search->queue)) {
    g_task_return_pointer (task, g_steal_pointer (&search->qubes),
                           (GDestroyNotify) g_array_unref);
    g_object_unref (task);
  }
}

/**
 * sysvpn_vpn_qubes_choose:
 * @names: the VPN qubes, ends with %NULL
 *
 * Returns: (nullable) (transfer none): the only one; where there are several, or none that is
 * known, the one with the usual name; %NULL if there are several, all with others
 */
const char *
sysvpn_vpn_qubes_choose (const char *const *names)
{
  if (names[0] == NULL || g_strv_contains (names, SYSVPN_USUAL_QUBE))
    return SYSVPN_USUAL_QUBE;
  return names[1] == NULL ? names[0] : NULL;
}

/**
 * sysvpn_vpn_qubes_find_async:
 * @transport: how qubesd is reached
 * @cancellable: (nullable): ends it
 * @callback: called when it is done
 * @data: passed to @callback
 *
 * Asks dom0 for all qubes, and for what marks a VPN qube.
 */
void
sysvpn_vpn_qubes_find_async (SysvpnTransport *transport,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Search *search = g_new0 (Search, 1);

  g_task_set_name (task, "sysvpn_vpn_qubes_find_async");
  search->queue = sysvpn_qubesd_queue_new (transport, cancellable, on_answer, task);
  g_task_set_task_data (task, search, search_free);
  sysvpn_qubesd_queue_ask (search->queue, &query);
}

/**
 * sysvpn_vpn_qubes_find_finish:
 * @result: what the callback was given
 * @error: return location for a #SysvpnQubesdError or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (element-type SysvpnWiredQube): all qubes but dom0, with whether
 * they run and what marks them, for sysvpn_vpn_qubes_dup_names(); %NULL if dom0 does not tell
 */
GArray *
sysvpn_vpn_qubes_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

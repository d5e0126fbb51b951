/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks qubesd for the whole network of qubes. Not qvm-prefs, which starts a Python for each
 * question that is a millisecond here, and prints what has to be parsed. */
#include "check/survey.h"

#include "client/qubesd-queue.h"

#include <assert.h>
#include <string.h>

#include <glib/gi18n.h>

static const char *const flag_features[] = {
  [SYSVPN_SERVICE_FLAG_SYSVPN] = "service.sysvpn",
  [SYSVPN_SERVICE_FLAG_NETWORK_MANAGER] = "service.network-manager",
  [SYSVPN_SERVICE_FLAG_DNS] = "service.sysvpn-dns",
};
static_assert (G_N_ELEMENTS (flag_features) == SYSVPN_N_SERVICE_FLAGS, "a feature for each");

#define RESOLVER_FEATURE "service.sysvpn-resolver"

typedef struct {
  char *vpn;
  SysvpnSurvey *survey;
  SysvpnQubesdQueue *queue;
  bool has_asked_flags;
} Work;

/**
 * sysvpn_survey_free:
 * @survey: (transfer full): a survey
 */
void
sysvpn_survey_free (SysvpnSurvey *survey)
{
  g_array_unref (survey->qubes);
  g_free (survey);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  sysvpn_qubesd_queue_free (work->queue);
  g_free (work->vpn);
  g_clear_pointer (&work->survey, sysvpn_survey_free);
  g_free (work);
}

static void
take_netvm (SysvpnSurvey *survey, const char *name, GBytes *answer)
{
  SysvpnWiredQube *qube = NULL;
  SysvpnQubesdProperty netvm;

  for (unsigned i = 0; i < survey->qubes->len; i++)
    if (g_str_equal (g_array_index (survey->qubes, SysvpnWiredQube, i).name, name))
      qube = &g_array_index (survey->qubes, SysvpnWiredQube, i);
  if (qube == NULL || !sysvpn_qubesd_netvm_decode (answer, &netvm))
    return;
  qube->netvm_known = true;
  g_strlcpy (qube->netvm, netvm.value, sizeof qube->netvm);
}

static void
take_flag (SysvpnSurvey *survey, const SysvpnQubesdQuery *query, bool is_on)
{
  for (unsigned i = 0; i < SYSVPN_N_SERVICE_FLAGS; i++)
    if (g_str_equal (flag_features[i], query->argument)) {
      survey->flags[i] = is_on ? SYSVPN_FLAG_ON : SYSVPN_FLAG_OFF;
      return;
    }
  if (is_on)
    g_strlcpy (survey->resolver, query->qube, sizeof survey->resolver);
}

static void
take_feature (SysvpnSurvey *survey,
              const SysvpnQubesdQuery *query,
              GBytes *answer,
              const GError *error)
{
  if (g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_NOT_SET))
    take_flag (survey, query, false);
  else if (answer != NULL)
    take_flag (survey, query, sysvpn_qubesd_is_set (answer));
}

static void
ask_flags (Work *work)
{
  const GArray *qubes = work->survey->qubes;

  work->has_asked_flags = true;
  for (unsigned i = 0; i < SYSVPN_N_SERVICE_FLAGS; i++)
    sysvpn_qubesd_queue_ask (work->queue, &(SysvpnQubesdQuery){ SYSVPN_QUBESD_FEATURE_GET,
                                                                flag_features[i], work->vpn });
  for (unsigned i = 0; i < qubes->len; i++) {
    const char *name = g_array_index (qubes, SysvpnWiredQube, i).name;

    if (sysvpn_wired_qube_is_net_qube (qubes, name))
      sysvpn_qubesd_queue_ask (work->queue, &(SysvpnQubesdQuery){ SYSVPN_QUBESD_FEATURE_GET,
                                                                  RESOLVER_FEATURE, name });
  }
}

static void
take_list (Work *work, GBytes *answer)
{
  g_array_unref (work->survey->qubes);
  work->survey->qubes = sysvpn_wired_qubes_decode (answer);
  for (unsigned i = 0; i < work->survey->qubes->len; i++)
    sysvpn_qubesd_queue_ask (
        work->queue,
        &(SysvpnQubesdQuery){ SYSVPN_QUBESD_PROPERTY_GET, "netvm",
                              g_array_index (work->survey->qubes, SysvpnWiredQube, i).name });
}

static void
take (Work *work, const SysvpnQubesdQuery *query, GBytes *answer, const GError *error)
{
  if (query->method == SYSVPN_QUBESD_LIST)
    take_list (work, answer);
  else if (query->method == SYSVPN_QUBESD_FEATURE_GET)
    take_feature (work->survey, query, answer, error);
  else if (answer != NULL)
    take_netvm (work->survey, query->qube, answer);
}

static void
on_answer (const SysvpnQubesdQuery *query, GBytes *answer, const GError *error, gpointer data)
{
  GTask *task = data; /* let go of at the end */
  Work *work = g_task_get_task_data (task);

  if (query->method == SYSVPN_QUBESD_LIST && answer == NULL) {
    g_task_return_error (task, g_error_copy (error));
    g_object_unref (task);
    return;
  }
  take (work, query, answer, error);
  /* all net qubes are known before services are asked for: who is one is asked for more */
  if (sysvpn_qubesd_queue_is_idle (work->queue) && !work->has_asked_flags)
    ask_flags (work);
  if (sysvpn_qubesd_queue_is_idle (work->queue)) {
    g_task_return_pointer (task, g_steal_pointer (&work->survey),
                           (GDestroyNotify) sysvpn_survey_free);
    g_object_unref (task);
  }
}

/**
 * sysvpn_survey_async:
 * @transport: how qubesd is reached
 * @vpn: the VPN qube
 * @cancellable: (nullable): ends it
 * @callback: called when it is done
 * @data: passed to @callback
 */
void
sysvpn_survey_async (SysvpnTransport *transport,
                     const char *vpn,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer data)
{
  static const SysvpnQubesdQuery query = { SYSVPN_QUBESD_LIST, NULL, "dom0" };
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Work *work = g_new0 (Work, 1);

  g_task_set_name (task, "sysvpn_survey_async");
  work->queue = sysvpn_qubesd_queue_new (transport, cancellable, on_answer, task);
  work->vpn = g_strdup (vpn);
  work->survey = g_new0 (SysvpnSurvey, 1);
  work->survey->qubes = g_array_new (FALSE, FALSE, sizeof (SysvpnWiredQube));
  g_task_set_task_data (task, work, work_free);
  sysvpn_qubesd_queue_ask (work->queue, &query);
}

/**
 * sysvpn_survey_finish:
 * @result: what the callback was given
 * @error: return location for a #SysvpnQubesdError or %G_IO_ERROR_CANCELLED
 *
 * What single qubes did not tell is unknown in the survey and no error.
 *
 * Returns: (transfer full): the survey; %NULL if qubesd does not tell which qubes there are
 */
SysvpnSurvey *
sysvpn_survey_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * sysvpn_survey_choose_resolver:
 * @survey: what dom0 knows
 * @wanted: (nullable): the name that the user gave, or "none"
 *
 * Returns: (nullable) (transfer none): the qube that shall answer clients' DNS: the one wanted,
 * else one that has the service on, else one with the usual name
 */
const char *
sysvpn_survey_choose_resolver (const SysvpnSurvey *survey, const char *wanted)
{
  if (wanted != NULL)
    return g_str_equal (wanted, "none") ? NULL : wanted;
  if (survey->resolver[0] != '\0')
    return survey->resolver;
  return sysvpn_wired_qube_find (survey->qubes, "sys-dns") != NULL ? "sys-dns" : NULL;
}

/**
 * sysvpn_survey_judge_services:
 * @survey: what dom0 knows
 * @wish: how the chain shall be
 *
 * Returns: (transfer full): whether the VPN qube has the services on without which it does not
 * protect, or does not work
 */
SysvpnFinding
sysvpn_survey_judge_services (const SysvpnSurvey *survey, const SysvpnWiringWish *wish)
{
  for (unsigned i = 0; i < SYSVPN_N_SERVICE_FLAGS; i++) {
    const char *service = flag_features[i] + strlen ("service.");

    if (i == SYSVPN_SERVICE_FLAG_DNS && wish->resolver != NULL)
      continue; /* clients do not depend on the tunnel's resolver */
    if (survey->flags[i] == SYSVPN_FLAG_UNKNOWN)
      return sysvpn_finding (
          SYSVPN_STEP_SERVICES, SYSVPN_OUTCOME_INCONCLUSIVE,
          g_strdup_printf (_ ("dom0 does not tell whether %s's service %s is on"), wish->vpn,
                           service),
          g_strdup_printf (_ ("look at qvm-service %s and journalctl -u qubesd"), wish->vpn));
    if (survey->flags[i] == SYSVPN_FLAG_OFF)
      return sysvpn_finding (SYSVPN_STEP_SERVICES, SYSVPN_OUTCOME_FAILED,
                             g_strdup_printf (_ ("%s's service %s is off"), wish->vpn, service),
                             g_strdup_printf (_ ("qvm-service %s %s on, then restart %s"),
                                              wish->vpn, service, wish->vpn));
  }
  return sysvpn_passed (SYSVPN_STEP_SERVICES, _ ("%s has its services on"), wish->vpn);
}

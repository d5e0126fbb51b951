/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "check/wiring.h"
#include "client/transport.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_SERVICE_FLAG_SYSVPN,
  SYSVPN_SERVICE_FLAG_NETWORK_MANAGER,
  SYSVPN_SERVICE_FLAG_DNS,
  SYSVPN_N_SERVICE_FLAGS
} SysvpnServiceFlag;

typedef enum { SYSVPN_FLAG_UNKNOWN, SYSVPN_FLAG_ON, SYSVPN_FLAG_OFF } SysvpnFlag;

/**
 * SysvpnSurvey:
 * @qubes: (element-type SysvpnWiredQube): all qubes but dom0
 * @flags: of the VPN qube: whether dom0 has its service on
 * @resolver: the qube that dom0 says is a resolver; empty for none
 *
 * What dom0 knows, asked of qubesd without starting anything.
 */
typedef struct {
  GArray *qubes;
  SysvpnFlag flags[SYSVPN_N_SERVICE_FLAGS];
  char resolver[SYSVPN_QUBE_NAME_SIZE];
} SysvpnSurvey;

void sysvpn_survey_free (SysvpnSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnSurvey, sysvpn_survey_free)

const char *sysvpn_survey_choose_resolver (const SysvpnSurvey *survey, const char *wanted);
SysvpnFinding sysvpn_survey_judge_services (const SysvpnSurvey *survey,
                                            const SysvpnWiringWish *wish);

void sysvpn_survey_async (SysvpnTransport *transport,
                          const char *vpn,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data);
SysvpnSurvey *sysvpn_survey_finish (GAsyncResult *result, GError **error);

G_END_DECLS

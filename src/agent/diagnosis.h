/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnDiagnosis:
 * @status: the newest report
 * @profiles: (nullable) (element-type SysvpnProfile): %NULL while NetworkManager is not known
 * @log: (array zero-terminated=1): the agent's last log lines
 * @uptime_s: for how long the agent has run
 *
 * What the agent itself knows and a bug report wants.
 */
typedef struct {
  const SysvpnStatus *status;
  const GArray *profiles;
  const char *const *log;
  uint64_t uptime_s;
} SysvpnDiagnosis;

char *sysvpn_diagnosis_redact (const char *line);
char *sysvpn_diagnosis_text (const SysvpnDiagnosis *diagnosis, const char *root);

G_END_DECLS

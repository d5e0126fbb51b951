/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/shown.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

char *sysvpn_json_text (JsonBuilder *builder, bool pretty);
char *sysvpn_report_json (const char *qube,
                          SysvpnView view,
                          const SysvpnStatus *report,
                          uint64_t age_ms,
                          bool pretty);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/**
 * SysvpnReachFunc:
 * @servers: servers, each `HOST:PORT/PROTO`
 * @data: user data
 *
 * Returns: %TRUE if the killswitch lets one of them be reached
 */
typedef bool (*SysvpnReachFunc) (const char *const *servers, gpointer data);

SysvpnCause sysvpn_reach_explain (SysvpnCause cause,
                                  const char *const *servers,
                                  const char *current,
                                  SysvpnReachFunc can_reach,
                                  gpointer data);

G_END_DECLS

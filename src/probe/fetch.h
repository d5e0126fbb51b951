/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probe/config.h"
#include "probe/question.h"

G_BEGIN_DECLS

bool sysvpn_fetch_egress_address (const SysvpnProbeConfig *config,
                                  const SysvpnQuestion *question,
                                  char ret_address[static INET6_ADDRSTRLEN],
                                  GError **error);

G_END_DECLS

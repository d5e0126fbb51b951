/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/chain.h"
#include "client/qubesd-queue.h"
#include "client/transport.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The VPN qube that nobody renamed. */
#define SYSVPN_USUAL_QUBE "sys-vpn"

void sysvpn_vpn_mark_ask (SysvpnQubesdQueue *queue, const char *qube);
void sysvpn_vpn_mark_take (SysvpnWiredQube *qube,
                           const SysvpnQubesdQuery *query,
                           GBytes *answer,
                           const GError *error);
char **sysvpn_vpn_qubes_dup_names (const GArray *qubes);
const char *sysvpn_vpn_qubes_find_untold (const GArray *qubes);
const char *sysvpn_vpn_qubes_choose (const char *const *names);

void sysvpn_vpn_qubes_find_async (SysvpnTransport *transport,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
GArray *sysvpn_vpn_qubes_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"
#include "client/transport.h"

#include <gio/gio.h>

G_BEGIN_DECLS

void sysvpn_qubesd_call_async (const SysvpnTransport *transport,
                               const SysvpnQubesdQuery *query,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data);
GBytes *sysvpn_qubesd_call_finish (GAsyncResult *result, GError **error);

G_END_DECLS

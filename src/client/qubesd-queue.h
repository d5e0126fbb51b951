/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"
#include "client/transport.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SysvpnQubesdQueue SysvpnQubesdQueue;

/**
 * SysvpnQubesdQueueFunc:
 * @query: what was asked
 * @answer: (nullable): what the answer holds; %NULL when there is none
 * @error: (nullable): why there is none, a #SysvpnQubesdError or %G_IO_ERROR_CANCELLED
 * @data: what sysvpn_qubesd_queue_new() was given
 *
 * May ask more, and may free the queue.
 */
typedef void (*SysvpnQubesdQueueFunc) (const SysvpnQubesdQuery *query,
                                       GBytes *answer,
                                       const GError *error,
                                       gpointer data);

SysvpnQubesdQueue *sysvpn_qubesd_queue_new (SysvpnTransport *transport,
                                            GCancellable *cancellable,
                                            SysvpnQubesdQueueFunc func,
                                            gpointer data);
void sysvpn_qubesd_queue_free (SysvpnQubesdQueue *queue);
void sysvpn_qubesd_queue_ask (SysvpnQubesdQueue *queue, const SysvpnQubesdQuery *query);
bool sysvpn_qubesd_queue_is_idle (const SysvpnQubesdQueue *queue);

G_END_DECLS

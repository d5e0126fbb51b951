/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"
#include "client/transport.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_QUBESD_STREAM (sysvpn_qubesd_stream_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQubesdStream, sysvpn_qubesd_stream, SYSVPN, QUBESD_STREAM, GObject)

SysvpnQubesdStream *sysvpn_qubesd_stream_open (const SysvpnTransport *transport,
                                               const SysvpnQubesdQuery *query);
void sysvpn_qubesd_stream_close (SysvpnQubesdStream *self);

G_END_DECLS

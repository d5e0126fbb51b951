/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/silence.h"
#include "client/transport.h"
#include "proto/block.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_STREAM (sysvpn_stream_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnStream, sysvpn_stream, SYSVPN, STREAM, GObject)

SysvpnStream *sysvpn_stream_open (SysvpnTransport *transport,
                                  const char *qube,
                                  SysvpnService service,
                                  const char *uuid);
void sysvpn_stream_close (SysvpnStream *self);

G_END_DECLS

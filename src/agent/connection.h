/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/request.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Signals:
 * "request" (): the request has arrived and is well-formed
 * "closed" (): it is over, whoever ended it; the last signal */
#define SYSVPN_TYPE_CONNECTION (sysvpn_connection_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnConnection, sysvpn_connection, SYSVPN, CONNECTION, GObject)

SysvpnConnection *sysvpn_connection_new (int fd);
const SysvpnRequest *sysvpn_connection_get_request (SysvpnConnection *self);
void sysvpn_connection_send (SysvpnConnection *self, const GString *block);
void sysvpn_connection_finish (SysvpnConnection *self, const GString *block);
void sysvpn_connection_close (SysvpnConnection *self);

G_END_DECLS

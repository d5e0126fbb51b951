/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/connection.h"

#include <glib-object.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Signals: "connection" (SysvpnConnection *): somebody who may talk to us calls */
#define SYSVPN_TYPE_SERVICE_SOCKET (sysvpn_service_socket_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnServiceSocket, sysvpn_service_socket, SYSVPN, SERVICE_SOCKET, GObject)

SysvpnServiceSocket *sysvpn_service_socket_new (int fd, const GArray *allowed_uids);
int sysvpn_service_socket_listen (const char *path, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/request.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_TRANSPORT_DOM0,       /* dom0's qrexec-client */
  SYSVPN_TRANSPORT_GUI_DOMAIN, /* a qube's qrexec-client-vm */
  SYSVPN_TRANSPORT_SOCKET,     /* an agent on this machine, for development and the demo */
} SysvpnTransportKind;

/**
 * SysvpnTransport:
 * @kind: which way calls go
 * @path: the absolute path of the program that makes them, or of the agent's socket
 *
 * Immutable and counted.
 */
typedef struct {
  SysvpnTransportKind kind;
  char *path;
} SysvpnTransport;

SysvpnTransport *sysvpn_transport_new (SysvpnTransportKind kind, const char *path);
SysvpnTransport *sysvpn_transport_choose (const char *connect, GError **error);
SysvpnTransport *sysvpn_transport_ref (SysvpnTransport *transport);
void sysvpn_transport_unref (SysvpnTransport *transport);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnTransport, sysvpn_transport_unref)

bool sysvpn_qube_name_is_valid (const char *name);
bool sysvpn_transport_is_off (const SysvpnTransport *transport, const char *qube);
char **sysvpn_transport_argv (const SysvpnTransport *transport,
                              const char *qube,
                              SysvpnService service,
                              const char *uuid);
char *sysvpn_transport_descriptor (SysvpnService service, const char *uuid);

G_END_DECLS

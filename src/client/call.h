/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/silence.h"
#include "client/transport.h"
#include "proto/block.h"
#include "proto/reply.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SYSVPN_CALL_ERROR (sysvpn_call_error_quark ())

/**
 * SysvpnCallError:
 * @SYSVPN_CALL_ERROR_FAILED: the agent could not do it, or its answer cannot be understood
 * @SYSVPN_CALL_ERROR_NO_TRANSPORT: this machine has no way to call a qube
 * @SYSVPN_CALL_ERROR_NO_QUBE: nobody in the qube takes calls: it is off, or has no agent
 * @SYSVPN_CALL_ERROR_SILENT: the call ended or timed out without a whole answer
 * @SYSVPN_CALL_ERROR_REFUSED: qrexec's policy or the agent does not allow it
 * @SYSVPN_CALL_ERROR_BUSY: another action is under way
 * @SYSVPN_CALL_ERROR_CANCELLED: a later request took its place, which is nothing to announce
 * @SYSVPN_CALL_ERROR_EXPOSED: refused because the killswitch is broken
 * @SYSVPN_CALL_ERROR_PROFILE: no such profile, or none to choose from
 */
typedef enum {
  SYSVPN_CALL_ERROR_FAILED,
  SYSVPN_CALL_ERROR_NO_TRANSPORT,
  SYSVPN_CALL_ERROR_NO_QUBE,
  SYSVPN_CALL_ERROR_SILENT,
  SYSVPN_CALL_ERROR_REFUSED,
  SYSVPN_CALL_ERROR_BUSY,
  SYSVPN_CALL_ERROR_CANCELLED,
  SYSVPN_CALL_ERROR_EXPOSED,
  SYSVPN_CALL_ERROR_PROFILE,
} SysvpnCallError;

GQuark sysvpn_call_error_quark (void);
GError *sysvpn_call_error_of_silence (SysvpnSilence silence);
GError *sysvpn_call_error_of_reply (SysvpnReply reply);

/**
 * SysvpnQuery:
 * @service: what to call, any but Watch
 * @uuid: (nullable): its argument, a valid UUID
 */
typedef struct {
  SysvpnService service;
  const char *uuid;
} SysvpnQuery;

void sysvpn_call_async (SysvpnTransport *transport,
                        const char *qube,
                        SysvpnQuery query,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data);
SysvpnBlock *
sysvpn_call_finish (GAsyncResult *result, SysvpnSilence *ret_silence, GError **error);

G_END_DECLS

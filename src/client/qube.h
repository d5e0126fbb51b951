/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/shown.h"
#include "client/transport.h"
#include "proto/profile-list.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the user asked for and has not been answered yet. */
typedef enum {
  SYSVPN_ACTION_NONE,
  SYSVPN_ACTION_CONNECT,
  SYSVPN_ACTION_DISCONNECT,
  SYSVPN_ACTION_RECONNECT,
  SYSVPN_ACTION_START, /* the qube itself */
  SYSVPN_N_ACTIONS
} SysvpnAction;

#define SYSVPN_TYPE_QUBE (sysvpn_qube_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQube, sysvpn_qube, SYSVPN, QUBE, GObject)

SysvpnQube *sysvpn_qube_new (const char *name, SysvpnTransport *transport);
const char *sysvpn_qube_get_name (SysvpnQube *self);

void sysvpn_qube_start (SysvpnQube *self);
void sysvpn_qube_refresh (SysvpnQube *self);
void sysvpn_qube_set_attentive (SysvpnQube *self, bool attentive);
void sysvpn_qube_set_power (SysvpnQube *self, SysvpnPower power);
SysvpnPower sysvpn_qube_get_power (SysvpnQube *self);

SysvpnView sysvpn_qube_get_view (SysvpnQube *self);
const SysvpnStatus *sysvpn_qube_get_report (SysvpnQube *self);
const SysvpnStatus *sysvpn_qube_get_believed (SysvpnQube *self);
SysvpnSilence sysvpn_qube_get_silence (SysvpnQube *self);
uint64_t sysvpn_qube_get_age_ms (SysvpnQube *self);
GDateTime *sysvpn_qube_dup_report_time (SysvpnQube *self);
GDateTime *sysvpn_qube_dup_verified_time (SysvpnQube *self);

void sysvpn_qube_diagnose_async (SysvpnQube *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
void sysvpn_qube_fetch_profiles (SysvpnQube *self);
const GArray *sysvpn_qube_get_profiles (SysvpnQube *self);

SysvpnAction sysvpn_qube_get_pending (SysvpnQube *self);
void sysvpn_qube_act_async (SysvpnQube *self,
                            SysvpnAction action,
                            const char *uuid,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);
bool sysvpn_qube_act_finish (SysvpnQube *self, GAsyncResult *result, GError **error);

G_END_DECLS

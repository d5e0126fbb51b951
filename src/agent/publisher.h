/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "agent/connection.h"
#include "proto/status.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_PUBLISHER (sysvpn_publisher_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnPublisher, sysvpn_publisher, SYSVPN, PUBLISHER, GObject)

SysvpnPublisher *sysvpn_publisher_new (void);
void sysvpn_publisher_update (SysvpnPublisher *self, const SysvpnStatus *status);
void sysvpn_publisher_beat (SysvpnPublisher *self);
void sysvpn_publisher_add_watcher (SysvpnPublisher *self, SysvpnConnection *connection);
void sysvpn_publisher_answer (SysvpnPublisher *self, SysvpnConnection *connection);

G_END_DECLS

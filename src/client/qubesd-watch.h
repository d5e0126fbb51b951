/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd-event.h"
#include "client/transport.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_QUBESD_WATCH (sysvpn_qubesd_watch_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQubesdWatch, sysvpn_qubesd_watch, SYSVPN, QUBESD_WATCH, GObject)

SysvpnQubesdWatch *sysvpn_qubesd_watch_new (SysvpnTransport *transport);
void sysvpn_qubesd_watch_start (SysvpnQubesdWatch *self);
void sysvpn_qubesd_watch_ask_list (SysvpnQubesdWatch *self);

G_END_DECLS

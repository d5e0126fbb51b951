/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/silence.h"
#include "client/transport.h"
#include "proto/status.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define SYSVPN_TYPE_FEED (sysvpn_feed_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnFeed, sysvpn_feed, SYSVPN, FEED, GObject)

SysvpnFeed *sysvpn_feed_new (const char *qube, SysvpnTransport *transport);
void sysvpn_feed_resume (SysvpnFeed *self);
void sysvpn_feed_pause (SysvpnFeed *self);
void sysvpn_feed_refresh (SysvpnFeed *self);
void sysvpn_feed_set_attentive (SysvpnFeed *self, bool attentive);
SysvpnSilence sysvpn_feed_get_silence (SysvpnFeed *self);
uint64_t sysvpn_feed_get_age_ms (SysvpnFeed *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What a notification is about. There is at most one of each on the screen. */
typedef enum {
  SYSVPN_TOPIC_TUNNEL,     /* dropped, degraded, recovered, flapping */
  SYSVPN_TOPIC_KILLSWITCH, /* broken */
  SYSVPN_TOPIC_EGRESS,     /* the uplink's address is seen from outside */
  SYSVPN_TOPIC_SILENCE,    /* no report */
  SYSVPN_TOPIC_DROPS,      /* packets of a client qube */
  SYSVPN_TOPIC_STRAYS,     /* qubes that go past the VPN and must not */
  SYSVPN_TOPIC_ACTION,     /* what the user asked for failed */
  SYSVPN_N_TOPICS,
} SysvpnTopic;

typedef enum {
  SYSVPN_URGENCY_LOW,
  SYSVPN_URGENCY_NORMAL,
  SYSVPN_URGENCY_CRITICAL, /* stays until it is closed, and comes back with a restarted daemon
                            */
} SysvpnUrgency;

typedef struct {
  const char *id;    /* NULL ends an array */
  const char *label; /* not translated yet */
} SysvpnNotifierAction;

#define SYSVPN_TYPE_NOTIFIER (sysvpn_notifier_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnNotifier, sysvpn_notifier, SYSVPN, NOTIFIER, GObject)

SysvpnNotifier *sysvpn_notifier_new (void);
void sysvpn_notifier_show (SysvpnNotifier *self,
                           SysvpnTopic topic,
                           const char *summary,
                           const char *body,
                           SysvpnUrgency urgency,
                           const SysvpnNotifierAction *actions);
void sysvpn_notifier_close (SysvpnNotifier *self, SysvpnTopic topic);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/drop-watch.h"
#include "applet/notifier.h"
#include "client/qube.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_NOTICE_DEGRADED_MS = 30000,
  SYSVPN_NOTICE_SILENT_MS = 30000,
  SYSVPN_NOTICE_RESUME_MS = 15000,  /* after a resume nothing but a broken killswitch is news */
  SYSVPN_NOTICE_FLAPS = 3,          /* that many drops ... */
  SYSVPN_NOTICE_FLAP_MS = 300000,   /* ... in that time are flapping ... */
  SYSVPN_NOTICE_STABLE_MS = 120000, /* ... until it was up for so long */
  SYSVPN_NOTICE_SETTLE_MS = 1000, /* a report from before may follow the answer to an action */
  SYSVPN_NOTICE_LINGER_MS = 3000, /* an alarm that is over stays so long, so that one that */
                                  /* comes and goes is one alarm; a second within */
                                  /* SYSVPN_NOTICE_FLAP_MS stays SYSVPN_NOTICE_STABLE_MS */
};

/**
 * SysvpnNoticeAlarm:
 * @is_announced: it is on
 * @at: when it was announced last; 0: never
 * @is_again: that was soon after the time before
 * @well_since: since when an announced one is over; 0: it is not
 */
typedef struct {
  bool is_announced;
  int64_t at;
  bool is_again;
  int64_t well_since;
} SysvpnNoticeAlarm;

/**
 * SysvpnNoticePolicy:
 *
 * What has been seen and announced so far of one VPN qube. Zero it at the start. All times are
 * milliseconds of one clock that goes on during suspend.
 */
typedef struct {
  bool was_good;                      /* the tunnel, when it was last seen settled */
  int64_t down_since;                 /* seen down since it was good; 0: not */
  int64_t outage_since;               /* the first drop of those that were announced */
  int64_t held_until;                 /* the drop is told if it lasts until then; 0: none is */
  bool is_announced;                  /* its drop, and not yet its return */
  bool is_doubtful;                   /* whether nothing left meanwhile */
  int64_t drops[SYSVPN_NOTICE_FLAPS]; /* the last drops, newest first; 0 for none */
  bool is_flapping;
  int64_t good_since;  /* 0: it is not good */
  int64_t amiss_since; /* there or on its way, and nothing passes; 0: not so */
  bool amiss_announced;
  int64_t silent_since; /* 0: it is not */
  bool silent_announced;
  SysvpnDropWatch drop_watch;
  SysvpnNoticeAlarm exposed;
  SysvpnNoticeAlarm leak; /* the uplink's address is seen from outside */
  int64_t quiet_until;    /* after a resume */
  int64_t settled_after;  /* after the user's last action */
} SysvpnNoticePolicy;

/**
 * SysvpnNoticeScene:
 * @view: what is shown
 * @report: (nullable): the report, if it is believed
 * @is_pending: the user has asked for something that is not answered yet
 * @is_egress_uplink: the report's egress address is one that was recorded without the VPN
 * @drops_threshold: how many dropped packets of one qube are news; at least 1
 * @now_ms: the time
 */
typedef struct {
  SysvpnView view;
  const SysvpnStatus *report;
  bool is_pending;
  bool is_egress_uplink;
  unsigned drops_threshold;
  int64_t now_ms;
} SysvpnNoticeScene;

typedef enum {
  SYSVPN_NOTICE_DROPPED,
  SYSVPN_NOTICE_RECOVERED,
  SYSVPN_NOTICE_FLAPPING,
  SYSVPN_NOTICE_DEGRADED,
  SYSVPN_NOTICE_EXPOSED,
  SYSVPN_NOTICE_SILENT,
  SYSVPN_NOTICE_LEAK,
  SYSVPN_NOTICE_CLIENT_DROPS,
  SYSVPN_NOTICE_TUNNEL_OVER, /* take the topic's notification away */
  SYSVPN_NOTICE_EXPOSED_OVER,
  SYSVPN_NOTICE_SILENT_OVER,
  SYSVPN_NOTICE_LEAK_OVER,
  SYSVPN_N_NOTICES
} SysvpnNoticeKind;

/* What the user can switch off, and what not. */
typedef enum {
  SYSVPN_NOTICE_CLASS_ALWAYS, /* traffic may go past the tunnel */
  SYSVPN_NOTICE_CLASS_TUNNEL,
  SYSVPN_NOTICE_CLASS_NO_TRAFFIC,
  SYSVPN_NOTICE_CLASS_SILENCE,
  SYSVPN_NOTICE_CLASS_DROPS,
  SYSVPN_N_NOTICE_CLASSES
} SysvpnNoticeClass;

enum { SYSVPN_NOTICES_MAX = 5 /* of one decision */ };

/**
 * SysvpnNotice:
 * @kind: what happened
 * @outage_ms: for RECOVERED, how long it was away
 * @nothing_left: for RECOVERED, whether the killswitch was seen armed all that time
 * @client: for CLIENT_DROPS, the address of the qube
 * @packets: for CLIENT_DROPS, how many of its packets were dropped
 */
typedef struct {
  SysvpnNoticeKind kind;
  int64_t outage_ms;
  bool nothing_left;
  char client[SYSVPN_ADDRESS_MAX + 1];
  uint64_t packets;
} SysvpnNotice;

size_t sysvpn_notice_decide (SysvpnNoticePolicy *policy,
                             const SysvpnNoticeScene *scene,
                             SysvpnNotice ret_notices[static SYSVPN_NOTICES_MAX]);
int64_t sysvpn_notice_next_ms (const SysvpnNoticePolicy *policy);
void sysvpn_notice_resumed (SysvpnNoticePolicy *policy, int64_t now_ms);

SysvpnTopic sysvpn_notice_topic (SysvpnNoticeKind kind);
SysvpnNoticeClass sysvpn_notice_class (SysvpnNoticeKind kind);

G_END_DECLS

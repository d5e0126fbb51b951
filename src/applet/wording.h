/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/notification-policy.h"
#include "client/qube.h"

#include <glib.h>

G_BEGIN_DECLS

enum { SYSVPN_NAME_SHOWN_MAX = 40 /* characters of a profile's name */ };

/**
 * SysvpnMessage:
 * @summary: plain text, dom0's own words
 * @body: plain text
 */
typedef struct {
  char *summary;
  char *body;
} SysvpnMessage;

void sysvpn_message_clear (SysvpnMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnMessage, sysvpn_message_clear)

char *sysvpn_wording_capitalize (const char *text);
char *sysvpn_wording_split (const char *sentence, char **ret_remedy);
char *sysvpn_wording_egress (const SysvpnStatus *report);
char *sysvpn_wording_dropped (const SysvpnStatus *report);
char *sysvpn_wording_tooltip (const char *qube,
                              SysvpnView view,
                              const SysvpnStatus *report,
                              GDateTime *verified);
void sysvpn_wording_notice (SysvpnNotice notice,
                            const char *qube,
                            SysvpnView view,
                            SysvpnMessage *ret_message);

G_END_DECLS

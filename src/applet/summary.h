/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/shown.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/**
 * SysvpnSummaryQube:
 * @name: of a VPN qube
 * @view: what is shown of it
 * @report: (nullable): its report, if it is believed
 * @verified: (nullable): when, by dom0's clock, its killswitch was compared
 * @are_clients_known: whether it is known which qubes go through it
 * @n_clients: how many that run do
 */
typedef struct {
  const char *name;
  SysvpnView view;
  const SysvpnStatus *report;
  GDateTime *verified;
  bool are_clients_known;
  unsigned n_clients;
} SysvpnSummaryQube;

/**
 * SysvpnSummaryScene:
 * @qubes: the VPN qubes
 * @n_qubes: how many; may be 0
 * @missing: (nullable): the state sentence, not translated yet, of VPN qubes that are not
 * known; always given where @n_qubes is 0
 * @warning: (nullable): a line about qubes that go past all of them and must not
 */
typedef struct {
  const SysvpnSummaryQube *qubes;
  size_t n_qubes;
  const char *missing;
  const char *warning;
} SysvpnSummaryScene;

/**
 * SysvpnSummary:
 * @shown: the state that the icon tells
 * @title: the sentence that is read first; plain text
 * @description: the rest of the tooltip, over several lines; plain text
 * @timeless: @description without the times that each heartbeat brings anew
 * @verified_s: which time @description tells, in seconds of dom0's clock; 0 for none
 */
typedef struct {
  SysvpnShown shown;
  char *title;
  char *description;
  char *timeless;
  int64_t verified_s;
} SysvpnSummary;

/* For how long the time in the tooltip may be an earlier one than the newest. */
enum { SYSVPN_SUMMARY_TIME_S = 180 };

void sysvpn_summary_clear (SysvpnSummary *summary);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnSummary, sysvpn_summary_clear)
void sysvpn_summary_make (const SysvpnSummaryScene *scene, SysvpnSummary *ret_summary);
bool sysvpn_summary_is_news (const SysvpnSummary *drawn, const SysvpnSummary *summary);

G_END_DECLS

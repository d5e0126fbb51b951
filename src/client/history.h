/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/shown.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_HISTORY_MAX = 500,            /* events; the oldest are forgotten */
  SYSVPN_HISTORY_REPEAT_S = 300,       /* what comes back sooner is the same event again */
  SYSVPN_HISTORY_SENTENCE_MAX = 300,   /* bytes of one in a file */
  SYSVPN_HISTORY_FILE_MAX = 256 * 1024 /* bytes of a file */
};

/**
 * SysvpnHistoryEvent:
 * @at_s: when it began the last time, seconds of dom0's wall clock since 1970
 * @first_s: when it began the first time
 * @times: how often it began from then on
 * @shown: the state that was shown from then on
 * @sentence: why; dom0's own words, untranslated
 * @outage_s: for Protected: for how long it was not, all times added; %SYSVPN_ABSENT if nobody
 *   saw when it began
 * @exposed_s: for how long of that it was Exposed
 */
typedef struct {
  int64_t at_s;
  int64_t first_s;
  unsigned times;
  SysvpnShown shown;
  const char *sentence;
  uint64_t outage_s;
  uint64_t exposed_s;
} SysvpnHistoryEvent;

typedef struct _SysvpnHistory SysvpnHistory;

SysvpnHistory *sysvpn_history_new (void);
void sysvpn_history_free (SysvpnHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnHistory, sysvpn_history_free)
void sysvpn_history_start (SysvpnHistory *history, int64_t wall_s);
bool
sysvpn_history_take (SysvpnHistory *history, SysvpnView view, int64_t wall_s, int64_t now_ms);
unsigned sysvpn_history_get_n_events (const SysvpnHistory *history);
const SysvpnHistoryEvent *sysvpn_history_get (const SysvpnHistory *history, unsigned n);
char *sysvpn_history_encode (const SysvpnHistory *history);
bool sysvpn_history_decode (SysvpnHistory *history, const char *text);

G_END_DECLS

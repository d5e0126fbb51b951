/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _SysvpnAlarm SysvpnAlarm;
typedef void (*SysvpnAlarmFunc) (gpointer data);

SysvpnAlarm *sysvpn_alarm_new (const char *name, SysvpnAlarmFunc func, gpointer data);
void sysvpn_alarm_free (SysvpnAlarm *alarm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnAlarm, sysvpn_alarm_free)
void sysvpn_alarm_set (SysvpnAlarm *alarm, int64_t at_ms);
void sysvpn_alarm_clear (SysvpnAlarm *alarm);
int64_t sysvpn_alarm_now_ms (void);

G_END_DECLS

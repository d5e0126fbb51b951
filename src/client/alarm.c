/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timer by CLOCK_BOOTTIME. GLib's own timers stand still while the machine sleeps, so that
 * after a night a report of the evening would be believed for some seconds more. */
#include "client/alarm.h"

#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct _SysvpnAlarm {
  int fd;
  GSource *source;
  SysvpnAlarmFunc func;
  gpointer data;
};

static gboolean
on_expired (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  SysvpnAlarm *alarm = data;
  uint64_t n_times;

  /* nothing to read: it was set anew between the poll and now */
  if (read (fd, &n_times, sizeof n_times) == (ssize_t) sizeof n_times)
    alarm->func (alarm->data); /* which may free the alarm */
  return G_SOURCE_CONTINUE;
}

/**
 * sysvpn_alarm_new:
 * @name: of the event source, a static string
 * @func: called on the default main context each time that the set time has come
 * @data: passed to @func
 *
 * Returns: (transfer full): an alarm that is not set
 */
SysvpnAlarm *
sysvpn_alarm_new (const char *name, SysvpnAlarmFunc func, gpointer data)
{
  SysvpnAlarm *alarm = g_new0 (SysvpnAlarm, 1);

  alarm->fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (alarm->fd < 0) /* only without memory or descriptors left, as when g_malloc aborts */
    g_error ("timerfd_create: %s", g_strerror (errno));
  alarm->func = func;
  alarm->data = data;
  alarm->source = g_unix_fd_source_new (alarm->fd, G_IO_IN);
  g_source_set_static_name (alarm->source, name);
  g_source_set_callback (alarm->source, G_SOURCE_FUNC (on_expired), alarm, NULL);
  g_source_attach (alarm->source, NULL);
  return alarm;
}

/**
 * sysvpn_alarm_free:
 * @alarm: (nullable): an alarm
 */
void
sysvpn_alarm_free (SysvpnAlarm *alarm)
{
  if (alarm == NULL)
    return;
  g_source_destroy (alarm->source);
  g_source_unref (alarm->source);
  close (alarm->fd);
  g_free (alarm);
}

/**
 * sysvpn_alarm_set:
 * @alarm: an alarm
 * @at_ms: when, in milliseconds of CLOCK_BOOTTIME; a time that has passed is now
 *
 * Takes the place of the time set before.
 */
void
sysvpn_alarm_set (SysvpnAlarm *alarm, int64_t at_ms)
{
  int64_t at = MAX (at_ms, 1); /* 0 would clear it */
  struct itimerspec when = { .it_value = { .tv_sec = at / 1000,
                                           .tv_nsec = at % 1000 * 1000000 } };

  timerfd_settime (alarm->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/**
 * sysvpn_alarm_clear:
 * @alarm: an alarm
 */
void
sysvpn_alarm_clear (SysvpnAlarm *alarm)
{
  struct itimerspec never = { 0 };

  timerfd_settime (alarm->fd, 0, &never, NULL);
}

/**
 * sysvpn_alarm_now_ms:
 *
 * Returns: CLOCK_BOOTTIME in milliseconds
 */
int64_t
sysvpn_alarm_now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows and closes what it is told on stdin, and says each 20 ms how long its main loop was
 * held up, when that was long. For tests/suites/tray.
 *
 *   show TOPIC URGENCY SUMMARY|BODY      (numbers of the enums)
 *   ask TOPIC URGENCY SUMMARY|BODY       the same with the actions reconnect and details
 *   close TOPIC
 */
#include "applet/notifier.h"

#include <stdio.h>

enum { TICK_MS = 20, LATE_MS = 500 };

static GMainLoop *loop;
static SysvpnNotifier *notifier;
static gint64 last_tick_us;

static gboolean
on_tick (gpointer data)
{
  gint64 now_us = g_get_monotonic_time ();

  (void) data;
  if (last_tick_us != 0 && now_us - last_tick_us > LATE_MS * 1000)
    g_print ("blocked %d ms\n", (int) ((now_us - last_tick_us) / 1000));
  last_tick_us = now_us;
  return G_SOURCE_CONTINUE;
}

static void
on_action (SysvpnNotifier *self, guint topic, const char *action)
{
  g_print ("action %u %s\n", topic, action);
  sysvpn_notifier_close (self, topic); /* as the applet does: from within */
}

static void
obey (const char *line)
{
  static const SysvpnNotifierAction actions[] = { { "reconnect", "Reconnect" },
                                                  { "details", "Details" },
                                                  { NULL, NULL } };
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  guint topic = g_strv_length (words) > 1 ? (guint) g_ascii_strtoull (words[1], NULL, 10) : 0;

  if (g_strv_length (words) == 4) {
    g_auto (GStrv) texts = g_strsplit (words[3], "|", 2);

    sysvpn_notifier_show (notifier, topic, texts[0], texts[1],
                          (SysvpnUrgency) g_ascii_strtoull (words[2], NULL, 10),
                          g_str_equal (words[0], "ask") ? actions : NULL);
  } else {
    sysvpn_notifier_close (notifier, topic);
  }
  g_print ("did %s\n", line);
}

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  g_autofree char *line = NULL;
  gsize end = 0;

  (void) condition;
  (void) data;
  if (g_io_channel_read_line (channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL) {
    g_main_loop_quit (loop);
    return G_SOURCE_REMOVE;
  }
  line[end] = '\0';
  obey (line);
  return G_SOURCE_CONTINUE;
}

int
main (void)
{
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);

  setvbuf (stdout, NULL, _IOLBF, 0);
  loop = g_main_loop_new (NULL, FALSE);
  notifier = sysvpn_notifier_new ();
  g_signal_connect (notifier, "action", G_CALLBACK (on_action), NULL);
  g_timeout_add (TICK_MS, on_tick, NULL);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, NULL);
  g_main_loop_run (loop);

  g_object_add_weak_pointer (G_OBJECT (notifier), (gpointer *) &notifier);
  g_object_unref (notifier);
  g_print ("%s\n", notifier == NULL ? "gone" : "leaked");
  g_main_loop_unref (loop);
  return 0;
}

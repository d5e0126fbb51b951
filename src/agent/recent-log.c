/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last lines that the agent logged, for a bug report. The journal has them too, but reading
 * it takes a privilege that would show the agent everything else of the qube as well. */
#include "agent/recent-log.h"

#include "agent/clock.h"

enum { TEXT_MAX = 160 /* bytes of a line that are kept */ };

typedef struct {
  int64_t at_us;
  char text[TEXT_MAX + 1];
} Line;

/* GLib's log has one writer for the process, so there is one memory for it. Libraries log from
 * threads of their own. */
static struct {
  GMutex mutex;
  Line lines[SYSVPN_RECENT_LOG_MAX];
  size_t n_ever;
} recent;

static void
keep (const char *text)
{
  Line *line;

  g_mutex_lock (&recent.mutex);
  line = &recent.lines[recent.n_ever++ % SYSVPN_RECENT_LOG_MAX];
  line->at_us = sysvpn_clock_us ();
  g_strlcpy (line->text, text, sizeof line->text);
  g_mutex_unlock (&recent.mutex);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) == 0 && fields[i].length < 0 &&
        g_str_equal (fields[i].key, "MESSAGE"))
      keep (fields[i].value);
  return g_log_writer_default (level, fields, n_fields, data);
}

/**
 * sysvpn_recent_log_install:
 *
 * Has everything that is logged from now on, debug messages left out, remembered besides being
 * written. Call it once, before anything is logged.
 */
void
sysvpn_recent_log_install (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}

/**
 * sysvpn_recent_log_dup:
 * @now_us: the time, by sysvpn_clock_us()
 *
 * Returns: (transfer full): the last lines with their ages, the newest last
 */
char **
sysvpn_recent_log_dup (int64_t now_us)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  size_t n_kept;

  g_mutex_lock (&recent.mutex);
  n_kept = MIN (recent.n_ever, (size_t) SYSVPN_RECENT_LOG_MAX);
  for (size_t i = recent.n_ever - n_kept; i < recent.n_ever; i++) {
    const Line *line = &recent.lines[i % SYSVPN_RECENT_LOG_MAX];

    g_ptr_array_add (lines,
                     g_strdup_printf ("%" G_GINT64_FORMAT " s ago: %s",
                                      (now_us - line->at_us) / G_USEC_PER_SEC, line->text));
  }
  g_mutex_unlock (&recent.mutex);
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

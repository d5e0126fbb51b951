/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/recent-log.h"

#include "agent/clock.h"

#include <string.h>

/* In one test, because there is one memory for the process. */
static void
test_memory (void)
{
  g_auto (GStrv) none = sysvpn_recent_log_dup (sysvpn_clock_us ());
  g_auto (GStrv) few = NULL;
  g_auto (GStrv) many = NULL;
  g_autofree char *longer = g_strnfill (500, 'x');
  int64_t later_us;

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_message ("first");
  g_debug ("not worth a bug report");
  g_info ("nor this");
  g_message ("%s", longer);
  later_us = sysvpn_clock_us () + 7 * G_USEC_PER_SEC;
  few = sysvpn_recent_log_dup (later_us);
  g_assert_cmpuint (g_strv_length (few), ==, 2);
  g_assert_cmpstr (few[0], ==, "7 s ago: first");
  g_assert_cmpuint (strlen (few[1]), <=, 180);

  for (unsigned i = 0; i < 100; i++)
    g_message ("line %u", i);
  many = sysvpn_recent_log_dup (later_us);
  g_assert_cmpuint (g_strv_length (many), ==, SYSVPN_RECENT_LOG_MAX);
  g_assert_true (g_str_has_suffix (many[0], ": line 60"));
  g_assert_true (g_str_has_suffix (many[SYSVPN_RECENT_LOG_MAX - 1], ": line 99"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  sysvpn_recent_log_install ();
  g_test_add_func ("/recent-log/memory", test_memory);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/callers.h"

#include <string.h>

static const struct CallersCase {
  const char *name;
  const char *text;
  const char *source;
  bool may_read;
  bool may_control;
} cases[] = {
  { "dom0-of-an-empty-file", "", "dom0", true, true },
  { "dom0-cannot-be-restricted", "dom0 read\n", "dom0", true, true },
  { "name-like-dom0", "", "dom0-work", false, false },
  { "stranger-of-an-empty-file", "", "sys-gui", false, false },
  { "stranger-of-other-names", "work control\n", "sys-gui", false, false },
  { "read", "sys-gui read\n", "sys-gui", true, false },
  { "control", "sys-gui control\n", "sys-gui", true, true },
  { "without-a-newline-at-the-end", "sys-gui read", "sys-gui", true, false },
  { "the-last-line-counts", "sys-gui control\nsys-gui read\n", "sys-gui", true, false },
  { "blanks-and-tabs", "\t sys-gui \t  control \t\n", "sys-gui", true, true },
  { "carriage-return", "sys-gui read\r\n", "sys-gui", true, false },
  { "comments", "# a\n\nsys-gui read # control\n", "sys-gui", true, false },
  { "a-comment-is-no-grant", "#sys-gui read\n", "sys-gui", false, false },
  { "names-are-whole", "sys-gui read\n", "sys-gui-gpu", false, false },
  { "names-are-not-prefixes", "sys-gui-gpu read\n", "sys-gui", false, false },
  { "case-counts", "Sys-Gui read\n", "sys-gui", false, false },
};

static void
test_allow (gconstpointer data)
{
  const struct CallersCase *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnCallers) callers = sysvpn_callers_parse (c->text, &error);
  SysvpnRequest request = { 0 };

  g_assert_no_error (error);
  g_strlcpy (request.source, c->source, sizeof request.source);
  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++) {
    bool reads = i == SYSVPN_SERVICE_STATUS || i == SYSVPN_SERVICE_WATCH ||
                 i == SYSVPN_SERVICE_PROFILES || i == SYSVPN_SERVICE_DIAGNOSE;

    request.service = (SysvpnService) i;
    g_assert_cmpint (sysvpn_callers_allow (callers, &request), ==,
                     reads ? c->may_read : c->may_control);
  }
}

static const struct BadCase {
  const char *name;
  const char *text;
  const char *line; /* that is told */
} bad_cases[] = {
  { "name-alone", "sys-gui\n", "line 1 " },
  { "unknown-right", "a read\nsys-gui write\n", "line 2 " },
  { "right-in-upper-case", "sys-gui READ\n", "line 1 " },
  { "two-rights", "# a\n\nsys-gui read control\n", "line 3 " },
  { "right-that-begins-well", "sys-gui reader\n", "line 1 " },
};

static void
test_bad (gconstpointer data)
{
  const struct BadCase *c = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (sysvpn_callers_parse (c->text, &error));
  g_assert_error (error, SYSVPN_AGENT_ERROR, SYSVPN_AGENT_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, c->line));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/callers/allow/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_allow);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (bad_cases); i++) {
    g_autofree char *path = g_strconcat ("/callers/refuse/", bad_cases[i].name, NULL);

    g_test_add_data_func (path, &bad_cases[i], test_bad);
  }
  return g_test_run ();
}

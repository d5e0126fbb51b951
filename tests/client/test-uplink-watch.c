/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a report's egress address is the uplink's, while the list of those changes. */
#include "client/uplink-watch.h"

#include "client/uplink-address.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *folder;
  char *path;
  SysvpnUplinkWatch *watch;
  SysvpnStatus report;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->folder = g_dir_make_tmp ("sysvpn-uplink-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "uplink-addresses", NULL);
  fixture->watch = sysvpn_uplink_watch_new (fixture->path);
  sysvpn_status_init (&fixture->report);
  fixture->report.egress = SYSVPN_EGRESS_OK;
  g_strlcpy (fixture->report.egress4, "203.0.113.7", sizeof fixture->report.egress4);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_uplink_watch_free (fixture->watch);
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
record (const Fixture *fixture, const char *address)
{
  SysvpnUplinkAddresses uplink = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (sysvpn_uplink_addresses_add (&uplink, address));
  g_assert_true (sysvpn_uplink_addresses_store (fixture->path, &uplink, &error));
  g_assert_no_error (error);
}

static bool
is_uplink (const Fixture *fixture)
{
  return sysvpn_uplink_watch_is_uplink (fixture->watch, &fixture->report);
}

static void
test_recorded_later (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_false (is_uplink (fixture));
  record (fixture, "203.0.113.7");
  g_assert_true (is_uplink (fixture));
  record (fixture, "203.0.113.8"); /* of the same length, and perhaps the same second */
  g_assert_false (is_uplink (fixture));
  record (fixture, "203.0.113.7");
  g_assert_true (is_uplink (fixture));
  g_assert_cmpint (g_remove (fixture->path), ==, 0);
  g_assert_false (is_uplink (fixture));
}

static void
test_either_family (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  record (fixture, "2001:db8:a:b::1");
  g_assert_false (is_uplink (fixture));
  g_strlcpy (fixture->report.egress6, "2001:db8:a:b::2", sizeof fixture->report.egress6);
  g_assert_true (is_uplink (fixture));
  fixture->report.egress4[0] = '\0';
  g_assert_true (is_uplink (fixture));
}

/* An address that stands there without being told as seen from outside is none. */
static void
test_egress_unknown (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  record (fixture, "203.0.113.7");
  g_assert_false (sysvpn_uplink_watch_is_uplink (fixture->watch, NULL));
  for (int egress = 0; egress < (int) SYSVPN_N_EGRESSES; egress++) {
    fixture->report.egress = (SysvpnEgress) egress;
    g_assert_cmpint (is_uplink (fixture), ==, egress == (int) SYSVPN_EGRESS_OK);
  }
}

static void
on_message (const char *domain G_GNUC_UNUSED,
            GLogLevelFlags level G_GNUC_UNUSED,
            const char *message,
            gpointer data)
{
  g_assert_nonnull (strstr (message, "not compared"));
  ++*(unsigned *) data;
}

static void
test_unreadable_is_told_once (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  unsigned n_told = 0;
  guint id = g_log_set_handler ("sysvpn-client", G_LOG_LEVEL_MESSAGE, on_message, &n_told);

  record (fixture, "203.0.113.7");
  g_assert_true (is_uplink (fixture));
  g_assert_true (g_file_set_contents (fixture->path, "203.0.113.7\nnonsense\n", -1, NULL));
  g_assert_false (is_uplink (fixture));
  g_assert_false (is_uplink (fixture));
  g_assert_cmpuint (n_told, ==, 1);
  record (fixture, "203.0.113.7");
  g_assert_true (is_uplink (fixture));
  g_assert_cmpuint (n_told, ==, 1);
  g_log_remove_handler ("sysvpn-client", id);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/uplink-watch/recorded-later", test_recorded_later);
  add ("/uplink-watch/either-family", test_either_family);
  add ("/uplink-watch/egress-unknown", test_egress_unknown);
  add ("/uplink-watch/unreadable-is-told-once", test_unreadable_is_told_once);
  return g_test_run ();
}

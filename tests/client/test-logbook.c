/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/logbook.h"

#include "fake-agent.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LIMIT_MS = 20000 };

/* The qube is never called: what dom0 knows of its power alone makes its states. */
typedef struct {
  char *top;
  char *folder;
  char *path;
  SysvpnQube *qube;
  SysvpnLogbook *book;
  unsigned n_changed;
} Fixture;

static void
count (Fixture *f)
{
  f->n_changed++;
}

static void
open_book (Fixture *f)
{
  f->book = sysvpn_logbook_new (f->qube, f->folder);
  g_signal_connect_swapped (f->book, "changed", G_CALLBACK (count), f);
}

static void
close_book (Fixture *f)
{
  sysvpn_logbook_close (f->book);
  g_clear_object (&f->book);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose ("unix:/nowhere", NULL);

  f->top = g_dir_make_tmp ("sysvpn-logbook-XXXXXX", NULL);
  f->folder = g_build_filename (f->top, "state", "sysvpn", NULL);
  f->path = g_build_filename (f->folder, "history-sys-vpn", NULL);
  f->qube = sysvpn_qube_new ("sys-vpn", transport);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);

    remove_all (inner);
  }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  if (f->book != NULL)
    close_book (f);
  g_clear_object (&f->qube);
  remove_all (f->top);
  g_free (f->top);
  g_free (f->folder);
  g_free (f->path);
}

static bool
is_written (gpointer data)
{
  return g_file_test (((Fixture *) data)->path, G_FILE_TEST_EXISTS);
}

static bool
has_problem (gpointer data)
{
  return sysvpn_logbook_get_problem (((Fixture *) data)->book) != NULL;
}

static bool
has_none (gpointer data)
{
  return !has_problem (data);
}

static unsigned
n_events (Fixture *f)
{
  return sysvpn_history_get_n_events (sysvpn_logbook_get_history (f->book));
}

static SysvpnShown
shown (Fixture *f, unsigned n)
{
  return sysvpn_history_get (sysvpn_logbook_get_history (f->book), n)->shown;
}

static void
test_kept (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  GStatBuf status;

  open_book (f);
  g_assert_cmpuint (n_events (f), ==, 1); /* that it starts */
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_HALTED);
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_true (run_until (is_written, f, LIMIT_MS));
  g_assert_cmpint (g_stat (f->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (g_stat (f->folder, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  /* the next would be written in some seconds; closing does not wait for that */
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_STARTING);
  close_book (f);
  open_book (f);
  g_assert_null (sysvpn_logbook_get_problem (f->book));
  g_assert_cmpuint (n_events (f), ==, 3); /* it starts, twice within minutes */
  g_assert_cmpuint (sysvpn_history_get (sysvpn_logbook_get_history (f->book), 0)->times, ==, 2);
  g_assert_cmpint (shown (f, 1), ==, SYSVPN_SHOWN_OFF);
}

/* "asked, and the answer is not due" comes with each call and is no event. */
static void
test_waiting_is_none (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  open_book (f);
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_HALTED);
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_RUNNING);
  g_assert_cmpuint (n_events (f), ==, 2);
  g_assert_cmpint (shown (f, 0), ==, SYSVPN_SHOWN_OFF);
}

static void
put (Fixture *f, const char *text, gssize len)
{
  g_mkdir_with_parents (f->folder, 0700);
  g_assert_true (g_file_set_contents (f->path, text, len, NULL));
}

static void
assert_put_aside (Fixture *f)
{
  g_autofree char *aside = g_strconcat (f->path, ".unreadable", NULL);

  open_book (f);
  g_assert_nonnull (strstr (sysvpn_logbook_get_problem (f->book), ".unreadable"));
  g_assert_cmpuint (n_events (f), ==, 1);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_HALTED);
  g_assert_true (run_until (is_written, f, LIMIT_MS));
  g_assert_nonnull (sysvpn_logbook_get_problem (f->book)); /* writing well is no excuse */
}

static void
test_garbage (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  put (f, "\0\1\2garbage", 10);
  assert_put_aside (f);
}

static void
test_huge (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *text = g_strnfill (SYSVPN_HISTORY_FILE_MAX + 1, 'x');

  put (f, text, -1);
  assert_put_aside (f);
}

/* Nothing that is opened in its place may hold us up. */
static void
test_fifo (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_mkdir_with_parents (f->folder, 0700);
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  assert_put_aside (f);
}

static void
test_folder (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_mkdir_with_parents (f->path, 0700);
  assert_put_aside (f);
}

/* The way to the folder is a file: nothing can be kept, which is told and is all that happens.
 */
static void
test_unwritable (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *state = g_build_filename (f->top, "state", NULL);

  g_assert_true (g_file_set_contents (state, "", 0, NULL));
  open_book (f);
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_HALTED);
  g_assert_true (run_until (has_problem, f, LIMIT_MS));
  g_assert_cmpuint (n_events (f), ==, 2);
  g_assert_cmpuint (f->n_changed, >=, 2); /* the window hears of it */
  g_remove (state);
  sysvpn_qube_set_power (f->qube, SYSVPN_POWER_PAUSED);
  g_assert_true (run_until (has_none, f, LIMIT_MS));
  g_assert_true (is_written (f));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/logbook/kept", test_kept },
    { "/logbook/waiting-is-none", test_waiting_is_none },
    { "/logbook/garbage", test_garbage },
    { "/logbook/huge", test_huge },
    { "/logbook/fifo", test_fifo },
    { "/logbook/folder", test_folder },
    { "/logbook/unwritable", test_unwritable },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

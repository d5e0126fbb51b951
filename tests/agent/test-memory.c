/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered, in a folder of its own for each test. */
#include "agent/memory.h"

#include <glib/gstdio.h>
#include <string.h>

#define UUID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
#define OTHER "0b7f0f60-97d5-4c0f-8e8c-1d5b6a4f2c11"

static const char run_folder[] = "run/sysvpn/state";
static const char rw_folder[] = "rw/config/vpn/state";

typedef struct {
  char *root;
  char *run; /* the two files */
  char *rw;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *run = NULL, *rw = NULL;

  fixture->root = g_dir_make_tmp ("sysvpn-memory-XXXXXX", NULL);
  run = g_build_filename (fixture->root, run_folder, NULL);
  rw = g_build_filename (fixture->root, rw_folder, NULL);
  g_assert_cmpint (g_mkdir_with_parents (run, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (rw, 0700), ==, 0);
  fixture->run = g_build_filename (run, "wanted", NULL);
  fixture->rw = g_build_filename (rw, "last-profile", NULL);
}

static void
remove_all (const char *root, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_remove (path);
  while (strlen (folder) > strlen (root)) {
    char *parent = g_path_get_dirname (folder);

    g_rmdir (folder);
    g_free (folder);
    folder = parent;
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_all (fixture->root, fixture->run);
  remove_all (fixture->root, fixture->rw);
  g_assert_cmpint (g_rmdir (fixture->root), ==, 0);
  g_free (fixture->root);
  g_free (fixture->run);
  g_free (fixture->rw);
}

static void
test_nothing (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnSupervisor supervisor = { .uuid = OTHER, .is_urgent = true };

  g_assert_false (sysvpn_memory_load (fixture->root, &supervisor));
  g_assert_cmpint (supervisor.wanted, ==, SYSVPN_WANTED_UNKNOWN);
  g_assert_cmpstr (supervisor.uuid, ==, OTHER);
  g_assert_true (supervisor.is_urgent);
}

static void
test_both (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  for (unsigned wanted = SYSVPN_WANTED_UP; wanted <= SYSVPN_WANTED_DOWN; wanted++) {
    const SysvpnSupervisor before = { .wanted = (SysvpnWanted) wanted, .uuid = UUID };
    SysvpnSupervisor after = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (sysvpn_memory_save (fixture->root, &before, &error));
    g_assert_no_error (error);
    g_assert_true (sysvpn_memory_load (fixture->root, &after));
    g_assert_cmpuint (after.wanted, ==, wanted);
    g_assert_cmpstr (after.uuid, ==, UUID);
  }
}

/* /run is empty then; /rw has the profile, which is no wish. */
static void
test_reboot (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const SysvpnSupervisor before = { .wanted = SYSVPN_WANTED_UP, .uuid = UUID };
  SysvpnSupervisor after = { 0 };

  g_assert_true (sysvpn_memory_save (fixture->root, &before, NULL));
  g_assert_cmpint (g_remove (fixture->run), ==, 0);
  g_assert_false (sysvpn_memory_load (fixture->root, &after));
  g_assert_cmpint (after.wanted, ==, SYSVPN_WANTED_UNKNOWN);
  g_assert_cmpstr (after.uuid, ==, UUID);
}

/* The user unmounted or filled /rw: the wish survives all the same, and the other way round. */
static void
test_one_cannot_be_written (Fixture *fixture, gconstpointer data)
{
  const SysvpnSupervisor before = { .wanted = SYSVPN_WANTED_DOWN, .uuid = UUID };
  bool without_rw = data != NULL;
  SysvpnSupervisor after = { 0 };
  g_autoptr (GError) error = NULL;

  remove_all (fixture->root, without_rw ? fixture->rw : fixture->run);
  g_assert_false (sysvpn_memory_save (fixture->root, &before, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, G_FILE_ERROR);
  g_assert_cmpint (sysvpn_memory_load (fixture->root, &after), ==, without_rw);
  g_assert_cmpstr (after.uuid, ==, UUID);
}

static void
test_neither_can_be_written (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const SysvpnSupervisor before = { .wanted = SYSVPN_WANTED_DOWN, .uuid = UUID };
  g_autoptr (GError) error = NULL;

  remove_all (fixture->root, fixture->rw);
  remove_all (fixture->root, fixture->run);
  g_assert_false (sysvpn_memory_save (fixture->root, &before, &error));
  g_assert_nonnull (error);
}

static const struct TextCase {
  const char *name;
  const char *run; /* the files' text; NULL: not there */
  const char *rw;
  bool remembered;
  SysvpnWanted wanted;
  const char *uuid;
} cases[] = {
  { "run-before-rw", "[tunnel]\nwanted=up\nprofile=" UUID "\n", "[tunnel]\nprofile=" OTHER "\n",
    true, SYSVPN_WANTED_UP, UUID },
  { "run-is-garbage", "\x01\x02garbage", "[tunnel]\nprofile=" OTHER "\n", false,
    SYSVPN_WANTED_UNKNOWN, OTHER },
  { "run-is-empty", "", "[tunnel]\nprofile=" OTHER "\n", false, SYSVPN_WANTED_UNKNOWN, OTHER },
  { "run-is-cut", "[tunnel]\nwanted=u", NULL, false, SYSVPN_WANTED_UNKNOWN, "" },
  { "unknown-word", "[tunnel]\nwanted=sideways\nprofile=" UUID "\n", NULL, false,
    SYSVPN_WANTED_UNKNOWN, UUID },
  { "word-unknown", "[tunnel]\nwanted=unknown\nprofile=" UUID "\n", NULL, false,
    SYSVPN_WANTED_UNKNOWN, UUID },
  { "wish-without-profile", "[tunnel]\nwanted=down\n", NULL, true, SYSVPN_WANTED_DOWN, "" },
  { "wish-without-profile-but-last", "[tunnel]\nwanted=up\n", "[tunnel]\nprofile=" UUID "\n",
    true, SYSVPN_WANTED_UP, UUID },
  { "uuid-is-none", "[tunnel]\nwanted=up\nprofile=;reboot\n", "[tunnel]\nprofile=" OTHER "\n",
    true, SYSVPN_WANTED_UP, OTHER },
  { "uuid-is-too-long", "[tunnel]\nwanted=up\nprofile=" UUID "0\n", NULL, true,
    SYSVPN_WANTED_UP, "" },
  { "uuid-in-upper-case", NULL, "[tunnel]\nprofile=6F0A1F52-0C3E-4B5C-9A53-52F7A3D0C8E1\n",
    false, SYSVPN_WANTED_UNKNOWN, "" },
  { "last-is-garbage", NULL, "[tunnel", false, SYSVPN_WANTED_UNKNOWN, "" },
  { "other-group", "[other]\nwanted=up\n", NULL, false, SYSVPN_WANTED_UNKNOWN, "" },
};

static void
test_text (Fixture *fixture, gconstpointer data)
{
  const struct TextCase *c = data;
  SysvpnSupervisor supervisor = { 0 };

  if (c->run != NULL)
    g_assert_true (g_file_set_contents (fixture->run, c->run, -1, NULL));
  if (c->rw != NULL)
    g_assert_true (g_file_set_contents (fixture->rw, c->rw, -1, NULL));
  g_assert_cmpint (sysvpn_memory_load (fixture->root, &supervisor), ==, c->remembered);
  g_assert_cmpint (supervisor.wanted, ==, c->wanted);
  g_assert_cmpstr (supervisor.uuid, ==, c->uuid);
}

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/memory/nothing", NULL, test_nothing);
  add ("/memory/both", NULL, test_both);
  add ("/memory/reboot", NULL, test_reboot);
  add ("/memory/rw-cannot-be-written", "rw", test_one_cannot_be_written);
  add ("/memory/run-cannot-be-written", NULL, test_one_cannot_be_written);
  add ("/memory/neither-can-be-written", NULL, test_neither_can_be_written);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/memory/text/", cases[i].name, NULL);

    add (path, &cases[i], test_text);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The uplink's addresses, in a folder of its own for each test. */
#include "client/uplink-address.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  char *root;
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->root = g_dir_make_tmp ("sysvpn-uplink-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->root, "state", NULL);
  fixture->path = g_build_filename (fixture->folder, "uplink-addresses", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_remove (fixture->path);
  g_rmdir (fixture->folder);
  g_assert_cmpint (g_rmdir (fixture->root), ==, 0);
  g_free (fixture->root);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
write_file (const Fixture *fixture, const char *text, gssize len)
{
  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, text, len, NULL));
}

static void
test_no_file (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnUplinkAddresses uplink = { .n = 3 };
  g_autoptr (GError) error = NULL;

  g_assert_true (sysvpn_uplink_addresses_load (fixture->path, &uplink, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (uplink.n, ==, 0);
  g_assert_false (sysvpn_uplink_addresses_has (&uplink, "203.0.113.7"));
}

static void
test_round_trip (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnUplinkAddresses before = { 0 }, after = { 0 };
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_true (sysvpn_uplink_addresses_add (&before, "203.0.113.7"));
  g_assert_true (sysvpn_uplink_addresses_add (&before, "2001:DB8::0:7"));
  g_assert_true (sysvpn_uplink_addresses_store (fixture->path, &before, &error));
  g_assert_no_error (error);
  g_assert_true (sysvpn_uplink_addresses_load (fixture->path, &after, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (after.n, ==, 2);
  g_assert_cmpstr (after.addresses[0], ==, "2001:db8::7");
  g_assert_cmpstr (after.addresses[1], ==, "203.0.113.7");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
}

static void
test_cannot_store (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  const SysvpnUplinkAddresses uplink = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *below_a_file = g_build_filename (fixture->path, "below", "file", NULL);

  write_file (fixture, "", 0);
  g_assert_false (sysvpn_uplink_addresses_store (below_a_file, &uplink, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

#define FIFTEEN                                                                                \
  "1.0.0.1\n1.0.0.2\n1.0.0.3\n1.0.0.4\n1.0.0.5\n1.0.0.6\n1.0.0.7\n1.0.0.8\n1.0.0.9\n"          \
  "1.0.0.10\n1.0.0.11\n1.0.0.12\n1.0.0.13\n1.0.0.14\n1.0.0.15\n"

static const struct FileCase {
  const char *name;
  const char *text;
  size_t len;
  int n; /* -1: must be refused */
} files[] = {
  { "empty", "", 0, 0 },
  { "comments-and-blanks", "# home\n\n  203.0.113.7 \r\n", 24, 1 },
  { "no-newline-at-end", "203.0.113.7", 11, 1 },
  { "private", "10.0.0.1\n", 9, -1 },
  { "word", "home\n", 5, -1 },
  { "two-on-a-line", "1.0.0.1 1.0.0.2\n", 16, -1 },
  { "nul", "1.0.0.1\0\n", 9, -1 },
  { "sixteen", FIFTEEN "2001:db8::1\n", sizeof FIFTEEN + 11, 16 },
  { "seventeen", FIFTEEN "2001:db8::1\n1.1.1.1\n", sizeof FIFTEEN + 19, -1 },
};

static void
test_file (Fixture *fixture, gconstpointer data)
{
  const struct FileCase *c = data;
  SysvpnUplinkAddresses uplink = { .n = 99 };
  g_autoptr (GError) error = NULL;
  bool loaded;

  write_file (fixture, c->text, (gssize) c->len);
  loaded = sysvpn_uplink_addresses_load (fixture->path, &uplink, &error);
  if (c->n < 0) {
    g_assert_false (loaded);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_cmpuint (uplink.n, ==, 99);
  } else {
    g_assert_no_error (error);
    g_assert_true (loaded);
    g_assert_cmpuint (uplink.n, ==, (unsigned) c->n);
  }
}

static void
test_longest (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnUplinkAddresses uplink = { .n = 99 };
  g_autofree char *text = g_strnfill (4097, '#');
  g_autoptr (GError) error = NULL;

  write_file (fixture, text, 4097);
  g_assert_false (sysvpn_uplink_addresses_load (fixture->path, &uplink, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpuint (uplink.n, ==, 99);
  write_file (fixture, text, 4096);
  g_assert_true (sysvpn_uplink_addresses_load (fixture->path, &uplink, NULL));
  g_assert_cmpuint (uplink.n, ==, 0);
}

static void
test_unreadable (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  SysvpnUplinkAddresses uplink = { .n = 99 };
  g_autoptr (GError) error = NULL;

  /* a folder: root may read every file */
  g_assert_cmpint (g_mkdir_with_parents (fixture->path, 0700), ==, 0);
  g_assert_false (sysvpn_uplink_addresses_load (fixture->path, &uplink, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_assert_cmpuint (uplink.n, ==, 99);
}

static void
test_newest_first (void)
{
  SysvpnUplinkAddresses uplink = { 0 };

  for (unsigned i = 1; i <= SYSVPN_UPLINK_ADDRESSES_MAX + 1; i++) {
    g_autofree char *address = g_strdup_printf ("1.0.0.%u", i);

    g_assert_true (sysvpn_uplink_addresses_add (&uplink, address));
  }
  g_assert_cmpuint (uplink.n, ==, SYSVPN_UPLINK_ADDRESSES_MAX);
  g_assert_cmpstr (uplink.addresses[0], ==, "1.0.0.17");
  g_assert_cmpstr (uplink.addresses[15], ==, "1.0.0.2");
  g_assert_false (sysvpn_uplink_addresses_has (&uplink, "1.0.0.1"));

  /* one that is there moves to the front, and nothing is lost */
  g_assert_true (sysvpn_uplink_addresses_add (&uplink, "1.0.0.16"));
  g_assert_cmpuint (uplink.n, ==, SYSVPN_UPLINK_ADDRESSES_MAX);
  g_assert_cmpstr (uplink.addresses[0], ==, "1.0.0.16");
  g_assert_cmpstr (uplink.addresses[1], ==, "1.0.0.17");
  g_assert_cmpstr (uplink.addresses[2], ==, "1.0.0.15");
  g_assert_true (sysvpn_uplink_addresses_has (&uplink, "1.0.0.2"));

  g_assert_false (sysvpn_uplink_addresses_add (&uplink, "192.168.0.1"));
  g_assert_false (sysvpn_uplink_addresses_add (&uplink, ""));
  g_assert_cmpstr (uplink.addresses[0], ==, "1.0.0.16");
}

static void
test_compare (void)
{
  static const struct {
    const char *recorded, *egress;
    bool same;
  } pairs[] = {
    { "203.0.113.7", "203.0.113.7", true },
    { "203.0.113.7", "203.0.113.70", false },
    { "203.0.113.70", "203.0.113.7", false },
    { "203.0.113.7", "", false },
    { "2001:db8:1:2::7", "2001:db8:1:2::7", true },
    { "2001:db8:1:2::7", "2001:db8:1:2:ffff:1:2:3", true },
    { "2001:db8:1:2::7", "2001:db8:1:3::7", false },
    { "2001:db8:1:2::7", "203.0.113.7", false },
    { "203.0.113.7", "2001:db8:1:2::7", false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    SysvpnUplinkAddresses uplink = { 0 };

    g_assert_true (sysvpn_uplink_addresses_add (&uplink, pairs[i].recorded));
    g_assert_cmpint (sysvpn_uplink_addresses_has (&uplink, pairs[i].egress), ==, pairs[i].same);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/uplink-address/no-file-is-none", Fixture, NULL, set_up, test_no_file,
              tear_down);
  g_test_add ("/uplink-address/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/uplink-address/cannot-store", Fixture, NULL, set_up, test_cannot_store,
              tear_down);
  g_test_add ("/uplink-address/longest", Fixture, NULL, set_up, test_longest, tear_down);
  g_test_add ("/uplink-address/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_strconcat ("/uplink-address/file/", files[i].name, NULL);

    g_test_add (path, Fixture, &files[i], set_up, test_file, tear_down);
  }
  g_test_add_func ("/uplink-address/newest-first", test_newest_first);
  g_test_add_func ("/uplink-address/compare", test_compare);
  return g_test_run ();
}

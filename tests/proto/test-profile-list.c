/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/profile-list.h"

#include "proto/wire-error.h"

#include "read-blocks.h"

#include <string.h>

#define ID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
#define TEN "0123456789"
#define NAME100 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

enum { AUTOCONNECT = 1, ACTIVE = 2, PINNED = 4 };

static const struct ProfileCase {
  const char *name;
  const char *value;
  SysvpnProfileType type;
  unsigned flags;
  const char *profile_name; /* NULL: the answer must be refused */
} cases[] = {
  { "plain", ID " vpn - Home", SYSVPN_PROFILE_TYPE_VPN, 0, "Home" },
  { "blanks-in-the-name", ID " vpn -  a  b ", SYSVPN_PROFILE_TYPE_VPN, 0, " a  b " },
  { "name-is-empty", ID " vpn - ", SYSVPN_PROFILE_TYPE_VPN, 0, "" },
  { "longest-name", ID " vpn - " NAME100, SYSVPN_PROFILE_TYPE_VPN, 0, NAME100 },
  { "every-flag", ID " wireguard autoconnect,active,pinned n", SYSVPN_PROFILE_TYPE_WIREGUARD,
    AUTOCONNECT | ACTIVE | PINNED, "n" },
  { "one-flag", ID " wireguard active n", SYSVPN_PROFILE_TYPE_WIREGUARD, ACTIVE, "n" },
  { "flags-in-another-order", ID " vpn pinned,autoconnect n", SYSVPN_PROFILE_TYPE_VPN,
    AUTOCONNECT | PINNED, "n" },
  { "unknown-flag", ID " vpn fast,pinned n", SYSVPN_PROFILE_TYPE_VPN, PINNED, "n" },
  { "longer-flag", ID " vpn pinnedx n", SYSVPN_PROFILE_TYPE_VPN, 0, "n" },
  { "no-flags", ID " vpn  n", SYSVPN_PROFILE_TYPE_VPN, 0, "n" },
  { "unknown-type", ID " ipsec - n", SYSVPN_PROFILE_TYPE_UNKNOWN, 0, "n" },
  { "markup-in-the-name", ID " vpn - <b>&", SYSVPN_PROFILE_TYPE_VPN, 0, "<b>&" },

  { "longer-name", ID " vpn - " NAME100 "0" },
  { "no-name", ID " vpn -" },
  { "uuid-only", ID },
  { "empty", "" },
  { "no-uuid", "Home vpn - Home" },
  { "upper-case-uuid", "6F0A1F52-0C3E-4B5C-9A53-52F7A3D0C8E1 vpn - n" },
  { "blank-before", " " ID " vpn - n" },
};

static unsigned
flags_of (const SysvpnProfile *profile)
{
  return (profile->autoconnect ? AUTOCONNECT : 0U) | (profile->active ? ACTIVE : 0U) |
         (profile->pinned ? PINNED : 0U);
}

static void
test_decode (gconstpointer data)
{
  const struct ProfileCase *c = data;
  g_autofree char *text = g_strdup_printf ("sysvpn=1\nprofile_0=%s\nresult=ok\n\n", c->value);
  g_autoptr (SysvpnBlock) block = read_block (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) profiles = sysvpn_profile_list_decode (block, &error);

  if (c->profile_name == NULL) {
    g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE);
    g_assert_null (profiles);
  } else {
    const SysvpnProfile *profile;

    g_assert_no_error (error);
    g_assert_cmpuint (profiles->len, ==, 1);
    profile = &g_array_index (profiles, SysvpnProfile, 0);
    g_assert_cmpstr (profile->uuid, ==, ID);
    g_assert_cmpint (profile->type, ==, c->type);
    g_assert_cmpuint (flags_of (profile), ==, c->flags);
    g_assert_cmpstr (profile->name, ==, c->profile_name);
  }
}

static GArray *
make_profiles (unsigned n)
{
  GArray *profiles = g_array_new (FALSE, TRUE, sizeof (SysvpnProfile));

  for (unsigned i = 0; i < n; i++) {
    SysvpnProfile profile = { .uuid = ID,
                              .type = i % SYSVPN_N_PROFILE_TYPES,
                              .autoconnect = (i & AUTOCONNECT) != 0,
                              .active = (i & ACTIVE) != 0,
                              .pinned = (i & PINNED) != 0 };

    g_snprintf (profile.name, sizeof profile.name, "%u" NAME100, i);
    g_array_append_val (profiles, profile);
  }
  return profiles;
}

/* Every flag and type, names as long as they can be, as many as there may be. */
static void
test_round_trip (void)
{
  g_autoptr (GArray) sent = make_profiles (SYSVPN_PROFILES_MAX);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GArray) got = NULL;

  sysvpn_profile_list_encode (text, sent);
  blocks = read_blocks (text->str, text->len, SYSVPN_PROFILE_LINES_MAX, 4096, NULL);
  g_assert_nonnull (blocks);
  got = sysvpn_profile_list_decode (g_ptr_array_index (blocks, 0), NULL);
  g_assert_cmpuint (got->len, ==, sent->len);
  for (unsigned i = 0; i < got->len; i++) {
    const SysvpnProfile *a = &g_array_index (sent, SysvpnProfile, i);
    const SysvpnProfile *b = &g_array_index (got, SysvpnProfile, i);

    g_assert_cmpstr (a->uuid, ==, b->uuid);
    g_assert_cmpint (a->type, ==, b->type);
    g_assert_cmpuint (flags_of (a), ==, flags_of (b));
    g_assert_cmpstr (a->name, ==, b->name);
  }
}

/* The writer leaves out what the reader would refuse. */
static void
test_too_many_to_write (void)
{
  g_autoptr (GArray) sent = make_profiles (SYSVPN_PROFILES_MAX + 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (SysvpnBlock) block = NULL;
  g_autoptr (GArray) got = NULL;

  sysvpn_profile_list_encode (text, sent);
  block = read_block (text->str);
  got = sysvpn_profile_list_decode (block, NULL);
  g_assert_cmpuint (got->len, ==, SYSVPN_PROFILES_MAX);
}

static void
test_too_many_to_read (void)
{
  for (unsigned n = SYSVPN_PROFILES_MAX; n <= SYSVPN_PROFILES_MAX + 1; n++) {
    g_autoptr (GString) text = g_string_new ("sysvpn=1\n");
    g_autoptr (SysvpnBlock) block = NULL;
    g_autoptr (GArray) got = NULL;

    for (unsigned i = 0; i < n; i++)
      g_string_append_printf (text, "profile_%u=" ID " vpn - n\n", i);
    g_string_append (text, "result=ok\n\n");
    block = read_block (text->str);
    got = sysvpn_profile_list_decode (block, NULL);
    g_assert_cmpint (got != NULL, ==, n <= SYSVPN_PROFILES_MAX);
  }
}

/* One bad line, and there is no list: not the good half of one. */
static void
test_all_or_nothing (void)
{
  g_autoptr (SysvpnBlock) block =
      read_block ("sysvpn=1\nprofile_0=" ID " vpn - n\nprofile_1=bad\nresult=ok\n\n");

  g_assert_null (sysvpn_profile_list_decode (block, NULL));
}

static void
test_order_and_other_keys (void)
{
  g_autoptr (SysvpnBlock) block =
      read_block ("sysvpn=1\nprofile_9=" ID " vpn - first\nprofiles=2\nprofile=x\n"
                  "profile_1=" ID " vpn - second\nresult=ok\n\n");
  g_autoptr (GArray) got = sysvpn_profile_list_decode (block, NULL);

  g_assert_cmpuint (got->len, ==, 2);
  g_assert_cmpstr (g_array_index (got, SysvpnProfile, 0).name, ==, "first");
  g_assert_cmpstr (g_array_index (got, SysvpnProfile, 1).name, ==, "second");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/profile-list/decode/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_decode);
  }
  g_test_add_func ("/profile-list/round-trip", test_round_trip);
  g_test_add_func ("/profile-list/too-many-to-write", test_too_many_to_write);
  g_test_add_func ("/profile-list/too-many-to-read", test_too_many_to_read);
  g_test_add_func ("/profile-list/all-or-nothing", test_all_or_nothing);
  g_test_add_func ("/profile-list/order-and-other-keys", test_order_and_other_keys);
  return g_test_run ();
}

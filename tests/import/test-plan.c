/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/plan.h"

#include <string.h>

static const struct ActionCase {
  const char *name;
  const char *recorded; /* digests "FILE PROFILE", NULL: no record */
  const char *file;
  const char *profile; /* NULL: NetworkManager has none */
  bool force;
  SysvpnAction action;
} actions[] = {
  { "new", NULL, "f", NULL, false, SYSVPN_ACTION_ADD },
  { "same", "f p", "f", "p", false, SYSVPN_ACTION_NONE },
  { "same-forced", "f p", "f", "p", true, SYSVPN_ACTION_NONE },
  { "changed", "f p", "g", "p", false, SYSVPN_ACTION_REPLACE },
  { "deleted-by-hand", "f p", "f", NULL, false, SYSVPN_ACTION_ADD },
  { "record-lost", NULL, "f", "p", false, SYSVPN_ACTION_REPLACE },
  { "edited", "f p", "f", "q", false, SYSVPN_ACTION_LEAVE_EDITED },
  { "edited-and-changed", "f p", "g", "q", false, SYSVPN_ACTION_LEAVE_EDITED },
  { "edited-forced", "f p", "f", "q", true, SYSVPN_ACTION_REPLACE },
};

static SysvpnRecord *
record (const char *uuid, const char *digest, const char *profile, const char *endpoints)
{
  SysvpnRecord *made = sysvpn_record_new ();

  made->uuid = g_strdup (uuid);
  made->digest = g_strdup (digest);
  made->profile = g_strdup (profile);
  made->endpoints = g_strsplit (endpoints, ",", -1);
  return made;
}

static void
test_action (gconstpointer data)
{
  const struct ActionCase *c = data;
  g_auto (GStrv) digests = g_strsplit (c->recorded != NULL ? c->recorded : " ", " ", 2);
  g_autoptr (SysvpnRecord) before =
      c->recorded != NULL ? record ("u", digests[0], digests[1], "") : NULL;

  g_assert_cmpint (sysvpn_plan_action (before, c->file, c->profile, c->force), ==, c->action);
}

static void
test_names (void)
{
  static const struct {
    const char *file;
    const char *stem;   /* NULL: refused, "": not to import */
    const char *device; /* of WireGuard */
  } names[] = {
    { "a.ovpn", "a", "a" },
    { "a b.CONF", "a b", "wg-" },
    { "a.b.conf", "a.b", "a.b" },
    { "fifteen-letters.conf", "fifteen-letters", "fifteen-letters" },
    { "sixteen--letters.conf", "sixteen--letters", "wg-" },
    { "eth0.conf", "eth0", "wg-" },
    { "vif9.conf", "vif9", "wg-" },
    { "default.conf", "default", "wg-" },
    { ".hidden.conf", "", NULL },
    { "egress.conf", "", NULL },
    { "a.txt", "", NULL },
    { "ovpn", "", NULL },
    { "-a.conf", NULL, NULL },
    { " a.conf", NULL, NULL },
    { "a .conf", NULL, NULL },
    { "a/b.conf", NULL, NULL },
    { "a\nb.conf", NULL, NULL },
    { "\xc3\xa4.conf", NULL, NULL },
    { "[a].conf", NULL, NULL },
    { "a;b.ovpn", NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    SysvpnConfigKind kind;
    char device[SYSVPN_DEVICE_SIZE];
    g_autofree char *stem = NULL;

    g_assert_cmpint (sysvpn_plan_kind (names[i].file, &kind), ==,
                     g_strcmp0 (names[i].stem, "") != 0);
    if (g_strcmp0 (names[i].stem, "") == 0)
      continue;
    stem = sysvpn_plan_stem (names[i].file, NULL);
    g_assert_cmpstr (stem, ==, names[i].stem);
    if (stem == NULL)
      continue;
    sysvpn_plan_device (stem, device);
    g_assert_true (g_str_has_prefix (device, names[i].device));
    g_assert_cmpint (g_str_equal (device, stem), ==, !g_str_equal (names[i].device, "wg-"));
  }
}

static void
test_uuid (void)
{
  char a[SYSVPN_UUID_SIZE], b[SYSVPN_UUID_SIZE];

  sysvpn_plan_uuid ("a.ovpn", a);
  /* as Python's uuid.uuid5() makes it */
  g_assert_cmpstr (a, ==, "35b96ff0-efaf-53ea-b187-14212dac6736");
  sysvpn_plan_uuid ("a.conf", b);
  g_assert_cmpstr (a, !=, b);
  g_assert_true (g_uuid_string_is_valid (b));
}

static void
test_autoconnect (void)
{
  static const struct {
    const char *files; /* a letter each */
    const char *wanted;
    const char *recorded;
    const char *chosen; /* UUID is the letter in upper case; NULL: none, "!": refused */
  } cases[] = {
    { "", NULL, NULL, NULL },      { "a", NULL, NULL, "A" },    { "ab", NULL, NULL, NULL },
    { "ab", NULL, "B", "B" },      { "ab", NULL, "X", NULL },   { "ab", "a", "B", "A" },
    { "ab", "a.conf", NULL, "A" }, { "ab", "c", "B", "!" },     { "ab", "none", "B", NULL },
    { "a", NULL, "", NULL },       { "a", "none", NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GHashTable) pins = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GHashTable) records = sysvpn_records_parse ("", pins);
    g_autofree char *uuid = NULL;

    for (const char *c = cases[i].files; *c != '\0'; c++) {
      char letter[2] = { g_ascii_toupper (*c), '\0' };

      g_hash_table_insert (records, g_strdup_printf ("%c.conf", *c),
                           record (letter, "d", "p", ""));
    }
    g_assert_cmpint (
        sysvpn_plan_autoconnect (records, cases[i].wanted, cases[i].recorded, &uuid, NULL), ==,
        g_strcmp0 (cases[i].chosen, "!") != 0);
    if (g_strcmp0 (cases[i].chosen, "!") != 0)
      g_assert_cmpstr (uuid, ==, cases[i].chosen);
  }
}

static void
test_endpoints (void)
{
  g_autoptr (GHashTable) pins = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) records = sysvpn_records_parse ("", pins);
  g_autoptr (GString) diff = g_string_new (NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_hash_table_insert (records, g_strdup ("b.conf"), record ("u", "d", "p", "2.2.2.2:1/udp"));
  before = sysvpn_plan_endpoints_text (records);
  g_assert_true (g_str_has_prefix (before, "# Written by sysvpn-import"));
  g_assert_true (g_str_has_suffix (before, "\n2.2.2.2:1/udp # b.conf\n"));
  g_hash_table_insert (records, g_strdup ("a.conf"),
                       record ("u", "d", "p", "1.1.1.1:1/udp,1.1.1.1:2/tcp"));
  g_hash_table_remove (records, "b.conf");
  after = sysvpn_plan_endpoints_text (records);
  sysvpn_plan_diff (before, after, diff);
  g_assert_cmpstr (diff->str, ==,
                   "- 2.2.2.2:1/udp # b.conf\n"
                   "+ 1.1.1.1:1/udp # a.conf\n"
                   "+ 1.1.1.1:2/tcp # a.conf\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++) {
    g_autofree char *path = g_strconcat ("/plan/action/", actions[i].name, NULL);

    g_test_add_data_func (path, &actions[i], test_action);
  }
  g_test_add_func ("/plan/names", test_names);
  g_test_add_func ("/plan/uuid", test_uuid);
  g_test_add_func ("/plan/autoconnect", test_autoconnect);
  g_test_add_func ("/plan/endpoints", test_endpoints);
  return g_test_run ();
}

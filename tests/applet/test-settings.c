/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run three times: with the schema of the build, where there is no schema, and where there is
 * no dconf (SYSVPN_TEST_NO). */
#define G_SETTINGS_ENABLE_BACKEND
#include "applet/settings.h"

#include <gio/gsettingsbackend.h>
#include <string.h>

static void
reset (SysvpnSettings *settings)
{
  GSettings *backing = sysvpn_settings_get_backing (settings);
  g_autoptr (GSettingsSchema) schema = NULL;
  g_auto (GStrv) keys = NULL;

  g_assert_nonnull (backing);
  g_object_get (backing, "settings-schema", &schema, NULL);
  keys = g_settings_schema_list_keys (schema);
  for (size_t i = 0; keys[i] != NULL; i++)
    g_settings_reset (backing, keys[i]);
}

static void
assert_defaults (SysvpnSettings *settings)
{
  g_auto (GStrv) qubes = sysvpn_settings_dup_vpn_qubes (settings);

  g_assert_cmpuint (g_strv_length (qubes), ==, 0);
  g_assert_cmpint (sysvpn_settings_get_click_action (settings), ==, SYSVPN_CLICK_ACTION_TOGGLE);
  g_assert_cmpuint (sysvpn_settings_get_drops_threshold (settings), ==,
                    SYSVPN_NOTICE_DROPS_DEFAULT);
  for (unsigned i = 0; i < SYSVPN_N_NOTICE_CLASSES; i++)
    g_assert_true (sysvpn_settings_is_wanted (settings, (SysvpnNoticeClass) i));
}

static void
test_defaults (void)
{
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();

  reset (settings);
  assert_defaults (settings);
}

static void
test_no_schema (void)
{
  g_autoptr (SysvpnSettings) settings = NULL;

  g_test_expect_message ("sysvpn-applet", G_LOG_LEVEL_MESSAGE, "*GSETTINGS_SCHEMA_DIR*");
  settings = sysvpn_settings_new ();
  g_test_assert_expected_messages ();
  g_assert_null (sysvpn_settings_get_backing (settings));
  assert_defaults (settings);
}

static void
test_vpn_qubes (void)
{
  static const char *const set[] = { "sys-vpn", "-x",       "a b",    "",  "sys-vpn",
                                     "sys_2",   "<b>x</b>", "9lives", NULL };
  static const char *const valid[] = { "sys-vpn", "sys_2", NULL };
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();
  g_auto (GStrv) qubes = NULL;

  reset (settings);
  g_settings_set_strv (sysvpn_settings_get_backing (settings), "vpn-qubes", set);
  qubes = sysvpn_settings_dup_vpn_qubes (settings);
  g_assert_true (g_strv_equal ((const char *const *) qubes, valid));
}

/* The numbers of the schema and of the enum are the same ones. */
static void
test_click_action (void)
{
  static const char *const nicks[SYSVPN_N_CLICK_ACTIONS] = { "toggle", "menu", "window" };
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();

  for (unsigned i = 0; i < SYSVPN_N_CLICK_ACTIONS; i++) {
    g_assert_true (g_settings_set_string (sysvpn_settings_get_backing (settings),
                                          "click-action", nicks[i]));
    g_assert_cmpuint (sysvpn_settings_get_click_action (settings), ==, i);
  }
}

static void
test_classes (void)
{
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();

  reset (settings);
  g_assert_null (sysvpn_settings_class_key (SYSVPN_NOTICE_CLASS_ALWAYS));
  for (unsigned i = SYSVPN_NOTICE_CLASS_ALWAYS + 1; i < SYSVPN_N_NOTICE_CLASSES; i++) {
    const char *key = sysvpn_settings_class_key ((SysvpnNoticeClass) i);

    g_settings_set_boolean (sysvpn_settings_get_backing (settings), key, FALSE);
    for (unsigned other = 0; other < SYSVPN_N_NOTICE_CLASSES; other++)
      g_assert_cmpint (sysvpn_settings_is_wanted (settings, (SysvpnNoticeClass) other), ==,
                       other != i);
    g_settings_set_boolean (sysvpn_settings_get_backing (settings), key, TRUE);
  }
}

static void
test_threshold (void)
{
  static const struct {
    unsigned value;
    bool fits;
  } cases[] = { { 0, false }, { 1, true }, { 1000000, true }, { 1000001, false } };
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();
  GSettings *backing = sysvpn_settings_get_backing (settings);
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettingsSchemaKey) key = NULL;

  g_object_get (backing, "settings-schema", &schema, NULL);
  key = g_settings_schema_get_key (schema, "dropped-packets-threshold");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_uint32 (cases[i].value));

    g_assert_cmpint (g_settings_schema_key_range_check (key, value), ==, cases[i].fits);
    if (!cases[i].fits)
      continue;
    g_settings_set_value (backing, "dropped-packets-threshold", value);
    g_assert_cmpuint (sysvpn_settings_get_drops_threshold (settings), ==, cases[i].value);
  }
}

static void
count (SysvpnSettings *settings G_GNUC_UNUSED, gpointer data)
{
  ++*(unsigned *) data;
}

static void
test_changed (void)
{
  g_autoptr (SysvpnSettings) settings = sysvpn_settings_new ();
  unsigned n = 0;

  reset (settings);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_signal_connect (settings, "changed", G_CALLBACK (count), &n);
  g_settings_set_boolean (sysvpn_settings_get_backing (settings), "notify-silence", FALSE);
  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  if (g_getenv ("SYSVPN_TEST_NO_SCHEMA") != NULL) {
    g_test_add_func ("/settings/no-schema", test_no_schema);
    return g_test_run ();
  }
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/vpn-qubes", test_vpn_qubes);
  g_test_add_func ("/settings/click-action", test_click_action);
  g_test_add_func ("/settings/classes", test_classes);
  g_test_add_func ("/settings/threshold", test_threshold);
  g_test_add_func ("/settings/changed", test_changed);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's preferences, typed. They are GSettings where the schema is installed; without it,
 * as when the applet runs from its build, they are the schema's defaults and cannot be changed.
 * GSettings itself would end the program then. Without dconf GLib keeps them in a file. */
#include "applet/settings.h"

#include "client/transport.h"

#include <assert.h>

#define KEY_VPN_QUBES "vpn-qubes"

struct _SysvpnSettings {
  GObject parent_instance;

  GSettings *backing; /* NULL: the defaults */
};

G_DEFINE_FINAL_TYPE (SysvpnSettings, sysvpn_settings, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* What is announced in any case has no key. */
static const char *const class_keys[] = {
  [SYSVPN_NOTICE_CLASS_ALWAYS] = NULL,
  [SYSVPN_NOTICE_CLASS_TUNNEL] = "notify-tunnel",
  [SYSVPN_NOTICE_CLASS_NO_TRAFFIC] = "notify-no-traffic",
  [SYSVPN_NOTICE_CLASS_SILENCE] = "notify-silence",
  [SYSVPN_NOTICE_CLASS_DROPS] = "notify-dropped-packets",
};
static_assert (G_N_ELEMENTS (class_keys) == SYSVPN_N_NOTICE_CLASSES, "a key for each class");

static void
sysvpn_settings_dispose (GObject *object)
{
  SysvpnSettings *self = SYSVPN_SETTINGS (object);

  if (self->backing != NULL)
    g_signal_handlers_disconnect_by_data (self->backing, self);
  g_clear_object (&self->backing);
  G_OBJECT_CLASS (sysvpn_settings_parent_class)->dispose (object);
}

static void
sysvpn_settings_class_init (SysvpnSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_settings_dispose;

  /**
   * SysvpnSettings::changed:
   *
   * Something is set to another value, by whomever.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", SYSVPN_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
on_changed (SysvpnSettings *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* A schema of another version that lacks a key is as good as none: asking for it would end the
 * program. */
static bool
has_all_keys (GSettingsSchema *schema)
{
  for (size_t i = 0; i < G_N_ELEMENTS (class_keys); i++)
    if (class_keys[i] != NULL && !g_settings_schema_has_key (schema, class_keys[i]))
      return false;
  return g_settings_schema_has_key (schema, KEY_VPN_QUBES) &&
         g_settings_schema_has_key (schema, SYSVPN_SETTINGS_CLICK_ACTION) &&
         g_settings_schema_has_key (schema, SYSVPN_SETTINGS_DROPS_THRESHOLD);
}

static GSettings *
find_backing (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, SYSVPN_SETTINGS_SCHEMA, TRUE)
                     : NULL;

  if (schema == NULL || !has_all_keys (schema)) {
    g_message (
        "preferences are the defaults and cannot be changed: schema %s of this version "
        "is not installed; from a build, set GSETTINGS_SCHEMA_DIR to its folder data/desktop",
        SYSVPN_SETTINGS_SCHEMA);
    return NULL;
  }
  return g_settings_new_full (schema, NULL, NULL);
}

static void
sysvpn_settings_init (SysvpnSettings *self)
{
  self->backing = find_backing ();
  if (self->backing != NULL)
    g_signal_connect_swapped (self->backing, "changed", G_CALLBACK (on_changed), self);
}

/**
 * sysvpn_settings_new:
 *
 * Returns: (transfer full): the user's preferences, or the defaults where there cannot be any
 */
SysvpnSettings *
sysvpn_settings_new (void)
{
  return g_object_new (SYSVPN_TYPE_SETTINGS, NULL);
}

/**
 * sysvpn_settings_get_backing:
 * @self: the settings
 *
 * Returns: (transfer none) (nullable): where they are kept, to bind widgets to; %NULL when they
 * cannot be changed
 */
GSettings *
sysvpn_settings_get_backing (SysvpnSettings *self)
{
  return self->backing;
}

/**
 * sysvpn_settings_dup_vpn_qubes:
 * @self: the settings
 *
 * Returns: (transfer full): the valid names among those that were set, each once, ends with
 * %NULL; empty when the VPN qubes are to be found
 */
char **
sysvpn_settings_dup_vpn_qubes (SysvpnSettings *self)
{
  g_auto (GStrv) names =
      self->backing != NULL ? g_settings_get_strv (self->backing, KEY_VPN_QUBES) : NULL;
  g_autoptr (GPtrArray) valid = g_ptr_array_new ();

  for (size_t i = 0; names != NULL && names[i] != NULL; i++)
    if (sysvpn_qube_name_is_valid (names[i]) &&
        !g_ptr_array_find_with_equal_func (valid, names[i], g_str_equal, NULL))
      g_ptr_array_add (valid, names[i]);
  g_ptr_array_add (valid, NULL);
  return g_strdupv ((char **) valid->pdata);
}

/**
 * sysvpn_settings_set_vpn_qubes:
 * @self: the settings, which have a backing
 * @names: valid names, ends with %NULL; empty to have the VPN qubes found
 */
void
sysvpn_settings_set_vpn_qubes (SysvpnSettings *self, const char *const *names)
{
  g_auto (GStrv) old = g_settings_get_strv (self->backing, KEY_VPN_QUBES);

  if (!g_strv_equal (names, (const char *const *) old))
    g_settings_set_strv (self->backing, KEY_VPN_QUBES, names);
}

/**
 * sysvpn_settings_get_click_action:
 * @self: the settings
 *
 * Returns: what a click on the icon does
 */
SysvpnClickAction
sysvpn_settings_get_click_action (SysvpnSettings *self)
{
  return self->backing != NULL ? (SysvpnClickAction) g_settings_get_enum (
                                     self->backing, SYSVPN_SETTINGS_CLICK_ACTION)
                               : SYSVPN_CLICK_ACTION_TOGGLE;
}

/**
 * sysvpn_settings_is_wanted:
 * @self: the settings
 * @notice_class: a class of notifications
 *
 * Returns: %TRUE if such ones are to be shown; always for those that tell of a leak or answer
 * the user
 */
bool
sysvpn_settings_is_wanted (SysvpnSettings *self, SysvpnNoticeClass notice_class)
{
  const char *key = sysvpn_settings_class_key (notice_class);

  return key == NULL || self->backing == NULL || g_settings_get_boolean (self->backing, key);
}

/**
 * sysvpn_settings_get_drops_threshold:
 * @self: the settings
 *
 * Returns: how many dropped packets of one qube within %SYSVPN_NOTICE_DROPS_MS are worth a
 * notification; 1 to 1,000,000
 */
unsigned
sysvpn_settings_get_drops_threshold (SysvpnSettings *self)
{
  return self->backing != NULL
             ? g_settings_get_uint (self->backing, SYSVPN_SETTINGS_DROPS_THRESHOLD)
             : SYSVPN_NOTICE_DROPS_DEFAULT;
}

/**
 * sysvpn_settings_class_key:
 * @notice_class: a class of notifications
 *
 * Returns: (nullable): the key that switches it off; %NULL for what cannot be switched off
 */
const char *
sysvpn_settings_class_key (SysvpnNoticeClass notice_class)
{
  return notice_class < SYSVPN_N_NOTICE_CLASSES ? class_keys[notice_class] : NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The icon as a StatusNotifierItem, through libayatana-appindicator or libappindicator. */
#include "applet/tray-icon-indicator.h"

#include "applet/indicator-activate.h"

#ifdef SYSVPN_HAVE_AYATANA
#include <libayatana-appindicator/app-indicator.h>
#else
#include <libappindicator/app-indicator.h>
#endif

/* An AppIndicator that does nothing where there is no tray for it: the library's own
 * GtkStatusIcon opens the menu on left click and reads memory it does not own on middle click.
 */
typedef struct {
  AppIndicator parent_instance;
} QuietIndicator;

typedef struct {
  AppIndicatorClass parent_class;
} QuietIndicatorClass;

GType quiet_indicator_get_type (void);
G_DEFINE_TYPE (QuietIndicator, quiet_indicator, APP_INDICATOR_TYPE)

static GtkStatusIcon *
quiet_indicator_fallback (AppIndicator *indicator)
{
  (void) indicator;
  return NULL;
}

static void
quiet_indicator_class_init (QuietIndicatorClass *klass)
{
  klass->parent_class.fallback = quiet_indicator_fallback;
}

static void
quiet_indicator_init (QuietIndicator *self)
{
  (void) self;
}

struct _SysvpnTrayIconIndicator {
  GObject parent_instance;

  AppIndicator *indicator;
  SysvpnIndicatorActivate *clicks;
};

static void sysvpn_tray_icon_indicator_iface_init (SysvpnTrayIconInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SysvpnTrayIconIndicator,
                               sysvpn_tray_icon_indicator,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SYSVPN_TYPE_TRAY_ICON,
                                                      sysvpn_tray_icon_indicator_iface_init))

static void
on_click (SysvpnIndicatorClick click, gpointer user_data)
{
  if (click == SYSVPN_INDICATOR_CLICK_ACTIVATE)
    sysvpn_tray_icon_emit_activate (user_data);
  else
    sysvpn_tray_icon_emit_secondary (user_data);
}

static void
on_scroll (AppIndicator *indicator,
           gint steps,
           GdkScrollDirection direction,
           gpointer user_data)
{
  (void) indicator;
  (void) steps;
  sysvpn_tray_icon_emit_scroll (user_data, direction);
}

static void
sysvpn_tray_icon_indicator_set_state (SysvpnTrayIcon *icon,
                                      const char *icon_name,
                                      const char *title,
                                      const char *description)
{
  SysvpnTrayIconIndicator *self = SYSVPN_TRAY_ICON_INDICATOR (icon);
  /* XFCE shows title and icon description as the tooltip. It reads the second as markup, and
   * what is not valid markup leaves the tooltip empty; the title it escapes itself. */
  g_autofree char *markup = g_markup_escape_text (description, -1);

  if (g_strcmp0 (app_indicator_get_title (self->indicator), title) != 0)
    app_indicator_set_title (self->indicator, title);
  app_indicator_set_icon_full (self->indicator, icon_name, markup);
}

static void
sysvpn_tray_icon_indicator_set_menu (SysvpnTrayIcon *icon, GtkMenu *menu)
{
  SysvpnTrayIconIndicator *self = SYSVPN_TRAY_ICON_INDICATOR (icon);

  app_indicator_set_menu (self->indicator, menu);
}

static void
sysvpn_tray_icon_indicator_dispose (GObject *object)
{
  SysvpnTrayIconIndicator *self = SYSVPN_TRAY_ICON_INDICATOR (object);

  g_clear_pointer (&self->clicks, sysvpn_indicator_activate_free);
  if (self->indicator != NULL) {
    g_signal_handlers_disconnect_by_data (self->indicator, self);
    /* One that never connects holds a reference to itself for ever. The library can be
     * disposed of twice, here and with the last reference, if it has no menu. */
    g_object_set (self->indicator, "dbus-menu-server", NULL, NULL);
    g_object_run_dispose (G_OBJECT (self->indicator));
  }
  g_clear_object (&self->indicator);
  G_OBJECT_CLASS (sysvpn_tray_icon_indicator_parent_class)->dispose (object);
}

static void
sysvpn_tray_icon_indicator_class_init (SysvpnTrayIconIndicatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_tray_icon_indicator_dispose;
}

static void
sysvpn_tray_icon_indicator_iface_init (SysvpnTrayIconInterface *iface)
{
  iface->set_state = sysvpn_tray_icon_indicator_set_state;
  iface->set_menu = sysvpn_tray_icon_indicator_set_menu;
}

static void
sysvpn_tray_icon_indicator_init (SysvpnTrayIconIndicator *self)
{
  (void) self;
}

/**
 * sysvpn_tray_icon_indicator_new:
 * @connection: the shared session bus, on which the library exports its item
 * @id: letters only, the same for ever: hosts keep settings by it
 * @icon_path: (nullable): where the icons are, only when they are not installed. A panel of
 * XFCE 4.16 does not recolour icons that it finds this way
 *
 * Returns: (transfer full): an icon that shows when it has a menu and there is a tray
 */
SysvpnTrayIcon *
sysvpn_tray_icon_indicator_new (GDBusConnection *connection,
                                const char *id,
                                const char *icon_path)
{
  SysvpnTrayIconIndicator *self = g_object_new (SYSVPN_TYPE_TRAY_ICON_INDICATOR, NULL);

  self->clicks = sysvpn_indicator_activate_new (connection, id, on_click, self);
  self->indicator =
      g_object_new (quiet_indicator_get_type (), "id", id, "category", "SystemServices",
                    "icon-name", "sysvpn-unknown-symbolic", "icon-theme-path", icon_path, NULL);
  g_signal_connect (self->indicator, "scroll-event", G_CALLBACK (on_scroll), self);
  /* Active for ever. Passive hides the icon, and hosts get stuck on NeedsAttention's icon. */
  app_indicator_set_status (self->indicator, APP_INDICATOR_STATUS_ACTIVE);
  return SYSVPN_TRAY_ICON (self);
}

/**
 * sysvpn_tray_icon_indicator_is_connected:
 * @self: an icon, not just made
 *
 * libayatana-appindicator 0.5.92 looks for the tray's name and for the session bus at the same
 * time. Where it learns of the name first, which needs a busy machine (seen once in 400
 * starts), it never registers its item as long as that tray stays.
 *
 * Returns: %TRUE if the library has found the tray
 */
gboolean
sysvpn_tray_icon_indicator_is_connected (SysvpnTrayIconIndicator *self)
{
  gboolean is_connected;

  g_object_get (self->indicator, "connected", &is_connected, NULL);
  return is_connected;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one icon the applet has, whatever tray there is: an indicator while a StatusNotifier host
 * is on the bus, a GtkStatusIcon while there is none. Trays come and go (a panel that restarts
 * is away for 0.2 s), and the icon follows by itself. */
#include "applet/tray-host.h"

#include "applet/tray-icon-indicator.h"
#include "applet/tray-icon-status-icon.h"

#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"

/* A panel that restarts its tray was measured to be away 166 to 190 ms; shorter than this would
 * flash a second icon. */
enum { HOST_ABSENT_MS = 600 };

/* How long an indicator has to find a tray that is there, which is a call to the bus away. */
enum { CONNECT_FIRST_MS = 500, CONNECT_MAX_MS = 60 * 1000 };

struct _SysvpnTrayHost {
  GObject parent_instance;

  char *id;
  char *icon_path;
  GCancellable *cancellable;
  GDBusProxy *watcher;
  guint absent_timer;

  /* made when the first host shows, and anew as long as it does not connect; re-registers by
   * itself */
  SysvpnTrayIcon *indicator;
  guint connect_timer;
  unsigned connect_ms;
  SysvpnTrayIcon *status_icon; /* only while there is no host */

  char *icon_name;
  char *title;
  char *description;
  GtkMenu *menu;
};

static void sysvpn_tray_host_iface_init (SysvpnTrayIconInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SysvpnTrayHost,
                               sysvpn_tray_host,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SYSVPN_TYPE_TRAY_ICON,
                                                      sysvpn_tray_host_iface_init))

static void
adopt (SysvpnTrayHost *self, SysvpnTrayIcon *icon)
{
  g_signal_connect_object (icon, "activate", G_CALLBACK (sysvpn_tray_icon_emit_activate), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (icon, "secondary", G_CALLBACK (sysvpn_tray_icon_emit_secondary),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (icon, "scroll", G_CALLBACK (sysvpn_tray_icon_emit_scroll), self,
                           G_CONNECT_SWAPPED);
  if (self->icon_name != NULL)
    sysvpn_tray_icon_set_state (icon, self->icon_name, self->title, self->description);
  if (self->menu != NULL)
    sysvpn_tray_icon_set_menu (icon, self->menu);
}

static gboolean
on_host_absent (gpointer user_data)
{
  SysvpnTrayHost *self = user_data;

  self->absent_timer = 0;
  g_debug ("no StatusNotifier host, icon of the old kind");
  self->status_icon = sysvpn_tray_icon_status_icon_new ();
  adopt (self, self->status_icon);
  return G_SOURCE_REMOVE;
}

static void
make_indicator (SysvpnTrayHost *self)
{
  g_clear_object (&self->indicator); /* one and the next have the same path on the bus */
  self->indicator = sysvpn_tray_icon_indicator_new (g_dbus_proxy_get_connection (self->watcher),
                                                    self->id, self->icon_path);
  adopt (self, self->indicator);
}

static void watch_connection (SysvpnTrayHost *self);

static gboolean
on_connect_time (gpointer user_data)
{
  SysvpnTrayHost *self = user_data;

  self->connect_timer = 0;
  if (sysvpn_tray_icon_indicator_is_connected (SYSVPN_TRAY_ICON_INDICATOR (self->indicator)))
    return G_SOURCE_REMOVE;
  g_debug ("the indicator did not find the host, making another");
  make_indicator (self);
  self->connect_ms = MIN (self->connect_ms * 2, CONNECT_MAX_MS);
  watch_connection (self);
  return G_SOURCE_REMOVE;
}

static void
watch_connection (SysvpnTrayHost *self)
{
  g_clear_handle_id (&self->connect_timer, g_source_remove);
  self->connect_timer = g_timeout_add (self->connect_ms, on_connect_time, self);
  g_source_set_name_by_id (self->connect_timer, "[sysvpn] tray indicator connects");
}

static void
set_host_present (SysvpnTrayHost *self, gboolean present)
{
  if (!present) {
    g_clear_handle_id (&self->connect_timer, g_source_remove);
    if (self->absent_timer == 0 && self->status_icon == NULL) {
      self->absent_timer = g_timeout_add (HOST_ABSENT_MS, on_host_absent, self);
      g_source_set_name_by_id (self->absent_timer, "[sysvpn] no tray host");
    }
    return;
  }
  g_clear_handle_id (&self->absent_timer, g_source_remove);
  g_clear_object (&self->status_icon);
  if (self->indicator == NULL) {
    g_debug ("StatusNotifier host found");
    make_indicator (self);
  }
  self->connect_ms = CONNECT_FIRST_MS;
  watch_connection (self);
}

static void
on_host_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and @user_data may be gone */
  if (answer != NULL)
    g_variant_get (answer, "(v)", &value);
  set_host_present (user_data, value != NULL &&
                                   g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
                                   g_variant_get_boolean (value));
}

/* Asked each time instead of read from the proxy: no watcher announces changes of the property.
 */
static void
ask_for_host (SysvpnTrayHost *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (self->watcher);

  if (owner == NULL) {
    set_host_present (self, FALSE);
    return;
  }
  g_dbus_proxy_call (self->watcher, "org.freedesktop.DBus.Properties.Get",
                     g_variant_new ("(ss)", WATCHER_NAME, "IsStatusNotifierHostRegistered"),
                     G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_host_asked,
                     self);
}

static void
on_watcher_signal (GDBusProxy *watcher,
                   const char *sender,
                   const char *signal,
                   GVariant *parameters,
                   SysvpnTrayHost *self)
{
  (void) watcher;
  (void) sender;
  (void) parameters;
  if (g_str_has_prefix (signal, "StatusNotifierHost"))
    ask_for_host (self);
}

static void
on_watcher_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusProxy *watcher = g_dbus_proxy_new_for_bus_finish (result, &error);
  SysvpnTrayHost *self = user_data;

  (void) source;
  if (watcher == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_debug ("no session bus: %s", error->message); /* the timer is running */
    return;
  }
  self->watcher = watcher;
  g_signal_connect_object (watcher, "notify::g-name-owner", G_CALLBACK (ask_for_host), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (watcher, "g-signal", G_CALLBACK (on_watcher_signal), self, 0);
  ask_for_host (self);
}

static void
sysvpn_tray_host_set_state (SysvpnTrayIcon *icon,
                            const char *icon_name,
                            const char *title,
                            const char *description)
{
  SysvpnTrayHost *self = SYSVPN_TRAY_HOST (icon);

  if (g_strcmp0 (self->icon_name, icon_name) == 0 && g_strcmp0 (self->title, title) == 0 &&
      g_strcmp0 (self->description, description) == 0)
    return;
  g_free (self->icon_name);
  self->icon_name = g_strdup (icon_name);
  g_free (self->title);
  self->title = g_strdup (title);
  g_free (self->description);
  self->description = g_strdup (description);
  if (self->indicator != NULL)
    sysvpn_tray_icon_set_state (self->indicator, icon_name, title, description);
  if (self->status_icon != NULL)
    sysvpn_tray_icon_set_state (self->status_icon, icon_name, title, description);
}

static void
sysvpn_tray_host_set_menu (SysvpnTrayIcon *icon, GtkMenu *menu)
{
  SysvpnTrayHost *self = SYSVPN_TRAY_HOST (icon);

  g_object_ref_sink (menu);
  g_clear_object (&self->menu);
  self->menu = menu;
  if (self->indicator != NULL)
    sysvpn_tray_icon_set_menu (self->indicator, menu);
  if (self->status_icon != NULL)
    sysvpn_tray_icon_set_menu (self->status_icon, menu);
}

static void
sysvpn_tray_host_dispose (GObject *object)
{
  SysvpnTrayHost *self = SYSVPN_TRAY_HOST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->absent_timer, g_source_remove);
  g_clear_handle_id (&self->connect_timer, g_source_remove);
  g_clear_object (&self->watcher);
  g_clear_object (&self->indicator);
  g_clear_object (&self->status_icon);
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (sysvpn_tray_host_parent_class)->dispose (object);
}

static void
sysvpn_tray_host_finalize (GObject *object)
{
  SysvpnTrayHost *self = SYSVPN_TRAY_HOST (object);

  g_free (self->id);
  g_free (self->icon_path);
  g_free (self->icon_name);
  g_free (self->title);
  g_free (self->description);
  G_OBJECT_CLASS (sysvpn_tray_host_parent_class)->finalize (object);
}

static void
sysvpn_tray_host_class_init (SysvpnTrayHostClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_tray_host_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_tray_host_finalize;
}

static void
sysvpn_tray_host_iface_init (SysvpnTrayIconInterface *iface)
{
  iface->set_state = sysvpn_tray_host_set_state;
  iface->set_menu = sysvpn_tray_host_set_menu;
}

static void
sysvpn_tray_host_init (SysvpnTrayHost *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * sysvpn_tray_host_new:
 * @id: the item's id: letters only, the same for ever
 * @icon_path: (nullable): a folder with a hicolor tree, only when run from a build folder
 *
 * Returns: (transfer full): the applet's icon; it shows when it has a menu and there is a tray
 */
SysvpnTrayIcon *
sysvpn_tray_host_new (const char *id, const char *icon_path)
{
  SysvpnTrayHost *self;

  g_return_val_if_fail (id != NULL, NULL);

  self = g_object_new (SYSVPN_TYPE_TRAY_HOST, NULL);
  self->id = g_strdup (id);
  self->icon_path = g_strdup (icon_path);
  if (icon_path != NULL)
    gtk_icon_theme_prepend_search_path (gtk_icon_theme_get_default (), icon_path);
  set_host_present (self, FALSE); /* until one is found */
  g_dbus_proxy_new_for_bus (
      G_BUS_TYPE_SESSION,
      G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START | G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
      WATCHER_NAME, WATCHER_PATH, WATCHER_NAME, self->cancellable, on_watcher_ready, self);
  return SYSVPN_TRAY_ICON (self);
}

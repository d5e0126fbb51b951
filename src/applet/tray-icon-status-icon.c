/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The icon as a window inside a tray of the old kind (XEmbed), for i3, awesome and trays
 * without a StatusNotifier host. GtkStatusIcon is deprecated without a successor; this is the
 * one place. */
#include "applet/tray-icon-status-icon.h"

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

struct _SysvpnTrayIconStatusIcon {
  GObject parent_instance;

  GtkStatusIcon *icon;
  GtkMenu *menu;
};

static void sysvpn_tray_icon_status_icon_iface_init (SysvpnTrayIconInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SysvpnTrayIconStatusIcon,
                               sysvpn_tray_icon_status_icon,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SYSVPN_TYPE_TRAY_ICON,
                                                      sysvpn_tray_icon_status_icon_iface_init))

static void
on_popup_menu (GtkStatusIcon *icon, guint button, guint32 time, SysvpnTrayIconStatusIcon *self)
{
  if (self->menu != NULL)
    gtk_menu_popup (self->menu, NULL, NULL, gtk_status_icon_position_menu, icon, button, time);
}

static gboolean
on_button_release (GtkStatusIcon *icon, GdkEventButton *event, SysvpnTrayIconStatusIcon *self)
{
  (void) icon;
  if (event->button != GDK_BUTTON_MIDDLE)
    return GDK_EVENT_PROPAGATE;
  sysvpn_tray_icon_emit_secondary (SYSVPN_TRAY_ICON (self));
  return GDK_EVENT_STOP;
}

static gboolean
on_scroll (GtkStatusIcon *icon, GdkEventScroll *event, SysvpnTrayIconStatusIcon *self)
{
  (void) icon;
  sysvpn_tray_icon_emit_scroll (SYSVPN_TRAY_ICON (self), event->direction);
  return GDK_EVENT_STOP;
}

static void
sysvpn_tray_icon_status_icon_set_state (SysvpnTrayIcon *icon,
                                        const char *icon_name,
                                        const char *title,
                                        const char *description)
{
  SysvpnTrayIconStatusIcon *self = SYSVPN_TRAY_ICON_STATUS_ICON (icon);
  g_autofree char *tooltip = description[0] != '\0'
                                 ? g_markup_printf_escaped ("<b>%s</b>\n%s", title, description)
                                 : g_markup_printf_escaped ("<b>%s</b>", title);

  gtk_status_icon_set_from_icon_name (self->icon, icon_name);
  gtk_status_icon_set_title (self->icon, title);
  gtk_status_icon_set_tooltip_markup (self->icon, tooltip);
}

static void
sysvpn_tray_icon_status_icon_set_menu (SysvpnTrayIcon *icon, GtkMenu *menu)
{
  SysvpnTrayIconStatusIcon *self = SYSVPN_TRAY_ICON_STATUS_ICON (icon);

  g_set_object (&self->menu, menu);
}

static void
sysvpn_tray_icon_status_icon_dispose (GObject *object)
{
  SysvpnTrayIconStatusIcon *self = SYSVPN_TRAY_ICON_STATUS_ICON (object);

  if (self->icon != NULL)
    g_signal_handlers_disconnect_by_data (self->icon, self);
  g_clear_object (&self->icon);
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (sysvpn_tray_icon_status_icon_parent_class)->dispose (object);
}

static void
sysvpn_tray_icon_status_icon_class_init (SysvpnTrayIconStatusIconClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_tray_icon_status_icon_dispose;
}

static void
sysvpn_tray_icon_status_icon_iface_init (SysvpnTrayIconInterface *iface)
{
  iface->set_state = sysvpn_tray_icon_status_icon_set_state;
  iface->set_menu = sysvpn_tray_icon_status_icon_set_menu;
}

static void
sysvpn_tray_icon_status_icon_init (SysvpnTrayIconStatusIcon *self)
{
  self->icon = gtk_status_icon_new_from_icon_name ("sysvpn-unknown-symbolic");
  gtk_status_icon_set_name (self->icon, "sysvpn");
  g_signal_connect_swapped (self->icon, "activate", G_CALLBACK (sysvpn_tray_icon_emit_activate),
                            self);
  g_signal_connect (self->icon, "popup-menu", G_CALLBACK (on_popup_menu), self);
  g_signal_connect (self->icon, "button-release-event", G_CALLBACK (on_button_release), self);
  g_signal_connect (self->icon, "scroll-event", G_CALLBACK (on_scroll), self);
}

/**
 * sysvpn_tray_icon_status_icon_new:
 *
 * Returns: (transfer full): an icon that shows as soon as there is a tray, and comes back with
 * it
 */
SysvpnTrayIcon *
sysvpn_tray_icon_status_icon_new (void)
{
  return g_object_new (SYSVPN_TYPE_TRAY_ICON_STATUS_ICON, NULL);
}

G_GNUC_END_IGNORE_DEPRECATIONS

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the applet knows of its icon in the tray, whichever of the two ways it gets there. */
#include "applet/tray-icon.h"

G_DEFINE_INTERFACE (SysvpnTrayIcon, sysvpn_tray_icon, G_TYPE_OBJECT)

enum { SIGNAL_ACTIVATE, SIGNAL_SECONDARY, SIGNAL_SCROLL, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint
new_signal (const char *name)
{
  return g_signal_new (name, SYSVPN_TYPE_TRAY_ICON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sysvpn_tray_icon_default_init (SysvpnTrayIconInterface *iface)
{
  (void) iface;

  /* Left click. Two of them for a double click: whoever acts on it has to debounce. */
  signals[SIGNAL_ACTIVATE] = new_signal ("activate");

  /* Middle click. The right button is the menu's and never seen here. */
  signals[SIGNAL_SECONDARY] = new_signal ("secondary");

  /* One step of the wheel: a GdkScrollDirection. */
  signals[SIGNAL_SCROLL] =
      g_signal_new ("scroll", SYSVPN_TYPE_TRAY_ICON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, GDK_TYPE_SCROLL_DIRECTION);
}

/**
 * sysvpn_tray_icon_set_state:
 * @icon_name: a symbolic icon of our own
 * @title: the sentence that is read first: plain text
 * @description: what else the tooltip tells, plain text, may have several lines, may be empty;
 *   also what a screen reader says
 *
 * Setting what is set already costs nothing.
 */
void
sysvpn_tray_icon_set_state (SysvpnTrayIcon *self,
                            const char *icon_name,
                            const char *title,
                            const char *description)
{
  g_return_if_fail (SYSVPN_IS_TRAY_ICON (self));
  g_return_if_fail (icon_name != NULL && title != NULL && description != NULL);

  SYSVPN_TRAY_ICON_GET_IFACE (self)->set_state (self, icon_name, title, description);
}

/**
 * sysvpn_tray_icon_set_menu:
 * @menu: what the right button opens, with at least one entry, or the icon does not show. It is
 *   set once, and its entries are changed in place: a menu that is replaced closes under the
 * pointer
 */
void
sysvpn_tray_icon_set_menu (SysvpnTrayIcon *self, GtkMenu *menu)
{
  g_return_if_fail (SYSVPN_IS_TRAY_ICON (self));
  g_return_if_fail (GTK_IS_MENU (menu));

  SYSVPN_TRAY_ICON_GET_IFACE (self)->set_menu (self, menu);
}

/* The three below are for those who implement the interface. */

void
sysvpn_tray_icon_emit_activate (SysvpnTrayIcon *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATE], 0);
}

void
sysvpn_tray_icon_emit_secondary (SysvpnTrayIcon *self)
{
  g_signal_emit (self, signals[SIGNAL_SECONDARY], 0);
}

void
sysvpn_tray_icon_emit_scroll (SysvpnTrayIcon *self, GdkScrollDirection direction)
{
  g_signal_emit (self, signals[SIGNAL_SCROLL], 0, direction);
}

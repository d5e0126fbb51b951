/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An icon with nothing behind it: left click shows the next state, everything that happens is a
 * line on stdout. For tests/suites/tray, and for looking at the icons in a real panel. */
#include "applet/tray-host.h"

#include <glib-unix.h>

static const char *const states[] = { "protected", "connecting", "degraded", "blocked",
                                      "exposed",   "unknown",    "off" };

static SysvpnTrayIcon *tray;
static guint state;

static void
show_state (void)
{
  g_autofree char *icon = g_strdup_printf ("sysvpn-%s-symbolic", states[state]);
  g_autofree char *title = g_strdup_printf ("State: %s", states[state]);

  sysvpn_tray_icon_set_state (tray, icon, title, "profile <b>\"home & away\"</b>\nsecond line");
  g_print ("state %s\n", states[state]);
}

static void
on_activate (void)
{
  g_print ("activate\n");
  state = (state + 1) % G_N_ELEMENTS (states);
  show_state ();
}

static void
on_secondary (void)
{
  g_print ("secondary\n");
}

static void
on_scroll (SysvpnTrayIcon *icon, GdkScrollDirection direction)
{
  (void) icon;
  g_print ("scroll %s\n", direction == GDK_SCROLL_UP ? "up" : "down");
}

static void
on_item (GtkMenuItem *item)
{
  g_print ("menu %s\n", gtk_menu_item_get_label (item));
}

static GtkMenu *
new_menu (void)
{
  static const char *const labels[] = { "_First", "_Second", "_Quit" };
  GtkWidget *menu = gtk_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++) {
    GtkWidget *item = gtk_menu_item_new_with_mnemonic (labels[i]);

    g_signal_connect (item, "activate", G_CALLBACK (on_item), NULL);
    if (g_str_equal (labels[i], "_Quit"))
      g_signal_connect (item, "activate", gtk_main_quit, NULL);
    gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  }
  gtk_widget_show_all (menu);
  return GTK_MENU (menu);
}

/* The one warning that is let through: GTK 3.24 prints it whenever a GtkStatusIcon is embedded.
 */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  (void) level;
  (void) data;
  return g_strcmp0 (domain, "Gdk") != 0 ||
         strstr (message, "gdk_window_thaw_toplevel_updates") == NULL;
}

static gboolean
on_terminate (gpointer data)
{
  (void) data;
  gtk_main_quit ();
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_test_log_set_fatal_handler (is_fatal, NULL);
  gtk_init (&argc, &argv);
  setvbuf (stdout, NULL, _IOLBF, 0);

  tray = sysvpn_tray_host_new ("sysvpntest", g_getenv ("SYSVPN_ICON_PATH"));
  g_signal_connect (tray, "activate", G_CALLBACK (on_activate), NULL);
  g_signal_connect (tray, "secondary", G_CALLBACK (on_secondary), NULL);
  g_signal_connect (tray, "scroll", G_CALLBACK (on_scroll), NULL);
  sysvpn_tray_icon_set_menu (tray, new_menu ());
  show_state ();

  g_unix_signal_add (SIGTERM, on_terminate, NULL);
  gtk_main ();
  g_object_add_weak_pointer (G_OBJECT (tray), (gpointer *) &tray);
  g_object_unref (tray);
  g_print ("%s\n", tray == NULL ? "gone" : "leaked");
  return 0;
}

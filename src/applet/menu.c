/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu: a section for each VPN qube, and below them what concerns the applet as a whole. */
#include "applet/menu.h"

#include "applet/menu-section.h"
#include "applet/wording.h"

#include <glib/gi18n.h>

struct _SysvpnMenu {
  GObject parent_instance;

  GtkMenu *menu;
  GtkWidget *warning;  /* of qubes that go past the VPN; the first item */
  GtkWidget *missing;  /* what is said of VPN qubes that have no section */
  GtkWidget *remedy;   /* and what to do about it */
  GPtrArray *sections; /* of SysvpnMenuSection, in their order */
};

G_DEFINE_FINAL_TYPE (SysvpnMenu, sysvpn_menu, G_TYPE_OBJECT)

enum { SIGNAL_WARNING, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_menu_dispose (GObject *object)
{
  SysvpnMenu *self = SYSVPN_MENU (object);

  g_clear_pointer (&self->sections, g_ptr_array_unref);
  if (self->menu != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->menu));
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (sysvpn_menu_parent_class)->dispose (object);
}

static void
sysvpn_menu_class_init (SysvpnMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_menu_dispose;

  /**
   * SysvpnMenu::warning:
   *
   * The user wants to see what the warning is about.
   */
  signals[SIGNAL_WARNING] = g_signal_new ("warning", SYSVPN_TYPE_MENU, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
on_warning (SysvpnMenu *self)
{
  g_signal_emit (self, signals[SIGNAL_WARNING], 0);
}

static GtkWidget *
append_line (SysvpnMenu *self)
{
  GtkWidget *line = gtk_menu_item_new_with_label ("");

  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), line);
  return line;
}

static void
sysvpn_menu_init (SysvpnMenu *self)
{
  self->menu = g_object_ref_sink (GTK_MENU (gtk_menu_new ()));
  self->sections = g_ptr_array_new_with_free_func ((GDestroyNotify) sysvpn_menu_section_free);
  self->warning = append_line (self);
  self->missing = append_line (self);
  self->remedy = append_line (self);
  gtk_widget_set_sensitive (self->missing, FALSE);
  gtk_widget_set_sensitive (self->remedy, FALSE);
  g_signal_connect_swapped (self->warning, "activate", G_CALLBACK (on_warning), self);
}

/**
 * sysvpn_menu_new:
 *
 * Returns: (transfer full): a menu of no qube
 */
SysvpnMenu *
sysvpn_menu_new (void)
{
  return g_object_new (SYSVPN_TYPE_MENU, NULL);
}

/**
 * sysvpn_menu_get_widget:
 * @self: the menu
 *
 * Returns: (transfer none): its widget
 */
GtkMenu *
sysvpn_menu_get_widget (SysvpnMenu *self)
{
  return self->menu;
}

/**
 * sysvpn_menu_add_qube:
 * @self: the menu
 * @control: of the qube
 *
 * Puts a section for it behind those that are there; sysvpn_menu_update() fills it.
 */
void
sysvpn_menu_add_qube (SysvpnMenu *self, SysvpnQubeControl *control)
{
  int at = 1; /* behind the warning */

  for (unsigned i = 0; i < self->sections->len; i++)
    at += sysvpn_menu_section_get_n_items (self->sections->pdata[i]);
  g_ptr_array_add (self->sections,
                   sysvpn_menu_section_new (control, GTK_MENU_SHELL (self->menu), at));
}

/**
 * sysvpn_menu_remove_qube:
 * @self: the menu
 * @control: of a qube that has a section
 */
void
sysvpn_menu_remove_qube (SysvpnMenu *self, SysvpnQubeControl *control)
{
  for (unsigned i = 0; i < self->sections->len; i++)
    if (sysvpn_menu_section_get_control (self->sections->pdata[i]) == control) {
      g_ptr_array_remove_index (self->sections, i);
      return;
    }
}

/**
 * sysvpn_menu_add_action:
 * @self: the menu
 * @mnemonic: what the item is called
 * @func: called with @object when it is chosen
 * @object: (type GObject): outlives the menu, or ends the connection
 *
 * Puts an item at the end.
 */
void
sysvpn_menu_add_action (SysvpnMenu *self, const char *mnemonic, GCallback func, gpointer object)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (mnemonic);

  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
  gtk_widget_show (item);
  g_signal_connect_object (item, "activate", func, object, G_CONNECT_SWAPPED);
}

/* See menu-section.c for why there is no name in it, and why the same is not set again. */
static void
set_line (GtkWidget *line, const char *text)
{
  if (text != NULL && g_strcmp0 (gtk_menu_item_get_label (GTK_MENU_ITEM (line)), text) != 0)
    gtk_menu_item_set_label (GTK_MENU_ITEM (line), text);
  gtk_widget_set_visible (line, text != NULL);
}

/**
 * sysvpn_menu_update:
 * @self: the menu
 * @missing: (nullable): a state sentence, not translated yet, of VPN qubes that are not known
 * @warning: (nullable): a line about qubes that go past the VPN and must not
 *
 * Shows what is known of the qubes now.
 */
void
sysvpn_menu_update (SysvpnMenu *self, const char *missing, const char *warning)
{
  g_autofree char *remedy = NULL;
  g_autofree char *state = missing != NULL ? sysvpn_wording_split (missing, &remedy) : NULL;

  set_line (self->warning, warning);
  set_line (self->missing, state);
  set_line (self->remedy, remedy);
  for (unsigned i = 0; i < self->sections->len; i++)
    sysvpn_menu_section_update (self->sections->pdata[i], self->sections->len > 1);
}

/**
 * sysvpn_menu_popup:
 * @self: the menu
 *
 * Opens it at the pointer. The click was the panel's, which told us over the bus; GTK wants an
 * event, and is given one of no button.
 */
void
sysvpn_menu_popup (SysvpnMenu *self)
{
  GdkScreen *screen = gtk_widget_get_screen (GTK_WIDGET (self->menu));
  GdkSeat *seat = gdk_display_get_default_seat (gdk_screen_get_display (screen));
  GdkWindow *root = gdk_screen_get_root_window (screen);
  GdkRectangle at = { .width = 1, .height = 1 };
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_BUTTON_RELEASE);

  event->button.window = g_object_ref (root);
  gdk_event_set_device (event, gdk_seat_get_pointer (seat));
  gdk_device_get_position (gdk_seat_get_pointer (seat), NULL, &at.x, &at.y);
  gtk_menu_popup_at_rect (self->menu, root, &at, GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST,
                          event);
}

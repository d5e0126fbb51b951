/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's preferences. What is changed holds at once; names of qubes when the user is done
 * with them, because half a name is another qube's. */
#include "applet/preferences-window.h"

#include "applet/autostart.h"
#include "client/qube-list.h"

#include <glib/gi18n.h>

struct _SysvpnPreferencesWindow {
  GtkWindow parent_instance;

  SysvpnSettings *settings;
  bool is_fixed; /* the qubes were named when the applet was started */

  GtkLabel *problem;
  GtkEntry *qubes;
  GtkLabel *qubes_hint;
  GtkWidget *click_action;
  GtkWidget *notify_tunnel;
  GtkWidget *notify_no_traffic;
  GtkWidget *notify_silence;
  GtkWidget *notify_dropped_packets;
  GtkWidget *threshold;
  GtkToggleButton *autostart;
  GtkLabel *autostart_hint;
  GtkWidget *close;
};

G_DEFINE_FINAL_TYPE (SysvpnPreferencesWindow, sysvpn_preferences_window, GTK_TYPE_WINDOW)

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), text[0] != '\0');
}

/* NULL: one of them is none, or there are too many */
static char **
parse_names (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t,;", -1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  unsigned n = 0;

  for (char **word = words; *word != NULL; word++) {
    if (**word == '\0')
      continue;
    if (!sysvpn_qube_name_is_valid (*word) || n == SYSVPN_VPN_QUBES_MAX)
      return NULL;
    g_strv_builder_add (names, *word);
    n++;
  }
  return g_strv_builder_end (names);
}

static void
judge_names (SysvpnPreferencesWindow *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->qubes));
  g_auto (GStrv) names = parse_names (gtk_entry_get_text (self->qubes));

  if (self->is_fixed) {
    show_text (self->qubes_hint, _ ("Named by --qube when the applet was started."));
    return;
  }
  if (names != NULL) {
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
    show_text (self->qubes_hint,
               _ ("Separated by blanks. While nothing is named, the qubes that "
                  "have the service sysvpn are found."));
    return;
  }
  gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  show_text (self->qubes_hint,
             _ ("Not names of at most 16 qubes, so nothing is changed: letters, "
                "digits, - and _, 31 at most, the first a letter."));
}

static void
show_names (SysvpnPreferencesWindow *self)
{
  g_auto (GStrv) names = sysvpn_settings_dup_vpn_qubes (self->settings);
  g_autofree char *text = g_strjoinv (" ", names);

  gtk_entry_set_text (self->qubes, text);
}

static void
on_qubes_done (SysvpnPreferencesWindow *self)
{
  g_auto (GStrv) names = NULL;

  if (self->settings == NULL) /* a window that is destroyed takes the focus away, too */
    return;
  names = parse_names (gtk_entry_get_text (self->qubes));
  if (names != NULL && gtk_widget_get_sensitive (GTK_WIDGET (self->qubes)))
    sysvpn_settings_set_vpn_qubes (self->settings, (const char *const *) names);
}

static gboolean
on_qubes_focus_out (SysvpnPreferencesWindow *self)
{
  on_qubes_done (self);
  return GDK_EVENT_PROPAGATE;
}

/* Changed elsewhere, and not while the user is at it. */
static void
on_settings_changed (SysvpnPreferencesWindow *self)
{
  if (!self->is_fixed && !gtk_widget_has_focus (GTK_WIDGET (self->qubes)))
    show_names (self);
}

static gboolean
on_delete (SysvpnPreferencesWindow *self)
{
  on_qubes_done (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_autostart (SysvpnPreferencesWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (sysvpn_autostart_set (gtk_toggle_button_get_active (self->autostart), &error)) {
    show_text (self->autostart_hint, "");
    return;
  }
  text = g_strdup_printf (_ ("That could not be written: %s"), error->message);
  show_text (self->autostart_hint, text);
}

static gboolean
sysvpn_preferences_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape) {
    gtk_window_close (GTK_WINDOW (widget));
    return GDK_EVENT_STOP;
  }
  return GTK_WIDGET_CLASS (sysvpn_preferences_window_parent_class)
      ->key_press_event (widget, event);
}

static void
sysvpn_preferences_window_dispose (GObject *object)
{
  SysvpnPreferencesWindow *self = SYSVPN_PREFERENCES_WINDOW (object);

  g_clear_object (&self->settings);
  G_OBJECT_CLASS (sysvpn_preferences_window_parent_class)->dispose (object);
}

static void
sysvpn_preferences_window_class_init (SysvpnPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sysvpn_preferences_window_dispose;
  widget_class->key_press_event = sysvpn_preferences_window_key_press;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sysvpn/Applet/preferences-window.ui");
#define BIND(name)                                                                             \
  gtk_widget_class_bind_template_child (widget_class, SysvpnPreferencesWindow, name)
  BIND (problem);
  BIND (qubes);
  BIND (qubes_hint);
  BIND (click_action);
  BIND (notify_tunnel);
  BIND (notify_no_traffic);
  BIND (notify_silence);
  BIND (notify_dropped_packets);
  BIND (threshold);
  BIND (autostart);
  BIND (autostart_hint);
  BIND (close);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_qubes_done);
  gtk_widget_class_bind_template_callback (widget_class, on_qubes_focus_out);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
}

static void
sysvpn_preferences_window_init (SysvpnPreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_focus (GTK_WINDOW (self), self->close);
}

static void
bind_settings (SysvpnPreferencesWindow *self)
{
  GSettings *backing = sysvpn_settings_get_backing (self->settings);
  GtkWidget *classes[SYSVPN_N_NOTICE_CLASSES] = {
    [SYSVPN_NOTICE_CLASS_TUNNEL] = self->notify_tunnel,
    [SYSVPN_NOTICE_CLASS_NO_TRAFFIC] = self->notify_no_traffic,
    [SYSVPN_NOTICE_CLASS_SILENCE] = self->notify_silence,
    [SYSVPN_NOTICE_CLASS_DROPS] = self->notify_dropped_packets,
  };

  for (unsigned i = 0; i < SYSVPN_N_NOTICE_CLASSES; i++)
    if (classes[i] != NULL)
      g_settings_bind (backing, sysvpn_settings_class_key ((SysvpnNoticeClass) i), classes[i],
                       "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (backing, SYSVPN_SETTINGS_CLICK_ACTION, self->click_action, "active-id",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (backing, SYSVPN_SETTINGS_DROPS_THRESHOLD, self->threshold, "value",
                   G_SETTINGS_BIND_NO_SENSITIVITY);
  g_object_bind_property (self->notify_dropped_packets, "active", self->threshold, "sensitive",
                          G_BINDING_SYNC_CREATE);
}

/* What is shown then are the defaults, which hold. */
static void
disable_settings (SysvpnPreferencesWindow *self)
{
  GtkWidget *widgets[] = { self->click_action,   self->notify_tunnel,
                           self->notify_silence, self->notify_no_traffic,
                           self->threshold,      self->notify_dropped_packets };

  show_text (self->problem,
             _ ("Preferences cannot be changed: their schema is not installed. Install the "
                "package sysvpn-dom0."));
  gtk_widget_set_sensitive (GTK_WIDGET (self->qubes), FALSE);
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->click_action), "toggle");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->threshold), SYSVPN_NOTICE_DROPS_DEFAULT);
  for (size_t i = 0; i < G_N_ELEMENTS (widgets); i++) {
    if (GTK_IS_TOGGLE_BUTTON (widgets[i]))
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (widgets[i]), TRUE);
    gtk_widget_set_sensitive (widgets[i], FALSE);
  }
}

static void
start_autostart (SysvpnPreferencesWindow *self)
{
  bool is_installed = sysvpn_autostart_is_installed ();

  gtk_toggle_button_set_active (self->autostart, sysvpn_autostart_is_on ());
  gtk_widget_set_sensitive (GTK_WIDGET (self->autostart), is_installed);
  show_text (self->autostart_hint,
             is_installed ? "" : _ ("The package's entry for autostart is not installed."));
  g_signal_connect_swapped (self->autostart, "toggled", G_CALLBACK (on_autostart), self);
}

/**
 * sysvpn_preferences_window_new:
 * @application: whose window it is
 * @settings: what it shows and changes
 * @fixed_qubes: (nullable): the VPN qubes, where preferences do not say which they are
 *
 * Returns: (transfer none): a window that is not on the screen yet; GTK owns it until it is
 * destroyed, as it is when the user closes it
 */
SysvpnPreferencesWindow *
sysvpn_preferences_window_new (GtkApplication *application,
                               SysvpnSettings *settings,
                               const char *const *fixed_qubes)
{
  SysvpnPreferencesWindow *self =
      g_object_new (SYSVPN_TYPE_PREFERENCES_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (settings);
  self->is_fixed = fixed_qubes != NULL;
  if (sysvpn_settings_get_backing (settings) != NULL)
    bind_settings (self);
  else
    disable_settings (self);
  if (self->is_fixed) {
    g_autofree char *text = g_strjoinv (" ", (char **) (uintptr_t) fixed_qubes);

    gtk_entry_set_text (self->qubes, text);
    gtk_widget_set_sensitive (GTK_WIDGET (self->qubes), FALSE);
  } else {
    show_names (self);
  }
  judge_names (self);
  g_signal_connect_swapped (self->qubes, "changed", G_CALLBACK (judge_names), self);
  g_signal_connect_object (settings, "changed", G_CALLBACK (on_settings_changed), self,
                           G_CONNECT_SWAPPED);
  start_autostart (self);
  return self;
}

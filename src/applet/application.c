/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The applet: owns the list of VPN qubes, the icon and the menu, and is the only file that
 * knows them all. What is done for one qube is in qube-control.c, what the icon shows for all
 * of them is decided in summary.c. */
#include "applet/application.h"

#include "applet/check-window.h"
#include "applet/click.h"
#include "applet/details-window.h"
#include "applet/menu.h"
#include "applet/network-control.h"
#include "applet/network-text.h"
#include "applet/preferences-window.h"
#include "applet/qube-control.h"
#include "applet/settings.h"
#include "applet/summary.h"
#include "applet/tray-host.h"
#include "base/pace.h"
#include "client/alarm.h"
#include "client/qube-list.h"
#include "client/vpn-qubes.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

struct _SysvpnApplication {
  GtkApplication parent_instance;

  char **named;       /* NULL: preferences say */
  char **found;       /* by dom0, last; NULL: it was never told */
  bool is_incomplete; /* they are used, and there may be another */
  SysvpnSettings *settings;
  SysvpnTransport *transport;
  SysvpnQubesdWatch *qubesd;
  SysvpnNetworkWatch *network_watch;
  SysvpnNetworkControl *network;
  SysvpnQubeList *list;
  GPtrArray *controls; /* of SysvpnQubeControl, one for each qube of the list */
  SysvpnTrayIcon *icon;
  SysvpnMenu *menu;
  int64_t clicked_ms;
  SysvpnSummary drawn;
  SysvpnPace pace; /* of drawing */
  guint draw_id;
  bool is_activated;
  guint signal_ids[2];
};

G_DEFINE_FINAL_TYPE (SysvpnApplication, sysvpn_application, GTK_TYPE_APPLICATION)

/* NULL: all VPN qubes are known */
static const char *
sentence_of_missing (SysvpnApplication *self)
{
  return sysvpn_network_text_missing (sysvpn_network_watch_get_state (self->network_watch),
                                      self->is_incomplete, self->controls->len > 0);
}

static char *
dup_warning (SysvpnApplication *self)
{
  g_auto (GStrv) strays = sysvpn_network_control_dup_strays (self->network);

  return sysvpn_network_text_warning (g_strv_length (strays));
}

static void
draw_icon (SysvpnApplication *self, const char *warning)
{
  SysvpnSummaryQube qubes[SYSVPN_VPN_QUBES_MAX] = { 0 };
  SysvpnSummaryScene scene = { qubes, self->controls->len, sentence_of_missing (self),
                               warning };
  g_auto (SysvpnSummary) summary = { 0 };

  for (unsigned i = 0; i < self->controls->len; i++) {
    SysvpnQube *qube = sysvpn_qube_control_get_qube (self->controls->pdata[i]);

    qubes[i] = (SysvpnSummaryQube){
      .name = sysvpn_qube_get_name (qube),
      .view = sysvpn_qube_get_view (qube),
      .report = sysvpn_qube_get_believed (qube),
      .verified = sysvpn_qube_dup_verified_time (qube),
    };
    qubes[i].are_clients_known = sysvpn_network_control_count_through (
        self->network, qubes[i].name, &qubes[i].n_clients);
  }
  sysvpn_summary_make (&scene, &summary);
  if (sysvpn_summary_is_news (&self->drawn, &summary)) {
    sysvpn_tray_icon_set_state (self->icon, sysvpn_shown_icon_name (summary.shown),
                                summary.title, summary.description);
    sysvpn_summary_clear (&self->drawn);
    self->drawn = summary;
    summary = (SysvpnSummary){ 0 };
  }
  for (unsigned i = 0; i < self->controls->len; i++)
    g_clear_pointer (&qubes[i].verified, g_date_time_unref);
}

static void
draw (SysvpnApplication *self)
{
  g_autofree char *warning = dup_warning (self);

  sysvpn_pace_take (&self->pace, sysvpn_alarm_now_ms ());
  draw_icon (self, warning);
  sysvpn_menu_update (self->menu, sentence_of_missing (self), warning);
}

static gboolean
on_draw (gpointer data)
{
  SysvpnApplication *self = data;

  self->draw_id = 0;
  draw (self);
  return G_SOURCE_REMOVE;
}

static void
draw_soon (SysvpnApplication *self)
{
  int64_t wait_ms = sysvpn_pace_wait_ms (&self->pace, sysvpn_alarm_now_ms ());

  if (self->draw_id != 0)
    return;
  if (wait_ms == 0) {
    draw (self);
    return;
  }
  self->draw_id = g_timeout_add ((guint) wait_ms, on_draw, self);
  g_source_set_name_by_id (self->draw_id, "sysvpn: draw");
}

static SysvpnDetailsWindow *
find_details (SysvpnApplication *self, SysvpnQubeControl *control)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (; windows != NULL; windows = windows->next)
    if (SYSVPN_IS_DETAILS_WINDOW (windows->data) &&
        sysvpn_details_window_get_control (windows->data) == control)
      return windows->data;
  return NULL;
}

static void
open_details (SysvpnApplication *self, SysvpnQubeControl *control)
{
  SysvpnDetailsWindow *window = find_details (self, control);

  if (window == NULL)
    window = sysvpn_details_window_new (GTK_APPLICATION (self), control);
  gtk_window_present (GTK_WINDOW (window));
  sysvpn_qube_refresh (sysvpn_qube_control_get_qube (control));
}

static SysvpnCheckWindow *
find_check (SysvpnApplication *self, const char *qube)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (; windows != NULL; windows = windows->next)
    if (SYSVPN_IS_CHECK_WINDOW (windows->data) &&
        g_str_equal (sysvpn_check_window_get_qube (windows->data), qube))
      return windows->data;
  return NULL;
}

static void
open_check (SysvpnApplication *self, SysvpnQubeControl *control)
{
  const char *qube = sysvpn_qube_get_name (sysvpn_qube_control_get_qube (control));
  SysvpnCheckWindow *window = find_check (self, qube);

  if (window == NULL)
    window = sysvpn_check_window_new (GTK_APPLICATION (self), qube);
  gtk_window_present (GTK_WINDOW (window));
}

/* Of the qube whose state the icon shows. */
static void
open_worst_details (SysvpnApplication *self)
{
  SysvpnQubeControl *worst = NULL;
  SysvpnShown shown = SYSVPN_SHOWN_OFF;

  for (unsigned i = 0; i < self->controls->len; i++) {
    SysvpnQubeControl *control = self->controls->pdata[i];
    SysvpnShown other = sysvpn_qube_get_view (sysvpn_qube_control_get_qube (control)).shown;

    if (worst == NULL || sysvpn_shown_worst (shown, other) != shown) {
      worst = control;
      shown = other;
    }
  }
  if (worst != NULL)
    open_details (self, worst);
}

static void
tell_network (SysvpnApplication *self)
{
  const char *names[SYSVPN_VPN_QUBES_MAX + 1] = { NULL };

  for (unsigned i = 0; i < sysvpn_qube_list_get_n_qubes (self->list); i++)
    names[i] = sysvpn_qube_get_name (sysvpn_qube_list_get (self->list, i));
  sysvpn_network_watch_set_vpn_qubes (self->network_watch, names);
}

static void
on_added (SysvpnApplication *self, SysvpnQube *qube)
{
  SysvpnQubeControl *control =
      sysvpn_qube_control_new (qube, self->settings, self->network_watch);

  g_ptr_array_add (self->controls, control);
  sysvpn_menu_add_qube (self->menu, control);
  g_signal_connect_object (control, "details", G_CALLBACK (open_details), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (control, "check", G_CALLBACK (open_check), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (qube, "changed", G_CALLBACK (draw_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (qube, "profiles-changed", G_CALLBACK (draw_soon), self,
                           G_CONNECT_SWAPPED);
  tell_network (self);
  draw_soon (self);
}

static void
drop_control (SysvpnApplication *self, unsigned n)
{
  g_autoptr (SysvpnQubeControl) control = g_ptr_array_steal_index (self->controls, n);
  SysvpnDetailsWindow *window = find_details (self, control);

  g_signal_handlers_disconnect_by_data (sysvpn_qube_control_get_qube (control), self);
  sysvpn_menu_remove_qube (self->menu, control);
  if (window != NULL)
    gtk_widget_destroy (GTK_WIDGET (window));
  sysvpn_qube_control_close (control);
}

static void
on_removed (SysvpnApplication *self, SysvpnQube *qube)
{
  for (unsigned i = self->controls->len; i-- > 0;)
    if (sysvpn_qube_control_get_qube (self->controls->pdata[i]) == qube)
      drop_control (self, i);
  self->clicked_ms = sysvpn_alarm_now_ms (); /* a click was not yet meant for what is left */
  tell_network (self);
  draw_soon (self);
}

/* Left click, as preferred. To toggle is meant of the one qube that there is; of several, or
 * where there may be several, none. */
static void
on_activate (SysvpnApplication *self)
{
  SysvpnClickAction action = sysvpn_settings_get_click_action (self->settings);

  if (sysvpn_click_is_double (&self->clicked_ms, sysvpn_alarm_now_ms ()))
    return;
  if (action == SYSVPN_CLICK_ACTION_MENU)
    sysvpn_menu_popup (self->menu);
  else if (action == SYSVPN_CLICK_ACTION_TOGGLE && self->controls->len == 1 &&
           !self->is_incomplete)
    sysvpn_qube_control_click (self->controls->pdata[0]);
  else
    open_worst_details (self);
}

static void
on_about (SysvpnApplication *self G_GNUC_UNUSED)
{
  gtk_show_about_dialog (NULL, "program-name", "sysvpn", "version", SYSVPN_VERSION,
                         "logo-icon-name", "sysvpn", "license-type", GTK_LICENSE_GPL_2_0,
                         "comments",
                         _ ("Shows and controls the VPN qube's tunnel and killswitch."), NULL);
}

static gboolean
on_signal (gpointer data)
{
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
on_preferences (SysvpnApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  while (windows != NULL && !SYSVPN_IS_PREFERENCES_WINDOW (windows->data))
    windows = windows->next;
  gtk_window_present (windows != NULL ? windows->data
                                      : GTK_WINDOW (sysvpn_preferences_window_new (
                                            GTK_APPLICATION (self), self->settings,
                                            (const char *const *) self->named)));
}

/* Also without a VPN qube there is something to see, of which the preferences are the remedy.
 */
static void
open_network (SysvpnApplication *self)
{
  SysvpnDetailsWindow *window;

  if (self->controls->len == 0) {
    on_preferences (self);
    return;
  }
  open_details (self, self->controls->pdata[0]);
  window = find_details (self, self->controls->pdata[0]);
  sysvpn_details_window_show_network (window);
}

static void
add_actions (SysvpnApplication *self)
{
  sysvpn_menu_add_action (self->menu, _ ("_Preferences…"), G_CALLBACK (on_preferences), self);
  sysvpn_menu_add_action (self->menu, _ ("_About"), G_CALLBACK (on_about), self);
  sysvpn_menu_add_action (self->menu, _ ("_Quit (protection stays)"),
                          G_CALLBACK (g_application_quit), self);
}

/* Those that dom0 tells, once it does, and told last, if it no longer does. Where nobody could
 * ever be asked it is the usual one. */
static void
use_found_qubes (SysvpnApplication *self)
{
  static const char *const usual[] = { SYSVPN_USUAL_QUBE, NULL };
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->network_watch);

  if (sysvpn_network_watch_get_state (self->network_watch) == SYSVPN_NETWORK_WAITING)
    return;
  if (qubes != NULL) {
    g_strfreev (self->found);
    self->found = sysvpn_vpn_qubes_dup_names (qubes);
    self->is_incomplete = sysvpn_vpn_qubes_find_untold (qubes) != NULL;
  }
  sysvpn_qube_list_set_named (self->list,
                              self->found != NULL ? (const char *const *) self->found : usual);
}

/* Which qubes are shown; and draws them. */
static void
choose_qubes (SysvpnApplication *self)
{
  g_auto (GStrv) preferred = sysvpn_settings_dup_vpn_qubes (self->settings);
  char **names = self->named != NULL ? self->named : preferred;

  if (names[0] != NULL) {
    self->is_incomplete = false;
    sysvpn_qube_list_set_named (self->list, (const char *const *) names);
  } else {
    use_found_qubes (self);
  }
  draw_soon (self);
}

static void
sysvpn_application_startup (GApplication *application)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (application);
  static const int stop_signals[] = { SIGTERM, SIGINT };

  G_APPLICATION_CLASS (sysvpn_application_parent_class)->startup (application);

  self->controls = g_ptr_array_new_with_free_func (g_object_unref);
  self->settings = sysvpn_settings_new ();
  self->qubesd = sysvpn_qubesd_watch_new (self->transport);
  self->network_watch = sysvpn_network_watch_new (self->qubesd, self->transport);
  self->list = sysvpn_qube_list_new (self->transport, self->qubesd);
  self->menu = sysvpn_menu_new ();
  add_actions (self);
  self->icon = sysvpn_tray_host_new ("sysvpn", g_getenv ("SYSVPN_ICON_PATH"));
  g_signal_connect_swapped (self->icon, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->icon, "secondary", G_CALLBACK (open_worst_details), self);
  g_signal_connect_swapped (self->list, "added", G_CALLBACK (on_added), self);
  g_signal_connect_swapped (self->list, "removed", G_CALLBACK (on_removed), self);
  for (size_t i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (stop_signals[i], on_signal, self);

  g_signal_connect_object (self->settings, "changed", G_CALLBACK (choose_qubes), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->network_watch, "changed", G_CALLBACK (choose_qubes), self,
                           G_CONNECT_SWAPPED);
  self->network = sysvpn_network_control_new (self->network_watch);
  g_signal_connect_object (self->network, "details", G_CALLBACK (open_network), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->menu, "warning", G_CALLBACK (open_network), self,
                           G_CONNECT_SWAPPED);
  choose_qubes (self);
  sysvpn_tray_icon_set_menu (self->icon, sysvpn_menu_get_widget (self->menu));
  sysvpn_qubesd_watch_start (self->qubesd);
  g_application_hold (application); /* there is no window to keep it alive */
}

static void
sysvpn_application_activate (GApplication *application)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (application);

  /* our own start shows the icon alone; who starts the program again wants to see more */
  if (self->is_activated)
    open_worst_details (self);
  self->is_activated = true;
}

static void
sysvpn_application_shutdown (GApplication *application)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (application);

  for (size_t i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  g_clear_handle_id (&self->draw_id, g_source_remove);
  if (self->list != NULL) { /* this is the first instance */
    g_signal_handlers_disconnect_by_data (self->list, self);
    while (self->controls->len > 0)
      drop_control (self, self->controls->len - 1);
    sysvpn_network_control_close (self->network);
    g_object_run_dispose (G_OBJECT (self->network_watch));
    g_object_run_dispose (G_OBJECT (self->qubesd)); /* calls under way keep it alive */
  }
  g_clear_pointer (&self->controls, g_ptr_array_unref);
  g_clear_object (&self->icon);
  g_clear_object (&self->menu);
  g_clear_object (&self->list);
  g_clear_object (&self->network);
  g_clear_object (&self->network_watch);
  g_clear_object (&self->qubesd);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (sysvpn_application_parent_class)->shutdown (application);
}

static void
sysvpn_application_finalize (GObject *object)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (object);

  sysvpn_summary_clear (&self->drawn);
  sysvpn_transport_unref (self->transport);
  g_strfreev (self->named);
  g_strfreev (self->found);
  G_OBJECT_CLASS (sysvpn_application_parent_class)->finalize (object);
}

static void
sysvpn_application_class_init (SysvpnApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = sysvpn_application_finalize;
  application_class->startup = sysvpn_application_startup;
  application_class->activate = sysvpn_application_activate;
  application_class->shutdown = sysvpn_application_shutdown;
}

static void
sysvpn_application_init (SysvpnApplication *self G_GNUC_UNUSED)
{
}

/**
 * sysvpn_application_new:
 * @qubes: (nullable): names of VPN qubes, valid, ends with %NULL; %NULL for those that the
 * preferences name
 * @transport: how to reach them
 *
 * Returns: (transfer full): the applet, to be run
 */
SysvpnApplication *
sysvpn_application_new (const char *const *qubes, SysvpnTransport *transport)
{
  SysvpnApplication *self =
      g_object_new (SYSVPN_TYPE_APPLICATION, "application-id", SYSVPN_APPLICATION_ID, NULL);

  self->named = g_strdupv ((char **) (uintptr_t) qubes);
  self->transport = sysvpn_transport_ref (transport);
  return self;
}

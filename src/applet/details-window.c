/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that is known of one VPN qube. What the lines say is decided in facts.c, what the
 * buttons mean in click.c. While it is open the qube is asked more often. */
#include "applet/details-window.h"

#include "applet/facts.h"
#include "applet/history-view.h"
#include "applet/network-text.h"
#include "applet/network-view.h"
#include "applet/sparkline.h"
#include "applet/wording.h"
#include "client/diagnostics.h"
#include "client/report-text.h"

#include <glib/gi18n.h>

struct _SysvpnDetailsWindow {
  GtkWindow parent_instance;

  SysvpnQubeControl *control;
  SysvpnQube *qube;       /* of the control */
  SysvpnLogbook *logbook; /* too */
  SysvpnNetworkWatch *network_watch;
  GCancellable *copying; /* NULL: nobody waits for diagnostics */

  GtkImage *icon;
  GtkLabel *state;
  GtkLabel *remedy;
  GtkWidget *warning;
  GtkLabel *warning_text;
  GtkNotebook *pages;
  GtkGrid *tunnel_page;
  GtkGrid *killswitch_page;
  GtkLabel *facts[SYSVPN_N_FACTS];
  SysvpnSparkline *sparkline;
  GtkLabel *traffic;
  GtkListStore *client_store;
  GtkWidget *clients;
  GtkLabel *clients_note;
  SysvpnNetworkView *network;
  SysvpnHistoryView *history;
  GtkLabel *notice;
  GtkWidget *copy;
  GtkButton *reconnect;
  GtkButton *toggle;
  GtkButton *close;
};

G_DEFINE_FINAL_TYPE (SysvpnDetailsWindow, sysvpn_details_window, GTK_TYPE_WINDOW)

static void
on_toggle (SysvpnDetailsWindow *self)
{
  sysvpn_qube_control_click (self->control);
}

static void
on_reconnect (SysvpnDetailsWindow *self)
{
  sysvpn_qube_control_reconnect (self->control);
}

static void
on_check (SysvpnDetailsWindow *self)
{
  sysvpn_qube_control_show_check (self->control);
}

static void
copy_diagnostics (SysvpnDetailsWindow *self, const char *diagnosis, const char *problem)
{
  g_autofree char *text =
      sysvpn_diagnostics_text (sysvpn_qube_get_view (self->qube).sentence, diagnosis);
  g_autofree char *notice =
      problem == NULL
          ? g_strdup (_ ("Copied. What the VPN qube says in it cannot be verified; look it "
                         "through before you pass it on."))
          : g_strdup_printf (_ ("Copied, without what the VPN qube says: %s"), problem);

  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD),
                          text, -1);
  gtk_label_set_text (self->notice, notice);
  gtk_widget_show (GTK_WIDGET (self->notice));
}

static void
on_diagnosed (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnDetailsWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *diagnosis = sysvpn_diagnostics_finish (result, &error);

  if (self->copying == NULL)
    return; /* closed */
  g_clear_object (&self->copying);
  gtk_widget_set_sensitive (self->copy, TRUE);
  copy_diagnostics (self, diagnosis, error != NULL ? error->message : NULL);
}

static void
on_copy (SysvpnDetailsWindow *self)
{
  if (sysvpn_qube_get_view (self->qube).shown == SYSVPN_SHOWN_OFF) {
    copy_diagnostics (self, NULL, _ ("it does not run"));
    return;
  }
  self->copying = g_cancellable_new ();
  gtk_widget_set_sensitive (self->copy, FALSE);
  sysvpn_qube_diagnose_async (self->qube, self->copying, on_diagnosed, g_object_ref (self));
}

static gboolean
sysvpn_details_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape) {
    gtk_window_close (GTK_WINDOW (widget));
    return GDK_EVENT_STOP;
  }
  return GTK_WIDGET_CLASS (sysvpn_details_window_parent_class)->key_press_event (widget, event);
}

static void
sysvpn_details_window_dispose (GObject *object)
{
  SysvpnDetailsWindow *self = SYSVPN_DETAILS_WINDOW (object);

  if (self->qube != NULL)
    sysvpn_qube_set_attentive (self->qube, false);
  g_cancellable_cancel (self->copying);
  g_clear_object (&self->copying);
  g_clear_object (&self->logbook);
  g_clear_object (&self->network_watch);
  g_clear_object (&self->qube);
  g_clear_object (&self->control);
  G_OBJECT_CLASS (sysvpn_details_window_parent_class)->dispose (object);
}

static void
sysvpn_details_window_class_init (SysvpnDetailsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sysvpn_details_window_dispose;
  widget_class->key_press_event = sysvpn_details_window_key_press;

  g_type_ensure (SYSVPN_TYPE_SPARKLINE);
  g_type_ensure (SYSVPN_TYPE_HISTORY_VIEW);
  g_type_ensure (SYSVPN_TYPE_NETWORK_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sysvpn/Applet/details-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, icon);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, state);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, remedy);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, warning);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, warning_text);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, tunnel_page);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, killswitch_page);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, sparkline);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, traffic);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, client_store);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, clients);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, clients_note);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, network);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, history);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, copy);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, reconnect);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, toggle);
  gtk_widget_class_bind_template_child (widget_class, SysvpnDetailsWindow, close);
  gtk_widget_class_bind_template_callback (widget_class, on_check);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_toggle);
  gtk_widget_class_bind_template_callback (widget_class, on_reconnect);
}

static GtkLabel *
add_fact (GtkGrid *page, int row, SysvpnFact fact)
{
  GtkLabel *title = GTK_LABEL (gtk_label_new (sysvpn_fact_title (fact)));
  GtkLabel *value = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (title, 0);
  gtk_widget_set_valign (GTK_WIDGET (title), GTK_ALIGN_START);
  gtk_label_set_xalign (value, 0);
  gtk_label_set_selectable (value, TRUE);
  gtk_label_set_line_wrap (value, TRUE);
  gtk_label_set_line_wrap_mode (value, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (GTK_WIDGET (value), TRUE);
  /* a screen reader then knows what the value is of */
  gtk_label_set_mnemonic_widget (title, GTK_WIDGET (value));
  gtk_grid_attach (page, GTK_WIDGET (title), 0, row, 1, 1);
  gtk_grid_attach (page, GTK_WIDGET (value), 1, row, 1, 1);
  gtk_widget_show (GTK_WIDGET (title));
  gtk_widget_show (GTK_WIDGET (value));
  return value;
}

static void
sysvpn_details_window_init (SysvpnDetailsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (unsigned i = 0; i < SYSVPN_N_FACTS; i++) {
    GtkGrid *page = i < SYSVPN_N_TUNNEL_FACTS ? self->tunnel_page : self->killswitch_page;

    self->facts[i] = add_fact (page, (int) i, (SysvpnFact) i);
  }
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->close));
}

/* Setting what is there already would take the user's selection away. */
static void
set_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
}

static void
update_head (SysvpnDetailsWindow *self)
{
  SysvpnView view = sysvpn_qube_get_view (self->qube);
  g_autofree char *remedy = NULL;
  g_autofree char *state = sysvpn_wording_split (view.sentence, &remedy);

  gtk_image_set_from_icon_name (self->icon, sysvpn_shown_icon_name (view.shown),
                                GTK_ICON_SIZE_DIALOG);
  set_text (self->state, state);
  set_text (self->remedy, remedy != NULL ? remedy : "");
  gtk_widget_set_visible (GTK_WIDGET (self->remedy), remedy != NULL);
}

static void
update_buttons (SysvpnDetailsWindow *self)
{
  SysvpnClick click = sysvpn_qube_control_get_click (self->control);
  SysvpnShown shown = sysvpn_qube_get_view (self->qube).shown;

  gtk_button_set_label (self->toggle, click == SYSVPN_CLICK_EXPLAIN
                                          ? _ ("_Ask again")
                                          : sysvpn_click_label (click));
  gtk_widget_set_sensitive (GTK_WIDGET (self->toggle), click != SYSVPN_CLICK_IGNORE);
  gtk_widget_set_visible (GTK_WIDGET (self->reconnect), click != SYSVPN_CLICK_RECONNECT);
  gtk_widget_set_sensitive (GTK_WIDGET (self->reconnect),
                            sysvpn_qube_get_pending (self->qube) == SYSVPN_ACTION_NONE &&
                                shown == SYSVPN_SHOWN_PROTECTED);
}

static void
update_traffic (SysvpnDetailsWindow *self)
{
  const SysvpnTraffic *traffic = sysvpn_logbook_get_traffic (self->logbook);
  g_autofree char *peak = sysvpn_size_text (sysvpn_traffic_peak (traffic));
  g_autofree char *text =
      traffic->n_samples > 0
          ? g_strdup_printf (_ ("The last 10 minutes, at most %s/s. The area is received, the "
                                "line is sent."),
                             peak)
          : g_strdup (_ ("No traffic was measured yet."));

  sysvpn_sparkline_set_traffic (self->sparkline, traffic);
  set_text (self->traffic, text);
}

/* Rows keep their place, so that the selection stays where it is. */
static void
update_clients (SysvpnDetailsWindow *self, const SysvpnStatus *report)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->client_store);
  size_t n_clients = report != NULL ? report->n_clients : 0;
  GtkTreeIter row;
  bool has_row = gtk_tree_model_get_iter_first (model, &row);

  for (size_t i = 0; i < n_clients; i++) {
    const SysvpnClient *client = &report->clients[i];
    g_autofree char *packets =
        g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) client->packets);
    g_autofree char *size = sysvpn_size_text (client->bytes);
    const char *qube = sysvpn_qube_control_name_client (self->control, client->address);
    g_autofree char *name = qube != NULL ? g_strdup_printf ("%s (%s)", qube, client->address)
                                         : g_strdup (client->address);

    if (!has_row)
      gtk_list_store_append (self->client_store, &row);
    gtk_list_store_set (self->client_store, &row, 0, name, 1, packets, 2, size, -1);
    has_row = has_row && gtk_tree_model_iter_next (model, &row);
  }
  while (has_row)
    has_row = gtk_list_store_remove (self->client_store, &row);
  gtk_widget_set_visible (self->clients, n_clients > 0);
  if (n_clients > 0)
    set_text (self->clients_note,
              _ ("Each is next to the VPN qube, and sends under its own address what it passes "
                 "on for qubes behind it: their packets are counted as its own."));
  else
    set_text (self->clients_note,
              report != NULL ? _ ("No packet of a client qube was dropped yet.") : "");
}

static void
update (SysvpnDetailsWindow *self)
{
  g_autoptr (GDateTime) reported = sysvpn_qube_dup_report_time (self->qube);
  SysvpnFactScene scene = {
    .report = sysvpn_qube_get_believed (self->qube),
    .reported = reported,
    .now = sysvpn_traffic_now (sysvpn_logbook_get_traffic (self->logbook)),
  };

  update_head (self);
  for (unsigned i = 0; i < SYSVPN_N_FACTS; i++) {
    g_autofree char *text = sysvpn_fact_text ((SysvpnFact) i, &scene);

    set_text (self->facts[i], text);
  }
  update_traffic (self);
  update_clients (self, scene.report);
  update_buttons (self);
}

static void
update_warning (SysvpnDetailsWindow *self)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->network_watch);
  g_auto (GStrv) strays =
      qubes != NULL ? sysvpn_network_dup_strays (
                          qubes, sysvpn_network_watch_get_vpn_qubes (self->network_watch))
                    : NULL;
  bool are_any = strays != NULL && strays[0] != NULL;
  g_auto (SysvpnMessage) message = { 0 };

  if (are_any) {
    sysvpn_network_text_notice ((const char *const *) strays, &message);
    set_text (self->warning_text, message.body);
  }
  gtk_widget_set_visible (self->warning, are_any);
}

static void
on_network_changed (SysvpnDetailsWindow *self)
{
  update_warning (self);
  update_clients (self, sysvpn_qube_get_believed (self->qube));
}

/**
 * sysvpn_details_window_new:
 * @application: whose window it is
 * @control: of the qube that it is about
 *
 * Returns: (transfer none): a window that is not on the screen yet; GTK owns it until it is
 * destroyed, as it is when the user closes it
 */
SysvpnDetailsWindow *
sysvpn_details_window_new (GtkApplication *application, SysvpnQubeControl *control)
{
  SysvpnQube *qube = sysvpn_qube_control_get_qube (control);
  g_autofree char *title = g_strdup_printf (_ ("VPN: %s"), sysvpn_qube_get_name (qube));
  SysvpnDetailsWindow *self = g_object_new (SYSVPN_TYPE_DETAILS_WINDOW, "application",
                                            application, "title", title, NULL);

  self->control = g_object_ref (control);
  self->qube = g_object_ref (qube);
  self->logbook = g_object_ref (sysvpn_qube_control_get_logbook (control));
  self->network_watch = g_object_ref (sysvpn_qube_control_get_network (control));
  sysvpn_history_view_set_logbook (self->history, self->logbook);
  sysvpn_network_view_set_network (self->network, self->network_watch,
                                   sysvpn_qube_get_name (qube));
  g_signal_connect_object (self->network_watch, "changed", G_CALLBACK (on_network_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (qube, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  update_warning (self);
  sysvpn_qube_set_attentive (qube, true);
  return self;
}

/**
 * sysvpn_details_window_show_network:
 * @self: a window
 *
 * Turns to the page that tells which qubes go through.
 */
void
sysvpn_details_window_show_network (SysvpnDetailsWindow *self)
{
  gtk_notebook_set_current_page (
      self->pages, gtk_notebook_page_num (self->pages, GTK_WIDGET (self->network)));
}

/**
 * sysvpn_details_window_get_control:
 * @self: a window
 *
 * Returns: (transfer none): the control of the qube that it is about
 */
SysvpnQubeControl *
sysvpn_details_window_get_control (SysvpnDetailsWindow *self)
{
  return self->control;
}

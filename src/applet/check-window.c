/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check for leaks: runs a check of one VPN qube and lists what it finds. Closing the window
 * stops the check, which brings the tunnel back by itself. */
#include "applet/check-window.h"

#include "applet/check-run.h"
#include "check/finding-line.h"
#include "client/shown.h"

#include <glib/gi18n.h>

struct _SysvpnCheckWindow {
  GtkWindow parent_instance;

  char *qube;
  SysvpnCheckRun *run; /* NULL: none is under way */
  bool is_stopped;     /* by the user */
  bool is_quick;
  SysvpnTally tally;
  GString *report; /* what Copy copies */
  unsigned n_findings;
  GtkWidget *worst; /* the first row that failed, else the first that could not be told */
  SysvpnOutcome worst_outcome;

  GtkImage *icon;
  GtkLabel *headline;
  GtkLabel *explanation;
  GtkToggleButton *drop;
  GtkProgressBar *progress;
  GtkWidget *scroller;
  GtkListBox *list;
  GtkWidget *copy;
  GtkWidget *start;
  GtkWidget *stop;
  GtkWidget *close;
};

G_DEFINE_FINAL_TYPE (SysvpnCheckWindow, sysvpn_check_window, GTK_TYPE_WINDOW)

/* What is known of protection by now, in the icons that mean the same in the panel. */
static const char *
icon_name (SysvpnOutcome outcome)
{
  static const SysvpnShown shown[SYSVPN_N_OUTCOMES] = {
    [SYSVPN_OUTCOME_INCONCLUSIVE] = SYSVPN_SHOWN_UNKNOWN,
    [SYSVPN_OUTCOME_PASSED] = SYSVPN_SHOWN_PROTECTED,
    [SYSVPN_OUTCOME_FAILED] = SYSVPN_SHOWN_EXPOSED,
    [SYSVPN_OUTCOME_SKIPPED] = SYSVPN_SHOWN_OFF,
  };

  return sysvpn_shown_icon_name (shown[outcome]);
}

static GtkWidget *
new_label (const char *text, bool is_title)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (is_title) {
    PangoAttrList *bold = pango_attr_list_new ();

    pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
    gtk_label_set_attributes (GTK_LABEL (label), bold);
    pango_attr_list_unref (bold);
  } else {
    gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  }
  return label;
}

static void
add_remedy (GtkGrid *grid, const char *remedy)
{
  g_autofree char *text = g_strdup_printf (_ ("What to do: %s"), remedy);

  gtk_grid_attach (grid, new_label (text, false), 1, 2, 2, 1);
}

static GtkWidget *
new_row (const SysvpnFinding *finding)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *icon =
      gtk_image_new_from_icon_name (icon_name (finding->outcome), GTK_ICON_SIZE_MENU);
  GtkWidget *title = new_label (sysvpn_step_title (finding->step), true);
  GtkWidget *outcome = new_label (sysvpn_outcome_title (finding->outcome), false);
  g_autofree char *name = g_strdup_printf ("%s: %s; %s%s%s", sysvpn_step_title (finding->step),
                                           sysvpn_outcome_title (finding->outcome),
                                           finding->text, finding->remedy != NULL ? "; " : "",
                                           finding->remedy != NULL ? finding->remedy : "");

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 3);
  gtk_container_set_border_width (GTK_CONTAINER (grid), 6);
  gtk_widget_set_margin_end (grid, 12); /* the scroll bar lies over it */
  gtk_widget_set_hexpand (title, TRUE);
  gtk_grid_attach (GTK_GRID (grid), icon, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), title, 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), outcome, 2, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), new_label (finding->text, false), 1, 1, 2, 1);
  if (finding->remedy != NULL)
    add_remedy (GTK_GRID (grid), finding->remedy);
  gtk_container_add (GTK_CONTAINER (row), grid);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  atk_object_set_name (gtk_widget_get_accessible (icon),
                       sysvpn_outcome_title (finding->outcome));
  gtk_widget_show_all (row);
  return row;
}

static void
set_head (SysvpnCheckWindow *self, const char *icon, const char *headline, const char *text)
{
  gtk_image_set_from_icon_name (self->icon, icon, GTK_ICON_SIZE_DIALOG);
  gtk_label_set_text (self->headline, headline);
  gtk_label_set_text (self->explanation, text);
}

static void
update_buttons (SysvpnCheckWindow *self)
{
  bool is_running = self->run != NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), is_running);
  gtk_widget_set_visible (GTK_WIDGET (self->drop), !is_running);
  gtk_widget_set_visible (self->start, !is_running);
  gtk_button_set_label (GTK_BUTTON (self->start),
                        self->n_findings > 0 ? _ ("_Check again") : _ ("_Start"));
  gtk_widget_set_visible (self->stop, is_running);
  gtk_widget_set_sensitive (self->stop, !self->is_stopped);
  gtk_widget_set_visible (self->scroller, self->n_findings > 0);
  gtk_widget_set_visible (self->copy, !is_running && self->n_findings > 0);
}

static void
on_progress (SysvpnCheckWindow *self, const char *text)
{
  g_autofree char *line = g_strdup_printf (_ ("%s…"), text);

  gtk_progress_bar_set_text (self->progress, line);
}

static void
on_finding (SysvpnCheckWindow *self, const SysvpnFinding *finding)
{
  unsigned n_steps = self->is_quick ? SYSVPN_STEP_DROP + 1 : SYSVPN_N_STEPS;
  g_autofree char *line = sysvpn_check_line_finding (finding, ++self->n_findings);
  GtkWidget *row = new_row (finding);
  bool is_bad = finding->outcome == SYSVPN_OUTCOME_FAILED ||
                finding->outcome == SYSVPN_OUTCOME_INCONCLUSIVE;

  sysvpn_tally_add (&self->tally, finding->outcome);
  g_string_append_printf (self->report, "%s\n", line);
  gtk_container_add (GTK_CONTAINER (self->list), row);
  if (is_bad && (self->worst == NULL || (finding->outcome == SYSVPN_OUTCOME_FAILED &&
                                         self->worst_outcome != SYSVPN_OUTCOME_FAILED))) {
    self->worst = row;
    self->worst_outcome = finding->outcome;
  }
  gtk_progress_bar_set_fraction (self->progress, (double) self->n_findings / n_steps);
  gtk_widget_show (self->scroller);
}

/* The newest row is to be seen while they come. */
static void
on_grown (SysvpnCheckWindow *self, GtkAdjustment *adjustment)
{
  if (self->run != NULL)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) -
                                              gtk_adjustment_get_page_size (adjustment));
}

static void
show_verdict (SysvpnCheckWindow *self, const char *problem)
{
  static const char *const headlines[SYSVPN_N_OUTCOMES] = {
    [SYSVPN_OUTCOME_INCONCLUSIVE] = N_ ("It could not all be told"),
    [SYSVPN_OUTCOME_PASSED] = N_ ("No leak was found"),
    [SYSVPN_OUTCOME_FAILED] = N_ ("Something is wrong"),
  };
  SysvpnOutcome verdict = sysvpn_tally_verdict (&self->tally);
  g_autofree char *counts = sysvpn_tally_text (&self->tally);

  /* what has not been looked at has not passed */
  if ((problem != NULL || self->is_stopped) && verdict == SYSVPN_OUTCOME_PASSED)
    verdict = SYSVPN_OUTCOME_INCONCLUSIVE;
  if (problem != NULL)
    set_head (self, icon_name (verdict), _ ("The check broke off"), problem);
  else
    set_head (self, icon_name (verdict),
              self->is_stopped && verdict != SYSVPN_OUTCOME_FAILED ? _ ("Stopped, as you asked")
                                                                   : _ (headlines[verdict]),
              counts);
  g_string_append_printf (self->report, "%s\n", problem != NULL ? problem : counts);
}

static void
on_ended (SysvpnCheckWindow *self, const char *problem)
{
  g_clear_object (&self->run);
  show_verdict (self, problem);
  update_buttons (self);
  gtk_widget_grab_focus (self->worst != NULL ? self->worst : self->close);
}

static void
clear_list (SysvpnCheckWindow *self)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->list));

  for (GList *row = rows; row != NULL; row = row->next)
    gtk_widget_destroy (row->data);
}

static void
on_start (SysvpnCheckWindow *self)
{
  self->is_quick = !gtk_toggle_button_get_active (self->drop);
  self->is_stopped = false;
  self->tally = (SysvpnTally){ 0 };
  self->n_findings = 0;
  self->worst = NULL;
  g_string_truncate (self->report, 0);
  clear_list (self);
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_progress_bar_set_text (self->progress, "");
  set_head (self, "sysvpn", _ ("Checking…"),
            self->is_quick ? _ ("The tunnel is left as it is.")
                           : _ ("The tunnel goes down for some seconds and comes back."));
  self->run = sysvpn_check_run_new (self->qube, self->is_quick);
  g_signal_connect_object (self->run, "progress", G_CALLBACK (on_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "finding", G_CALLBACK (on_finding), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  update_buttons (self);
  gtk_widget_grab_focus (self->stop);
  sysvpn_check_run_start (self->run);
}

static void
on_stop (SysvpnCheckWindow *self)
{
  self->is_stopped = true;
  sysvpn_check_run_stop (self->run);
  set_head (self, "sysvpn", _ ("Stopping…"), _ ("The tunnel is brought back first."));
  update_buttons (self);
}

static void
on_copy (SysvpnCheckWindow *self)
{
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD),
                          self->report->str, -1);
}

static gboolean
sysvpn_check_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape) {
    gtk_window_close (GTK_WINDOW (widget));
    return GDK_EVENT_STOP;
  }
  return GTK_WIDGET_CLASS (sysvpn_check_window_parent_class)->key_press_event (widget, event);
}

static void
sysvpn_check_window_dispose (GObject *object)
{
  SysvpnCheckWindow *self = SYSVPN_CHECK_WINDOW (object);

  if (self->run != NULL)
    sysvpn_check_run_stop (self->run);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (sysvpn_check_window_parent_class)->dispose (object);
}

static void
sysvpn_check_window_finalize (GObject *object)
{
  SysvpnCheckWindow *self = SYSVPN_CHECK_WINDOW (object);

  g_string_free (self->report, TRUE);
  g_free (self->qube);
  G_OBJECT_CLASS (sysvpn_check_window_parent_class)->finalize (object);
}

static void
sysvpn_check_window_class_init (SysvpnCheckWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sysvpn_check_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_check_window_finalize;
  widget_class->key_press_event = sysvpn_check_window_key_press;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sysvpn/Applet/check-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, icon);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, headline);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, explanation);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, drop);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, scroller);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, list);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, copy);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, start);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, stop);
  gtk_widget_class_bind_template_child (widget_class, SysvpnCheckWindow, close);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_start);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
}

static void
sysvpn_check_window_init (SysvpnCheckWindow *self)
{
  GtkAdjustment *adjustment;

  self->report = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_grown), self,
                           G_CONNECT_SWAPPED);
}

/**
 * sysvpn_check_window_new:
 * @application: whose window it is
 * @qube: the VPN qube
 *
 * Returns: (transfer none): a window that is not on the screen yet and has begun nothing; GTK
 * owns it until it is destroyed, as it is when the user closes it
 */
SysvpnCheckWindow *
sysvpn_check_window_new (GtkApplication *application, const char *qube)
{
  g_autofree char *title = g_strdup_printf (_ ("Check for leaks: %s"), qube);
  SysvpnCheckWindow *self =
      g_object_new (SYSVPN_TYPE_CHECK_WINDOW, "application", application, "title", title, NULL);

  self->qube = g_strdup (qube);
  set_head (self, "sysvpn", _ ("Does anything leave outside of the tunnel?"),
            _ ("The check follows what a client qube sends, up to the internet. It takes about "
               "a minute, starts no qube, and asks Cloudflare's 1.1.1.1 and Quad9's 9.9.9.9."));
  update_buttons (self);
  gtk_widget_grab_focus (self->start);
  return self;
}

/**
 * sysvpn_check_window_get_qube:
 * @self: a window
 *
 * Returns: (transfer none): the VPN qube that it is about
 */
const char *
sysvpn_check_window_get_qube (SysvpnCheckWindow *self)
{
  return self->qube;
}

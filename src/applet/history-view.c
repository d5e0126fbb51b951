/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history of a VPN qube as a list, the newest event first; the one that is selected stands
 * in full below it, where it can be copied. */
#include "applet/history-view.h"

#include "applet/history-text.h"

enum {
  COLUMN_WHEN,
  COLUMN_ICON,
  COLUMN_STATE,
  COLUMN_WHY,
  COLUMN_MEASURED,
  COLUMN_FIRST_S, /* these two tell which event it is */
  COLUMN_SENTENCE,
};

struct _SysvpnHistoryView {
  GtkBox parent_instance;

  SysvpnLogbook *logbook;
  GtkListStore *store;
  GtkTreeView *tree;
  GtkTreeSelection *selection;
  GtkLabel *selected;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (SysvpnHistoryView, sysvpn_history_view, GTK_TYPE_BOX)

static void
on_selected (SysvpnHistoryView *self)
{
  GtkTreeIter row;
  g_autofree char *when = NULL;
  g_autofree char *state = NULL;
  g_autofree char *why = NULL;
  g_autofree char *measured = NULL;
  g_autofree char *text = NULL;

  if (gtk_tree_selection_get_selected (self->selection, NULL, &row)) {
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &row, COLUMN_WHEN, &when, COLUMN_STATE,
                        &state, COLUMN_WHY, &why, COLUMN_MEASURED, &measured, -1);
    text = g_strdup_printf ("%s  %s: %s%s%s", when, state, why, measured[0] != '\0' ? "; " : "",
                            measured);
  }
  if (g_strcmp0 (gtk_label_get_text (self->selected), text != NULL ? text : "") != 0)
    gtk_label_set_text (self->selected, text != NULL ? text : "");
}

static void
sysvpn_history_view_dispose (GObject *object)
{
  SysvpnHistoryView *self = SYSVPN_HISTORY_VIEW (object);

  g_clear_object (&self->logbook);
  G_OBJECT_CLASS (sysvpn_history_view_parent_class)->dispose (object);
}

static void
sysvpn_history_view_class_init (SysvpnHistoryViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sysvpn_history_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sysvpn/Applet/history-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SysvpnHistoryView, store);
  gtk_widget_class_bind_template_child (widget_class, SysvpnHistoryView, tree);
  gtk_widget_class_bind_template_child (widget_class, SysvpnHistoryView, selection);
  gtk_widget_class_bind_template_child (widget_class, SysvpnHistoryView, selected);
  gtk_widget_class_bind_template_child (widget_class, SysvpnHistoryView, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
}

static void
sysvpn_history_view_init (SysvpnHistoryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_row (SysvpnHistoryView *self, GtkTreeIter *row, const SysvpnHistoryEvent *event)
{
  g_autofree char *when = sysvpn_history_text_when (event);
  g_autofree char *state = sysvpn_history_text_state (event);
  g_autofree char *why = sysvpn_history_text_why (event);
  g_autofree char *measured = sysvpn_history_text_measured (event);

  gtk_list_store_set (self->store, row, COLUMN_WHEN, when, COLUMN_ICON,
                      sysvpn_shown_icon_name (event->shown), COLUMN_STATE, state, COLUMN_WHY,
                      why, COLUMN_MEASURED, measured, COLUMN_FIRST_S, event->first_s,
                      COLUMN_SENTENCE, event->sentence, -1);
}

static bool
is_row_of (SysvpnHistoryView *self, GtkTreeIter *row, const SysvpnHistoryEvent *event)
{
  g_autofree char *sentence = NULL;
  int64_t first_s;

  gtk_tree_model_get (GTK_TREE_MODEL (self->store), row, COLUMN_FIRST_S, &first_s,
                      COLUMN_SENTENCE, &sentence, -1);
  return first_s == event->first_s && g_str_equal (sentence, event->sentence);
}

/* The newest event's row, if there is one already: the event has come back. */
static bool
find_newest (SysvpnHistoryView *self, const SysvpnHistoryEvent *event, GtkTreeIter *ret_row)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);

  for (bool has_row = gtk_tree_model_get_iter_first (model, ret_row); has_row;
       has_row = gtk_tree_model_iter_next (model, ret_row))
    if (is_row_of (self, ret_row, event))
      return true;
  return false;
}

static void
update_problem (SysvpnHistoryView *self)
{
  const char *problem = sysvpn_logbook_get_problem (self->logbook);

  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
}

static void
on_changed (SysvpnHistoryView *self)
{
  const SysvpnHistory *history = sysvpn_logbook_get_history (self->logbook);
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);
  const SysvpnHistoryEvent *newest = sysvpn_history_get (history, 0);
  GtkTreeIter row;

  /* moved, not made anew: it may be selected */
  if (find_newest (self, newest, &row))
    gtk_list_store_move_after (self->store, &row, NULL);
  else
    gtk_list_store_prepend (self->store, &row);
  set_row (self, &row, newest);
  while (gtk_tree_model_iter_n_children (model, NULL) >
             (int) sysvpn_history_get_n_events (history) &&
         gtk_tree_model_iter_nth_child (model, &row, NULL,
                                        (int) sysvpn_history_get_n_events (history)))
    gtk_list_store_remove (self->store, &row);
  on_selected (self);
  update_problem (self);
}

/**
 * sysvpn_history_view_set_logbook:
 * @self: a view that has none
 * @logbook: what to show
 */
void
sysvpn_history_view_set_logbook (SysvpnHistoryView *self, SysvpnLogbook *logbook)
{
  const SysvpnHistory *history = sysvpn_logbook_get_history (logbook);
  GtkTreeIter row;

  g_return_if_fail (SYSVPN_IS_HISTORY_VIEW (self) && self->logbook == NULL);

  self->logbook = g_object_ref (logbook);
  for (unsigned i = 0; i < sysvpn_history_get_n_events (history); i++) {
    gtk_list_store_append (self->store, &row);
    set_row (self, &row, sysvpn_history_get (history, i));
  }
  if (gtk_tree_model_get_iter_first (GTK_TREE_MODEL (self->store), &row))
    gtk_tree_selection_select_iter (self->selection, &row);
  g_signal_connect_object (logbook, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  update_problem (self);
}

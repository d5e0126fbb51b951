/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu of one VPN qube. Its items are made once and then only change their words, so that
 * it never jumps under the pointer; the profiles' items are made anew when the profiles change.
 *
 * Labels that change later hold no underscore that is not a mnemonic: libdbusmenu passes a
 * changed label on as it is, and the panel takes an underscore for a mnemonic. Profile names,
 * which may have one, are set before their item is shown to libdbusmenu and never again. */
#include "applet/menu.h"

#include "applet/wording.h"
#include "base/safe-text.h"

#include <string.h>

enum { PROFILES_INLINE_MAX = 15 /* more go into a submenu */ };

struct _SysvpnMenu {
  GObject parent_instance;

  GtkMenu *menu;
  GtkWidget *sentence;
  GtkWidget *remedy;
  GtkWidget *egress;
  GtkWidget *toggle;
  GtkWidget *reconnect;
  GtkWidget *profiles_begin; /* a separator; the profiles' items follow it */
  GtkWidget *dropped;
  GPtrArray *profile_items; /* of GtkWidget, also those in the submenu */
  GtkWidget *more;          /* the item of the submenu, or NULL */
  GArray *profiles;         /* of SysvpnProfile, as the items show them */
  bool is_updating;         /* items that are ticked by us say "activate" too */
};

G_DEFINE_FINAL_TYPE (SysvpnMenu, sysvpn_menu, G_TYPE_OBJECT)

enum { SIGNAL_TOGGLE, SIGNAL_RECONNECT, SIGNAL_PROFILE, SIGNAL_ABOUT, SIGNAL_QUIT, N_SIGNALS };
static guint signals[N_SIGNALS];

static GQuark uuid_quark (void);
G_DEFINE_QUARK (sysvpn_profile_uuid, uuid)

static void
sysvpn_menu_dispose (GObject *object)
{
  SysvpnMenu *self = SYSVPN_MENU (object);

  g_clear_pointer (&self->profile_items, g_ptr_array_unref);
  g_clear_pointer (&self->profiles, g_array_unref);
  if (self->menu != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->menu));
  g_clear_object (&self->menu);
  G_OBJECT_CLASS (sysvpn_menu_parent_class)->dispose (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, SYSVPN_TYPE_MENU, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sysvpn_menu_class_init (SysvpnMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_menu_dispose;

  signals[SIGNAL_TOGGLE] = new_signal ("toggle");
  signals[SIGNAL_RECONNECT] = new_signal ("reconnect");
  signals[SIGNAL_PROFILE] = g_signal_new ("profile", SYSVPN_TYPE_MENU, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_ABOUT] = new_signal ("about");
  signals[SIGNAL_QUIT] = new_signal ("quit");
}

static GtkWidget *
append (SysvpnMenu *self, GtkWidget *item)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
  gtk_widget_show (item);
  return item;
}

/* A line that only tells. */
static GtkWidget *
append_line (SysvpnMenu *self)
{
  GtkWidget *item = append (self, gtk_menu_item_new_with_label (""));

  gtk_widget_set_sensitive (item, FALSE);
  return item;
}

static void
on_item (GtkWidget *item, gpointer data)
{
  guint signal = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), "signal"));

  g_signal_emit (data, signal, 0);
}

static GtkWidget *
append_action (SysvpnMenu *self, const char *mnemonic, guint signal)
{
  GtkWidget *item = append (self, gtk_menu_item_new_with_mnemonic (mnemonic));

  g_object_set_data (G_OBJECT (item), "signal", GUINT_TO_POINTER (signal));
  g_signal_connect_object (item, "activate", G_CALLBACK (on_item), self, 0);
  return item;
}

static GtkWidget *
append_separator (SysvpnMenu *self)
{
  return append (self, gtk_separator_menu_item_new ());
}

static void
sysvpn_menu_init (SysvpnMenu *self)
{
  self->menu = g_object_ref_sink (GTK_MENU (gtk_menu_new ()));
  self->profile_items = g_ptr_array_new ();
  self->profiles = g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));

  self->sentence = append_line (self);
  self->remedy = append_line (self);
  self->egress = append_line (self);
  append_separator (self);
  self->toggle =
      append_action (self, sysvpn_click_label (SYSVPN_CLICK_EXPLAIN), signals[SIGNAL_TOGGLE]);
  self->reconnect = append_action (self, "_Reconnect", signals[SIGNAL_RECONNECT]);
  self->profiles_begin = append_separator (self);
  append_separator (self);
  self->dropped = append_line (self);
  append_separator (self);
  append_action (self, "_About", signals[SIGNAL_ABOUT]);
  append_action (self, "_Quit (protection stays)", signals[SIGNAL_QUIT]);
}

/**
 * sysvpn_menu_new:
 *
 * Returns: (transfer full): a menu that knows nothing yet
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

/* Setting what is there already would still be told to the panel, which reads everything anew.
 */
static void
set_label (GtkWidget *item, const char *label)
{
  if (g_strcmp0 (gtk_menu_item_get_label (GTK_MENU_ITEM (item)), label) != 0)
    gtk_menu_item_set_label (GTK_MENU_ITEM (item), label);
}

static void
set_line (GtkWidget *item, const char *text)
{
  gtk_widget_set_visible (item, text != NULL);
  if (text != NULL)
    set_label (item, text);
}

static void
on_profile (GtkWidget *item, gpointer data)
{
  SysvpnMenu *self = data;

  if (self->is_updating)
    return;
  /* the item has ticked itself; what is true is shown again, and changes when the tunnel does
   */
  self->is_updating = true;
  for (unsigned i = 0; i < self->profile_items->len; i++)
    gtk_check_menu_item_set_active (self->profile_items->pdata[i],
                                    g_array_index (self->profiles, SysvpnProfile, i).active);
  self->is_updating = false;
  g_signal_emit (self, signals[SIGNAL_PROFILE], 0,
                 g_object_get_qdata (G_OBJECT (item), uuid_quark ()));
}

static GtkWidget *
new_profile_item (SysvpnMenu *self, const SysvpnProfile *profile)
{
  g_autofree char *name = sysvpn_text_sanitize (profile->name, SYSVPN_NAME_SHOWN_MAX);
  g_autofree char *label =
      g_strconcat (name, profile->pinned ? "" : " (server not in endpoints)", NULL);
  GtkWidget *item = gtk_check_menu_item_new_with_label (label);

  gtk_check_menu_item_set_draw_as_radio (GTK_CHECK_MENU_ITEM (item), TRUE);
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (item), profile->active);
  g_object_set_qdata_full (G_OBJECT (item), uuid_quark (), g_strdup (profile->uuid), g_free);
  g_signal_connect_object (item, "activate", G_CALLBACK (on_profile), self, 0);
  gtk_widget_show (item);
  g_ptr_array_add (self->profile_items, item);
  return item;
}

static int
index_of (SysvpnMenu *self, GtkWidget *item)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->menu));

  return g_list_index (children, item);
}

static void
rebuild_profiles (SysvpnMenu *self, const GArray *profiles)
{
  int at = index_of (self, self->profiles_begin) + 1;
  bool in_submenu = profiles->len > PROFILES_INLINE_MAX;
  GtkWidget *submenu = NULL;

  for (unsigned i = 0; self->more == NULL && i < self->profile_items->len; i++)
    gtk_widget_destroy (self->profile_items->pdata[i]);
  g_clear_pointer (&self->more, gtk_widget_destroy); /* its items go with it */
  g_ptr_array_set_size (self->profile_items, 0);
  if (in_submenu) {
    submenu = gtk_menu_new ();
    self->more = gtk_menu_item_new_with_mnemonic ("_Profiles");
    gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->more), submenu);
  }
  for (unsigned i = 0; i < profiles->len; i++) {
    GtkWidget *item = new_profile_item (self, &g_array_index (profiles, SysvpnProfile, i));

    if (in_submenu)
      gtk_menu_shell_append (GTK_MENU_SHELL (submenu), item);
    else
      gtk_menu_shell_insert (GTK_MENU_SHELL (self->menu), item, at + (int) i);
  }
  if (in_submenu) {
    gtk_menu_shell_insert (GTK_MENU_SHELL (self->menu), self->more, at);
    gtk_widget_show (self->more);
  }
}

/* Whether the items of two lists would read the same but for their ticks. */
static bool
reads_the_same (const GArray *a, const GArray *b)
{
  if (a->len != b->len)
    return false;
  for (unsigned i = 0; i < a->len; i++) {
    const SysvpnProfile *left = &g_array_index (a, SysvpnProfile, i);
    const SysvpnProfile *right = &g_array_index (b, SysvpnProfile, i);

    if (!g_str_equal (left->uuid, right->uuid) || !g_str_equal (left->name, right->name) ||
        left->pinned != right->pinned)
      return false;
  }
  return true;
}

/* The report knows the active profile sooner than the list does. */
static GArray *
list_profiles (SysvpnQube *qube, const SysvpnStatus *report)
{
  const GArray *known = sysvpn_qube_get_profiles (qube);
  GArray *profiles = g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));

  if (known != NULL)
    g_array_append_vals (profiles, known->data, known->len);
  for (unsigned i = 0; i < profiles->len; i++) {
    SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    profile->active = report != NULL && g_str_equal (profile->uuid, report->profile_uuid);
  }
  return profiles;
}

static void
update_profiles (SysvpnMenu *self, SysvpnQube *qube, const SysvpnStatus *report)
{
  g_autoptr (GArray) profiles = list_profiles (qube, report);
  bool can_choose = report != NULL && sysvpn_qube_get_pending (qube) == SYSVPN_ACTION_NONE;

  self->is_updating = true;
  if (!reads_the_same (self->profiles, profiles))
    rebuild_profiles (self, profiles);
  g_clear_pointer (&self->profiles, g_array_unref);
  self->profiles = g_steal_pointer (&profiles);
  for (unsigned i = 0; i < self->profile_items->len; i++) {
    bool active = g_array_index (self->profiles, SysvpnProfile, i).active;

    gtk_check_menu_item_set_active (self->profile_items->pdata[i], active);
    gtk_widget_set_sensitive (self->profile_items->pdata[i], can_choose);
  }
  gtk_widget_set_visible (self->profiles_begin, self->profiles->len > 0);
  self->is_updating = false;
}

/**
 * sysvpn_menu_update:
 * @self: the menu
 * @qube: what it is about
 * @click: what the first item does now
 */
void
sysvpn_menu_update (SysvpnMenu *self, SysvpnQube *qube, SysvpnClick click)
{
  bool is_believed = sysvpn_qube_get_silence (qube) == SYSVPN_SILENCE_NONE;
  const SysvpnStatus *report = is_believed ? sysvpn_qube_get_report (qube) : NULL;
  SysvpnView view = sysvpn_qube_get_view (qube);
  g_autofree char *remedy = NULL;
  g_autofree char *state = sysvpn_wording_split (view.sentence, &remedy);
  g_autofree char *egress = sysvpn_wording_egress (report);
  g_autofree char *dropped = sysvpn_wording_dropped (report);
  bool can_reconnect =
      report != NULL && sysvpn_qube_get_pending (qube) == SYSVPN_ACTION_NONE &&
      (view.shown == SYSVPN_SHOWN_PROTECTED || view.shown == SYSVPN_SHOWN_DEGRADED);

  set_line (self->sentence, state);
  set_line (self->remedy, remedy);
  set_line (self->egress, egress);
  set_label (self->toggle, sysvpn_click_label (click));
  gtk_widget_set_sensitive (self->toggle, click != SYSVPN_CLICK_IGNORE);
  gtk_widget_set_sensitive (self->reconnect, can_reconnect);
  gtk_widget_set_visible (self->reconnect, click != SYSVPN_CLICK_RECONNECT); /* not twice */
  update_profiles (self, qube, report);
  set_line (self->dropped, dropped);
}

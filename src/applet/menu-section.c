/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the menu that is about one VPN qube. Its items are made once and then only change
 * their words, so that the menu never jumps under the pointer; the profiles' items are made
 * anew when the profiles change.
 *
 * Labels that change later hold no underscore that is not a mnemonic: libdbusmenu passes a
 * changed label on as it is, and the panel takes an underscore for a mnemonic. Names, which may
 * have one, are set before their item is shown to libdbusmenu and never again. */
#include "applet/menu-section.h"

#include "applet/wording.h"
#include "base/safe-text.h"

#include <glib/gi18n.h>
#include <string.h>

enum { PROFILES_INLINE_MAX = 15 /* more go into a submenu */ };

struct _SysvpnMenuSection {
  SysvpnQubeControl *control;
  GtkMenuShell *menu;
  GPtrArray *items; /* of GtkWidget, all of the section but the profiles', in their order */

  GtkWidget *header; /* the qube's name, for when there are several */
  GtkWidget *sentence;
  GtkWidget *remedy;
  GtkWidget *egress;
  GtkWidget *actions_begin; /* separators */
  GtkWidget *profiles_begin;
  GtkWidget *dropped_begin;
  GtkWidget *toggle;
  GtkWidget *reconnect;
  GtkWidget *dropped;

  GPtrArray *profile_items; /* of GtkWidget, also those in the submenu */
  GtkWidget *more;          /* the item of the submenu, or NULL */
  GArray *profiles;         /* of SysvpnProfile, as the items show them */
  bool in_submenu;
  bool is_updating; /* items that are ticked by us say "activate" too */
};

static GQuark uuid_quark (void);
G_DEFINE_QUARK (sysvpn_profile_uuid, uuid)

/* Puts an item behind those that the section has already. */
static GtkWidget *
append (SysvpnMenuSection *self, int *at, GtkWidget *item)
{
  gtk_menu_shell_insert (self->menu, item, (*at)++);
  gtk_widget_show (item);
  g_ptr_array_add (self->items, item);
  return item;
}

/* A line that only tells. */
static GtkWidget *
append_line (SysvpnMenuSection *self, int *at, const char *text)
{
  GtkWidget *item = append (self, at, gtk_menu_item_new_with_label (text));

  gtk_widget_set_sensitive (item, FALSE);
  return item;
}

static GtkWidget *
append_separator (SysvpnMenuSection *self, int *at)
{
  return append (self, at, gtk_separator_menu_item_new ());
}

static GtkWidget *
append_action (SysvpnMenuSection *self,
               int *at,
               const char *mnemonic,
               void (*func) (SysvpnQubeControl *control))
{
  GtkWidget *item = append (self, at, gtk_menu_item_new_with_mnemonic (mnemonic));

  g_signal_connect_object (item, "activate", G_CALLBACK (func), self->control,
                           G_CONNECT_SWAPPED);
  return item;
}

/**
 * sysvpn_menu_section_new:
 * @control: of the qube that it is about
 * @menu: where its items go; outlives the section
 * @at: the place of the first one
 *
 * Returns: (transfer full): a section that knows nothing yet
 */
SysvpnMenuSection *
sysvpn_menu_section_new (SysvpnQubeControl *control, GtkMenuShell *menu, int at)
{
  SysvpnMenuSection *self = g_new0 (SysvpnMenuSection, 1);

  self->control = g_object_ref (control);
  self->menu = menu;
  self->items = g_ptr_array_new ();
  self->profile_items = g_ptr_array_new ();
  self->profiles = g_array_new (FALSE, FALSE, sizeof (SysvpnProfile));

  self->header =
      append_line (self, &at, sysvpn_qube_get_name (sysvpn_qube_control_get_qube (control)));
  self->sentence = append_line (self, &at, "");
  self->remedy = append_line (self, &at, "");
  self->egress = append_line (self, &at, "");
  self->actions_begin = append_separator (self, &at);
  self->toggle = append_action (self, &at, sysvpn_click_label (SYSVPN_CLICK_EXPLAIN),
                                sysvpn_qube_control_click);
  self->reconnect = append_action (self, &at, _ ("_Reconnect"), sysvpn_qube_control_reconnect);
  self->profiles_begin = append_separator (self, &at);
  self->dropped_begin = append_separator (self, &at);
  self->dropped = append_line (self, &at, "");
  append_action (self, &at, _ ("Check for _leaks…"), sysvpn_qube_control_show_check);
  append_action (self, &at, _ ("D_etails…"), sysvpn_qube_control_show_details);
  append_separator (self, &at);
  return self;
}

/**
 * sysvpn_menu_section_free:
 * @self: (transfer full): a section
 *
 * Takes its items out of the menu.
 */
void
sysvpn_menu_section_free (SysvpnMenuSection *self)
{
  if (self->more != NULL)
    gtk_widget_destroy (self->more); /* its items go with it */
  for (unsigned i = 0; self->more == NULL && i < self->profile_items->len; i++)
    gtk_widget_destroy (self->profile_items->pdata[i]);
  for (unsigned i = 0; i < self->items->len; i++)
    gtk_widget_destroy (self->items->pdata[i]);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->profile_items);
  g_array_unref (self->profiles);
  g_object_unref (self->control);
  g_free (self);
}

/**
 * sysvpn_menu_section_get_control:
 * @self: a section
 *
 * Returns: (transfer none): the control of its qube
 */
SysvpnQubeControl *
sysvpn_menu_section_get_control (SysvpnMenuSection *self)
{
  return self->control;
}

/**
 * sysvpn_menu_section_get_n_items:
 * @self: a section
 *
 * Returns: how many items of the menu are its
 */
int
sysvpn_menu_section_get_n_items (SysvpnMenuSection *self)
{
  return (int) (self->items->len + (self->more != NULL ? 1 : self->profile_items->len));
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
  SysvpnMenuSection *self = data;

  if (self->is_updating)
    return;
  /* the item has ticked itself; what is true is shown again, and changes when the tunnel does
   */
  self->is_updating = true;
  for (unsigned i = 0; i < self->profile_items->len; i++)
    gtk_check_menu_item_set_active (self->profile_items->pdata[i],
                                    g_array_index (self->profiles, SysvpnProfile, i).active);
  self->is_updating = false;
  sysvpn_qube_control_connect (self->control,
                               g_object_get_qdata (G_OBJECT (item), uuid_quark ()));
}

static GtkWidget *
new_profile_item (SysvpnMenuSection *self, const SysvpnProfile *profile)
{
  g_autofree char *name = sysvpn_text_sanitize (profile->name, SYSVPN_NAME_SHOWN_MAX);
  g_autofree char *label = g_strdup_printf (
      profile->pinned ? _ ("“%s”") : _ ("“%s” (server not in endpoints)"), name);
  GtkWidget *item = gtk_check_menu_item_new_with_label (label);

  gtk_check_menu_item_set_draw_as_radio (GTK_CHECK_MENU_ITEM (item), TRUE);
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (item), profile->active);
  g_object_set_qdata_full (G_OBJECT (item), uuid_quark (), g_strdup (profile->uuid), g_free);
  g_signal_connect (item, "activate", G_CALLBACK (on_profile), self);
  gtk_widget_show (item);
  g_ptr_array_add (self->profile_items, item);
  return item;
}

static int
index_of (SysvpnMenuSection *self, GtkWidget *item)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self->menu));

  return g_list_index (children, item);
}

static void
rebuild_profiles (SysvpnMenuSection *self, const GArray *profiles)
{
  int at = index_of (self, self->profiles_begin) + 1;
  GtkWidget *submenu = NULL;

  for (unsigned i = 0; self->more == NULL && i < self->profile_items->len; i++)
    gtk_widget_destroy (self->profile_items->pdata[i]);
  g_clear_pointer (&self->more, gtk_widget_destroy); /* its items go with it */
  g_ptr_array_set_size (self->profile_items, 0);
  if (self->in_submenu) {
    submenu = gtk_menu_new ();
    self->more = gtk_menu_item_new_with_mnemonic (_ ("_Profiles"));
    gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->more), submenu);
  }
  for (unsigned i = 0; i < profiles->len; i++) {
    GtkWidget *item = new_profile_item (self, &g_array_index (profiles, SysvpnProfile, i));

    if (self->in_submenu)
      gtk_menu_shell_append (GTK_MENU_SHELL (submenu), item);
    else
      gtk_menu_shell_insert (self->menu, item, at + (int) i);
  }
  if (self->in_submenu) {
    gtk_menu_shell_insert (self->menu, self->more, at);
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
update_profiles (SysvpnMenuSection *self, bool has_others)
{
  SysvpnQube *qube = sysvpn_qube_control_get_qube (self->control);
  const SysvpnStatus *report = sysvpn_qube_get_believed (qube);
  g_autoptr (GArray) profiles = list_profiles (qube, report);
  /* beside other qubes' sections there is room for one line */
  bool in_submenu = profiles->len > PROFILES_INLINE_MAX || (has_others && profiles->len > 0);
  bool can_choose = report != NULL && sysvpn_qube_get_pending (qube) == SYSVPN_ACTION_NONE;

  self->is_updating = true;
  if (!reads_the_same (self->profiles, profiles) || in_submenu != self->in_submenu) {
    self->in_submenu = in_submenu;
    rebuild_profiles (self, profiles);
  }
  g_clear_pointer (&self->profiles, g_array_unref);
  self->profiles = g_steal_pointer (&profiles);
  for (unsigned i = 0; i < self->profile_items->len; i++) {
    bool active = g_array_index (self->profiles, SysvpnProfile, i).active;

    gtk_check_menu_item_set_active (self->profile_items->pdata[i], active);
    gtk_widget_set_sensitive (self->profile_items->pdata[i], can_choose);
  }
  gtk_widget_set_visible (self->profiles_begin, self->profiles->len > 0 && !has_others);
  self->is_updating = false;
}

/**
 * sysvpn_menu_section_update:
 * @self: a section
 * @has_others: whether there are sections of other qubes
 */
void
sysvpn_menu_section_update (SysvpnMenuSection *self, bool has_others)
{
  SysvpnQube *qube = sysvpn_qube_control_get_qube (self->control);
  SysvpnClick click = sysvpn_qube_control_get_click (self->control);
  const SysvpnStatus *report = sysvpn_qube_get_believed (qube);
  SysvpnView view = sysvpn_qube_get_view (qube);
  g_autofree char *remedy = NULL;
  g_autofree char *state = sysvpn_wording_split (view.sentence, &remedy);
  g_autofree char *egress = sysvpn_wording_egress (report);
  g_autofree char *dropped = sysvpn_wording_dropped (report);
  bool can_reconnect =
      report != NULL && sysvpn_qube_get_pending (qube) == SYSVPN_ACTION_NONE &&
      (view.shown == SYSVPN_SHOWN_PROTECTED || view.shown == SYSVPN_SHOWN_DEGRADED);

  gtk_widget_set_visible (self->header, has_others);
  set_line (self->sentence, state);
  set_line (self->remedy, remedy);
  set_line (self->egress, egress);
  gtk_widget_set_visible (self->actions_begin, !has_others);
  set_label (self->toggle, sysvpn_click_label (click));
  gtk_widget_set_sensitive (self->toggle, click != SYSVPN_CLICK_IGNORE);
  gtk_widget_set_sensitive (self->reconnect, can_reconnect);
  gtk_widget_set_visible (self->reconnect, click != SYSVPN_CLICK_RECONNECT); /* not twice */
  update_profiles (self, has_others);
  gtk_widget_set_visible (self->dropped_begin, !has_others);
  set_line (self->dropped, dropped);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The qubes that have a network, and whether they go through a VPN qube, as a list. */
#include "applet/network-view.h"

#include "applet/network-text.h"

enum { COLUMN_ICON, COLUMN_NAME, COLUMN_RUNS, COLUMN_THROUGH, COLUMN_WAY };

struct _SysvpnNetworkView {
  GtkBox parent_instance;

  SysvpnNetworkWatch *network;
  char *vpn;
  GtkListStore *store;
  GtkWidget *list;
  GtkLabel *overview;
};

G_DEFINE_FINAL_TYPE (SysvpnNetworkView, sysvpn_network_view, GTK_TYPE_BOX)

static void
sysvpn_network_view_dispose (GObject *object)
{
  g_clear_object (&SYSVPN_NETWORK_VIEW (object)->network);
  G_OBJECT_CLASS (sysvpn_network_view_parent_class)->dispose (object);
}

static void
sysvpn_network_view_finalize (GObject *object)
{
  g_free (SYSVPN_NETWORK_VIEW (object)->vpn);
  G_OBJECT_CLASS (sysvpn_network_view_parent_class)->finalize (object);
}

static void
sysvpn_network_view_class_init (SysvpnNetworkViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sysvpn_network_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_network_view_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sysvpn/Applet/network-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SysvpnNetworkView, store);
  gtk_widget_class_bind_template_child (widget_class, SysvpnNetworkView, list);
  gtk_widget_class_bind_template_child (widget_class, SysvpnNetworkView, overview);
}

static void
sysvpn_network_view_init (SysvpnNetworkView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_row (SysvpnNetworkView *self, GtkTreeIter *row, const SysvpnNetworkClient *client)
{
  g_autofree char *way = sysvpn_network_text_way (client);

  gtk_list_store_set (self->store, row, COLUMN_ICON,
                      client->is_stray ? "dialog-warning-symbolic" : NULL, COLUMN_NAME,
                      client->qube->name, COLUMN_RUNS,
                      sysvpn_network_text_power (client->qube->power), COLUMN_THROUGH,
                      sysvpn_network_text_route (client->route), COLUMN_WAY, way, -1);
}

/* Rows keep their place, so that the selection stays where it is. */
static void
update_rows (SysvpnNetworkView *self, const GArray *map)
{
  GtkTreeIter row;
  bool has_row = gtk_tree_model_get_iter_first (GTK_TREE_MODEL (self->store), &row);

  for (unsigned i = 0; map != NULL && i < map->len; i++) {
    if (!has_row)
      gtk_list_store_append (self->store, &row);
    set_row (self, &row, &g_array_index (map, SysvpnNetworkClient, i));
    has_row = has_row && gtk_tree_model_iter_next (GTK_TREE_MODEL (self->store), &row);
  }
  while (has_row)
    has_row = gtk_list_store_remove (self->store, &row);
}

static void
update (SysvpnNetworkView *self)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->network);
  g_autoptr (GArray) map =
      qubes != NULL ? sysvpn_network_map_new (
                          qubes, self->vpn, sysvpn_network_watch_get_vpn_qubes (self->network))
                    : NULL;
  g_autofree char *overview = sysvpn_network_text_overview (map, self->vpn);

  update_rows (self, map);
  gtk_label_set_text (self->overview, overview);
  gtk_widget_set_visible (self->list, map != NULL && map->len > 0);
}

/**
 * sysvpn_network_view_set_network:
 * @self: a view that has none
 * @network: what dom0 knows of its qubes
 * @vpn: the name of the VPN qube that it is about
 */
void
sysvpn_network_view_set_network (SysvpnNetworkView *self,
                                 SysvpnNetworkWatch *network,
                                 const char *vpn)
{
  g_return_if_fail (SYSVPN_IS_NETWORK_VIEW (self) && self->network == NULL);

  self->network = g_object_ref (network);
  self->vpn = g_strdup (vpn);
  g_signal_connect_object (network, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

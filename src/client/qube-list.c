/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VPN qubes that are looked after. Each is called only once dom0 has told that it may be,
 * and none learns of another: what one of them does must not keep the rest from being heard. */
#include "client/qube-list.h"

#include "client/power-watch.h"

struct _SysvpnQubeList {
  GObject parent_instance;

  SysvpnTransport *transport;
  SysvpnPowerWatch *power_watch;
  GPtrArray *qubes; /* of SysvpnQube, in the order in which they are shown */
};

G_DEFINE_FINAL_TYPE (SysvpnQubeList, sysvpn_qube_list, G_TYPE_OBJECT)

enum { SIGNAL_ADDED, SIGNAL_REMOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_qube_list_dispose (GObject *object)
{
  SysvpnQubeList *self = SYSVPN_QUBE_LIST (object);

  if (self->power_watch != NULL) {
    g_signal_handlers_disconnect_by_data (self->power_watch, self);
    g_object_run_dispose (G_OBJECT (self->power_watch));
  }
  g_clear_object (&self->power_watch);
  g_clear_pointer (&self->qubes, g_ptr_array_unref);
  G_OBJECT_CLASS (sysvpn_qube_list_parent_class)->dispose (object);
}

static void
sysvpn_qube_list_finalize (GObject *object)
{
  sysvpn_transport_unref (SYSVPN_QUBE_LIST (object)->transport);
  G_OBJECT_CLASS (sysvpn_qube_list_parent_class)->finalize (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, SYSVPN_TYPE_QUBE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, SYSVPN_TYPE_QUBE);
}

static void
sysvpn_qube_list_class_init (SysvpnQubeListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qube_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_qube_list_finalize;

  /**
   * SysvpnQubeList::added:
   * @qube: a #SysvpnQube that is in the list from now on
   */
  signals[SIGNAL_ADDED] = new_signal ("added");
  /**
   * SysvpnQubeList::removed:
   * @qube: a #SysvpnQube that is no longer in the list
   */
  signals[SIGNAL_REMOVED] = new_signal ("removed");
}

static void
sysvpn_qube_list_init (SysvpnQubeList *self)
{
  self->qubes = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The first one of a qube comes soon after it is watched, and not before it may it be called.
 */
static void
on_power (SysvpnQubeList *self, const char *name, guint power)
{
  SysvpnQube *qube = sysvpn_qube_list_find (self, name);

  if (qube == NULL)
    return;
  sysvpn_qube_set_power (qube, (SysvpnPower) power);
  sysvpn_qube_start (qube);
}

/**
 * sysvpn_qube_list_new:
 * @transport: how qubes are reached from here
 * @qubesd: tells which of them run, once it is started
 *
 * Returns: (transfer full): a list with nothing in it
 */
SysvpnQubeList *
sysvpn_qube_list_new (SysvpnTransport *transport, SysvpnQubesdWatch *qubesd)
{
  SysvpnQubeList *self = g_object_new (SYSVPN_TYPE_QUBE_LIST, NULL);

  self->transport = sysvpn_transport_ref (transport);
  self->power_watch = sysvpn_power_watch_new (qubesd);
  g_signal_connect_swapped (self->power_watch, "changed", G_CALLBACK (on_power), self);
  return self;
}

static void
add (SysvpnQubeList *self, const char *name)
{
  SysvpnQube *qube = sysvpn_qube_new (name, self->transport);

  g_ptr_array_add (self->qubes, qube);
  sysvpn_power_watch_add (self->power_watch, name);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, qube);
}

static void
remove_at (SysvpnQubeList *self, unsigned n)
{
  g_autoptr (SysvpnQube) qube = g_ptr_array_steal_index (self->qubes, n);

  sysvpn_power_watch_remove (self->power_watch, sysvpn_qube_get_name (qube));
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, qube);
  g_object_run_dispose (G_OBJECT (qube)); /* a call under way keeps it alive */
}

/**
 * sysvpn_qube_list_set_named:
 * @self: a list
 * @names: valid names of qubes, ends with %NULL
 *
 * Makes these the qubes of the list. One that is in it already stays as it is.
 */
void
sysvpn_qube_list_set_named (SysvpnQubeList *self, const char *const *names)
{
  g_return_if_fail (SYSVPN_IS_QUBE_LIST (self));

  for (unsigned n = self->qubes->len; n-- > 0;)
    if (!g_strv_contains (names, sysvpn_qube_get_name (self->qubes->pdata[n])))
      remove_at (self, n);
  for (; *names != NULL; names++) {
    if (sysvpn_qube_list_find (self, *names) != NULL)
      continue;
    if (self->qubes->len == SYSVPN_VPN_QUBES_MAX) {
      g_message ("more than %d VPN qubes; %s is left out", SYSVPN_VPN_QUBES_MAX, *names);
      continue;
    }
    add (self, *names);
  }
}

/**
 * sysvpn_qube_list_get_n_qubes:
 * @self: a list
 *
 * Returns: how many there are, at most %SYSVPN_VPN_QUBES_MAX
 */
unsigned
sysvpn_qube_list_get_n_qubes (SysvpnQubeList *self)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE_LIST (self), 0);

  return self->qubes->len;
}

/**
 * sysvpn_qube_list_get:
 * @self: a list
 * @n: less than sysvpn_qube_list_get_n_qubes()
 *
 * Returns: (transfer none): that qube
 */
SysvpnQube *
sysvpn_qube_list_get (SysvpnQubeList *self, unsigned n)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE_LIST (self), NULL);
  g_return_val_if_fail (n < self->qubes->len, NULL);

  return self->qubes->pdata[n];
}

/**
 * sysvpn_qube_list_find:
 * @self: a list
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the qube of that name
 */
SysvpnQube *
sysvpn_qube_list_find (SysvpnQubeList *self, const char *name)
{
  g_return_val_if_fail (SYSVPN_IS_QUBE_LIST (self), NULL);

  for (unsigned n = 0; n < self->qubes->len; n++)
    if (g_str_equal (sysvpn_qube_get_name (self->qubes->pdata[n]), name))
      return self->qubes->pdata[n];
  return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dom0 knows of every qube's place in the network, kept up to date by qubesd's events: all
 * is asked once for each connection, then only what an event says has changed. Asks nothing
 * that could start a qube, and stops asking where it is not allowed to: each refusal may be a
 * notification in dom0. */
#include "client/network-watch.h"

#include "client/qubesd-queue.h"
#include "client/vpn-qubes.h"

#include <stdint.h>

enum {
  FORGET_MS = 5000, /* what is known outlives the connection by that: qubesd restarts */
  AGAIN_S = 10,
  REFUSALS_MAX = 3, /* a single qube may be out of bounds in a GUI domain */
};

struct _SysvpnNetworkWatch {
  GObject parent_instance;

  SysvpnQubesdWatch *qubesd;
  SysvpnTransport *transport;
  SysvpnQubesdQueue *queue; /* of one connection */
  SysvpnNetworkState state;
  GArray *qubes; /* of SysvpnWiredQube, all but dom0 */
  char **vpns;
  unsigned n_refusals; /* of one connection */
  guint forget_id;
  guint again_id;
};

G_DEFINE_FINAL_TYPE (SysvpnNetworkWatch, sysvpn_network_watch, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_network_watch_dispose (GObject *object)
{
  SysvpnNetworkWatch *self = SYSVPN_NETWORK_WATCH (object);

  if (self->qubesd != NULL)
    g_signal_handlers_disconnect_by_data (self->qubesd, self);
  g_clear_object (&self->qubesd);
  g_clear_pointer (&self->queue, sysvpn_qubesd_queue_free);
  g_clear_handle_id (&self->forget_id, g_source_remove);
  g_clear_handle_id (&self->again_id, g_source_remove);
  G_OBJECT_CLASS (sysvpn_network_watch_parent_class)->dispose (object);
}

static void
sysvpn_network_watch_finalize (GObject *object)
{
  SysvpnNetworkWatch *self = SYSVPN_NETWORK_WATCH (object);

  g_strfreev (self->vpns);
  g_array_unref (self->qubes);
  sysvpn_transport_unref (self->transport);
  G_OBJECT_CLASS (sysvpn_network_watch_parent_class)->finalize (object);
}

static void
sysvpn_network_watch_class_init (SysvpnNetworkWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_network_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_network_watch_finalize;

  /**
   * SysvpnNetworkWatch::changed:
   *
   * The state, or something of a qube. Comes soon after qubesd's watch is started in any case.
   */
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_NETWORK_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_network_watch_init (SysvpnNetworkWatch *self)
{
  self->qubes = g_array_new (FALSE, TRUE, sizeof (SysvpnWiredQube));
  self->vpns = g_new0 (char *, 1);
}

static void
set_state (SysvpnNetworkWatch *self, SysvpnNetworkState state)
{
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static SysvpnWiredQube *
find (SysvpnNetworkWatch *self, const char *name)
{
  return (SysvpnWiredQube *) (uintptr_t) sysvpn_wired_qube_find (self->qubes, name);
}

static void
ask (SysvpnNetworkWatch *self,
     SysvpnQubesdMethod method,
     const char *argument,
     const char *qube)
{
  if (self->queue != NULL)
    sysvpn_qubesd_queue_ask (self->queue, &(SysvpnQubesdQuery){ method, argument, qube });
}

static void
ask_mark (SysvpnNetworkWatch *self, const char *qube)
{
  if (self->queue != NULL)
    sysvpn_vpn_mark_ask (self->queue, qube);
}

static void
ask_all (SysvpnNetworkWatch *self, const SysvpnWiredQube *qube)
{
  ask (self, SYSVPN_QUBESD_PROPERTY_GET, "netvm", qube->name);
  if (qube->is_template)
    return;
  ask (self, SYSVPN_QUBESD_TAG_GET, "vpn-only", qube->name);
  ask_mark (self, qube->name);
}

/* Only of the qubes next to a VPN qube, which sees no others. Not `visible_ip`: that is what
 * the qube itself is made to believe, its net qube sees `ip`. */
static void
ask_addresses (SysvpnNetworkWatch *self, const SysvpnWiredQube *qube)
{
  if (qube->netvm[0] == '\0' ||
      !g_strv_contains ((const char *const *) self->vpns, qube->netvm))
    return;
  ask (self, SYSVPN_QUBESD_PROPERTY_GET, "ip", qube->name);
  ask (self, SYSVPN_QUBESD_PROPERTY_GET, "ip6", qube->name);
}

/* Some kinds of qubes, as those on other machines, have no such property, and no network. */
static void
take_netvm (SysvpnNetworkWatch *self,
            SysvpnWiredQube *qube,
            GBytes *answer,
            const GError *error)
{
  SysvpnQubesdProperty netvm = { 0 };

  qube->netvm_known = (answer != NULL && sysvpn_qubesd_netvm_decode (answer, &netvm)) ||
                      g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_NOT_SET);
  qube->netvm_is_default = qube->netvm_known && netvm.is_default;
  g_strlcpy (qube->netvm, qube->netvm_known ? netvm.value : "", sizeof qube->netvm);
  ask_addresses (self, qube);
}

static void
take_address (char ret_address[static SYSVPN_ADDRESS_MAX + 1], GBytes *answer)
{
  gsize len = 0;
  const char *text = answer != NULL ? g_bytes_get_data (answer, &len) : NULL;
  SysvpnQubesdProperty property;
  bool is_known = answer != NULL && sysvpn_qubesd_property_decode (text, len, &property) &&
                  g_hostname_is_ip_address (property.value);

  g_strlcpy (ret_address, is_known ? property.value : "", SYSVPN_ADDRESS_MAX + 1);
}

static void
take_property (SysvpnNetworkWatch *self,
               SysvpnWiredQube *qube,
               const char *property,
               GBytes *answer,
               const GError *error)
{
  if (g_str_equal (property, "netvm"))
    take_netvm (self, qube, answer, error);
  else
    take_address (g_str_equal (property, "ip6") ? qube->ip6 : qube->ip, answer);
}

static bool
is_same (const SysvpnWiredQube *a, const SysvpnWiredQube *b)
{
  return a->netvm_known == b->netvm_known && g_str_equal (a->netvm, b->netvm) &&
         a->is_vpn_only == b->is_vpn_only && a->has_agent == b->has_agent &&
         a->has_service == b->has_service && a->untold_marks == b->untold_marks &&
         g_str_equal (a->ip, b->ip) && g_str_equal (a->ip6, b->ip6);
}

static void
settle (SysvpnNetworkWatch *self, bool is_news)
{
  bool is_first =
      self->state != SYSVPN_NETWORK_KNOWN && sysvpn_qubesd_queue_is_idle (self->queue);

  if (is_first || (is_news && self->state == SYSVPN_NETWORK_KNOWN))
    set_state (self, SYSVPN_NETWORK_KNOWN);
}

static gboolean
on_again (gpointer data)
{
  SysvpnNetworkWatch *self = data;

  self->again_id = 0;
  for (unsigned i = 0; i < self->qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (self->qubes, SysvpnWiredQube, i);

    if (qube->untold_marks != 0)
      ask_mark (self, qube->name);
  }
  return G_SOURCE_REMOVE;
}

/* Until it is known whether a qube is a VPN qube, nothing can be called protected. */
static void
take_mark (SysvpnNetworkWatch *self,
           SysvpnWiredQube *qube,
           const SysvpnQubesdQuery *query,
           GBytes *answer,
           const GError *error)
{
  sysvpn_vpn_mark_take (qube, query, answer, error);
  if (qube->untold_marks == 0 || self->again_id != 0 ||
      g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_DENIED))
    return;
  self->again_id = g_timeout_add_seconds (AGAIN_S, on_again, self);
  g_source_set_name_by_id (self->again_id, "sysvpn: what dom0 failed to tell");
}

static void
on_answer (const SysvpnQubesdQuery *query, GBytes *answer, const GError *error, gpointer data)
{
  SysvpnNetworkWatch *self = data;
  SysvpnWiredQube *qube = find (self, query->qube);
  SysvpnWiredQube before = { 0 };

  if (g_error_matches (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_DENIED) &&
      ++self->n_refusals == REFUSALS_MAX) {
    g_message ("dom0 does not tell which qubes go through the VPN: its policy does not allow "
               "admin.vm.property.Get and admin.vm.tag.Get from here");
    g_clear_pointer (&self->queue, sysvpn_qubesd_queue_free);
    set_state (self, SYSVPN_NETWORK_UNKNOWN);
    return;
  }
  if (qube != NULL) {
    before = *qube;
    if (query->method == SYSVPN_QUBESD_PROPERTY_GET)
      take_property (self, qube, query->argument, answer, error);
    else if (query->method == SYSVPN_QUBESD_FEATURE_GET)
      take_mark (self, qube, query, answer, error);
    else if (answer != NULL) /* one that cannot be asked for is taken for what it was */
      qube->is_vpn_only = sysvpn_qubesd_is_set (answer);
  }
  settle (self, qube != NULL && !is_same (qube, &before));
}

/* The list anew; what is known of those that were in it stays. */
static void
take_list (SysvpnNetworkWatch *self, const GArray *list, bool is_new_connection)
{
  g_autoptr (GArray) before = self->qubes;

  self->qubes = g_array_new (FALSE, TRUE, sizeof (SysvpnWiredQube));
  for (unsigned i = 0; i < list->len; i++) {
    const SysvpnQubesdQube *listed = &g_array_index (list, SysvpnQubesdQube, i);
    const SysvpnWiredQube *known = sysvpn_wired_qube_find (before, listed->name);
    SysvpnWiredQube qube = known != NULL ? *known : (SysvpnWiredQube){ 0 };

    if (g_str_equal (listed->name, "dom0"))
      continue;
    g_strlcpy (qube.name, listed->name, sizeof qube.name);
    qube.power = listed->power;
    qube.is_template = listed->is_template;
    g_array_append_val (self->qubes, qube);
    if (known == NULL || is_new_connection)
      ask_all (self, &qube);
  }
}

static void
on_listed (SysvpnNetworkWatch *self, const GArray *list)
{
  bool is_new_connection = self->queue == NULL;

  g_clear_handle_id (&self->forget_id, g_source_remove);
  if (is_new_connection) {
    if (self->n_refusals == REFUSALS_MAX)
      return; /* until qubesd is another one */
    self->queue = sysvpn_qubesd_queue_new (self->transport, NULL, on_answer, self);
  }
  take_list (self, list, is_new_connection);
  settle (self, true);
}

static gboolean
on_forget (gpointer data)
{
  SysvpnNetworkWatch *self = data;

  self->forget_id = 0;
  g_array_set_size (self->qubes, 0);
  set_state (self, SYSVPN_NETWORK_UNKNOWN);
  return G_SOURCE_REMOVE;
}

static void
on_lost (SysvpnNetworkWatch *self)
{
  g_clear_pointer (&self->queue, sysvpn_qubesd_queue_free);
  self->n_refusals = 0;
  if (self->forget_id != 0 || self->state == SYSVPN_NETWORK_UNKNOWN)
    return;
  self->forget_id =
      g_timeout_add (self->state == SYSVPN_NETWORK_KNOWN ? FORGET_MS : 0, on_forget, self);
  g_source_set_name_by_id (self->forget_id, "sysvpn: network of qubes no longer known");
}

/* Until it is answered what was is not known to be so any more. */
static void
ask_netvm (SysvpnNetworkWatch *self, SysvpnWiredQube *qube)
{
  qube->netvm_known = false;
  ask (self, SYSVPN_QUBESD_PROPERTY_GET, "netvm", qube->name);
}

static void
ask_defaults (SysvpnNetworkWatch *self)
{
  for (unsigned i = 0; i < self->qubes->len; i++) {
    SysvpnWiredQube *qube = &g_array_index (self->qubes, SysvpnWiredQube, i);

    if (qube->netvm_is_default || !qube->netvm_known)
      ask_netvm (self, qube);
  }
}

static void
on_event (SysvpnNetworkWatch *self, const SysvpnQubesdEvent *event)
{
  SysvpnWiredQube *qube = find (self, event->qube);

  if (event->kind == SYSVPN_QUBESD_EVENT_QUBES)
    sysvpn_qubesd_watch_ask_list (self->qubesd);
  else if (event->kind == SYSVPN_QUBESD_EVENT_DEFAULTS)
    ask_defaults (self);
  if (qube == NULL)
    return;
  if (event->kind == SYSVPN_QUBESD_EVENT_NETWORK)
    ask_netvm (self, qube);
  else if (event->kind == SYSVPN_QUBESD_EVENT_TAG)
    ask (self, SYSVPN_QUBESD_TAG_GET, "vpn-only", qube->name);
  else if (event->kind == SYSVPN_QUBESD_EVENT_FEATURE)
    ask_mark (self, qube->name);
  if (event->kind != SYSVPN_QUBESD_EVENT_POWER || qube->power == event->power)
    return;
  qube->power = event->power;
  if (self->state == SYSVPN_NETWORK_KNOWN)
    set_state (self, SYSVPN_NETWORK_KNOWN);
}

/**
 * sysvpn_network_watch_new:
 * @qubesd: tells it, once it is started
 * @transport: how qubesd is reached
 *
 * Returns: (transfer full): a watch that waits
 */
SysvpnNetworkWatch *
sysvpn_network_watch_new (SysvpnQubesdWatch *qubesd, SysvpnTransport *transport)
{
  SysvpnNetworkWatch *self = g_object_new (SYSVPN_TYPE_NETWORK_WATCH, NULL);

  self->qubesd = g_object_ref (qubesd);
  self->transport = sysvpn_transport_ref (transport);
  g_signal_connect_swapped (qubesd, "listed", G_CALLBACK (on_listed), self);
  g_signal_connect_swapped (qubesd, "event", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (qubesd, "lost", G_CALLBACK (on_lost), self);
  return self;
}

/**
 * sysvpn_network_watch_set_vpn_qubes:
 * @self: a watch
 * @vpns: the names of all VPN qubes, ends with %NULL
 *
 * Of the qubes next to these the addresses are asked for, too.
 */
void
sysvpn_network_watch_set_vpn_qubes (SysvpnNetworkWatch *self, const char *const *vpns)
{
  g_return_if_fail (SYSVPN_IS_NETWORK_WATCH (self));

  if (g_strv_equal (vpns, (const char *const *) self->vpns))
    return;
  g_strfreev (self->vpns);
  self->vpns = g_strdupv ((char **) (uintptr_t) vpns);
  for (unsigned i = 0; i < self->qubes->len; i++)
    ask_addresses (self, &g_array_index (self->qubes, SysvpnWiredQube, i));
}

/**
 * sysvpn_network_watch_get_vpn_qubes:
 * @self: a watch
 *
 * Returns: what was set, ends with %NULL
 */
const char *const *
sysvpn_network_watch_get_vpn_qubes (SysvpnNetworkWatch *self)
{
  g_return_val_if_fail (SYSVPN_IS_NETWORK_WATCH (self), NULL);

  return (const char *const *) self->vpns;
}

/**
 * sysvpn_network_watch_get_state:
 * @self: a watch
 *
 * Returns: how far dom0 has told
 */
SysvpnNetworkState
sysvpn_network_watch_get_state (SysvpnNetworkWatch *self)
{
  g_return_val_if_fail (SYSVPN_IS_NETWORK_WATCH (self), SYSVPN_NETWORK_UNKNOWN);

  return self->state;
}

/**
 * sysvpn_network_watch_is_asking:
 * @self: a watch
 *
 * Returns: %TRUE while dom0 has not answered all that was asked: until then something may be
 * missing from what it knows
 */
bool
sysvpn_network_watch_is_asking (SysvpnNetworkWatch *self)
{
  g_return_val_if_fail (SYSVPN_IS_NETWORK_WATCH (self), false);

  return self->queue != NULL && !sysvpn_qubesd_queue_is_idle (self->queue);
}

/**
 * sysvpn_network_watch_get_qubes:
 * @self: a watch
 *
 * Returns: (nullable) (element-type SysvpnWiredQube): all qubes but dom0; %NULL unless the
 * state is %SYSVPN_NETWORK_KNOWN. Valid until the main loop runs
 */
const GArray *
sysvpn_network_watch_get_qubes (SysvpnNetworkWatch *self)
{
  g_return_val_if_fail (SYSVPN_IS_NETWORK_WATCH (self), NULL);

  return self->state == SYSVPN_NETWORK_KNOWN ? self->qubes : NULL;
}

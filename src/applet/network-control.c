/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the applet does about the qubes behind the VPN qubes: it announces those that go past
 * them and must not. When that is worth a notification is decided in stray-policy.c, what it
 * says in network-text.c. */
#include "applet/network-control.h"

#include "applet/network-text.h"
#include "applet/notifier.h"
#include "applet/stray-policy.h"
#include "client/alarm.h"

#include <glib/gi18n.h>

/* From a change to what is said of it: one command may rewire many qubes, one after the other.
 */
enum { SETTLE_MS = 500 };

struct _SysvpnNetworkControl {
  GObject parent_instance;

  SysvpnNetworkWatch *watch;
  SysvpnNotifier *notifier;
  SysvpnStrayPolicy policy;
  guint settle_id;
};

G_DEFINE_FINAL_TYPE (SysvpnNetworkControl, sysvpn_network_control, G_TYPE_OBJECT)

enum { SIGNAL_DETAILS, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_network_control_dispose (GObject *object)
{
  SysvpnNetworkControl *self = SYSVPN_NETWORK_CONTROL (object);

  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_object (&self->watch);
  g_clear_object (&self->notifier);
  G_OBJECT_CLASS (sysvpn_network_control_parent_class)->dispose (object);
}

static void
sysvpn_network_control_class_init (SysvpnNetworkControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_network_control_dispose;

  /**
   * SysvpnNetworkControl::details:
   *
   * The user wants to see which qubes go where.
   */
  signals[SIGNAL_DETAILS] =
      g_signal_new ("details", SYSVPN_TYPE_NETWORK_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
on_action (SysvpnNetworkControl *self)
{
  g_signal_emit (self, signals[SIGNAL_DETAILS], 0);
}

static void
sysvpn_network_control_init (SysvpnNetworkControl *self)
{
  self->notifier = sysvpn_notifier_new ();
  g_signal_connect_object (self->notifier, "action", G_CALLBACK (on_action), self,
                           G_CONNECT_SWAPPED);
}

static void
announce (SysvpnNetworkControl *self, const char *const *strays)
{
  static const SysvpnNotifierAction actions[] = { { "details", N_ ("Details") },
                                                  { NULL, NULL } };
  g_auto (SysvpnMessage) message = { 0 };

  sysvpn_network_text_notice (strays, &message);
  sysvpn_notifier_show (self->notifier, SYSVPN_TOPIC_STRAYS, message.summary, message.body,
                        SYSVPN_URGENCY_CRITICAL, actions);
}

static void
decide (SysvpnNetworkControl *self)
{
  g_auto (GStrv) names = NULL;
  const char *const *strays;

  /* what is not known takes no alarm back, and gives none */
  if (sysvpn_network_watch_get_state (self->watch) != SYSVPN_NETWORK_KNOWN)
    return;
  names = sysvpn_network_control_dup_strays (self);
  strays = (const char *const *) names;
  switch (sysvpn_stray_decide (&self->policy, strays, sysvpn_alarm_now_ms ())) {
  case SYSVPN_STRAY_NOTICE_SHOW:
    announce (self, strays);
    break;
  case SYSVPN_STRAY_NOTICE_OVER:
    sysvpn_notifier_close (self->notifier, SYSVPN_TOPIC_STRAYS);
    break;
  case SYSVPN_STRAY_NOTICE_NONE:
  default:
    break;
  }
}

static gboolean
on_settled (gpointer data)
{
  SysvpnNetworkControl *self = data;

  /* A qube that is being asked about is none that goes past: told of then, the notification
   * would lack it, and one that names it would be taken away. */
  if (sysvpn_network_watch_is_asking (self->watch))
    return G_SOURCE_CONTINUE;
  self->settle_id = 0;
  decide (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed (SysvpnNetworkControl *self)
{
  if (self->settle_id != 0)
    return;
  self->settle_id = g_timeout_add (SETTLE_MS, on_settled, self);
  g_source_set_name_by_id (self->settle_id, "sysvpn: qubes past the VPN");
}

/**
 * sysvpn_network_control_new:
 * @watch: what dom0 knows of its qubes
 *
 * Returns: (transfer full): a control that announces until sysvpn_network_control_close()
 */
SysvpnNetworkControl *
sysvpn_network_control_new (SysvpnNetworkWatch *watch)
{
  SysvpnNetworkControl *self = g_object_new (SYSVPN_TYPE_NETWORK_CONTROL, NULL);

  self->watch = g_object_ref (watch);
  g_signal_connect_swapped (watch, "changed", G_CALLBACK (on_changed), self);
  return self;
}

/**
 * sysvpn_network_control_close:
 * @self: a control
 *
 * Takes its notification away.
 */
void
sysvpn_network_control_close (SysvpnNetworkControl *self)
{
  g_return_if_fail (SYSVPN_IS_NETWORK_CONTROL (self));

  sysvpn_notifier_close (self->notifier, SYSVPN_TOPIC_STRAYS);
  g_object_run_dispose (G_OBJECT (self));
}

/**
 * sysvpn_network_control_dup_strays:
 * @self: a control
 *
 * Returns: (transfer full): the names of the qubes that go past the VPN and must not, ends with
 * %NULL; empty also where nothing is known
 */
char **
sysvpn_network_control_dup_strays (SysvpnNetworkControl *self)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->watch);

  return qubes != NULL ? sysvpn_network_dup_strays (
                             qubes, sysvpn_network_watch_get_vpn_qubes (self->watch))
                       : g_new0 (char *, 1);
}

/**
 * sysvpn_network_control_count_through:
 * @self: a control
 * @vpn: the name of a VPN qube
 * @ret_n: (out): how many qubes that run go through it, without those that only pass on
 *
 * Returns: %FALSE if that is not known
 */
bool
sysvpn_network_control_count_through (SysvpnNetworkControl *self,
                                      const char *vpn,
                                      unsigned *ret_n)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->watch);
  g_autoptr (GArray) map = NULL;

  if (qubes == NULL)
    return false;
  map = sysvpn_network_map_new (qubes, vpn, sysvpn_network_watch_get_vpn_qubes (self->watch));
  *ret_n = sysvpn_network_map_count (map, SYSVPN_ROUTE_THROUGH, false);
  return true;
}

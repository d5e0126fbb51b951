/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the applet does for one VPN qube: carries out what the user asks of it, and announces
 * what happens to it. What a click means is decided in click.c, what is worth a notification in
 * notification-policy.c. Each qube has one of its own, so none speaks over another. */
#include "applet/qube-control.h"

#include "applet/notification-policy.h"
#include "applet/notifier.h"
#include "applet/wording.h"
#include "client/alarm.h"
#include "client/call.h"
#include "client/network-map.h"
#include "client/uplink-address.h"
#include "client/uplink-watch.h"

#include <glib/gi18n.h>

enum { RESUME_MS = 2000 /* asleep for longer than that is a suspend */ };

struct _SysvpnQubeControl {
  GObject parent_instance;

  SysvpnQube *qube;
  SysvpnLogbook *logbook;
  SysvpnSettings *settings;
  SysvpnNetworkWatch *network;
  SysvpnUplinkWatch *uplink;
  SysvpnNotifier *notifier;
  SysvpnNoticePolicy policy;
  SysvpnAlarm *policy_alarm;
  SysvpnClickTrail clicks;
  int64_t asleep_ms; /* how long the machine has slept, ever */
};

G_DEFINE_FINAL_TYPE (SysvpnQubeControl, sysvpn_qube_control, G_TYPE_OBJECT)

enum { SIGNAL_DETAILS, SIGNAL_CHECK, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
show_notice (SysvpnQubeControl *self, SysvpnNotice notice)
{
  static const SysvpnNotifierAction details[] = { { "details", N_ ("Details") },
                                                  { NULL, NULL } };
  static const SysvpnNotifierAction connect[] = { { "details", N_ ("Details") },
                                                  { "connect", N_ ("Connect") },
                                                  { NULL, NULL } };
  static const SysvpnNotifierAction reconnect[] = { { "details", N_ ("Details") },
                                                    { "reconnect", N_ ("Reconnect") },
                                                    { NULL, NULL } };
  static const struct {
    SysvpnUrgency urgency;
    const SysvpnNotifierAction *actions;
  } styles[] = {
    [SYSVPN_NOTICE_DROPPED] = { SYSVPN_URGENCY_NORMAL, connect },
    [SYSVPN_NOTICE_RECOVERED] = { SYSVPN_URGENCY_LOW, NULL },
    [SYSVPN_NOTICE_FLAPPING] = { SYSVPN_URGENCY_NORMAL, details },
    [SYSVPN_NOTICE_DEGRADED] = { SYSVPN_URGENCY_NORMAL, reconnect },
    [SYSVPN_NOTICE_EXPOSED] = { SYSVPN_URGENCY_CRITICAL, details },
    [SYSVPN_NOTICE_SILENT] = { SYSVPN_URGENCY_NORMAL, details },
    [SYSVPN_NOTICE_LEAK] = { SYSVPN_URGENCY_CRITICAL, details },
    [SYSVPN_NOTICE_CLIENT_DROPS] = { SYSVPN_URGENCY_LOW, details },
  };
  SysvpnTopic topic = sysvpn_notice_topic (notice.kind);
  const char *client = sysvpn_qube_control_name_client (self, notice.client);
  g_auto (SysvpnMessage) message = { 0 };

  /* what it would replace is over in any case */
  if (notice.kind >= G_N_ELEMENTS (styles) ||
      !sysvpn_settings_is_wanted (self->settings, sysvpn_notice_class (notice.kind))) {
    sysvpn_notifier_close (self->notifier, topic);
    return;
  }
  if (client != NULL)
    g_strlcpy (notice.client, client, sizeof notice.client);
  sysvpn_wording_notice (notice, sysvpn_qube_get_name (self->qube),
                         sysvpn_qube_get_view (self->qube), &message);
  sysvpn_notifier_show (self->notifier, topic, message.summary, message.body,
                        styles[notice.kind].urgency, styles[notice.kind].actions);
}

/* How long the machine has slept since it started: what one clock counts and the other not. */
static int64_t
asleep_ms (void)
{
  return sysvpn_alarm_now_ms () - g_get_monotonic_time () / 1000;
}

static void
notice_resume (SysvpnQubeControl *self)
{
  int64_t asleep = asleep_ms ();

  if (asleep - self->asleep_ms < RESUME_MS)
    return;
  self->asleep_ms = asleep; /* before the refresh, which may bring us here again */
  g_debug ("resumed from suspend");
  sysvpn_notice_resumed (&self->policy, sysvpn_alarm_now_ms ());
  sysvpn_qube_refresh (self->qube);
}

static void
update_notifications (SysvpnQubeControl *self)
{
  SysvpnNotice notices[SYSVPN_NOTICES_MAX];
  const SysvpnStatus *report = sysvpn_qube_get_believed (self->qube);
  SysvpnNoticeScene scene = {
    .view = sysvpn_qube_get_view (self->qube),
    .report = report,
    .is_pending = sysvpn_qube_get_pending (self->qube) != SYSVPN_ACTION_NONE,
    .is_egress_uplink = sysvpn_uplink_watch_is_uplink (self->uplink, report),
    .drops_threshold = sysvpn_settings_get_drops_threshold (self->settings),
    .now_ms = sysvpn_alarm_now_ms (),
  };
  size_t n = sysvpn_notice_decide (&self->policy, &scene, notices);
  int64_t next_ms = sysvpn_notice_next_ms (&self->policy);

  for (size_t i = 0; i < n; i++)
    show_notice (self, notices[i]);
  if (next_ms != 0)
    sysvpn_alarm_set (self->policy_alarm, next_ms);
  else
    sysvpn_alarm_clear (self->policy_alarm);
}

static void
note_click (SysvpnQubeControl *self)
{
  sysvpn_click_note (&self->clicks, sysvpn_qube_control_get_click (self),
                     sysvpn_alarm_now_ms ());
}

static void
on_changed (SysvpnQubeControl *self)
{
  note_click (self);
  notice_resume (self);
  update_notifications (self);
}

static void
on_policy_alarm (gpointer data)
{
  notice_resume (data); /* an alarm that was due during a suspend comes before any report */
  update_notifications (data);
}

static void
on_acted (GObject *source, GAsyncResult *result, gpointer data)
{
  SysvpnQubeControl *self = data;
  g_autoptr (GError) error = NULL;

  /* what was asked for is not announced, except when it fails */
  if (!sysvpn_qube_act_finish (SYSVPN_QUBE (source), result, &error) && self->qube != NULL &&
      !g_error_matches (error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_CANCELLED) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_autofree char *body =
        g_strdup_printf ("%s: %s", sysvpn_qube_get_name (SYSVPN_QUBE (source)), error->message);

    sysvpn_notifier_show (self->notifier, SYSVPN_TOPIC_ACTION, _ ("VPN: that did not work"),
                          body, SYSVPN_URGENCY_NORMAL, NULL);
  }
  g_object_unref (self);
}

static void
act (SysvpnQubeControl *self, SysvpnAction action, const char *uuid)
{
  sysvpn_notifier_close (self->notifier, SYSVPN_TOPIC_ACTION);
  sysvpn_qube_act_async (self->qube, action, uuid, NULL, on_acted, g_object_ref (self));
}

/**
 * sysvpn_qube_control_get_click:
 * @self: a control
 *
 * Returns: what a click does now
 */
SysvpnClick
sysvpn_qube_control_get_click (SysvpnQubeControl *self)
{
  const SysvpnStatus *report = sysvpn_qube_get_believed (self->qube);

  return sysvpn_click_meaning (sysvpn_qube_get_view (self->qube).shown,
                               sysvpn_qube_get_power (self->qube),
                               report != NULL ? report->tunnel : SYSVPN_TUNNEL_UNKNOWN,
                               sysvpn_qube_get_pending (self->qube));
}

/**
 * sysvpn_qube_control_show_details:
 * @self: a control
 *
 * Has the qube's window opened, or raised.
 */
void
sysvpn_qube_control_show_details (SysvpnQubeControl *self)
{
  g_signal_emit (self, signals[SIGNAL_DETAILS], 0);
}

/**
 * sysvpn_qube_control_show_check:
 * @self: a control
 *
 * Has the window opened, or raised, in which the qube is checked for leaks.
 */
void
sysvpn_qube_control_show_check (SysvpnQubeControl *self)
{
  g_signal_emit (self, signals[SIGNAL_CHECK], 0);
}

static void
click (SysvpnQubeControl *self, SysvpnClick meaning)
{
  switch (meaning) {
  case SYSVPN_CLICK_CONNECT:
    act (self, SYSVPN_ACTION_CONNECT, NULL);
    break;
  case SYSVPN_CLICK_DISCONNECT:
  case SYSVPN_CLICK_CANCEL:
    act (self, SYSVPN_ACTION_DISCONNECT, NULL);
    break;
  case SYSVPN_CLICK_RECONNECT:
    act (self, SYSVPN_ACTION_RECONNECT, NULL);
    break;
  case SYSVPN_CLICK_START:
    act (self, SYSVPN_ACTION_START, NULL);
    break;
  case SYSVPN_CLICK_EXPLAIN:
    sysvpn_qube_control_show_details (self); /* which tells what is the matter */
    break;
  case SYSVPN_CLICK_IGNORE:
  case SYSVPN_N_CLICKS:
  default:
    break;
  }
}

/**
 * sysvpn_qube_control_click:
 * @self: a control
 *
 * Does what sysvpn_qube_control_get_click() tells, unless that has just changed into something
 * that contradicts what it told before.
 */
void
sysvpn_qube_control_click (SysvpnQubeControl *self)
{
  note_click (self);
  click (self, sysvpn_click_settle (&self->clicks, sysvpn_alarm_now_ms ()));
}

static void
on_notifier_action (SysvpnQubeControl *self, SysvpnTopic topic G_GNUC_UNUSED, const char *id)
{
  /* the notification may be old: only what still makes sense is done */
  SysvpnClick meaning = sysvpn_qube_control_get_click (self);

  if (g_str_equal (id, "details"))
    sysvpn_qube_control_show_details (self);
  else if ((g_str_equal (id, "connect") && meaning == SYSVPN_CLICK_CONNECT) ||
           (g_str_equal (id, "reconnect") && meaning == SYSVPN_CLICK_RECONNECT))
    click (self, meaning);
}

static void
sysvpn_qube_control_dispose (GObject *object)
{
  SysvpnQubeControl *self = SYSVPN_QUBE_CONTROL (object);

  if (self->qube != NULL)
    g_signal_handlers_disconnect_by_data (self->qube, self);
  g_clear_pointer (&self->policy_alarm, sysvpn_alarm_free);
  g_clear_pointer (&self->uplink, sysvpn_uplink_watch_free);
  g_clear_object (&self->settings);
  g_clear_object (&self->network);
  g_clear_object (&self->notifier);
  g_clear_object (&self->logbook);
  g_clear_object (&self->qube);
  G_OBJECT_CLASS (sysvpn_qube_control_parent_class)->dispose (object);
}

static void
sysvpn_qube_control_class_init (SysvpnQubeControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qube_control_dispose;

  /**
   * SysvpnQubeControl::details:
   *
   * The user wants to see everything of this qube.
   */
  signals[SIGNAL_DETAILS] =
      g_signal_new ("details", SYSVPN_TYPE_QUBE_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 0);

  /**
   * SysvpnQubeControl::check:
   *
   * The user wants to check this qube for leaks.
   */
  signals[SIGNAL_CHECK] = g_signal_new ("check", SYSVPN_TYPE_QUBE_CONTROL, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_qube_control_init (SysvpnQubeControl *self)
{
  self->notifier = sysvpn_notifier_new ();
  self->policy_alarm = sysvpn_alarm_new ("sysvpn: notification", on_policy_alarm, self);
  self->asleep_ms = asleep_ms ();
  g_signal_connect_object (self->notifier, "action", G_CALLBACK (on_notifier_action), self,
                           G_CONNECT_SWAPPED);
}

/**
 * sysvpn_qube_control_new:
 * @qube: a VPN qube
 * @settings: the user's preferences
 * @network: what dom0 knows of its qubes
 *
 * Returns: (transfer full): a control that announces what happens to @qube until
 * sysvpn_qube_control_close()
 */
SysvpnQubeControl *
sysvpn_qube_control_new (SysvpnQube *qube,
                         SysvpnSettings *settings,
                         SysvpnNetworkWatch *network)
{
  SysvpnQubeControl *self = g_object_new (SYSVPN_TYPE_QUBE_CONTROL, NULL);
  g_autofree char *folder = sysvpn_logbook_dup_folder ();
  g_autofree char *addresses = sysvpn_uplink_addresses_path ();

  self->qube = g_object_ref (qube);
  self->settings = g_object_ref (settings);
  self->network = g_object_ref (network);
  self->logbook = sysvpn_logbook_new (qube, folder);
  self->uplink = sysvpn_uplink_watch_new (addresses);
  self->clicks.now = self->clicks.before = sysvpn_qube_control_get_click (self);
  g_signal_connect_swapped (qube, "changed", G_CALLBACK (on_changed), self);
  return self;
}

/**
 * sysvpn_qube_control_close:
 * @self: a control
 *
 * Takes its notifications away: nobody looks after the qube any more. Only what was asked for
 * already is still waited for, silently.
 */
void
sysvpn_qube_control_close (SysvpnQubeControl *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE_CONTROL (self));

  for (unsigned topic = 0; topic < SYSVPN_N_TOPICS; topic++)
    sysvpn_notifier_close (self->notifier, (SysvpnTopic) topic);
  sysvpn_logbook_close (self->logbook);
  g_object_run_dispose (G_OBJECT (self));
}

/**
 * sysvpn_qube_control_get_qube:
 * @self: a control
 *
 * Returns: (transfer none): the qube
 */
SysvpnQube *
sysvpn_qube_control_get_qube (SysvpnQubeControl *self)
{
  return self->qube;
}

/**
 * sysvpn_qube_control_get_logbook:
 * @self: a control
 *
 * Returns: (transfer none): what is remembered of the qube
 */
SysvpnLogbook *
sysvpn_qube_control_get_logbook (SysvpnQubeControl *self)
{
  return self->logbook;
}

/**
 * sysvpn_qube_control_get_network:
 * @self: a control
 *
 * Returns: (transfer none): what dom0 knows of its qubes
 */
SysvpnNetworkWatch *
sysvpn_qube_control_get_network (SysvpnQubeControl *self)
{
  return self->network;
}

/**
 * sysvpn_qube_control_name_client:
 * @self: a control
 * @address: from which packets came to the VPN qube
 *
 * Returns: (nullable) (transfer none): the name of the qube that has it, as far as dom0 tells;
 * valid until the main loop runs
 */
const char *
sysvpn_qube_control_name_client (SysvpnQubeControl *self, const char *address)
{
  const GArray *qubes = sysvpn_network_watch_get_qubes (self->network);
  const SysvpnWiredQube *client =
      qubes != NULL
          ? sysvpn_network_find_address (qubes, sysvpn_qube_get_name (self->qube), address)
          : NULL;

  return client != NULL ? client->name : NULL;
}

/**
 * sysvpn_qube_control_reconnect:
 * @self: a control
 */
void
sysvpn_qube_control_reconnect (SysvpnQubeControl *self)
{
  act (self, SYSVPN_ACTION_RECONNECT, NULL);
}

/**
 * sysvpn_qube_control_connect:
 * @self: a control
 * @uuid: a profile, which is brought up
 */
void
sysvpn_qube_control_connect (SysvpnQubeControl *self, const char *uuid)
{
  act (self, SYSVPN_ACTION_CONNECT, uuid);
}

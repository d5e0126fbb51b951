/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The applet: owns the VPN qube's model, the icon, the menu and the notifications, and is the
 * only file that knows them all. What is shown is decided in client/shown.c, what a click means
 * in click.c, what is worth a notification in notification-policy.c. */
#include "applet/application.h"

#include "applet/click.h"
#include "applet/menu.h"
#include "applet/notification-policy.h"
#include "applet/notifier.h"
#include "applet/tray-host.h"
#include "applet/wording.h"
#include "client/alarm.h"
#include "client/call.h"
#include "client/power-watch.h"
#include "client/qube.h"

#include <glib-unix.h>

enum { RESUME_MS = 2000 /* asleep for longer than that is a suspend */ };

struct _SysvpnApplication {
  GtkApplication parent_instance;

  char *qube_name;
  SysvpnTransport *transport;
  SysvpnQube *qube;
  SysvpnQubesdWatch *qubesd;
  SysvpnPowerWatch *power_watch;
  SysvpnTrayIcon *icon;
  SysvpnMenu *menu;
  SysvpnNotifier *notifier;
  SysvpnNoticePolicy policy;
  SysvpnAlarm *policy_alarm;
  int64_t asleep_ms; /* how long the machine has slept, ever */
  int64_t clicked_ms;
  bool is_explained; /* a notification explains a click in the state below */
  SysvpnShown explained;
  guint signal_ids[2];
};

G_DEFINE_FINAL_TYPE (SysvpnApplication, sysvpn_application, GTK_TYPE_APPLICATION)

static const SysvpnStatus *
believed_report (SysvpnApplication *self)
{
  bool is_believed = sysvpn_qube_get_silence (self->qube) == SYSVPN_SILENCE_NONE;

  return is_believed ? sysvpn_qube_get_report (self->qube) : NULL;
}

static SysvpnClick
current_click (SysvpnApplication *self)
{
  const SysvpnStatus *report = believed_report (self);

  return sysvpn_click_meaning (sysvpn_qube_get_view (self->qube).shown,
                               sysvpn_qube_get_power (self->qube),
                               report != NULL ? report->tunnel : SYSVPN_TUNNEL_UNKNOWN,
                               sysvpn_qube_get_pending (self->qube));
}

static void
show_notice (SysvpnApplication *self, SysvpnNotice notice)
{
  static const SysvpnNotifierAction connect[] = { { "connect", "Connect" }, { NULL, NULL } };
  static const SysvpnNotifierAction reconnect[] = { { "reconnect", "Reconnect" },
                                                    { NULL, NULL } };
  static const struct {
    SysvpnUrgency urgency;
    const SysvpnNotifierAction *actions;
  } styles[] = {
    [SYSVPN_NOTICE_DROPPED] = { SYSVPN_URGENCY_NORMAL, connect },
    [SYSVPN_NOTICE_RECOVERED] = { SYSVPN_URGENCY_LOW, NULL },
    [SYSVPN_NOTICE_FLAPPING] = { SYSVPN_URGENCY_NORMAL, NULL },
    [SYSVPN_NOTICE_DEGRADED] = { SYSVPN_URGENCY_NORMAL, reconnect },
    [SYSVPN_NOTICE_EXPOSED] = { SYSVPN_URGENCY_CRITICAL, NULL },
    [SYSVPN_NOTICE_SILENT] = { SYSVPN_URGENCY_NORMAL, NULL },
  };
  SysvpnTopic topic = sysvpn_notice_topic (notice.kind);
  g_auto (SysvpnMessage) message = { 0 };

  if (notice.kind >= G_N_ELEMENTS (styles)) {
    sysvpn_notifier_close (self->notifier, topic);
    return;
  }
  sysvpn_wording_notice (notice, self->qube_name, sysvpn_qube_get_view (self->qube), &message);
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
notice_resume (SysvpnApplication *self)
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
update_notifications (SysvpnApplication *self)
{
  SysvpnNotice notices[SYSVPN_NOTICES_MAX];
  SysvpnNoticeScene scene = {
    .view = sysvpn_qube_get_view (self->qube),
    .report = believed_report (self),
    .is_pending = sysvpn_qube_get_pending (self->qube) != SYSVPN_ACTION_NONE,
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
update_icon (SysvpnApplication *self)
{
  SysvpnView view = sysvpn_qube_get_view (self->qube);
  g_autoptr (GDateTime) verified = sysvpn_qube_dup_verified_time (self->qube);
  g_autofree char *remedy = NULL;
  g_autofree char *state = sysvpn_wording_split (view.sentence, &remedy);
  g_autofree char *tooltip =
      sysvpn_wording_tooltip (self->qube_name, view, believed_report (self), verified);
  g_autofree char *description =
      g_strconcat (remedy != NULL ? remedy : "", remedy != NULL ? "\n" : "", tooltip, NULL);

  sysvpn_tray_icon_set_state (self->icon, sysvpn_shown_icon_name (view.shown), state,
                              description);
}

/* What explained a click is over when the state is another. */
static void
drop_explanation (SysvpnApplication *self)
{
  if (!self->is_explained || sysvpn_qube_get_view (self->qube).shown == self->explained)
    return;
  self->is_explained = false;
  sysvpn_notifier_close (self->notifier, SYSVPN_TOPIC_ACTION);
}

static void
update (SysvpnApplication *self)
{
  notice_resume (self);
  update_icon (self);
  drop_explanation (self);
  sysvpn_menu_update (self->menu, self->qube, current_click (self));
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
  SysvpnApplication *self = data;
  g_autoptr (GError) error = NULL;

  /* what was asked for is not announced, except when it fails */
  if (!sysvpn_qube_act_finish (SYSVPN_QUBE (source), result, &error) &&
      !g_error_matches (error, SYSVPN_CALL_ERROR, SYSVPN_CALL_ERROR_CANCELLED) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    error->message[0] = g_ascii_toupper (error->message[0]);
    self->is_explained = false;
    sysvpn_notifier_show (self->notifier, SYSVPN_TOPIC_ACTION, "VPN: that did not work",
                          error->message, SYSVPN_URGENCY_NORMAL, NULL);
  }
  g_object_unref (self);
}

static void
act (SysvpnApplication *self, SysvpnAction action, const char *uuid)
{
  sysvpn_notifier_close (self->notifier, SYSVPN_TOPIC_ACTION);
  sysvpn_qube_act_async (self->qube, action, uuid, NULL, on_acted, g_object_ref (self));
}

/* Nothing can be toggled: ask again, and say what is known. */
static void
explain (SysvpnApplication *self)
{
  SysvpnView view = sysvpn_qube_get_view (self->qube);
  g_autofree char *remedy = NULL;
  g_autofree char *state = sysvpn_wording_split (view.sentence, &remedy);

  self->is_explained = true;
  self->explained = view.shown;
  sysvpn_qube_refresh (self->qube);
  sysvpn_notifier_show (self->notifier, SYSVPN_TOPIC_ACTION, state,
                        remedy != NULL ? remedy : self->qube_name, SYSVPN_URGENCY_NORMAL, NULL);
}

static void
do_click (SysvpnApplication *self)
{
  switch (current_click (self)) {
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
    explain (self);
    break;
  case SYSVPN_CLICK_IGNORE:
  case SYSVPN_N_CLICKS:
  default:
    break;
  }
}

static void
on_activate (SysvpnApplication *self)
{
  if (!sysvpn_click_is_double (&self->clicked_ms, sysvpn_alarm_now_ms ()))
    do_click (self);
}

static void
on_reconnect (SysvpnApplication *self)
{
  act (self, SYSVPN_ACTION_RECONNECT, NULL);
}

static void
on_profile (SysvpnApplication *self, const char *uuid)
{
  act (self, SYSVPN_ACTION_CONNECT, uuid);
}

static void
on_about (SysvpnApplication *self G_GNUC_UNUSED)
{
  gtk_show_about_dialog (NULL, "program-name", "sysvpn", "version", SYSVPN_VERSION,
                         "logo-icon-name", "sysvpn", "license-type", GTK_LICENSE_GPL_2_0,
                         "comments", "Shows and controls the VPN qube's tunnel and killswitch.",
                         NULL);
}

static void
on_notifier_action (SysvpnApplication *self, SysvpnTopic topic G_GNUC_UNUSED, const char *id)
{
  /* the notification may be old: only what still makes sense is done */
  SysvpnClick click = current_click (self);

  if ((g_str_equal (id, "connect") && click == SYSVPN_CLICK_CONNECT) ||
      (g_str_equal (id, "reconnect") && click == SYSVPN_CLICK_RECONNECT))
    do_click (self);
}

/* The first time soon after the start, and not before it may the qube be called. */
static void
on_power (SysvpnApplication *self, const char *name G_GNUC_UNUSED, guint power)
{
  sysvpn_qube_set_power (self->qube, (SysvpnPower) power);
  sysvpn_qube_start (self->qube);
}

static gboolean
on_signal (gpointer data)
{
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
sysvpn_application_startup (GApplication *application)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (application);
  static const int stop_signals[] = { SIGTERM, SIGINT };

  G_APPLICATION_CLASS (sysvpn_application_parent_class)->startup (application);

  self->qube = sysvpn_qube_new (self->qube_name, self->transport);
  self->qubesd = sysvpn_qubesd_watch_new (self->transport);
  self->power_watch = sysvpn_power_watch_new (self->qubesd);
  self->menu = sysvpn_menu_new ();
  self->notifier = sysvpn_notifier_new ();
  self->policy_alarm = sysvpn_alarm_new ("sysvpn: notification", on_policy_alarm, self);
  self->asleep_ms = asleep_ms ();
  self->icon = sysvpn_tray_host_new ("sysvpn", g_getenv ("SYSVPN_ICON_PATH"));
  g_signal_connect_swapped (self->icon, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->icon, "secondary", G_CALLBACK (explain), self);
  g_signal_connect_swapped (self->menu, "toggle", G_CALLBACK (do_click), self);
  g_signal_connect_swapped (self->menu, "reconnect", G_CALLBACK (on_reconnect), self);
  g_signal_connect_swapped (self->menu, "profile", G_CALLBACK (on_profile), self);
  g_signal_connect_swapped (self->menu, "about", G_CALLBACK (on_about), self);
  g_signal_connect_swapped (self->menu, "quit", G_CALLBACK (g_application_quit), self);
  g_signal_connect_swapped (self->notifier, "action", G_CALLBACK (on_notifier_action), self);
  g_signal_connect_swapped (self->qube, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->qube, "profiles-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->power_watch, "changed", G_CALLBACK (on_power), self);
  for (size_t i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (stop_signals[i], on_signal, self);

  update (self);
  sysvpn_tray_icon_set_menu (self->icon, sysvpn_menu_get_widget (self->menu));
  sysvpn_power_watch_add (self->power_watch, self->qube_name);
  sysvpn_qubesd_watch_start (self->qubesd);
  g_application_hold (application); /* there is no window to keep it alive */
}

static void
sysvpn_application_activate (GApplication *application)
{
  /* the icon is there; a second start of the program has nothing to add to it */
  g_debug ("%s activated", g_application_get_application_id (application));
}

static void
sysvpn_application_shutdown (GApplication *application)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (application);

  for (size_t i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  if (self->qube != NULL) {
    g_signal_handlers_disconnect_by_data (self->qube, self);
    g_signal_handlers_disconnect_by_data (self->power_watch, self);
    g_object_run_dispose (G_OBJECT (self->power_watch)); /* a call under way keeps it alive */
    for (unsigned topic = 0; topic < SYSVPN_N_TOPICS; topic++)
      sysvpn_notifier_close (self->notifier, (SysvpnTopic) topic);
  }
  g_clear_pointer (&self->policy_alarm, sysvpn_alarm_free);
  g_clear_object (&self->icon);
  g_clear_object (&self->menu);
  g_clear_object (&self->notifier);
  g_clear_object (&self->power_watch);
  g_clear_object (&self->qubesd);
  g_clear_object (&self->qube);
  G_APPLICATION_CLASS (sysvpn_application_parent_class)->shutdown (application);
}

static void
sysvpn_application_finalize (GObject *object)
{
  SysvpnApplication *self = SYSVPN_APPLICATION (object);

  sysvpn_transport_unref (self->transport);
  g_free (self->qube_name);
  G_OBJECT_CLASS (sysvpn_application_parent_class)->finalize (object);
}

static void
sysvpn_application_class_init (SysvpnApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = sysvpn_application_finalize;
  application_class->startup = sysvpn_application_startup;
  application_class->activate = sysvpn_application_activate;
  application_class->shutdown = sysvpn_application_shutdown;
}

static void
sysvpn_application_init (SysvpnApplication *self G_GNUC_UNUSED)
{
}

/**
 * sysvpn_application_new:
 * @qube: name of the VPN qube, valid
 * @transport: how to reach it
 *
 * Returns: (transfer full): the applet, to be run
 */
SysvpnApplication *
sysvpn_application_new (const char *qube, SysvpnTransport *transport)
{
  SysvpnApplication *self =
      g_object_new (SYSVPN_TYPE_APPLICATION, "application-id", SYSVPN_APPLICATION_ID, NULL);

  self->qube_name = g_strdup (qube);
  self->transport = sysvpn_transport_ref (transport);
  return self;
}

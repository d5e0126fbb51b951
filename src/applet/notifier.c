/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notifications by topic, through libnotify, whose calls wait for the daemon: 25 s for one that
 * hangs. So before each the daemon is asked something without waiting, and only its answer
 * sends what is due. It is asked for its capabilities: a Ping would be answered by GDBus's own
 * thread in the daemon, whether its main loop lives or not. A daemon that never answers delays
 * the messages for ever and the applet never. What a topic says is kept until it is over, so
 * the newest text wins, and critical ones are shown again by a daemon that was restarted. */
#include "applet/notifier.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <libnotify/notify.h>
#include <stdbool.h>

#define DAEMON_NAME "org.freedesktop.Notifications"
#define DAEMON_PATH "/org/freedesktop/Notifications"
#define TOPIC_KEY "sysvpn-topic"

struct Message {
  char *summary; /* NULL: nothing to say, or over */
  char *body;
  SysvpnUrgency urgency;
  char **actions; /* id, label, id, label */

  bool is_due;               /* not said yet; has a summary then */
  NotifyNotification *shown; /* NULL: nothing on the screen */
};

struct _SysvpnNotifier {
  GObject parent_instance;

  struct Message messages[SYSVPN_N_TOPICS];
  GCancellable *cancellable;
  GDBusConnection *connection;
  guint watch_id;
  bool is_asking;
  bool has_markup; /* as the daemon said last */
};

G_DEFINE_FINAL_TYPE (SysvpnNotifier, sysvpn_notifier, G_TYPE_OBJECT)

enum { SIGNAL_ACTION, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
message_set (struct Message *message, const char *summary, const char *body, char **actions)
{
  g_free (message->summary);
  message->summary = g_strdup (summary);
  g_free (message->body);
  message->body = g_strdup (body);
  g_strfreev (message->actions);
  message->actions = actions;
}

static void
message_drop_shown (SysvpnNotifier *self, struct Message *message)
{
  if (message->shown != NULL)
    g_signal_handlers_disconnect_by_data (message->shown, self);
  g_clear_object (&message->shown);
}

static void
on_closed (NotifyNotification *shown, SysvpnNotifier *self)
{
  guint topic = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (shown), TOPIC_KEY));
  struct Message *message = &self->messages[topic];

  if (message->shown != shown)
    return;
  message_drop_shown (self, message);
  /* The user has seen it, or its time is up; but not what was said since and is not out yet. */
  if (!message->is_due)
    message_set (message, NULL, NULL, NULL);
}

static void
on_action (NotifyNotification *shown, char *action, gpointer user_data)
{
  guint topic = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (shown), TOPIC_KEY));

  /* Who acts on it may close the topic, and libnotify still uses the object after we return. */
  g_idle_add_once (g_object_unref, g_object_ref (shown));
  g_signal_emit (user_data, signals[SIGNAL_ACTION], 0, topic, action);
}

static NotifyUrgency
notify_urgency (SysvpnUrgency urgency)
{
  switch (urgency) {
  case SYSVPN_URGENCY_LOW:
    return NOTIFY_URGENCY_LOW;
  case SYSVPN_URGENCY_CRITICAL:
    return NOTIFY_URGENCY_CRITICAL;
  case SYSVPN_URGENCY_NORMAL:
  default:
    return NOTIFY_URGENCY_NORMAL;
  }
}

/* False when the daemon ended, or refused it: it stays due. */
static bool
message_send (SysvpnNotifier *self, struct Message *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *markup = self->has_markup ? g_markup_escape_text (message->body, -1) : NULL;
  const char *body = markup != NULL ? markup : message->body;

  if (message->shown == NULL) {
    message->shown = notify_notification_new (message->summary, body, "sysvpn");
    g_object_set_data (G_OBJECT (message->shown), TOPIC_KEY,
                       GUINT_TO_POINTER ((guint) (message - self->messages)));
    notify_notification_set_hint (message->shown, "desktop-entry",
                                  g_variant_new_string ("sysvpn-applet"));
    g_signal_connect (message->shown, "closed", G_CALLBACK (on_closed), self);
  } else {
    notify_notification_update (message->shown, message->summary, body, "sysvpn");
    /* else the daemon keeps the old buttons */
    notify_notification_clear_actions (message->shown);
  }
  notify_notification_set_urgency (message->shown, notify_urgency (message->urgency));
  notify_notification_set_timeout (message->shown, message->urgency == SYSVPN_URGENCY_CRITICAL
                                                       ? NOTIFY_EXPIRES_NEVER
                                                       : NOTIFY_EXPIRES_DEFAULT);
  for (char **action = message->actions; action != NULL && *action != NULL; action += 2)
    notify_notification_add_action (message->shown, action[0], action[1], on_action, self,
                                    NULL);

  if (notify_notification_show (message->shown, &error))
    return true;
  g_message ("notification not shown: %s", error->message);
  message_drop_shown (self, message);
  return false;
}

/* Not notify_notification_close(), which waits; nobody has to answer this. */
static void
message_withdraw (SysvpnNotifier *self, struct Message *message)
{
  gint id;

  if (message->shown == NULL)
    return;
  g_object_get (message->shown, "id", &id, NULL);
  g_dbus_connection_call (self->connection, DAEMON_NAME, DAEMON_PATH, DAEMON_NAME,
                          "CloseNotification", g_variant_new ("(u)", (guint32) id), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  message_drop_shown (self, message);
}

static void
send_due (SysvpnNotifier *self)
{
  for (guint topic = 0; topic < SYSVPN_N_TOPICS; topic++) {
    struct Message *message = &self->messages[topic];

    if (message->is_due && !message_send (self, message))
      return; /* the daemon is in trouble: each further try could take its time-out */
    message->is_due = false;
  }
}

static bool
has_due (SysvpnNotifier *self)
{
  for (guint topic = 0; topic < SYSVPN_N_TOPICS; topic++)
    if (self->messages[topic].is_due)
      return true;
  return false;
}

static void
take_capabilities (SysvpnNotifier *self, GVariant *answer)
{
  g_autofree const char **capabilities = NULL;

  g_variant_get (answer, "(^a&s)", &capabilities);
  self->has_markup = g_strv_contains (capabilities, "body-markup");
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  SysvpnNotifier *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and @user_data may be gone */
  self->is_asking = false;
  if (answer == NULL) {
    g_debug ("no notification daemon: %s", error->message); /* until one takes the name */
    return;
  }
  take_capabilities (self, answer);
  send_due (self);
}

/* Without a time limit: the answer of a daemon that was stopped comes when it goes on, and one
 * that dies ends the call, so nothing has to be asked again by a timer. Starts the daemon if
 * need be. */
static void
ask_daemon (SysvpnNotifier *self)
{
  if (self->connection == NULL || self->is_asking || !has_due (self))
    return;
  self->is_asking = true;
  g_dbus_connection_call (self->connection, DAEMON_NAME, DAEMON_PATH, DAEMON_NAME,
                          "GetCapabilities", NULL, G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, self->cancellable, on_answer, self);
}

static void
on_daemon_appeared (GDBusConnection *connection,
                    const char *name,
                    const char *owner,
                    gpointer user_data)
{
  (void) connection;
  (void) name;
  (void) owner;
  ask_daemon (user_data);
}

static void
on_daemon_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  SysvpnNotifier *self = user_data;

  (void) connection;
  (void) name;
  for (guint topic = 0; topic < SYSVPN_N_TOPICS; topic++) {
    struct Message *message = &self->messages[topic];

    if (message->shown == NULL)
      continue;
    /* It went from the screen with the daemon. Only what still needs the user comes back. */
    message_drop_shown (self, message);
    if (message->urgency == SYSVPN_URGENCY_CRITICAL)
      message->is_due = true;
    else if (!message->is_due)
      message_set (message, NULL, NULL, NULL);
  }
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_bus_get_finish (result, &error);
  SysvpnNotifier *self = user_data;

  (void) source;
  if (connection == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_warning ("no notifications: %s", error->message);
    return;
  }
  self->connection = connection;
  self->watch_id =
      g_bus_watch_name_on_connection (connection, DAEMON_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_daemon_appeared, on_daemon_vanished, self, NULL);
  ask_daemon (self);
}

/**
 * sysvpn_notifier_show:
 * @topic: replaces what is shown of this topic, in place
 * @summary: plain text of our own wording, never words of another qube
 * @body: plain text; it is escaped where the daemon reads markup
 * @actions: (nullable) (array zero-terminated): the buttons; a press emits
 * #SysvpnNotifier::action with the topic and the id
 *
 * Never blocks; shown when the daemon answers, at once as a rule.
 */
void
sysvpn_notifier_show (SysvpnNotifier *self,
                      SysvpnTopic topic,
                      const char *summary,
                      const char *body,
                      SysvpnUrgency urgency,
                      const SysvpnNotifierAction *actions)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_if_fail (SYSVPN_IS_NOTIFIER (self));
  g_return_if_fail (topic < SYSVPN_N_TOPICS && summary != NULL && body != NULL);

  for (; actions != NULL && actions->id != NULL; actions++)
    g_strv_builder_add_many (builder, actions->id, _ (actions->label), NULL);
  message_set (&self->messages[topic], summary, body, g_strv_builder_end (builder));
  self->messages[topic].urgency = urgency;
  self->messages[topic].is_due = true;
  ask_daemon (self);
}

/**
 * sysvpn_notifier_close:
 *
 * Takes the topic's notification from the screen: what it told is over. Never blocks.
 */
void
sysvpn_notifier_close (SysvpnNotifier *self, SysvpnTopic topic)
{
  struct Message *message;

  g_return_if_fail (SYSVPN_IS_NOTIFIER (self));
  g_return_if_fail (topic < SYSVPN_N_TOPICS);

  message = &self->messages[topic];
  message_set (message, NULL, NULL, NULL);
  message->is_due = false;
  message_withdraw (self, message);
}

/* Takes everything from the screen: nobody would take it away when it is over, and its buttons
 * do nothing any more. */
static void
sysvpn_notifier_dispose (GObject *object)
{
  SysvpnNotifier *self = SYSVPN_NOTIFIER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  for (guint topic = 0; topic < SYSVPN_N_TOPICS; topic++) {
    message_withdraw (self, &self->messages[topic]);
    message_set (&self->messages[topic], NULL, NULL, NULL);
  }
  if (self->connection != NULL) /* waits for the bus to take it, not for the daemon */
    g_dbus_connection_flush_sync (self->connection, NULL, NULL);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sysvpn_notifier_parent_class)->dispose (object);
}

static void
sysvpn_notifier_class_init (SysvpnNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_notifier_dispose;

  signals[SIGNAL_ACTION] =
      g_signal_new ("action", SYSVPN_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

static void
sysvpn_notifier_init (SysvpnNotifier *self)
{
  self->cancellable = g_cancellable_new ();
  if (!notify_is_initted ())
    notify_init ("sysvpn");
  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, on_connected, self);
}

/**
 * sysvpn_notifier_new:
 *
 * Each notifier has its own set of topics: with several VPN qubes, one notifier for each.
 */
SysvpnNotifier *
sysvpn_notifier_new (void)
{
  return g_object_new (SYSVPN_TYPE_NOTIFIER, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Left click for libayatana-appindicator and libappindicator. Their items have neither the
 * method Activate nor the property ItemIsMenu, and XFCE's panel takes an item without the
 * property for one that is nothing but a menu. Both are added on the way to the bus, by a
 * filter on the connection that the library exports its item on:
 *
 *   the item's properties leave the process   -> ItemIsMenu=false is added, unless it is there
 *   Activate is answered with "no such method" -> that becomes an empty reply, and a click for
 * us SecondaryActivate arrives                 -> the library's, as it was; we only take note
 *
 * So a library that learns to do this itself is left alone without being asked for its version.
 */
#include "applet/indicator-activate.h"

/* What both libraries put before the id. */
#define PATH_PREFIX "/org/ayatana/NotificationItem/"
#define ITEM_INTERFACE "org.kde.StatusNotifierItem"

/* Calls of Activate that the library has not answered yet. It answers at once, so more than one
 * is rare; beyond this the oldest is forgotten, and its caller gets the library's error. */
enum { PENDING_MAX = 8 };

struct PendingCall {
  char *sender;
  guint32 serial; /* 0: none */
};

/* Shared by the main thread, which makes and frees it, and GDBus' worker, which runs the
 * filter. */
typedef struct {
  char *id;
  char *path;

  GMutex mutex;
  struct PendingCall pending[PENDING_MAX];
  guint next;

  /* main thread only; NULL once it was freed there */
  SysvpnIndicatorClickFunc func;
  gpointer user_data;
} Shared;

struct _SysvpnIndicatorActivate {
  GDBusConnection *connection;
  guint filter_id;
  Shared *shared;
};

static void
shared_clear (gpointer data)
{
  Shared *shared = data;

  for (guint i = 0; i < PENDING_MAX; i++)
    g_free (shared->pending[i].sender);
  g_mutex_clear (&shared->mutex);
  g_free (shared->path);
  g_free (shared->id);
}

static void
shared_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, shared_clear);
}

typedef struct {
  Shared *shared;
  SysvpnIndicatorClick click;
} Delivery;

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;

  if (delivery->shared->func != NULL)
    delivery->shared->func (delivery->click, delivery->shared->user_data);
  return G_SOURCE_REMOVE;
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  shared_unref (delivery->shared);
  g_free (delivery);
}

static void
send_click (Shared *shared, SysvpnIndicatorClick click)
{
  Delivery *delivery = g_new (Delivery, 1);

  *delivery = (Delivery){ .shared = g_atomic_rc_box_acquire (shared), .click = click };
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, delivery, delivery_free);
}

static void
remember_call (Shared *shared, GDBusMessage *message)
{
  g_mutex_lock (&shared->mutex);
  struct PendingCall *call = &shared->pending[shared->next];
  shared->next = (shared->next + 1) % PENDING_MAX;
  g_free (call->sender);
  call->sender = g_strdup (g_dbus_message_get_sender (message));
  call->serial = g_dbus_message_get_serial (message);
  g_mutex_unlock (&shared->mutex);
}

static gboolean
forget_call (Shared *shared, GDBusMessage *reply)
{
  const char *caller = g_dbus_message_get_destination (reply);
  guint32 serial = g_dbus_message_get_reply_serial (reply);
  gboolean found = FALSE;

  g_mutex_lock (&shared->mutex);
  for (guint i = 0; i < PENDING_MAX && !found; i++) {
    struct PendingCall *call = &shared->pending[i];

    found = serial != 0 && call->serial == serial && g_strcmp0 (call->sender, caller) == 0;
    if (found) {
      g_clear_pointer (&call->sender, g_free);
      call->serial = 0;
    }
  }
  g_mutex_unlock (&shared->mutex);
  return found;
}

static void
take_call (Shared *shared, GDBusMessage *message)
{
  const char *interface = g_dbus_message_get_interface (message);
  const char *member = g_dbus_message_get_member (message);

  if (g_strcmp0 (g_dbus_message_get_path (message), shared->path) != 0 ||
      g_strcmp0 (interface, ITEM_INTERFACE) != 0)
    return;
  if (g_strcmp0 (member, "Activate") == 0)
    remember_call (shared, message);
  else if (g_strcmp0 (member, "SecondaryActivate") == 0 ||
           g_strcmp0 (member, "XAyatanaSecondaryActivate") == 0) /* GNOME's extension */
    send_click (shared, SYSVPN_INDICATOR_CLICK_SECONDARY);
}

/* A message in a filter is locked; what is changed is a copy, which keeps serial and receiver.
 */
static GDBusMessage *
copy_of (GDBusMessage *message)
{
  GDBusMessage *copy = g_dbus_message_copy (message, NULL);

  /* fails only where descriptors cannot be duplicated, and there are none in these */
  g_assert (copy != NULL);
  g_object_unref (message);
  return copy;
}

static GDBusMessage *
take_properties (Shared *shared, GDBusMessage *message)
{
  GVariant *body = g_dbus_message_get_body (message);
  g_autoptr (GVariant) properties = NULL;
  const char *id;

  if (body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(a{sv})")))
    return message;
  /* A reply does not say what it is a reply to. Our item's properties are known by themselves,
   * which spares keeping track of who asked. */
  properties = g_variant_get_child_value (body, 0);
  if (!g_variant_lookup (properties, "Id", "&s", &id) || g_strcmp0 (id, shared->id) != 0 ||
      !g_variant_lookup (properties, "Menu", "o", NULL) ||
      g_variant_lookup (properties, "ItemIsMenu", "b", NULL))
    return message;

  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (properties);
  g_variant_dict_insert (&dict, "ItemIsMenu", "b", FALSE);
  GDBusMessage *copy = copy_of (message);
  g_dbus_message_set_body (copy, g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
  return copy;
}

static GDBusMessage *
take_error (Shared *shared, GDBusMessage *message)
{
  if (!forget_call (shared, message) ||
      g_strcmp0 (g_dbus_message_get_error_name (message),
                 "org.freedesktop.DBus.Error.UnknownMethod") != 0)
    return message;

  GDBusMessage *copy = copy_of (message);
  g_dbus_message_set_message_type (copy, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  g_dbus_message_set_error_name (copy, NULL);
  g_dbus_message_set_body (copy, NULL);
  send_click (shared, SYSVPN_INDICATOR_CLICK_ACTIVATE);
  return copy;
}

/* Runs in GDBus' worker thread, for every message of the connection. */
static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Shared *shared = data;

  (void) connection;
  switch (g_dbus_message_get_message_type (message)) {
  case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
    if (incoming)
      take_call (shared, message);
    return message;
  case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    if (incoming)
      return message;
    if (forget_call (shared, message))
      return message; /* the library knows Activate: its business */
    return take_properties (shared, message);
  case G_DBUS_MESSAGE_TYPE_ERROR:
    return incoming ? message : take_error (shared, message);
  case G_DBUS_MESSAGE_TYPE_INVALID:
  case G_DBUS_MESSAGE_TYPE_SIGNAL:
  default:
    return message;
  }
}

/**
 * sysvpn_indicator_activate_new:
 * @connection: the one that the library exports its item on: the shared session bus
 * @id: the indicator's id, letters only (the library changes other characters in the path)
 * @func: called in the default main context at each click
 *
 * Has to be there before the indicator is, or the tray's first reading of the properties goes
 * by.
 *
 * Returns: (transfer full): free it in the main thread, after which @func is not called any
 * more
 */
SysvpnIndicatorActivate *
sysvpn_indicator_activate_new (GDBusConnection *connection,
                               const char *id,
                               SysvpnIndicatorClickFunc func,
                               gpointer user_data)
{
  SysvpnIndicatorActivate *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (id != NULL && func != NULL, NULL);

  self = g_new0 (SysvpnIndicatorActivate, 1);
  self->connection = g_object_ref (connection);
  self->shared = g_atomic_rc_box_new0 (Shared);
  self->shared->id = g_strdup (id);
  self->shared->path = g_strconcat (PATH_PREFIX, id, NULL);
  g_mutex_init (&self->shared->mutex);
  self->shared->func = func;
  self->shared->user_data = user_data;
  self->filter_id = g_dbus_connection_add_filter (
      connection, filter, g_atomic_rc_box_acquire (self->shared), shared_unref);
  return self;
}

void
sysvpn_indicator_activate_free (SysvpnIndicatorActivate *self)
{
  if (self == NULL)
    return;
  self->shared->func = NULL;
  g_dbus_connection_remove_filter (self->connection, self->filter_id);
  g_object_unref (self->connection);
  shared_unref (self->shared);
  g_free (self);
}

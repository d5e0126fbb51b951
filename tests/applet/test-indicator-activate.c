/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library of the kind that lacks Activate, and the kind that has it, behind the filter.
 * Library and panel are the two ends of a socket pair: no bus, no display. */
#include "applet/indicator-activate.h"

#include <stdbool.h>
#include <sys/socket.h>

#define ITEM "org.kde.StatusNotifierItem"
#define PATH "/org/ayatana/NotificationItem/test"

static const char *const old_library = "<node><interface name='" ITEM "'>"
                                       "<property name='Id' type='s' access='read'/>"
                                       "<property name='Menu' type='o' access='read'/>"
                                       "<method name='SecondaryActivate'>"
                                       "<arg type='i'/><arg type='i'/></method>"
                                       "</interface></node>";
static const char *const new_library = "<node><interface name='" ITEM "'>"
                                       "<property name='Id' type='s' access='read'/>"
                                       "<property name='Menu' type='o' access='read'/>"
                                       "<property name='ItemIsMenu' type='b' access='read'/>"
                                       "<method name='Activate'>"
                                       "<arg type='i'/><arg type='i'/></method>"
                                       "</interface></node>";

typedef struct {
  GDBusConnection *library;
  GDBusConnection *panel;
  GDBusNodeInfo *node;
  guint n_library_calls;
  guint n_clicks[2];
  SysvpnIndicatorActivate *filter;
} Fixture;

static void
on_click (SysvpnIndicatorClick click, gpointer user_data)
{
  ((Fixture *) user_data)->n_clicks[click]++;
}

static void
on_library_call (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *method,
                 GVariant *parameters,
                 GDBusMethodInvocation *invocation,
                 gpointer user_data)
{
  (void) connection;
  (void) sender;
  (void) path;
  (void) interface;
  (void) method;
  (void) parameters;
  ((Fixture *) user_data)->n_library_calls++;
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static GVariant *
on_library_property (GDBusConnection *connection,
                     const char *sender,
                     const char *path,
                     const char *interface,
                     const char *property,
                     GError **error,
                     gpointer user_data)
{
  (void) connection;
  (void) sender;
  (void) interface;
  (void) error;
  (void) user_data;
  if (g_str_equal (property, "Id"))
    return g_variant_new_string (g_str_equal (path, PATH) ? "test" : "other");
  if (g_str_equal (property, "Menu"))
    return g_variant_new_object_path ("/Menu");
  return g_variant_new_boolean (TRUE);
}

static const GDBusInterfaceVTable vtable = { .method_call = on_library_call,
                                             .get_property = on_library_property };

static GDBusConnection *
connection_on (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  GDBusConnection *connection = g_dbus_connection_new_sync (
      G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_NONE, NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
export_at (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_register_object (fixture->library, path, fixture->node->interfaces[0],
                                     &vtable, fixture, NULL, &error);
  g_assert_no_error (error);
}

static void
fixture_set_up (Fixture *fixture, gconstpointer xml)
{
  g_autoptr (GError) error = NULL;
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  fixture->library = connection_on (pair[0]);
  fixture->panel = connection_on (pair[1]);
  fixture->node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  export_at (fixture, PATH);
  export_at (fixture, "/org/ayatana/NotificationItem/other");
  fixture->filter = sysvpn_indicator_activate_new (fixture->library, "test", on_click, fixture);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer xml)
{
  (void) xml;
  sysvpn_indicator_activate_free (fixture->filter);
  g_dbus_connection_close_sync (fixture->panel, NULL, NULL);
  g_dbus_connection_close_sync (fixture->library, NULL, NULL);
  g_object_unref (fixture->panel);
  g_object_unref (fixture->library);
  g_dbus_node_info_unref (fixture->node);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) source;
  g_set_object ((GAsyncResult **) user_data, result);
}

/* NULL: the call was refused, with the error that a host sees for a method that is not there.
 */
static GVariant *
call (Fixture *fixture, const char *path, const char *method, GVariant *arguments)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const char *interface =
      g_str_equal (method, "GetAll") ? "org.freedesktop.DBus.Properties" : ITEM;
  GVariant *answer;

  g_dbus_connection_call (fixture->panel, NULL, path, interface, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_answer, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  answer = g_dbus_connection_call_finish (fixture->panel, result, &error);
  if (answer == NULL)
    g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  while (g_main_context_iteration (NULL, FALSE))
    ; /* the click, if there is one, was sent before the answer */
  return answer;
}

static bool
click (Fixture *fixture, const char *path, const char *method)
{
  g_autoptr (GVariant) answer = call (fixture, path, method, g_variant_new ("(ii)", 1, 2));

  if (answer != NULL)
    g_assert_true (g_variant_is_of_type (answer, G_VARIANT_TYPE_UNIT));
  return answer != NULL;
}

/* 0 or 1, -1 where there is no such property */
static int
item_is_menu (Fixture *fixture, const char *path)
{
  g_autoptr (GVariant) answer = call (fixture, path, "GetAll", g_variant_new ("(s)", ITEM));
  g_autoptr (GVariant) properties = g_variant_get_child_value (answer, 0);
  gboolean value;

  return g_variant_lookup (properties, "ItemIsMenu", "b", &value) ? value : -1;
}

static void
test_added (Fixture *fixture, gconstpointer data)
{
  (void) data;
  for (guint n = 1; n <= 20; n++) {
    g_assert_true (click (fixture, PATH, "Activate"));
    g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], ==, n);
  }
  g_assert_cmpint (item_is_menu (fixture, PATH), ==, 0);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_SECONDARY], ==, 0);
}

static void
test_secondary (Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true (click (fixture, PATH, "SecondaryActivate"));
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_SECONDARY], ==, 1);
  g_assert_cmpuint (fixture->n_library_calls, ==, 1);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], ==, 0);
}

static void
test_left_alone (Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true (click (fixture, PATH, "Activate"));
  g_assert_cmpuint (fixture->n_library_calls, ==, 1);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], ==, 0);
  g_assert_cmpint (item_is_menu (fixture, PATH), ==, 1);
}

static void
test_other_object (Fixture *fixture, gconstpointer data)
{
  const char *other = "/org/ayatana/NotificationItem/other";

  (void) data;
  g_assert_false (click (fixture, other, "Activate"));
  g_assert_false (click (fixture, PATH, "ContextMenu"));
  g_assert_cmpint (item_is_menu (fixture, other), ==, -1);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], ==, 0);
}

static void
test_freed (Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_clear_pointer (&fixture->filter, sysvpn_indicator_activate_free);
  g_assert_false (click (fixture, PATH, "Activate"));
  g_assert_cmpint (item_is_menu (fixture, PATH), ==, -1);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], ==, 0);
}

/* A host that sends many without waiting gets an answer to each, and the filter forgets what it
 * cannot keep. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  (void) data;
  for (guint n = 0; n < 1000; n++)
    g_dbus_connection_call (fixture->panel, NULL, PATH, ITEM, "Activate",
                            g_variant_new ("(ii)", 1, 2), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                            NULL, NULL, NULL);
  g_assert_true (click (fixture, PATH, "Activate"));
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], >=, 1);
  g_assert_cmpuint (fixture->n_clicks[SYSVPN_INDICATOR_CLICK_ACTIVATE], <=, 1001);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    const char *const *library;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/indicator-activate/added", &old_library, test_added },
    { "/indicator-activate/secondary", &old_library, test_secondary },
    { "/indicator-activate/left-alone", &new_library, test_left_alone },
    { "/indicator-activate/other-object", &old_library, test_other_object },
    { "/indicator-activate/freed", &old_library, test_freed },
    { "/indicator-activate/flood", &old_library, test_flood },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, *tests[i].library, fixture_set_up, tests[i].test,
                fixture_tear_down);
  return g_test_run ();
}

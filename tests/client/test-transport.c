/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/transport.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define UUID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"

static const struct ArgvCase {
  const char *name;
  SysvpnTransportKind kind;
  SysvpnService service;
  const char *uuid;
  const char *argv; /* joined by newlines; NULL for none */
} argv_cases[] = {
  { "dom0", SYSVPN_TRANSPORT_DOM0, SYSVPN_SERVICE_STATUS, NULL,
    "/bin/q\n-d\nsys-vpn\nDEFAULT:QUBESRPC sysvpn.Status dom0" },
  { "dom0-argument", SYSVPN_TRANSPORT_DOM0, SYSVPN_SERVICE_CONNECT, UUID,
    "/bin/q\n-d\nsys-vpn\nDEFAULT:QUBESRPC sysvpn.Connect+" UUID " dom0" },
  { "dom0-empty-argument", SYSVPN_TRANSPORT_DOM0, SYSVPN_SERVICE_CONNECT, "",
    "/bin/q\n-d\nsys-vpn\nDEFAULT:QUBESRPC sysvpn.Connect dom0" },
  { "gui-domain", SYSVPN_TRANSPORT_GUI_DOMAIN, SYSVPN_SERVICE_WATCH, NULL,
    "/bin/q\nsys-vpn\nsysvpn.Watch" },
  { "gui-domain-argument", SYSVPN_TRANSPORT_GUI_DOMAIN, SYSVPN_SERVICE_CONNECT, UUID,
    "/bin/q\nsys-vpn\nsysvpn.Connect+" UUID },
  { "socket", SYSVPN_TRANSPORT_SOCKET, SYSVPN_SERVICE_STATUS, NULL, NULL },
};

static void
test_argv (gconstpointer data)
{
  const struct ArgvCase *c = data;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_new (c->kind, "/bin/q");
  g_auto (GStrv) argv = sysvpn_transport_argv (transport, "sys-vpn", c->service, c->uuid);
  g_autofree char *joined = argv != NULL ? g_strjoinv ("\n", argv) : NULL;

  g_assert_cmpstr (joined, ==, c->argv);
}

static void
test_descriptor (void)
{
  g_autofree char *plain = sysvpn_transport_descriptor (SYSVPN_SERVICE_WATCH, NULL);
  g_autofree char *argument = sysvpn_transport_descriptor (SYSVPN_SERVICE_CONNECT, UUID);

  g_assert_cmpstr (plain, ==, "sysvpn.Watch dom0");
  g_assert_cmpstr (argument, ==, "sysvpn.Connect+" UUID " dom0");
}

static void
test_qube_name (void)
{
  static const struct {
    const char *name;
    bool valid;
  } cases[] = {
    { "sys-vpn", true },
    { "a", true },
    { "Work_2", true },
    { "abcdefghijklmnopqrstuvwxyz12345", true },
    { "abcdefghijklmnopqrstuvwxyz123456", false }, /* 32 */
    { "", false },
    { "-d", false },
    { "2vpn", false },
    { "_vpn", false },
    { "sys vpn", false },
    { "sys.vpn", false },
    { "sys-vpn\n", false },
    { "@dispvm", false },
    { "sys/vpn", false },
    { "s\xc3\xbc"
      "d",
      false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sysvpn_qube_name_is_valid (cases[i].name), ==, cases[i].valid);
}

static void
test_choose_socket (void)
{
  g_autofree char *long_path = g_strnfill (108, 'x');
  g_autofree char *too_long = g_strconcat ("unix:", long_path, NULL);
  const char *const bad[] = { "", "unix:", "/run/agent", "tcp:localhost", too_long };
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose ("unix:/run/a b", &error);

  g_assert_no_error (error);
  g_assert_cmpint (transport->kind, ==, SYSVPN_TRANSPORT_SOCKET);
  g_assert_cmpstr (transport->path, ==, "/run/a b");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_null (sysvpn_transport_choose (bad[i], &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_clear_error (&error);
  }
}

static void
add_program (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "#!/bin/sh\n", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
assert_chosen (SysvpnTransportKind kind, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnTransport) transport = sysvpn_transport_choose (NULL, &error);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (transport->kind, ==, kind);
  g_assert_cmpstr (transport->path, ==, path);
}

static void
remove_program (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_choose_by_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sysvpn-XXXXXX", NULL);
  g_autofree char *path_before = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", folder, TRUE);
  g_assert_null (sysvpn_transport_choose (NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "--connect unix:PATH"));

  add_program (folder, "qrexec-client");
  assert_chosen (SYSVPN_TRANSPORT_DOM0, folder, "qrexec-client");
  add_program (folder, "qrexec-client-vm");
  assert_chosen (SYSVPN_TRANSPORT_GUI_DOMAIN, folder, "qrexec-client-vm");

  g_setenv ("PATH", path_before, TRUE);
  remove_program (folder, "qrexec-client");
  remove_program (folder, "qrexec-client-vm");
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (argv_cases); i++) {
    g_autofree char *path = g_strconcat ("/transport/argv/", argv_cases[i].name, NULL);
    g_test_add_data_func (path, &argv_cases[i], test_argv);
  }
  g_test_add_func ("/transport/descriptor", test_descriptor);
  g_test_add_func ("/transport/qube-name", test_qube_name);
  g_test_add_func ("/transport/choose-socket", test_choose_socket);
  g_test_add_func ("/transport/choose-by-path", test_choose_by_path);
  return g_test_run ();
}

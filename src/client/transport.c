/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to reach the agent of a VPN qube. Everything above this file is the same for each of
 * them. Nothing here starts a qube: qrexec-client does not, and policy has autostart=no. */
#include "client/transport.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#define QREXEC_SOCKETS "/run/qubes"

enum { QUBE_NAME_MAX = 31 };

static void
clear (gpointer data)
{
  g_free (((SysvpnTransport *) data)->path);
}

/**
 * sysvpn_transport_new:
 * @kind: which way
 * @path: the program's, or the socket's
 *
 * Returns: (transfer full): a transport
 */
SysvpnTransport *
sysvpn_transport_new (SysvpnTransportKind kind, const char *path)
{
  SysvpnTransport *transport = g_rc_box_new0 (SysvpnTransport);

  transport->kind = kind;
  transport->path = g_strdup (path);
  return transport;
}

/**
 * sysvpn_transport_ref:
 * @transport: a transport
 *
 * Returns: (transfer full): @transport
 */
SysvpnTransport *
sysvpn_transport_ref (SysvpnTransport *transport)
{
  return g_rc_box_acquire (transport);
}

/**
 * sysvpn_transport_unref:
 * @transport: (transfer full): a transport
 */
void
sysvpn_transport_unref (SysvpnTransport *transport)
{
  g_rc_box_release_full (transport, clear);
}

static SysvpnTransport *
socket_transport (const char *connect, GError **error)
{
  const char *path = connect + strlen ("unix:");

  if (!g_str_has_prefix (connect, "unix:") || path[0] == '\0' ||
      strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("expected unix:PATH with a path of 1 to %zu bytes"),
                 sizeof ((struct sockaddr_un *) NULL)->sun_path - 1);
    return NULL;
  }
  return sysvpn_transport_new (SYSVPN_TRANSPORT_SOCKET, path);
}

/**
 * sysvpn_transport_choose:
 * @connect: (nullable): `unix:PATH`, or %NULL to use qrexec
 * @error: return location for %G_IO_ERROR_INVALID_ARGUMENT when @connect is not one, and
 *   %G_IO_ERROR_NOT_FOUND when this machine has no qrexec
 *
 * A GUI domain has qrexec-client-vm, dom0 has qrexec-client and never the other.
 *
 * Returns: (transfer full): the way to reach agents from this machine
 */
SysvpnTransport *
sysvpn_transport_choose (const char *connect, GError **error)
{
  static const struct {
    const char *program;
    SysvpnTransportKind kind;
  } programs[] = {
    { "qrexec-client-vm", SYSVPN_TRANSPORT_GUI_DOMAIN },
    { "qrexec-client", SYSVPN_TRANSPORT_DOM0 },
  };

  if (connect != NULL)
    return socket_transport (connect, error);
  for (size_t i = 0; i < G_N_ELEMENTS (programs); i++) {
    g_autofree char *path = g_find_program_in_path (programs[i].program);

    if (path != NULL)
      return sysvpn_transport_new (programs[i].kind, path);
  }
  g_set_error_literal (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      _ ("found neither qrexec-client-vm nor qrexec-client: run this in dom0 or "
         "a GUI domain, or name an agent's socket with --connect unix:PATH"));
  return NULL;
}

/**
 * sysvpn_qube_name_is_valid:
 * @name: what is said to be a name of a qube
 *
 * Returns: %TRUE for 1 to 31 letters, digits, '-' and '_', the first a letter: a name that can
 * be an option or break out of qrexec's command line is none
 */
bool
sysvpn_qube_name_is_valid (const char *name)
{
  if (!g_ascii_isalpha (name[0]) || strlen (name) > QUBE_NAME_MAX)
    return false;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_')
      return false;
  return true;
}

/**
 * sysvpn_transport_is_off:
 * @transport: how the qube is reached
 * @qube: a valid name
 *
 * For where qubesd cannot be asked: dom0 has a qrexec socket for each qube
 * that runs, and for no other.
 *
 * Returns: %TRUE if @qube is certainly not running; %FALSE if that cannot be told
 */
bool
sysvpn_transport_is_off (const SysvpnTransport *transport, const char *qube)
{
  g_autofree char *socket = g_strconcat (QREXEC_SOCKETS "/qrexec.", qube, NULL);

  return transport->kind == SYSVPN_TRANSPORT_DOM0 &&
         g_file_test (QREXEC_SOCKETS, G_FILE_TEST_IS_DIR) &&
         !g_file_test (socket, G_FILE_TEST_EXISTS);
}

/**
 * sysvpn_transport_descriptor:
 * @service: what is asked for
 * @uuid: (nullable): its argument
 *
 * Returns: (transfer full): `SERVICE[+UUID] dom0`, which names the source as qrexec does
 */
char *
sysvpn_transport_descriptor (SysvpnService service, const char *uuid)
{
  g_autofree char *request = sysvpn_request_format (service, uuid);

  return g_strconcat (request, " dom0", NULL);
}

/**
 * sysvpn_transport_argv:
 * @transport: one that runs a program
 * @qube: a valid name
 * @service: what is asked for
 * @uuid: (nullable): its argument, a valid UUID
 *
 * Returns: (transfer full): the command line of the call; %NULL for a socket
 */
char **
sysvpn_transport_argv (const SysvpnTransport *transport,
                       const char *qube,
                       SysvpnService service,
                       const char *uuid)
{
  g_autofree char *request = sysvpn_request_format (service, uuid);
  g_autofree char *descriptor = sysvpn_transport_descriptor (service, uuid);
  g_autofree char *command = g_strconcat ("DEFAULT:QUBESRPC ", descriptor, NULL);
  const char *const from_dom0[] = { transport->path, "-d", qube, command, NULL };
  const char *const from_gui_domain[] = { transport->path, qube, request, NULL };

  switch (transport->kind) {
  case SYSVPN_TRANSPORT_DOM0:
    return g_strdupv ((char **) (uintptr_t) from_dom0);
  case SYSVPN_TRANSPORT_GUI_DOMAIN:
    return g_strdupv ((char **) (uintptr_t) from_gui_domain);
  case SYSVPN_TRANSPORT_SOCKET:
  default:
    return NULL;
  }
}

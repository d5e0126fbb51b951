/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses by which the internet knows this machine when no VPN is between, kept in the
 * user's state folder. "sysvpn check --record-uplink" writes them, because asking for one in
 * the clear needs the user's consent; the check and the applet compare egress addresses with
 * them. Several are kept, as a laptop has one at home and another elsewhere. */
#include "client/uplink-address.h"

#include "base/public-address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

enum { FILE_MAX = 4096, PREFIX6_BYTES = 8 };

static const char head[] =
    "# Public addresses of this machine without the VPN, written by\n"
    "# sysvpn check --record-uplink. Remove a line, or this file, to forget.\n";

static bool
parse (const char *text, char ret_address[static INET6_ADDRSTRLEN])
{
  int family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;

  return sysvpn_public_address_parse (text, strlen (text), family, ret_address);
}

/**
 * sysvpn_uplink_addresses_path:
 *
 * Returns: (transfer full): where the user's are kept
 */
char *
sysvpn_uplink_addresses_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "sysvpn", "uplink-addresses", NULL);
}

static char *
read_bounded (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree char *text = g_malloc0 (FILE_MAX + 2);
  gsize len = 0;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), text, FILE_MAX + 1, &len, NULL, error))
    return NULL;
  if (len > FILE_MAX || strlen (text) != len) {
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "the list of uplink addresses is no text of at most 4096 bytes; remove "
        "it and run sysvpn check --record-uplink");
    return NULL;
  }
  return g_steal_pointer (&text);
}

/* Returns: whether the line is one that the list may have */
static bool
take_line (SysvpnUplinkAddresses *uplink, char *line)
{
  char address[INET6_ADDRSTRLEN];

  g_strstrip (line);
  if (line[0] == '\0' || line[0] == '#')
    return true;
  if (uplink->n == SYSVPN_UPLINK_ADDRESSES_MAX || !parse (line, address))
    return false;
  g_strlcpy (uplink->addresses[uplink->n++], address, sizeof *uplink->addresses);
  return true;
}

/**
 * sysvpn_uplink_addresses_load:
 * @path: the file
 * @ret_uplink: (out): what it holds; written only on success
 * @error: return location for a #GIOErrorEnum: the file cannot be read, or is not such a list
 *
 * Returns: %TRUE if the addresses are known; also when there is no file, and so no address
 */
bool
sysvpn_uplink_addresses_load (const char *path,
                              SysvpnUplinkAddresses *ret_uplink,
                              GError **error)
{
  SysvpnUplinkAddresses uplink = { 0 };
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = read_bounded (path, &problem);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  if (text == NULL && !g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return false;
  }
  for (unsigned i = 0; lines != NULL && lines[i] != NULL; i++)
    if (!take_line (&uplink, lines[i])) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "line %u of the list of uplink addresses is not one of at most %d public IP "
                   "addresses; correct %s",
                   i + 1, SYSVPN_UPLINK_ADDRESSES_MAX, path);
      return false;
    }
  *ret_uplink = uplink;
  return true;
}

/**
 * sysvpn_uplink_addresses_store:
 * @path: the file; its folder is made where it is missing
 * @uplink: what it shall hold
 * @error: return location for a %G_FILE_ERROR
 *
 * Readers see the old file or the new one, never a part. Nobody else may read it.
 *
 * Returns: %TRUE if it was written
 */
bool
sysvpn_uplink_addresses_store (const char *path,
                               const SysvpnUplinkAddresses *uplink,
                               GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GString) text = g_string_new (head);

  for (unsigned i = 0; i < uplink->n; i++)
    g_string_append_printf (text, "%s\n", uplink->addresses[i]);
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int code = errno;

    g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code),
                 "cannot make the folder %s: %s", folder, g_strerror (code));
    return false;
  }
  return g_file_set_contents_full (path, text->str, (gssize) text->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

/**
 * sysvpn_uplink_addresses_add:
 * @uplink: the list
 * @address: what somebody says the uplink's address is
 *
 * Puts @address first. The one that was recorded first is forgotten when there are too many.
 *
 * Returns: %FALSE if @address is no public address; then nothing is changed
 */
bool
sysvpn_uplink_addresses_add (SysvpnUplinkAddresses *uplink, const char *address)
{
  char printed[INET6_ADDRSTRLEN];
  unsigned at = 0;

  if (!parse (address, printed))
    return false;
  while (at < uplink->n && !g_str_equal (uplink->addresses[at], printed))
    at++;
  if (at == uplink->n && uplink->n < SYSVPN_UPLINK_ADDRESSES_MAX)
    uplink->n++;
  at = MIN (at, SYSVPN_UPLINK_ADDRESSES_MAX - 1);
  memmove (uplink->addresses[1], uplink->addresses[0], at * sizeof *uplink->addresses);
  g_strlcpy (uplink->addresses[0], printed, sizeof *uplink->addresses);
  return true;
}

static bool
is_same (const char *a, const char *b)
{
  struct in6_addr a6, b6;

  if (g_str_equal (a, b))
    return true;
  return inet_pton (AF_INET6, a, &a6) == 1 && inet_pton (AF_INET6, b, &b6) == 1 &&
         memcmp (&a6, &b6, PREFIX6_BYTES) == 0;
}

/**
 * sysvpn_uplink_addresses_has:
 * @uplink: the list
 * @address: an egress address, as inet_ntop prints it; one of a report is
 *
 * An IPv6 address is compared by its first 64 bits: that is the line, and the rest changes
 * every day where privacy extensions are on.
 *
 * Returns: %TRUE if traffic with this address left without the VPN; %FALSE also for an empty
 * @address
 */
bool
sysvpn_uplink_addresses_has (const SysvpnUplinkAddresses *uplink, const char *address)
{
  for (unsigned i = 0; i < uplink->n; i++)
    if (is_same (uplink->addresses[i], address))
      return true;
  return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks for the addresses of a server's name, through the tunnel that is up. */
#include "import/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * sysvpn_resolve:
 * @name: a host's name
 *
 * Waits as long as the system's resolver does.
 *
 * Returns: (transfer full) (nullable): its addresses, sorted, so that the same answer in
 * another order is the same; %NULL when there is none
 */
char **
sysvpn_resolve (const char *name)
{
  const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
  struct addrinfo *list = NULL;
  GPtrArray *addresses;

  if (getaddrinfo (name, NULL, &hints, &list) != 0)
    return NULL;
  addresses = g_ptr_array_new ();
  for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
    char text[INET6_ADDRSTRLEN];

    if (getnameinfo (at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) ==
        0)
      g_ptr_array_add (addresses, g_strdup (text));
  }
  freeaddrinfo (list);
  if (addresses->len == 0) {
    g_ptr_array_unref (addresses);
    return NULL;
  }
  g_ptr_array_sort (addresses, compare);
  g_ptr_array_add (addresses, NULL);
  return (char **) g_ptr_array_free (addresses, FALSE);
}

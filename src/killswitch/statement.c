/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysvpn-killswitch says on standard output. */
#include "killswitch/statement.h"

#include <arpa/inet.h>
#include <stdio.h>

/**
 * sysvpn_statement_print_armed:
 * @n_endpoints: how many are loaded
 * @n_any_port: how many of them let out any port
 *
 * One line on standard output.
 */
void
sysvpn_statement_print_armed (size_t n_endpoints, size_t n_any_port)
{
  if (n_endpoints == 0)
    printf ("killswitch armed: no endpoints, nothing passes\n");
  else
    printf ("killswitch armed: %zu endpoint%s", n_endpoints, n_endpoints == 1 ? "" : "s");
  if (n_any_port > 0)
    printf (", %zu of them with any port", n_any_port);
  if (n_endpoints > 0)
    printf ("\n");
}

static void
print_counters (const SysvpnKillswitchFacts *facts)
{
  for (unsigned i = 0; i < SYSVPN_N_COUNTERS; i++)
    printf ("%-18s %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " bytes\n",
            sysvpn_counter_name (i), facts->packets[i], facts->bytes[i]);
}

static void
print_clients (const SysvpnKillswitchFacts *facts)
{
  for (size_t i = 0; i < facts->n_clients; i++) {
    const SysvpnNftClient *client = &facts->clients[i];
    char address[INET6_ADDRSTRLEN];

    inet_ntop (client->is_v6 ? AF_INET6 : AF_INET, client->address, address, sizeof address);
    printf ("dropped from %s: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " bytes\n",
            address, client->packets, client->bytes);
  }
}

/**
 * sysvpn_statement_print_endpoints:
 * @endpoints: folded
 *
 * A line for each: what is let out, where the files' lines may say it in other words.
 */
void
sysvpn_statement_print_endpoints (const SysvpnEndpoints *endpoints)
{
  for (size_t i = 0; i < endpoints->n_items; i++) {
    char text[SYSVPN_ENDPOINT_TEXT_MAX];

    sysvpn_endpoint_print (&endpoints->items[i], text);
    printf ("endpoint %s%s\n", text,
            sysvpn_endpoint_is_any_port (&endpoints->items[i]) ? ", any port" : "");
  }
}

/**
 * sysvpn_statement_print_facts:
 * @facts: what was found
 * @is_verbose: whether to print counters and clients too
 *
 * The verdict in the first line, what else there is to say in further ones.
 */
void
sysvpn_statement_print_facts (const SysvpnKillswitchFacts *facts, bool is_verbose)
{
  if (facts->reason == SYSVPN_KILLSWITCH_REASON_NONE)
    sysvpn_statement_print_armed (facts->n_endpoints, facts->n_any_port);
  else
    printf ("killswitch broken: %s: %s\n", sysvpn_killswitch_reason_word (facts->reason),
            sysvpn_killswitch_reason_text (facts->reason));
  if (facts->endpoints_error != NULL)
    printf ("endpoints: %s\n", facts->endpoints_error);
  if (facts->is_loading)
    printf ("it is being loaded at this moment\n");
  if (is_verbose) {
    print_counters (facts);
    print_clients (facts);
  }
}

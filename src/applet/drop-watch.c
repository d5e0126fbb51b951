/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which client qube loses so many packets behind a tunnel that is up that its user should know:
 * something in it tries to get out another way. Part of the notification policy. Pure. */
#include "applet/drop-watch.h"

#include <string.h>

/**
 * sysvpn_drop_watch_pause:
 * @watch: what has been seen so far
 *
 * What is dropped from here to the next report that is seen does not count.
 */
void
sysvpn_drop_watch_pause (SysvpnDropWatch *watch)
{
  watch->since = 0;
}

static SysvpnDropClient *
find (SysvpnDropWatch *watch, const char *address)
{
  for (size_t i = 0; i < watch->n_clients; i++)
    if (g_str_equal (watch->clients[i].address, address))
      return &watch->clients[i];
  return NULL;
}

/* Since the time began that is counted now. */
static uint64_t
count (const SysvpnDropClient *client, uint64_t packets)
{
  /* counters begin anew when the killswitch's table does */
  return packets >= client->packets ? packets - client->packets : packets;
}

/* Begins to count. Who was told of stays so until it was quiet for a whole time. */
static void
begin (SysvpnDropWatch *watch, const SysvpnStatus *report, unsigned threshold, int64_t now_ms)
{
  SysvpnDropWatch next = { .since = now_ms, .told_at = watch->told_at };

  for (size_t i = 0; i < report->n_clients; i++) {
    const SysvpnClient *seen = &report->clients[i];
    const SysvpnDropClient *before = find (watch, seen->address);
    SysvpnDropClient *client = &next.clients[next.n_clients++];

    g_strlcpy (client->address, seen->address, sizeof client->address);
    client->packets = seen->packets;
    client->is_told = before != NULL && before->is_told &&
                      (watch->since == 0 || count (before, seen->packets) >= threshold);
  }
  *watch = next;
}

/* A client that is new in the list has sent nothing before, unless the list was full. */
static SysvpnDropClient *
add (SysvpnDropWatch *watch, const SysvpnClient *seen)
{
  SysvpnDropClient *client;

  if (watch->n_clients == SYSVPN_STATUS_CLIENTS_MAX)
    return NULL;
  client = &watch->clients[watch->n_clients++];
  *client = (SysvpnDropClient){ 0 };
  g_strlcpy (client->address, seen->address, sizeof client->address);
  return client;
}

/**
 * sysvpn_drop_watch_see:
 * @watch: what has been seen so far
 * @report: a report of a tunnel that is up, behind a killswitch that is armed
 * @threshold: how many packets of one client within %SYSVPN_NOTICE_DROPS_MS are worth telling
 * @now_ms: the time
 * @ret_address: (out): of the client that lost most
 * @ret_packets: (out): how many it lost
 *
 * Says so of a client once, and again only after it was quiet for %SYSVPN_NOTICE_DROPS_MS; of
 * all of them at most once in that time.
 *
 * Returns: %TRUE if there is something to tell; only then are @ret_address and @ret_packets
 * written
 */
bool
sysvpn_drop_watch_see (SysvpnDropWatch *watch,
                       const SysvpnStatus *report,
                       unsigned threshold,
                       int64_t now_ms,
                       char ret_address[static SYSVPN_ADDRESS_MAX + 1],
                       uint64_t *ret_packets)
{
  bool may_tell = watch->told_at == 0 || now_ms - watch->told_at >= SYSVPN_NOTICE_DROPS_MS;
  SysvpnDropClient *worst = NULL;
  uint64_t most = 0;

  if (watch->since == 0) {
    begin (watch, report, threshold, now_ms);
    return false;
  }
  for (size_t i = 0; i < report->n_clients; i++) {
    const SysvpnClient *seen = &report->clients[i];
    SysvpnDropClient *client = find (watch, seen->address);

    if (client == NULL)
      client = add (watch, seen);
    if (client != NULL && !client->is_told && count (client, seen->packets) >= threshold &&
        count (client, seen->packets) > most) {
      worst = client;
      most = count (client, seen->packets);
    }
  }
  if (worst != NULL && may_tell) {
    worst->is_told = true;
    watch->told_at = now_ms;
    g_strlcpy (ret_address, worst->address, SYSVPN_ADDRESS_MAX + 1);
    *ret_packets = most;
  }
  if (now_ms - watch->since >= SYSVPN_NOTICE_DROPS_MS)
    begin (watch, report, threshold, now_ms);
  return worst != NULL && may_tell;
}

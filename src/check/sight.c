/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be read from a sighting: counts and examples. No I/O, and no judgement. */
#include "check/sight.h"

#include <string.h>

enum { PORT_NAMES = 53 };

/* ask.py's; where else clients of the qube send to is not the check's business */
static const char *const probed[] = { "1.1.1.1", "1.0.0.1", "2606:4700:4700::1111",
                                      "2606:4700:4700::1001" };

/**
 * sysvpn_sight_is_complete:
 * @sighting: what was seen
 *
 * Returns: whether what is not in it was not there
 */
bool
sysvpn_sight_is_complete (const SysvpnSighting *sighting)
{
  return sighting->uplinks > 0 && sighting->lost == 0 && sighting->more == 0;
}

/**
 * sysvpn_flow_is_probe:
 * @flow: something seen
 *
 * Returns: whether the check's own questions, names aside, go there
 */
bool
sysvpn_flow_is_probe (const SysvpnFlow *flow)
{
  for (size_t i = 0; i < G_N_ELEMENTS (probed); i++)
    if (g_str_equal (probed[i], flow->address))
      return true;
  return false;
}

/**
 * sysvpn_sight_count_probes:
 * @sighting: what was seen
 * @way: on which way
 * @version: of IP, 4 or 6
 *
 * Returns: packets of the check's own questions, names aside
 */
uint64_t
sysvpn_sight_count_probes (const SysvpnSighting *sighting, SysvpnWay way, unsigned version)
{
  uint64_t n = 0;

  for (unsigned i = 0; i < sighting->n; i++) {
    const SysvpnFlow *flow = &sighting->flows[i];

    if (flow->way == way && flow->version == version && sysvpn_flow_is_probe (flow))
      n += flow->packets;
  }
  return n;
}

static bool
is_names (const SysvpnFlow *flow)
{
  return flow->port == PORT_NAMES &&
         (flow->protocol == SYSVPN_FLOW_UDP || flow->protocol == SYSVPN_FLOW_TCP);
}

/**
 * sysvpn_sight_find_names:
 * @sighting: what was seen
 * @way: on which way
 *
 * Returns: (nullable): one flow of questions for names in plain text
 */
const SysvpnFlow *
sysvpn_sight_find_names (const SysvpnSighting *sighting, SysvpnWay way)
{
  for (unsigned i = 0; i < sighting->n; i++)
    if (sighting->flows[i].way == way && is_names (&sighting->flows[i]))
      return &sighting->flows[i];
  return NULL;
}

/**
 * sysvpn_sight_count_names:
 * @sighting: what was seen
 * @way: on which way
 *
 * Returns: packets of questions for names in plain text
 */
uint64_t
sysvpn_sight_count_names (const SysvpnSighting *sighting, SysvpnWay way)
{
  uint64_t n = 0;

  for (unsigned i = 0; i < sighting->n; i++)
    if (sighting->flows[i].way == way && is_names (&sighting->flows[i]))
      n += sighting->flows[i].packets;
  return n;
}

/**
 * sysvpn_flow_is_endpoint:
 * @flow: something seen
 * @endpoint: the VPN server as a report has it, `ADDRESS:PORT/PROTO`
 *
 * Fragments of a packet but the first have no port.
 *
 * Returns: whether it goes to the VPN server
 */
bool
sysvpn_flow_is_endpoint (const SysvpnFlow *flow, const char *endpoint)
{
  const char *proto = flow->protocol == SYSVPN_FLOW_TCP   ? "tcp"
                      : flow->protocol == SYSVPN_FLOW_UDP ? "udp"
                                                          : NULL;
  bool is_v6 = strchr (flow->address, ':') != NULL;
  g_autofree char *host = g_strdup_printf (is_v6 ? "[%s]:" : "%s:", flow->address);
  g_autofree char *whole = NULL;

  if (!g_str_has_prefix (endpoint, host))
    return false;
  if (flow->port == 0)
    return flow->protocol == SYSVPN_FLOW_OTHER || proto != NULL;
  whole = g_strdup_printf ("%s%u/%s", host, flow->port, proto != NULL ? proto : "");
  return g_str_equal (endpoint, whole);
}

/**
 * sysvpn_sight_find_stray:
 * @sighting: what was seen
 * @endpoint: the VPN server
 *
 * Returns: (nullable): what left by the uplink and not to the VPN server; where there is more
 * than one, preferably what the check itself sent
 */
const SysvpnFlow *
sysvpn_sight_find_stray (const SysvpnSighting *sighting, const char *endpoint)
{
  const SysvpnFlow *stray = NULL;

  for (unsigned i = 0; i < sighting->n; i++) {
    const SysvpnFlow *flow = &sighting->flows[i];

    if (flow->way == SYSVPN_WAY_UP && !sysvpn_flow_is_endpoint (flow, endpoint) &&
        (stray == NULL || (sysvpn_flow_is_probe (flow) && !sysvpn_flow_is_probe (stray))))
      stray = flow;
  }
  return stray;
}

/**
 * sysvpn_sight_count_endpoint:
 * @sighting: what was seen
 * @endpoint: the VPN server
 *
 * Returns: packets that left to the VPN server
 */
uint64_t
sysvpn_sight_count_endpoint (const SysvpnSighting *sighting, const char *endpoint)
{
  uint64_t n = 0;

  for (unsigned i = 0; i < sighting->n; i++)
    if (sighting->flows[i].way == SYSVPN_WAY_UP &&
        sysvpn_flow_is_endpoint (&sighting->flows[i], endpoint))
      n += sighting->flows[i].packets;
  return n;
}

/**
 * sysvpn_flow_text:
 * @flow: something seen
 *
 * Returns: (transfer full): where to, and how much
 */
char *
sysvpn_flow_text (const SysvpnFlow *flow)
{
  static const char *const protocols[SYSVPN_N_FLOW_PROTOCOLS] = {
    [SYSVPN_FLOW_OTHER] = "another protocol",
    [SYSVPN_FLOW_TCP] = "TCP",
    [SYSVPN_FLOW_UDP] = "UDP",
    [SYSVPN_FLOW_ICMP] = "ICMP",
    [SYSVPN_FLOW_ICMP6] = "ICMPv6",
  };
  g_autofree char *port =
      flow->port != 0 ? g_strdup_printf (" port %u", flow->port) : g_strdup ("");

  return g_strdup_printf ("%" G_GUINT64_FORMAT " packets to %s%s by %s",
                          (guint64) flow->packets, flow->address, port,
                          protocols[flow->protocol]);
}

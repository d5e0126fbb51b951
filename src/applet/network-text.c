/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of the qubes that go through a VPN qube, and of those that should and do not.
 * The names of qubes are dom0's own. Pure. */
#include "applet/network-text.h"

#include <assert.h>
#include <glib/gi18n.h>

#define ARROW " → "

enum { NAMES_MAX = 4 /* more are counted */ };

/**
 * sysvpn_network_text_power:
 * @power: a qube's
 *
 * Returns: whether it runs
 */
const char *
sysvpn_network_text_power (SysvpnPower power)
{
  static const char *const texts[] = {
    [SYSVPN_POWER_UNKNOWN] = N_ ("not known"), [SYSVPN_POWER_RUNNING] = N_ ("yes"),
    [SYSVPN_POWER_HALTED] = N_ ("no"),         [SYSVPN_POWER_PAUSED] = N_ ("paused"),
    [SYSVPN_POWER_STARTING] = N_ ("starts"),
  };
  static_assert (G_N_ELEMENTS (texts) == SYSVPN_N_POWERS, "a text for each");

  return _ (texts[power < SYSVPN_N_POWERS ? power : SYSVPN_POWER_UNKNOWN]);
}

/**
 * sysvpn_network_text_route:
 * @route: a qube's, as to one VPN qube
 *
 * Returns: whether it goes through there
 */
const char *
sysvpn_network_text_route (SysvpnRoute route)
{
  static const char *const texts[] = {
    [SYSVPN_ROUTE_UNKNOWN] = N_ ("not known"),
    [SYSVPN_ROUTE_THROUGH] = N_ ("yes"),
    [SYSVPN_ROUTE_PAST] = N_ ("no"),
    [SYSVPN_ROUTE_NOWHERE] = N_ ("no network"),
  };
  static_assert (G_N_ELEMENTS (texts) == SYSVPN_N_ROUTES, "a text for each");

  return _ (texts[route < SYSVPN_N_ROUTES ? route : SYSVPN_ROUTE_UNKNOWN]);
}

/**
 * sysvpn_network_text_way:
 * @client: a qube
 *
 * Returns: (transfer full): the way of its traffic
 */
char *
sysvpn_network_text_way (const SysvpnNetworkClient *client)
{
  return sysvpn_chain_text (&client->chain, ARROW);
}

/**
 * sysvpn_network_text_overview:
 * @map: (nullable) (element-type SysvpnNetworkClient): of the VPN qube; %NULL when dom0 does
 * not tell
 * @vpn: the VPN qube's name
 *
 * Returns: (transfer full): how many qubes go through it, as far as that is known
 */
char *
sysvpn_network_text_overview (const GArray *map, const char *vpn)
{
  g_autoptr (GString) text = g_string_new (NULL);
  unsigned n_through, n_passing, n_unknown;

  if (map == NULL)
    return g_strdup_printf (
        _ ("dom0 does not tell which qubes go through %s. In a GUI domain its policy has to "
           "allow admin.vm.property.Get and admin.vm.tag.Get."),
        vpn);
  n_through = sysvpn_network_map_count (map, SYSVPN_ROUTE_THROUGH, false);
  n_passing = sysvpn_network_map_count (map, SYSVPN_ROUTE_THROUGH, true);
  n_unknown = sysvpn_network_map_count (map, SYSVPN_ROUTE_UNKNOWN, false);
  if (n_through == 0)
    g_string_append_printf (text, _ ("No qube that runs goes through %s."), vpn);
  else
    g_string_append_printf (text,
                            ngettext ("%u qube that runs goes through %s.",
                                      "%u qubes that run go through %s.", n_through),
                            n_through, vpn);
  if (n_passing > 0) {
    g_string_append_c (text, ' ');
    g_string_append_printf (text,
                            ngettext ("%u more passes traffic on to it.",
                                      "%u more pass traffic on to it.", n_passing),
                            n_passing);
  }
  if (n_unknown > 0) {
    g_string_append_c (text, ' ');
    g_string_append_printf (text,
                            ngettext ("Of %u it is not known where its traffic goes.",
                                      "Of %u it is not known where their traffic goes.",
                                      n_unknown),
                            n_unknown);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * sysvpn_network_text_missing:
 * @state: how far dom0 has told of its qubes
 * @is_incomplete: whether it failed to tell of one whether it is a VPN qube
 * @has_any: whether there is a VPN qube
 *
 * Returns: (nullable): a state sentence, not translated yet, with what to do behind a
 * semicolon, of the VPN qubes that are not known; %NULL if all are
 */
const char *
sysvpn_network_text_missing (SysvpnNetworkState state, bool is_incomplete, bool has_any)
{
  if (is_incomplete)
    return N_ ("Unknown: dom0 does not tell of every qube whether it is a VPN qube; see "
               "journalctl -u qubesd in dom0, or name the VPN qubes in the preferences");
  if (has_any)
    return NULL;
  return state == SYSVPN_NETWORK_KNOWN
             ? N_ ("Unknown: no VPN qube was found; give yours the service sysvpn in dom0 "
                   "(qvm-service QUBE sysvpn on), or name it in the preferences")
             : N_ ("Unknown: no VPN qube is known yet");
}

/**
 * sysvpn_network_text_warning:
 * @n_strays: how many qubes go past the VPN that must not
 *
 * Returns: (transfer full) (nullable): a line that says so, without names; %NULL for none
 */
char *
sysvpn_network_text_warning (unsigned n_strays)
{
  if (n_strays == 0)
    return NULL;
  return g_strdup_printf (ngettext ("%u qube tagged vpn-only goes past the VPN",
                                    "%u qubes tagged vpn-only go past the VPN", n_strays),
                          n_strays);
}

/**
 * sysvpn_network_text_notice:
 * @strays: the names of qubes that go past the VPN and must not, at least one, ends with %NULL
 * @ret_message: (out caller-allocates): what to say of it
 */
void
sysvpn_network_text_notice (const char *const *strays, SysvpnMessage *ret_message)
{
  g_autoptr (GString) names = g_string_new (NULL);
  unsigned n = g_strv_length ((char **) (uintptr_t) strays);

  for (unsigned i = 0; i < MIN (n, NAMES_MAX); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", strays[i]);
  if (n > NAMES_MAX)
    g_string_append_printf (names, ", … (%u)", n);
  ret_message->summary =
      g_strdup (ngettext ("A qube goes past the VPN", "Qubes go past the VPN", n));
  ret_message->body = g_strdup_printf (
      ngettext ("%s is tagged vpn-only, runs, and sends past the VPN. Shut it down, or give it "
                "a net qube that leads to the VPN.",
                "%s are tagged vpn-only, run, and send past the VPN. Shut them down, or give "
                "them a net qube that leads to the VPN.",
                n),
      names->str);
}

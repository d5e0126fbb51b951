/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that stand for the enumerations, on the wire and in everything that is written. */
#include "proto/words.h"

#include <assert.h>

static const char *const tunnel[] = {
  [SYSVPN_TUNNEL_UNKNOWN] = "unknown",       [SYSVPN_TUNNEL_DOWN] = "down",
  [SYSVPN_TUNNEL_CONNECTING] = "connecting", [SYSVPN_TUNNEL_UP] = "up",
  [SYSVPN_TUNNEL_DEGRADED] = "degraded",     [SYSVPN_TUNNEL_DISCONNECTING] = "disconnecting",
};
static const char *const cause[] = {
  [SYSVPN_CAUSE_UNKNOWN] = "unknown",
  [SYSVPN_CAUSE_NONE] = "none",
  [SYSVPN_CAUSE_ASKED] = "asked",
  [SYSVPN_CAUSE_LOST] = "lost",
  [SYSVPN_CAUSE_NO_PROFILE] = "no-profile",
  [SYSVPN_CAUSE_NO_NETWORK_MANAGER] = "no-network-manager",
  [SYSVPN_CAUSE_NO_ADDRESS] = "no-address",
  [SYSVPN_CAUSE_NO_ROUTE] = "no-route",
  [SYSVPN_CAUSE_NO_TRAFFIC] = "no-traffic",
  [SYSVPN_CAUSE_NO_HANDSHAKE] = "no-handshake",
  [SYSVPN_CAUSE_NO_DNS] = "no-dns",
  [SYSVPN_CAUSE_TIMEOUT] = "timeout",
  [SYSVPN_CAUSE_CREDENTIALS] = "credentials",
  [SYSVPN_CAUSE_SECRET_MISSING] = "secret-missing",
  [SYSVPN_CAUSE_CERTIFICATE] = "certificate",
  [SYSVPN_CAUSE_PLUGIN_MISSING] = "plugin-missing",
  [SYSVPN_CAUSE_ENDPOINT_BLOCKED] = "endpoint-blocked",
  [SYSVPN_CAUSE_ENDPOINT_MOVED] = "endpoint-moved",
  [SYSVPN_CAUSE_UPLINK_DOWN] = "uplink-down",
  [SYSVPN_CAUSE_FAILED] = "failed",
};
static const char *const killswitch[] = {
  [SYSVPN_KILLSWITCH_UNKNOWN] = "unknown",
  [SYSVPN_KILLSWITCH_ARMED] = "armed",
  [SYSVPN_KILLSWITCH_LOADING] = "loading",
  [SYSVPN_KILLSWITCH_BROKEN] = "broken",
};
static const char *const break_[] = {
  [SYSVPN_BREAK_UNKNOWN] = "unknown",       [SYSVPN_BREAK_NONE] = "none",
  [SYSVPN_BREAK_MISSING] = "missing",       [SYSVPN_BREAK_UNVERIFIED] = "unverified",
  [SYSVPN_BREAK_CHANGED] = "changed",       [SYSVPN_BREAK_POLICY] = "policy",
  [SYSVPN_BREAK_ENDPOINTS] = "endpoints",   [SYSVPN_BREAK_ROUTING] = "routing",
  [SYSVPN_BREAK_UPLINK] = "uplink",         [SYSVPN_BREAK_FLAG] = "flag",
  [SYSVPN_BREAK_UNREADABLE] = "unreadable",
};
static const char *const wanted[] = {
  [SYSVPN_WANTED_UNKNOWN] = "unknown",
  [SYSVPN_WANTED_UP] = "up",
  [SYSVPN_WANTED_DOWN] = "down",
};
static const char *const profile_type[] = {
  [SYSVPN_PROFILE_TYPE_UNKNOWN] = "unknown",
  [SYSVPN_PROFILE_TYPE_VPN] = "vpn",
  [SYSVPN_PROFILE_TYPE_WIREGUARD] = "wireguard",
};
static const char *const egress[] = {
  [SYSVPN_EGRESS_UNKNOWN] = "unknown",
  [SYSVPN_EGRESS_OK] = "ok",
  [SYSVPN_EGRESS_FAILED] = "failed",
  [SYSVPN_EGRESS_OFF] = "off",
};
static const char *const dns[] = {
  [SYSVPN_DNS_UNKNOWN] = "unknown",
  [SYSVPN_DNS_OK] = "ok",
  [SYSVPN_DNS_NONE] = "none",
};
static const char *const code[] = {
  [SYSVPN_CODE_UNKNOWN] = "unknown",
  [SYSVPN_CODE_NONE] = "none",
  [SYSVPN_CODE_BAD_REQUEST] = "bad-request",
  [SYSVPN_CODE_REFUSED] = "refused",
  [SYSVPN_CODE_BUSY] = "busy",
  [SYSVPN_CODE_CANCELLED] = "cancelled",
  [SYSVPN_CODE_KILLSWITCH_BROKEN] = "killswitch-broken",
  [SYSVPN_CODE_UNKNOWN_PROFILE] = "unknown-profile",
  [SYSVPN_CODE_NO_PROFILE] = "no-profile",
  [SYSVPN_CODE_NO_NETWORK_MANAGER] = "no-network-manager",
  [SYSVPN_CODE_TIMEOUT] = "timeout",
  [SYSVPN_CODE_FAILED] = "failed",
};

static_assert (G_N_ELEMENTS (tunnel) == SYSVPN_N_TUNNELS, "a word for each tunnel state");
static_assert (G_N_ELEMENTS (cause) == SYSVPN_N_CAUSES, "a word for each cause");
static_assert (G_N_ELEMENTS (killswitch) == SYSVPN_N_KILLSWITCHES, "a word for each state");
static_assert (G_N_ELEMENTS (break_) == SYSVPN_N_BREAKS, "a word for each way to break");
static_assert (G_N_ELEMENTS (wanted) == SYSVPN_N_WANTEDS, "a word for each wish");
static_assert (G_N_ELEMENTS (profile_type) == SYSVPN_N_PROFILE_TYPES, "a word for each type");
static_assert (G_N_ELEMENTS (egress) == SYSVPN_N_EGRESSES, "a word for each egress state");
static_assert (G_N_ELEMENTS (dns) == SYSVPN_N_DNS, "a word for each DNS state");
static_assert (G_N_ELEMENTS (code) == SYSVPN_N_CODES, "a word for each code");

const SysvpnWords sysvpn_tunnel_words = { tunnel, G_N_ELEMENTS (tunnel) };
const SysvpnWords sysvpn_cause_words = { cause, G_N_ELEMENTS (cause) };
const SysvpnWords sysvpn_killswitch_words = { killswitch, G_N_ELEMENTS (killswitch) };
const SysvpnWords sysvpn_break_words = { break_, G_N_ELEMENTS (break_) };
const SysvpnWords sysvpn_wanted_words = { wanted, G_N_ELEMENTS (wanted) };
const SysvpnWords sysvpn_profile_type_words = { profile_type, G_N_ELEMENTS (profile_type) };
const SysvpnWords sysvpn_egress_words = { egress, G_N_ELEMENTS (egress) };
const SysvpnWords sysvpn_dns_words = { dns, G_N_ELEMENTS (dns) };
const SysvpnWords sysvpn_code_words = { code, G_N_ELEMENTS (code) };

/**
 * sysvpn_words_get:
 * @words: an enumeration's words
 * @value: one of its values
 *
 * Returns: the word; the one for "unknown" when @value is out of range
 */
const char *
sysvpn_words_get (const SysvpnWords *words, unsigned value)
{
  return words->words[value < words->n_words ? value : 0];
}

/**
 * sysvpn_words_find:
 * @words: an enumeration's words
 * @word: what was received
 *
 * Returns: the value that @word stands for; 0, which is "unknown", for any other word
 */
unsigned
sysvpn_words_find (const SysvpnWords *words, const char *word)
{
  for (unsigned i = 1; i < words->n_words; i++)
    if (g_str_equal (words->words[i], word))
      return i;
  return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that stand for the enumerations, on the wire and in everything that is written. */
#include "proto/words.h"

static const char *const tunnel[] = {
  "unknown", "down", "connecting", "up", "degraded", "disconnecting",
};
static const char *const cause[] = {
  "unknown",     "none",       "asked",          "lost",           "no-profile",
  "no-network-manager",        "no-address",     "no-route",       "no-traffic",
  "no-handshake", "no-dns",    "timeout",        "credentials",    "secret-missing",
  "certificate", "plugin-missing", "endpoint-blocked", "uplink-down", "failed",
};
static const char *const killswitch[] = { "unknown", "armed", "loading", "broken" };
static const char *const break_[] = {
  "unknown", "none",    "missing", "unverified", "changed",    "policy",
  "endpoints", "routing", "uplink", "flag",      "unreadable",
};
static const char *const wanted[] = { "unknown", "up", "down" };
static const char *const profile_type[] = { "unknown", "vpn", "wireguard" };
static const char *const egress[] = { "unknown", "ok", "failed", "off" };
static const char *const dns[] = { "unknown", "ok", "none" };
static const char *const code[] = {
  "unknown",         "none",       "bad-request",        "refused", "busy",   "cancelled",
  "killswitch-broken", "unknown-profile", "no-profile", "no-network-manager", "timeout", "failed",
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

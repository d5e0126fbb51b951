/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the killswitch explains, and what it does not. */
#include "agent/reach.h"

#define LISTED "203.0.113.7:51820/udp"
#define OTHER_LISTED "203.0.113.8:51820/udp"
#define NOT_LISTED "203.0.113.9:51820/udp"

static const struct ReachCase {
  const char *name;
  SysvpnCause cause;
  const char *servers[3];
  const char *current;
  SysvpnCause explained;
} cases[] = {
  { "up", SYSVPN_CAUSE_NONE, { LISTED }, LISTED, SYSVPN_CAUSE_NONE },
  { "up-and-not-told-where", SYSVPN_CAUSE_NONE, { LISTED }, "", SYSVPN_CAUSE_NONE },
  { "silent", SYSVPN_CAUSE_TIMEOUT, { LISTED }, "", SYSVPN_CAUSE_TIMEOUT },
  { "not-listed-timeout",
    SYSVPN_CAUSE_TIMEOUT,
    { NOT_LISTED },
    "",
    SYSVPN_CAUSE_ENDPOINT_BLOCKED },
  { "not-listed-lost", SYSVPN_CAUSE_LOST, { NOT_LISTED }, "", SYSVPN_CAUSE_ENDPOINT_BLOCKED },
  { "not-listed-failed",
    SYSVPN_CAUSE_FAILED,
    { NOT_LISTED },
    "",
    SYSVPN_CAUSE_ENDPOINT_BLOCKED },
  { "not-listed-no-handshake",
    SYSVPN_CAUSE_NO_HANDSHAKE,
    { NOT_LISTED },
    NOT_LISTED,
    SYSVPN_CAUSE_ENDPOINT_BLOCKED },
  { "not-listed-no-traffic",
    SYSVPN_CAUSE_NO_TRAFFIC,
    { NOT_LISTED },
    "",
    SYSVPN_CAUSE_ENDPOINT_BLOCKED },
  { "not-listed-but-refused", /* so it was reached all the same */
    SYSVPN_CAUSE_CREDENTIALS,
    { NOT_LISTED },
    "",
    SYSVPN_CAUSE_CREDENTIALS },
  { "not-listed-and-up", SYSVPN_CAUSE_NONE, { NOT_LISTED }, "", SYSVPN_CAUSE_NONE },
  { "one-of-two-listed",
    SYSVPN_CAUSE_TIMEOUT,
    { NOT_LISTED, LISTED },
    "",
    SYSVPN_CAUSE_TIMEOUT },
  { "no-server-is-known", SYSVPN_CAUSE_TIMEOUT, { NULL }, "", SYSVPN_CAUSE_TIMEOUT },
  { "moved-while-up", SYSVPN_CAUSE_NONE, { LISTED }, NOT_LISTED, SYSVPN_CAUSE_ENDPOINT_MOVED },
  { "moved-and-silent",
    SYSVPN_CAUSE_NO_TRAFFIC,
    { LISTED },
    NOT_LISTED,
    SYSVPN_CAUSE_ENDPOINT_MOVED },
  { "moved-to-another-that-is-listed",
    SYSVPN_CAUSE_NONE,
    { LISTED },
    OTHER_LISTED,
    SYSVPN_CAUSE_NONE },
};

static bool
is_listed (const char *const *servers, gpointer data)
{
  g_assert_cmpstr (data, ==, "data");
  return g_strv_contains (servers, LISTED) || g_strv_contains (servers, OTHER_LISTED);
}

static void
test_explain (gconstpointer data)
{
  static char user_data[] = "data";
  const struct ReachCase *c = data;

  g_assert_cmpint (
      sysvpn_reach_explain (c->cause, c->servers, c->current, is_listed, user_data), ==,
      c->explained);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/reach/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_explain);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/facts.h"

#include <string.h>

typedef struct {
  SysvpnStatus report;
  SysvpnFactScene scene;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  sysvpn_status_init (&f->report);
  f->report.tunnel = SYSVPN_TUNNEL_UP;
  f->report.tunnel_age_s = 3661;
  f->report.cause = SYSVPN_CAUSE_NONE;
  g_strlcpy (f->report.profile_uuid, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1",
             sizeof f->report.profile_uuid);
  g_strlcpy (f->report.profile_name, "Provider A", sizeof f->report.profile_name);
  g_strlcpy (f->report.interface, "tun0", sizeof f->report.interface);
  f->report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  f->report.killswitch_break = SYSVPN_BREAK_NONE;
  f->scene.report = &f->report;
  f->scene.reported = g_date_time_new_utc (2026, 11, 25, 14, 3, 20);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_date_time_unref (f->scene.reported);
}

static void
assert_fact (Fixture *f, SysvpnFact fact, const char *wanted)
{
  g_autofree char *text = sysvpn_fact_text (fact, &f->scene);

  g_assert_cmpstr (text, ==, wanted);
}

/* Whatever was true before: without a report that is believed nothing is known. */
static void
test_nothing_known (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->scene.report = NULL;
  for (unsigned i = 0; i < SYSVPN_N_FACTS; i++)
    assert_fact (f, (SysvpnFact) i, "not known");
}

static void
test_tunnel (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_TUNNEL, "up for 1 h 1 min (since 13:02:19)");
  f->report.tunnel = SYSVPN_TUNNEL_DOWN;
  f->report.tunnel_age_s = 5;
  f->report.next_try_s = 12;
  assert_fact (f, SYSVPN_FACT_TUNNEL, "down for 5 s (since 14:03:15); next try in 12 s");
  f->report.tunnel = SYSVPN_TUNNEL_UNKNOWN;
  assert_fact (f, SYSVPN_FACT_TUNNEL, "not known");
}

/* 136 years: not a time that anybody has seen, and no reason to stop. */
static void
test_oldest (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;

  f->report.tunnel_age_s = G_MAXUINT32;
  text = sysvpn_fact_text (SYSVPN_FACT_TUNNEL, &f->scene);
  g_assert_nonnull (strstr (text, "up for 49710 d 6 h (since "));
  f->report.killswitch_age_s = 86400;
  assert_fact (f, SYSVPN_FACT_COMPARED, "1 d 0 h ago (11/24/26 14:03:20)");
}

static void
test_profile (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_PROFILE, "“Provider A”");
  f->report.profile_type = SYSVPN_PROFILE_TYPE_WIREGUARD;
  assert_fact (f, SYSVPN_FACT_PROFILE, "“Provider A”, WireGuard");
  g_strlcpy (f->report.profile_name, "<b>x</b> & \"y\"", sizeof f->report.profile_name);
  assert_fact (f, SYSVPN_FACT_PROFILE, "“_b_x_/b_ _ _y_”, WireGuard");
  memset (f->report.profile_name, 'x', SYSVPN_PROFILE_NAME_MAX);
  assert_fact (f, SYSVPN_FACT_PROFILE, "“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...”, WireGuard");
  f->report.profile_uuid[0] = '\0';
  assert_fact (f, SYSVPN_FACT_PROFILE, "none");
}

static void
test_foreign_words (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_SERVER, "none");
  g_strlcpy (f->report.endpoint, "<i>198.51.100.10:1194/udp", sizeof f->report.endpoint);
  assert_fact (f, SYSVPN_FACT_SERVER, "_i_198.51.100.10:1194/udp");
  g_strlcpy (f->report.interface, "<i>&'\"", sizeof f->report.interface);
  assert_fact (f, SYSVPN_FACT_INTERFACE, "_i____");
}

static void
test_handshake (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->report.profile_type = SYSVPN_PROFILE_TYPE_WIREGUARD;
  assert_fact (f, SYSVPN_FACT_HANDSHAKE, "none yet");
  f->report.handshake_age_s = 12;
  assert_fact (f, SYSVPN_FACT_HANDSHAKE, "12 s ago (14:03:08)");
  f->report.handshake_age_s = SYSVPN_ABSENT;
  f->report.profile_type = SYSVPN_PROFILE_TYPE_VPN;
  assert_fact (f, SYSVPN_FACT_HANDSHAKE, "not told: OpenVPN has none");
}

static void
test_egress (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_EGRESS4, "not asked yet");
  f->report.egress = SYSVPN_EGRESS_OK;
  g_strlcpy (f->report.egress4, "198.51.100.10", sizeof f->report.egress4);
  assert_fact (f, SYSVPN_FACT_EGRESS4, "198.51.100.10");
  f->report.egress_age_s = 60;
  assert_fact (f, SYSVPN_FACT_EGRESS4, "198.51.100.10, seen 1 min 0 s ago (14:02:20)");
  assert_fact (f, SYSVPN_FACT_EGRESS6, "none");
  f->report.egress = SYSVPN_EGRESS_FAILED;
  assert_fact (f, SYSVPN_FACT_EGRESS4,
               "no echo service answered, asked 1 min 0 s ago (14:02:20)");
}

static void
test_traffic (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const SysvpnTrafficSample now = { .rx_rate = 2048, .tx_rate = 3 };

  assert_fact (f, SYSVPN_FACT_RECEIVED, "not known");
  f->report.rx_bytes = 1048576;
  f->report.tx_bytes = 0;
  assert_fact (f, SYSVPN_FACT_RECEIVED, "1.0 MiB");
  f->scene.now = &now;
  assert_fact (f, SYSVPN_FACT_RECEIVED, "1.0 MiB, now 2.0 KiB/s");
  assert_fact (f, SYSVPN_FACT_SENT, "0 B, now 3 B/s");
  f->report.tx_bytes = SYSVPN_ABSENT;
  assert_fact (f, SYSVPN_FACT_SENT, "not known");
}

/* A report that contradicts itself is told as its worse half. */
static void
test_verdict (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_VERDICT, "armed: it is what was shipped and loaded");
  f->report.killswitch_break = SYSVPN_BREAK_POLICY;
  assert_fact (f, SYSVPN_FACT_VERDICT, "broken: it does not drop by default");
  f->report.killswitch_break = SYSVPN_BREAK_UNKNOWN;
  assert_fact (f, SYSVPN_FACT_VERDICT, "not known");
  f->report.killswitch = SYSVPN_KILLSWITCH_BROKEN;
  f->report.killswitch_break = SYSVPN_BREAK_MISSING;
  assert_fact (f, SYSVPN_FACT_VERDICT, "broken: its table is not there");
}

static void
test_counters (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_fact (f, SYSVPN_FACT_FORWARD, "not known");
  f->report.forward_drop4 = 72057594037927935;
  assert_fact (f, SYSVPN_FACT_FORWARD, "IPv4 72057594037927935, IPv6 not known");
  f->report.forward_drop6 = 0;
  assert_fact (f, SYSVPN_FACT_FORWARD, "IPv4 72057594037927935, IPv6 0");
  f->report.exposed_s = 0;
  assert_fact (f, SYSVPN_FACT_EXPOSED, "never since the VPN qube's agent started");
  f->report.exposed_s = 61;
  assert_fact (f, SYSVPN_FACT_EXPOSED,
               "for 1 min 1 s in all since the VPN qube's agent started");
  f->report.endpoints = 3;
  f->report.endpoints_any_port = 0;
  assert_fact (f, SYSVPN_FACT_ENDPOINTS, "3");
  f->report.endpoints_any_port = 1;
  assert_fact (f, SYSVPN_FACT_ENDPOINTS, "3, 1 of them with every port open");
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/facts/nothing-known", test_nothing_known },
    { "/facts/tunnel", test_tunnel },
    { "/facts/oldest", test_oldest },
    { "/facts/profile", test_profile },
    { "/facts/foreign-words", test_foreign_words },
    { "/facts/handshake", test_handshake },
    { "/facts/egress", test_egress },
    { "/facts/traffic", test_traffic },
    { "/facts/verdict", test_verdict },
    { "/facts/counters", test_counters },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

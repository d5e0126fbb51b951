/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/summary.h"

#include <string.h>

static void
make (const SysvpnSummaryQube *qubes, size_t n_qubes, SysvpnSummary *ret_summary)
{
  const SysvpnSummaryScene scene = { .qubes = qubes, .n_qubes = n_qubes };

  sysvpn_summary_make (&scene, ret_summary);
}

static const SysvpnView views[] = {
  [SYSVPN_SHOWN_UNKNOWN] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_TONE_NOTICE, "Unknown: u" },
  [SYSVPN_SHOWN_OFF] = { SYSVPN_SHOWN_OFF, SYSVPN_TONE_CALM, "Off: o" },
  [SYSVPN_SHOWN_PROTECTED] = { SYSVPN_SHOWN_PROTECTED, SYSVPN_TONE_CALM, "Protected: p" },
  [SYSVPN_SHOWN_CONNECTING] = { SYSVPN_SHOWN_CONNECTING, SYSVPN_TONE_CALM, "Connecting: c" },
  [SYSVPN_SHOWN_BLOCKED] = { SYSVPN_SHOWN_BLOCKED, SYSVPN_TONE_NOTICE, "Blocked: b" },
  [SYSVPN_SHOWN_DEGRADED] = { SYSVPN_SHOWN_DEGRADED, SYSVPN_TONE_NOTICE, "Degraded: d; do it" },
  [SYSVPN_SHOWN_EXPOSED] = { SYSVPN_SHOWN_EXPOSED, SYSVPN_TONE_ALARM, "Exposed: e; repair" },
};

/* Whatever the others are, and wherever it stands: one bad qube is seen. */
static void
test_worst (void)
{
  static const SysvpnShown from_best[] = {
    SYSVPN_SHOWN_OFF,     SYSVPN_SHOWN_PROTECTED, SYSVPN_SHOWN_CONNECTING,
    SYSVPN_SHOWN_BLOCKED, SYSVPN_SHOWN_DEGRADED,  SYSVPN_SHOWN_UNKNOWN,
    SYSVPN_SHOWN_EXPOSED,
  };
  SysvpnSummaryQube qubes[3] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

  for (size_t bad = 0; bad < G_N_ELEMENTS (from_best); bad++)
    for (size_t at = 0; at < G_N_ELEMENTS (qubes); at++)
      for (size_t others = 0; others <= bad; others++) {
        g_auto (SysvpnSummary) summary = { 0 };

        for (size_t i = 0; i < G_N_ELEMENTS (qubes); i++)
          qubes[i].view = views[from_best[i == at ? bad : others]];
        make (qubes, G_N_ELEMENTS (qubes), &summary);
        g_assert_cmpint (summary.shown, ==, from_best[bad]);
      }
}

static void
test_several (void)
{
  const SysvpnSummaryQube qubes[] = {
    { .name = "vpn-a", .view = views[SYSVPN_SHOWN_PROTECTED] },
    { .name = "vpn-b", .view = views[SYSVPN_SHOWN_DEGRADED] },
    { .name = "vpn-c", .view = views[SYSVPN_SHOWN_DEGRADED] },
  };
  g_auto (SysvpnSummary) summary = { 0 };

  make (qubes, G_N_ELEMENTS (qubes), &summary);
  g_assert_cmpstr (summary.title, ==, "Degraded: d");
  g_assert_cmpstr (summary.description, ==,
                   "Do it\nvpn-b is worst of 3 VPN qubes\nvpn-a: Protected: p\n"
                   "vpn-b: Degraded: d\nvpn-c: Degraded: d");
}

static void
test_one (void)
{
  const SysvpnSummaryQube qube = { .name = "vpn-a", .view = views[SYSVPN_SHOWN_EXPOSED] };
  g_auto (SysvpnSummary) summary = { 0 };

  make (&qube, 1, &summary);
  g_assert_cmpint (summary.shown, ==, SYSVPN_SHOWN_EXPOSED);
  g_assert_cmpstr (summary.title, ==, "Exposed: e");
  g_assert_cmpstr (summary.description, ==, "Repair\nvpn-a");
}

static void
test_none (void)
{
  const SysvpnSummaryScene scene = { .missing = "Unknown: none found; make one",
                                     .warning = "A line" };
  g_auto (SysvpnSummary) summary = { 0 };

  sysvpn_summary_make (&scene, &summary);
  g_assert_cmpint (summary.shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_cmpstr (summary.title, ==, "Unknown: none found");
  g_assert_cmpstr (summary.description, ==, "A line\nMake one");
}

/* Where one more may be a VPN qube nothing is called protected; what is worse stays in sight.
 */
static void
test_missing (void)
{
  SysvpnSummaryQube qube = { .name = "vpn-a", .view = views[SYSVPN_SHOWN_PROTECTED] };
  SysvpnSummaryScene scene = { .qubes = &qube, .n_qubes = 1, .missing = "Unknown: m; ask" };
  g_auto (SysvpnSummary) summary = { 0 };
  g_auto (SysvpnSummary) exposed = { 0 };

  sysvpn_summary_make (&scene, &summary);
  g_assert_cmpint (summary.shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_cmpstr (summary.title, ==, "Unknown: m");
  g_assert_cmpstr (summary.description, ==, "Ask\nvpn-a: Protected: p");
  qube.view = views[SYSVPN_SHOWN_EXPOSED];
  sysvpn_summary_make (&scene, &exposed);
  g_assert_cmpstr (exposed.title, ==, "Exposed: e");
}

/* How many qubes go through: in the sentence only where they are protected. */
static void
test_clients (void)
{
  static const struct {
    SysvpnShown shown;
    unsigned n_clients;
    const char *title;
    const char *description;
  } cases[] = {
    { SYSVPN_SHOWN_PROTECTED, 3, "Protected: 3 qubes through vpn-a", "vpn-a" },
    { SYSVPN_SHOWN_PROTECTED, 1, "Protected: 1 qube through vpn-a", "vpn-a" },
    { SYSVPN_SHOWN_PROTECTED, 0, "Protected: no qube that runs goes through vpn-a", "vpn-a" },
    { SYSVPN_SHOWN_DEGRADED, 2, "Degraded: d", "Do it\nvpn-a\n2 qubes through vpn-a" },
    { SYSVPN_SHOWN_BLOCKED, 0, "Blocked: b", "vpn-a\nNo qube that runs goes through vpn-a" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    const SysvpnSummaryQube qubes[] = {
      { .name = "vpn-a",
        .view = views[cases[i].shown],
        .are_clients_known = true,
        .n_clients = cases[i].n_clients },
      { .name = "vpn-b", .view = views[SYSVPN_SHOWN_PROTECTED] },
    };
    g_auto (SysvpnSummary) summary = { 0 };
    g_auto (SysvpnSummary) of_two = { 0 };
    g_autofree char *line = NULL;

    make (qubes, 1, &summary);
    g_assert_cmpstr (summary.title, ==, cases[i].title);
    g_assert_cmpstr (summary.description, ==, cases[i].description);
    make (qubes, 2, &of_two);
    line = g_strdup_printf ("\nvpn-a: %s (%u qube%s)\nvpn-b: Protected: p",
                            views[cases[i].shown].sentence, cases[i].n_clients,
                            cases[i].n_clients != 1 ? "s" : "");
    if (cases[i].shown != SYSVPN_SHOWN_DEGRADED) /* whose remedy stands elsewhere */
      g_assert_nonnull (strstr (of_two.description, line));
  }
}

/* It stands first, whatever the state is. */
static void
test_warning (void)
{
  const SysvpnSummaryQube qube = { .name = "vpn-a", .view = views[SYSVPN_SHOWN_DEGRADED] };
  SysvpnSummaryScene scene = { .qubes = &qube, .n_qubes = 1 };
  g_auto (SysvpnSummary) without = { 0 };
  g_auto (SysvpnSummary) with = { 0 };

  sysvpn_summary_make (&scene, &without);
  scene.warning = "one goes past it";
  sysvpn_summary_make (&scene, &with);
  g_assert_cmpstr (with.description, ==, "one goes past it\nDo it\nvpn-a");
  g_assert_true (sysvpn_summary_is_news (&without, &with));
}

/* What is drawn anew, given that this was drawn: the killswitch verified. */
static void
test_news (void)
{
  static const struct {
    const char *name;
    int64_t verified_s; /* 0 for never */
    SysvpnShown shown;
    uint64_t dropped;
    uint64_t handshake_age_s;
    bool is_news;
  } cases[] = {
    { "the-same", 1000, SYSVPN_SHOWN_PROTECTED, 3, 20, false },
    { "a-heartbeat-later", 1010, SYSVPN_SHOWN_PROTECTED, 3, 30, false },
    { "just-not-too-old", 1000 + SYSVPN_SUMMARY_TIME_S, SYSVPN_SHOWN_PROTECTED, 3, 20, false },
    { "too-old", 1001 + SYSVPN_SUMMARY_TIME_S, SYSVPN_SHOWN_PROTECTED, 3, 20, true },
    { "clock-set-back", 999, SYSVPN_SHOWN_PROTECTED, 3, 20, true },
    { "never-verified", 0, SYSVPN_SHOWN_PROTECTED, 3, 20, true },
    { "another-state", 1010, SYSVPN_SHOWN_DEGRADED, 3, 20, true },
    { "a-packet-dropped", 1010, SYSVPN_SHOWN_PROTECTED, 4, 20, true },
  };
  SysvpnStatus report, later;
  SysvpnSummaryQube qube = { .name = "vpn-a", .view = views[SYSVPN_SHOWN_PROTECTED] };
  g_autoptr (GDateTime) verified = g_date_time_new_from_unix_local (1000);
  g_auto (SysvpnSummary) drawn = { 0 };

  sysvpn_status_init (&report);
  report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  report.forward_drop4 = 3;
  report.handshake_age_s = 20;
  qube.report = &report;
  qube.verified = verified;
  make (&qube, 1, &drawn);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GDateTime) next = g_date_time_new_from_unix_local (cases[i].verified_s);
    g_auto (SysvpnSummary) summary = { 0 };

    g_test_message ("%s", cases[i].name);
    later = report;
    later.forward_drop4 = cases[i].dropped;
    later.handshake_age_s = cases[i].handshake_age_s;
    qube = (SysvpnSummaryQube){ "vpn-a", views[cases[i].shown], &later,
                                cases[i].verified_s != 0 ? next : NULL };
    make (&qube, 1, &summary);
    g_assert_cmpint (sysvpn_summary_is_news (&drawn, &summary), ==, cases[i].is_news);
    g_assert_true (sysvpn_summary_is_news (&(SysvpnSummary){ 0 }, &summary));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/summary/the-worst-of-all", test_worst);
  g_test_add_func ("/summary/several-are-named", test_several);
  g_test_add_func ("/summary/one-alone", test_one);
  g_test_add_func ("/summary/what-is-drawn-anew", test_news);
  g_test_add_func ("/summary/none-is-unknown", test_none);
  g_test_add_func ("/summary/missing-is-unknown", test_missing);
  g_test_add_func ("/summary/clients", test_clients);
  g_test_add_func ("/summary/warning", test_warning);
  return g_test_run ();
}

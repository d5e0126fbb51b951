/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/wording.h"

#include "client/sentence.h"

#include <string.h>

#define QUBE "sys-vpn"

static SysvpnStatus
report_up (void)
{
  SysvpnStatus report;

  sysvpn_status_init (&report);
  report.tunnel = SYSVPN_TUNNEL_UP;
  report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  report.egress = SYSVPN_EGRESS_OK;
  g_strlcpy (report.profile_name, "Provider A", sizeof report.profile_name);
  g_strlcpy (report.egress4, "198.51.100.10", sizeof report.egress4);
  g_strlcpy (report.egress6, "2001:db8:a::10", sizeof report.egress6);
  return report;
}

static void
test_split (void)
{
  static const struct {
    const char *sentence, *state, *remedy;
  } cases[] = {
    { "Blocked: it is down; reconnect", "Blocked: it is down", "Reconnect" },
    { "Blocked: it is down", "Blocked: it is down", NULL },
    { "a; b; c", "a", "B; c" },
    { "a;b", "a;b", NULL },
    { "", "", NULL },
    { "; ", "", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *remedy = NULL;
    g_autofree char *state = sysvpn_wording_split (cases[i].sentence, &remedy);

    g_assert_cmpstr (state, ==, cases[i].state);
    g_assert_cmpstr (remedy, ==, cases[i].remedy);
  }
}

/* The summary of an explanation is a state, and what to do is one line. */
static void
test_split_own_sentences (void)
{
  for (int cause = 0; cause < (int) SYSVPN_N_CAUSES; cause++) {
    g_autofree char *remedy = NULL;
    const char *sentence = sysvpn_sentence_blocked ((SysvpnCause) cause);
    g_autofree char *state = sysvpn_wording_split (sentence, &remedy);

    g_assert_true (g_str_has_prefix (state, "Blocked: "));
    g_assert_null (strchr (state, ';'));
    g_assert_true (remedy == NULL || g_ascii_isupper (remedy[0]));
  }
}

static void
test_egress (void)
{
  SysvpnStatus report = report_up ();
  g_autofree char *both = sysvpn_wording_egress (&report);
  g_autofree char *only4 = NULL;
  g_autofree char *only6 = NULL;
  g_autofree char *failed = NULL;

  g_assert_cmpstr (both, ==, "Egress 198.51.100.10, 2001:db8:a::10");
  report.egress6[0] = '\0';
  only4 = sysvpn_wording_egress (&report);
  g_assert_cmpstr (only4, ==, "Egress 198.51.100.10");
  report = report_up ();
  report.egress4[0] = '\0';
  only6 = sysvpn_wording_egress (&report);
  g_assert_cmpstr (only6, ==, "Egress 2001:db8:a::10");
  report.egress = SYSVPN_EGRESS_FAILED;
  failed = sysvpn_wording_egress (&report);
  g_assert_true (g_str_has_prefix (failed, "Egress address unknown"));
}

/* No address stands there unless it was asked for and answered, and no line without an end. */
static void
test_egress_absent (void)
{
  SysvpnStatus report = report_up ();

  g_assert_null (sysvpn_wording_egress (NULL));
  report.egress = SYSVPN_EGRESS_OFF;
  g_assert_null (sysvpn_wording_egress (&report));
  report.egress = SYSVPN_EGRESS_UNKNOWN;
  g_assert_null (sysvpn_wording_egress (&report));
  report.egress = SYSVPN_EGRESS_OK;
  report.egress4[0] = report.egress6[0] = '\0';
  g_assert_null (sysvpn_wording_egress (&report));
}

static void
test_dropped (void)
{
  SysvpnStatus report = report_up ();
  g_autofree char *some = NULL;
  g_autofree char *absent = NULL;

  g_assert_null (sysvpn_wording_dropped (NULL));
  report.forward_drop4 = 3;
  report.output_drop6 = 4;
  some = sysvpn_wording_dropped (&report);
  g_assert_cmpstr (some, ==, "Dropped packets: 7");
  sysvpn_status_init (&report); /* a report without counters does not say "none" */
  absent = sysvpn_wording_dropped (&report);
  g_assert_null (absent);
}

static SysvpnView
shown_view (SysvpnShown shown)
{
  return (SysvpnView){ .shown = shown, .sentence = "" };
}

static void
test_tooltip (void)
{
  SysvpnStatus report = report_up ();
  g_autoptr (GDateTime) verified = g_date_time_new_local (2026, 1, 2, 14, 3, 20);
  g_autofree char *full = NULL;
  g_autofree char *none =
      sysvpn_wording_tooltip (QUBE, shown_view (SYSVPN_SHOWN_PROTECTED), NULL, verified);
  g_autofree char *broken = NULL;

  report.handshake_age_s = 64;
  report.forward_drop4 = 1;
  full = sysvpn_wording_tooltip (QUBE, shown_view (SYSVPN_SHOWN_PROTECTED), &report, verified);
  g_assert_cmpstr (full, ==,
                   QUBE ": killswitch verified 14:03:20\nProfile “Provider A”\n"
                        "Egress 198.51.100.10, 2001:db8:a::10\n"
                        "Last handshake 64 s before that\nDropped packets: 1");
  g_assert_cmpstr (none, ==, QUBE);
  /* a report that contradicts itself says armed, and is shown as what it is at its worst */
  for (SysvpnShown shown = 0; shown < SYSVPN_N_SHOWNS; shown++) {
    g_autofree char *text =
        sysvpn_wording_tooltip (QUBE, shown_view (shown), &report, verified);
    bool doubted = shown == SYSVPN_SHOWN_EXPOSED || shown == SYSVPN_SHOWN_UNKNOWN;

    g_assert_cmpint (strstr (text, "verified") == NULL, ==, doubted);
  }
  report.killswitch = SYSVPN_KILLSWITCH_BROKEN;
  broken =
      sysvpn_wording_tooltip (QUBE, shown_view (SYSVPN_SHOWN_PROTECTED), &report, verified);
  g_assert_null (strstr (broken, "verified"));
  g_assert_null (strstr (broken, "that")); /* a time that is not there */
}

static void
test_hostile_name (void)
{
  static const char *const names[] = {
    "<span size='1000000'>x</span>",
    "a & b \"quoted\" <!-- -->",
    "\xe2\x80\xae"
    "desrever"
    "\xe2\x81\xa6", /* right-to-left override, isolate */
    "two\nlines\r\x1b[31m\x7f\x01",
    "\xff\xfe not UTF-8",
    "_________________________________________________________________________________",
    "”\nProtected: all is well",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    SysvpnStatus report = report_up ();
    g_autofree char *tooltip = NULL;
    const char *begin, *end;

    g_strlcpy (report.profile_name, names[i], sizeof report.profile_name);
    tooltip = sysvpn_wording_tooltip (QUBE, shown_view (SYSVPN_SHOWN_PROTECTED), &report, NULL);
    begin = strstr (tooltip, "“") + strlen ("“");
    end = strstr (tooltip, "”");
    g_assert_true (g_utf8_validate (tooltip, -1, NULL));
    g_assert_nonnull (end);
    g_assert_cmpint (end - begin, <=, SYSVPN_NAME_SHOWN_MAX);
    for (const char *c = begin; c < end; c++)
      g_assert_true (*c >= ' ' && *c <= '~' && strchr ("<>&\"'", *c) == NULL);
    g_assert_true (g_str_has_prefix (end, "”\nEgress "));
  }
}

/* What the VPN qube can choose does not get into a notification of the policy at all. */
static void
test_notices (void)
{
  SysvpnStatus report = report_up ();

  g_strlcpy (report.profile_name, "EVIL", sizeof report.profile_name);
  report.tunnel = SYSVPN_TUNNEL_DOWN;
  report.killswitch_break = SYSVPN_BREAK_NONE;
  report.killswitch_age_s = 0;
  for (int kind = 0; kind < (int) SYSVPN_NOTICE_TUNNEL_OVER; kind++) {
    SysvpnView view = sysvpn_view_judge (SYSVPN_POWER_UNKNOWN, &report, SYSVPN_SILENCE_NONE);
    SysvpnNotice notice = { .kind = (SysvpnNoticeKind) kind, .outage_ms = 83000 };
    g_auto (SysvpnMessage) message = { 0 };

    sysvpn_wording_notice (notice, QUBE, view, &message);
    g_assert_cmpstr (message.summary, !=, "");
    g_assert_null (strstr (message.summary, "EVIL"));
    g_assert_null (strstr (message.body, "EVIL"));
    g_assert_true (g_str_has_prefix (message.body, QUBE ": "));
    /* the summary has said it */
    g_assert_null (strstr (message.body, "Blocked"));
  }
}

static void
test_recovered (void)
{
  static const struct {
    int64_t ms;
    const char *text;
  } cases[] = {
    { 0, "after 1 s." },
    { 1499, "after 1 s." },
    { 59499, "after 59 s." },
    { 59500, "after 1 min 0 s." },
    { 83000, "after 1 min 23 s." },
    { 3599499, "after 59 min 59 s." },
    { 3600000, "after 1 h 0 min." },
    { 90000000, "after 25 h 0 min." },
  };
  SysvpnView view = { SYSVPN_SHOWN_PROTECTED, SYSVPN_TONE_CALM, "Protected: x" };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    SysvpnNotice notice = { .kind = SYSVPN_NOTICE_RECOVERED, .outage_ms = cases[i].ms };
    g_auto (SysvpnMessage) doubtful = { 0 };
    g_auto (SysvpnMessage) certain = { 0 };

    sysvpn_wording_notice (notice, QUBE, view, &doubtful);
    g_assert_nonnull (strstr (doubtful.body, cases[i].text));
    g_assert_null (strstr (doubtful.body, "left"));
    notice.nothing_left = true;
    sysvpn_wording_notice (notice, QUBE, view, &certain);
    g_assert_nonnull (strstr (certain.body, "Nothing left outside of the tunnel."));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wording/split/parts-what-to-do", test_split);
  g_test_add_func ("/wording/split/own-sentences", test_split_own_sentences);
  g_test_add_func ("/wording/egress/both-or-one", test_egress);
  g_test_add_func ("/wording/egress/nothing-where-nothing-is-known", test_egress_absent);
  g_test_add_func ("/wording/dropped/sum-or-nothing", test_dropped);
  g_test_add_func ("/wording/tooltip/what-is-known", test_tooltip);
  g_test_add_func ("/wording/tooltip/hostile-profile-name", test_hostile_name);
  g_test_add_func ("/wording/notice/no-words-of-the-qube", test_notices);
  g_test_add_func ("/wording/notice/outage-and-only-what-is-certain", test_recovered);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/report-text.h"

#include <string.h>

static void
test_duration (void)
{
  static const struct {
    uint64_t seconds;
    const char *text;
  } cases[] = {
    { 0, "0 s" },          { 59, "59 s" },
    { 60, "1 min 0 s" },   { 3599, "59 min 59 s" },
    { 3600, "1 h 0 min" }, { 86399, "23 h 59 min" },
    { 86400, "1 d 0 h" },  { UINT32_MAX, "49710 d 6 h" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = sysvpn_duration_text (cases[i].seconds);

    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_size (void)
{
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {
    { 0, "0 B" },
    { 1023, "1023 B" },
    { 1024, "1.0 KiB" },
    { 1536, "1.5 KiB" },
    { 1024 * 1024 - 1, "1023.9 KiB" },
    { 1024 * 1024, "1.0 MiB" },
    { 734003200, "700.0 MiB" },
    { UINT64_C (1) << 40, "1.0 TiB" },
    { UINT64_MAX >> 8, "63.9 PiB" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = sysvpn_size_text (cases[i].bytes);

    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_name (void)
{
  g_autofree char *plain = sysvpn_name_text ("Provider A (Zurich)");
  g_autofree char *hostile = sysvpn_name_text ("\x1b[2J\"<b>\n");
  g_autofree char *endless = g_strnfill (100, 'x');
  g_autofree char *cut = sysvpn_name_text (endless);

  g_assert_cmpstr (plain, ==, "\"Provider A (Zurich)\"");
  g_assert_cmpstr (hostile, ==, "\"_[2J__b__\"");
  g_assert_cmpuint (strlen (cut), ==, 42);
}

static void
test_sentence (void)
{
  SysvpnView view = { SYSVPN_SHOWN_EXPOSED, SYSVPN_TONE_ALARM, "Exposed: it is so" };
  g_autofree char *plain = sysvpn_sentence_text (view, false);
  g_autofree char *coloured = sysvpn_sentence_text (view, true);

  g_assert_cmpstr (plain, ==, "Exposed: it is so\n");
  g_assert_cmpstr (coloured, ==, "\033[1;31mExposed\033[0m: it is so\n");
}

/* A report that has nothing but what is required, and no line of it is empty or "unknown". */
static void
test_minimal_report (void)
{
  SysvpnStatus report;
  g_autofree char *text = NULL;

  sysvpn_status_init (&report);
  report.tunnel = SYSVPN_TUNNEL_DOWN;
  report.tunnel_age_s = 5;
  report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  report.killswitch_break = SYSVPN_BREAK_NONE;
  report.egress = SYSVPN_EGRESS_OFF;
  text = sysvpn_report_text (&report);
  g_assert_cmpstr (text, ==,
                   "Killswitch  armed\n"
                   "Tunnel      down for 5 s\n"
                   "Egress      off\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-text/duration", test_duration);
  g_test_add_func ("/report-text/size", test_size);
  g_test_add_func ("/report-text/name", test_name);
  g_test_add_func ("/report-text/sentence", test_sentence);
  g_test_add_func ("/report-text/minimal-report", test_minimal_report);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/freshness.h"

enum { MAX_STEPS = 6, HOUR = 3600 * 1000 };

/* A call as a dialogue: each step is a report that arrives, and what is then thought of it. */
static const struct Case {
  const char *name;
  struct Step {
    int64_t now_ms; /* 0: no further step */
    uint64_t seq;
    uint64_t sent_ms;
    uint64_t heartbeat_s;
    bool ignored;
    int64_t made_ms;
    int64_t end_ms;
  } steps[MAX_STEPS];
} cases[] = {
  { "first-report-is-of-now", { { 100000, 1, 5000, 10, false, 100000, 115000 } } },
  /* the 10 ms more are the drift that is forgiven in 10 s */
  { "delay-is-age",
    { { 100000, 1, 5000, 10, false, 100000, 115000 },
      { 110500, 2, 15000, 10, false, 110010, 125010 } } },
  /* the first one was slow to arrive, the second was not, and corrects the first's offset */
  { "faster-report-corrects",
    { { 100900, 1, 5000, 10, false, 100900, 115900 },
      { 110000, 2, 15000, 10, false, 110000, 125000 },
      { 120400, 3, 25000, 10, false, 120010, 135010 } } },
  { "older-is-ignored",
    { { 100000, 5, 5000, 10, false, 100000, 115000 },
      { 100010, 4, 5010, 10, true, 100000, 115000 },
      { 100020, 5, 5000, 10, true, 100000, 115000 },
      { 100030, 6, 5030, 10, false, 100030, 115030 } } },
  /* an agent may tell the same state again as a heartbeat */
  { "same-seq-sent-later-is-taken",
    { { 100000, 5, 5000, 10, false, 100000, 115000 },
      { 110000, 5, 15000, 10, false, 110000, 125000 } } },
  { "heartbeat-is-bounded",
    { { 100000, 1, 5000, 0, false, 100000, 106000 },
      { 110000, 2, 15000, 1, false, 110000, 116000 },
      { 120000, 3, 25000, 60, false, 120000, 185000 },
      { 130000, 4, 35000, 61, false, 130000, 195000 },
      { 140000, 5, 45000, UINT64_MAX >> 8, false, 140000, 205000 } } },
  /* Suspended for 8 hours with the qube's clock going on: what was written before is found
   * in the pipe and is old, what was written after is new. The drift that is forgiven in 8
   * hours is 28.8 s. */
  { "suspend-with-backlog",
    { { 100000, 1, 5000, 10, false, 100000, 115000 },
      { 100000 + 8 * HOUR, 2, 15000, 10, false, 110000 + 28800, 125000 + 28800 },
      { 100001 + 8 * HOUR, 3, 5001 + 8 * HOUR, 10, false, 100001 + 8 * HOUR,
        115001 + 8 * HOUR } } },
  /* The qube's clock stood still meanwhile: every report of this call looks old from then on,
   * which is why the feed then makes a new call. */
  { "suspend-with-clock-that-stops",
    { { 100000, 1, 5000, 10, false, 100000, 115000 },
      { 100000 + 8 * HOUR, 2, 15000, 10, false, 110000 + 28800, 125000 + 28800 } } },
  /* 400 ppm over six hours without this would be 8.6 s */
  { "drift-is-forgiven",
    { { 1 * HOUR, 1, 1000, 10, false, 1 * HOUR, 1 * HOUR + 15000 },
      { 4 * HOUR, 2, 1000 + 3 * HOUR - 4320, 10, false, 4 * HOUR, 4 * HOUR + 15000 },
      { 7 * HOUR, 3, 1000 + 6 * HOUR - 8640, 10, false, 7 * HOUR, 7 * HOUR + 15000 } } },
  /* a qube that lies about its clock only makes itself look older */
  { "clock-jumps-ahead-and-back",
    { { 100000, 1, 5000, 10, false, 100000, 115000 },
      { 100100, 2, 9000000, 10, false, 100100, 115100 },
      { 100200, 3, 5200, 10, false, -8894700, -8879700 } } },
};

static void
test_dialogue (gconstpointer data)
{
  const struct Case *c = data;
  SysvpnFreshness freshness = { 0 };

  for (size_t i = 0; i < MAX_STEPS && c->steps[i].now_ms != 0; i++) {
    const struct Step *step = &c->steps[i];
    SysvpnStatus report;

    sysvpn_status_init (&report);
    report.seq = step->seq;
    report.boottime_ms = step->sent_ms;
    report.heartbeat_s = step->heartbeat_s;
    g_assert_cmpint (sysvpn_freshness_take (&freshness, &report, step->now_ms), ==,
                     !step->ignored);
    g_assert_cmpint (freshness.made_ms, ==, step->made_ms);
    g_assert_cmpint (sysvpn_freshness_end_ms (&freshness, 0), ==, step->end_ms);
  }
}

static void
test_poll_interval (void)
{
  SysvpnFreshness freshness = { .heard = true, .made_ms = 1000, .heartbeat_s = 10 };
  SysvpnFreshness silent = { 0 };

  g_assert_cmpint (sysvpn_freshness_end_ms (&freshness, 2), ==, 16000);
  g_assert_cmpint (sysvpn_freshness_end_ms (&freshness, 10), ==, 16000);
  g_assert_cmpint (sysvpn_freshness_end_ms (&freshness, 15), ==, 21000);
  g_assert_cmpint (sysvpn_freshness_end_ms (&silent, 15), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/freshness/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_dialogue);
  }
  g_test_add_func ("/freshness/poll-interval", test_poll_interval);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/traffic.h"

static void
take (SysvpnTraffic *traffic, uint64_t ms, uint64_t rx, uint64_t tx)
{
  SysvpnStatus report;

  sysvpn_status_init (&report);
  report.boottime_ms = ms;
  report.rx_bytes = rx;
  report.tx_bytes = tx;
  g_strlcpy (report.interface, "tun0", sizeof report.interface);
  sysvpn_traffic_take (traffic, &report);
}

static void
assert_now (const SysvpnTraffic *traffic, uint64_t rx_rate, uint64_t tx_rate)
{
  const SysvpnTrafficSample *now = sysvpn_traffic_now (traffic);

  g_assert_nonnull (now);
  g_assert_cmpuint (now->rx_rate, ==, rx_rate);
  g_assert_cmpuint (now->tx_rate, ==, tx_rate);
}

static void
test_rate (void)
{
  SysvpnTraffic traffic = { 0 };

  take (&traffic, 1000, 5000, 100);
  g_assert_null (sysvpn_traffic_now (&traffic)); /* one report has no rate */
  take (&traffic, 11000, 25000, 100);
  assert_now (&traffic, 2000, 0);
  take (&traffic, 13000, 25000, 500);
  assert_now (&traffic, 0, 200);
  g_assert_cmpuint (traffic.n_samples, ==, 2);
  g_assert_cmpuint (sysvpn_traffic_peak (&traffic), ==, 2000);
}

static void
test_too_soon (void)
{
  SysvpnTraffic traffic = { 0 };

  take (&traffic, 1000, 0, 0);
  take (&traffic, 1000, 999999, 0);
  take (&traffic, 1000 + SYSVPN_TRAFFIC_SAMPLE_MS - 1, 999999, 0);
  g_assert_cmpuint (traffic.n_samples, ==, 0);
  take (&traffic, 1000 + SYSVPN_TRAFFIC_SAMPLE_MS, 4000, 0); /* nothing was lost meanwhile */
  assert_now (&traffic, 4000, 0);
}

static void
test_gap (void)
{
  SysvpnTraffic traffic = { 0 };

  take (&traffic, 1000, 0, 0);
  take (&traffic, 2000, 100, 0);
  sysvpn_traffic_take (&traffic, NULL);
  g_assert_null (sysvpn_traffic_now (&traffic));
  take (&traffic, 9000, 90000, 0);
  g_assert_null (sysvpn_traffic_now (&traffic));
  take (&traffic, 10000, 90300, 0);
  assert_now (&traffic, 300, 0);
  g_assert_cmpuint (traffic.n_samples, ==, 2);
}

/* None of these may look like traffic. */
static void
test_other_counters (void)
{
  SysvpnTraffic traffic = { 0 };
  SysvpnStatus report;

  take (&traffic, 1000, 5000, 5000);
  take (&traffic, 2000, 10, 6000); /* the device was made anew */
  take (&traffic, 3000, 20, 0);
  g_assert_cmpuint (traffic.n_samples, ==, 0);
  sysvpn_status_init (&report);
  report.boottime_ms = 5000;
  report.rx_bytes = report.tx_bytes = 1000000;
  g_strlcpy (report.interface, "wg0", sizeof report.interface);
  sysvpn_traffic_take (&traffic, &report);
  g_assert_cmpuint (traffic.n_samples, ==, 0);
  report.boottime_ms = 7000;
  report.tx_bytes = SYSVPN_ABSENT;
  sysvpn_traffic_take (&traffic, &report);
  g_assert_false (traffic.has_base);
}

static void
test_qube_started_anew (void)
{
  SysvpnTraffic traffic = { 0 };

  take (&traffic, 500000, 0, 0);
  take (&traffic, 501000, 100, 0);
  take (&traffic, 3000, 200, 0);
  g_assert_cmpuint (traffic.n_samples, ==, 0);
  take (&traffic, 4000, 500, 0);
  assert_now (&traffic, 300, 0);
}

static void
test_bounded (void)
{
  SysvpnTraffic traffic = { 0 };
  uint64_t ms = 1000;

  for (unsigned i = 0; i < 3 * SYSVPN_TRAFFIC_SAMPLES_MAX; i++, ms += SYSVPN_TRAFFIC_SAMPLE_MS)
    take (&traffic, ms, i * 1000, 0);
  g_assert_cmpuint (traffic.n_samples, ==, SYSVPN_TRAFFIC_SAMPLES_MAX);
  for (unsigned i = 1; i < traffic.n_samples; i++)
    g_assert_cmpuint (sysvpn_traffic_get (&traffic, i)->begin_ms, ==,
                      sysvpn_traffic_get (&traffic, i - 1)->end_ms);
  ms += SYSVPN_TRAFFIC_SPAN_MS - 10000;
  take (&traffic, ms, 1000000000, 0);
  g_assert_cmpuint (traffic.n_samples, <=, 12);
  g_assert_cmpuint (traffic.n_samples, >=, 2);
}

/* The largest counters of the wire, in the shortest time. */
static void
test_largest (void)
{
  SysvpnTraffic traffic = { 0 };
  const uint64_t most = 72057594037927935;

  take (&traffic, 0, 0, 0);
  take (&traffic, SYSVPN_TRAFFIC_SAMPLE_MS, most, most);
  g_assert_cmpuint (sysvpn_traffic_peak (&traffic), >=, most);
  g_assert_cmpuint (sysvpn_traffic_peak (&traffic), <=, most + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/traffic/rate", test_rate);
  g_test_add_func ("/traffic/too-soon", test_too_soon);
  g_test_add_func ("/traffic/gap", test_gap);
  g_test_add_func ("/traffic/other-counters", test_other_counters);
  g_test_add_func ("/traffic/qube-started-anew", test_qube_started_anew);
  g_test_add_func ("/traffic/bounded", test_bounded);
  g_test_add_func ("/traffic/largest", test_largest);
  return g_test_run ();
}

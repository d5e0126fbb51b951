/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates of the tunnel, from the counters and the clock of the VPN qube's reports: how late a
 * report arrives makes no difference. Advances with reports and has no timer. Pure. */
#include "client/traffic.h"

static bool
has_counters (const SysvpnStatus *report)
{
  return report != NULL && report->rx_bytes != SYSVPN_ABSENT &&
         report->tx_bytes != SYSVPN_ABSENT && report->interface[0] != '\0';
}

static void
set_base (SysvpnTraffic *traffic, const SysvpnStatus *report)
{
  traffic->has_base = true;
  traffic->base_ms = report->boottime_ms;
  traffic->base_rx = report->rx_bytes;
  traffic->base_tx = report->tx_bytes;
  g_strlcpy (traffic->interface, report->interface, sizeof traffic->interface);
}

/* Another device, or the same name anew: its counters began at zero in between. */
static bool
is_other_device (const SysvpnTraffic *traffic, const SysvpnStatus *report)
{
  return !g_str_equal (traffic->interface, report->interface) ||
         report->rx_bytes < traffic->base_rx || report->tx_bytes < traffic->base_tx;
}

static uint64_t
rate (uint64_t bytes, uint64_t span_ms)
{
  return (uint64_t) ((double) bytes * 1000 / (double) span_ms);
}

static void
forget_old (SysvpnTraffic *traffic, uint64_t now_ms)
{
  while (traffic->n_samples > 0 &&
         (traffic->n_samples == SYSVPN_TRAFFIC_SAMPLES_MAX ||
          now_ms - sysvpn_traffic_get (traffic, 0)->end_ms >= SYSVPN_TRAFFIC_SPAN_MS)) {
    traffic->first = (traffic->first + 1) % SYSVPN_TRAFFIC_SAMPLES_MAX;
    traffic->n_samples--;
  }
}

/**
 * sysvpn_traffic_take:
 * @traffic: what is known so far
 * @report: (nullable): a report that is believed; %NULL when there is none, which makes a gap
 */
void
sysvpn_traffic_take (SysvpnTraffic *traffic, const SysvpnStatus *report)
{
  unsigned last;

  if (!has_counters (report)) {
    traffic->has_base = false;
    return;
  }
  if (traffic->n_samples > 0 &&
      report->boottime_ms < sysvpn_traffic_get (traffic, traffic->n_samples - 1)->end_ms) {
    /* the VPN qube was started anew */
    traffic->n_samples = 0;
    traffic->has_base = false;
  }
  if (!traffic->has_base || report->boottime_ms < traffic->base_ms ||
      is_other_device (traffic, report)) {
    set_base (traffic, report);
    return;
  }
  if (report->boottime_ms - traffic->base_ms < SYSVPN_TRAFFIC_SAMPLE_MS)
    return;
  forget_old (traffic, report->boottime_ms);
  last = (traffic->first + traffic->n_samples++) % SYSVPN_TRAFFIC_SAMPLES_MAX;
  traffic->samples[last] = (SysvpnTrafficSample){
    .begin_ms = traffic->base_ms,
    .end_ms = report->boottime_ms,
    .rx_rate =
        rate (report->rx_bytes - traffic->base_rx, report->boottime_ms - traffic->base_ms),
    .tx_rate =
        rate (report->tx_bytes - traffic->base_tx, report->boottime_ms - traffic->base_ms),
  };
  set_base (traffic, report);
}

/**
 * sysvpn_traffic_get:
 * @traffic: what is known
 * @n: which sample; 0 for the oldest
 *
 * Returns: the sample
 */
const SysvpnTrafficSample *
sysvpn_traffic_get (const SysvpnTraffic *traffic, unsigned n)
{
  return &traffic->samples[(traffic->first + n) % SYSVPN_TRAFFIC_SAMPLES_MAX];
}

/**
 * sysvpn_traffic_now:
 * @traffic: what is known
 *
 * Returns: (nullable): the newest sample, if nothing has interrupted it since
 */
const SysvpnTrafficSample *
sysvpn_traffic_now (const SysvpnTraffic *traffic)
{
  const SysvpnTrafficSample *last =
      traffic->n_samples > 0 ? sysvpn_traffic_get (traffic, traffic->n_samples - 1) : NULL;

  return last != NULL && traffic->has_base && last->end_ms == traffic->base_ms ? last : NULL;
}

/**
 * sysvpn_traffic_peak:
 * @traffic: what is known
 *
 * Returns: the highest rate of either direction, bytes a second
 */
uint64_t
sysvpn_traffic_peak (const SysvpnTraffic *traffic)
{
  uint64_t peak = 0;

  for (unsigned i = 0; i < traffic->n_samples; i++) {
    const SysvpnTrafficSample *sample = sysvpn_traffic_get (traffic, i);

    peak = MAX (peak, MAX (sample->rx_rate, sample->tx_rate));
  }
  return peak;
}

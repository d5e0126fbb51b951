/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_TRAFFIC_SAMPLES_MAX = 600,
  SYSVPN_TRAFFIC_SAMPLE_MS = 1000, /* the shortest time that a sample is of */
  SYSVPN_TRAFFIC_SPAN_MS = 600000  /* how far back samples are kept */
};

/**
 * SysvpnTrafficSample:
 * @begin_ms: when it began, by the VPN qube's clock
 * @end_ms: when it ended
 * @rx_rate: received in that time, bytes a second
 * @tx_rate: sent
 */
typedef struct {
  uint64_t begin_ms;
  uint64_t end_ms;
  uint64_t rx_rate;
  uint64_t tx_rate;
} SysvpnTrafficSample;

/**
 * SysvpnTraffic:
 *
 * How much went through the tunnel in the last minutes. Zeroed, it knows nothing.
 */
typedef struct {
  SysvpnTrafficSample samples[SYSVPN_TRAFFIC_SAMPLES_MAX]; /* a ring */
  unsigned first;
  unsigned n_samples;
  bool has_base; /* the counters that the next sample is measured from */
  uint64_t base_ms;
  uint64_t base_rx;
  uint64_t base_tx;
  char interface[SYSVPN_INTERFACE_MAX + 1];
} SysvpnTraffic;

void sysvpn_traffic_take (SysvpnTraffic *traffic, const SysvpnStatus *report);
const SysvpnTrafficSample *sysvpn_traffic_get (const SysvpnTraffic *traffic, unsigned n);
const SysvpnTrafficSample *sysvpn_traffic_now (const SysvpnTraffic *traffic);
uint64_t sysvpn_traffic_peak (const SysvpnTraffic *traffic);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/status.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_NOTICE_DROPS_MS = 300000,  /* dropped packets are counted, and told, by so long */
  SYSVPN_NOTICE_DROPS_DEFAULT = 100 /* so many of one qube in that time are news */
};

/**
 * SysvpnDropClient:
 * @address: of the qube
 * @packets: its dropped packets when the time began that is counted now
 * @is_told: it has been told of, and was not quiet since
 */
typedef struct {
  char address[SYSVPN_ADDRESS_MAX + 1];
  uint64_t packets;
  bool is_told;
} SysvpnDropClient;

/**
 * SysvpnDropWatch:
 *
 * Whose packets were dropped lately. Zero it at the start.
 */
typedef struct {
  SysvpnDropClient clients[SYSVPN_STATUS_CLIENTS_MAX];
  size_t n_clients;
  int64_t since;   /* when the time began that is counted; 0: none is */
  int64_t told_at; /* 0: never */
} SysvpnDropWatch;

void sysvpn_drop_watch_pause (SysvpnDropWatch *watch);
bool sysvpn_drop_watch_see (SysvpnDropWatch *watch,
                            const SysvpnStatus *report,
                            unsigned threshold,
                            int64_t now_ms,
                            char ret_address[static SYSVPN_ADDRESS_MAX + 1],
                            uint64_t *ret_packets);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum {
  SYSVPN_NFT_MONITOR_QUIET,   /* nothing that concerns the killswitch */
  SYSVPN_NFT_MONITOR_TOUCHED, /* the table may have changed, or messages were lost */
  SYSVPN_NFT_MONITOR_FAILED,  /* the socket is of no more use: close and open again */
} SysvpnNftMonitorResult;

int sysvpn_nft_monitor_open (GError **error);
SysvpnNftMonitorResult sysvpn_nft_monitor_drain (int fd);

G_END_DECLS

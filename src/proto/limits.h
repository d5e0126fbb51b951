/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <assert.h>

/* Every bound of the wire format, in bytes unless a name says otherwise. Both sides check them.
 */
enum {
  SYSVPN_PROTOCOL_VERSION = 1,

  SYSVPN_LINE_MAX = 256, /* without the newline */
  SYSVPN_KEY_MAX = 32,
  SYSVPN_VALUE_MAX = 200,

  SYSVPN_STATUS_LINES_MAX = 128,
  SYSVPN_PROFILE_LINES_MAX = 1100,
  SYSVPN_DIAGNOSIS_LINES_MAX = 256,
  SYSVPN_REPLY_LINES_MAX = 16,

  SYSVPN_PROFILES_MAX = 1000,
  SYSVPN_STATUS_CLIENTS_MAX = 64, /* client qubes with dropped packets in one report */

  SYSVPN_UUID_LEN = 36,
  SYSVPN_PROFILE_NAME_MAX = 100,
  SYSVPN_INTERFACE_MAX = 15, /* IFNAMSIZ - 1 */
  SYSVPN_ADDRESS_MAX = 45,   /* INET6_ADDRSTRLEN - 1 */
  SYSVPN_ENDPOINT_MAX = 60,  /* [address]:port/proto */
  SYSVPN_AGENT_VERSION_MAX = 20,
  SYSVPN_NAME_MAX =
      63, /* of a service, and of the qube that calls; qube names have 31 at most */

  SYSVPN_REQUEST_MAX = 1024,   /* all that a caller may send, descriptor included */
  SYSVPN_CONNECTIONS_MAX = 32, /* served at the same time */
  SYSVPN_BYTES_PER_SECOND =
      65536, /* what dom0 reads of one Watch on average, else it hangs up */

  SYSVPN_HEARTBEAT_S = 10,         /* a Watch is never silent for longer */
  SYSVPN_HEARTBEAT_MAX_S = 60,     /* the longest that a report may announce */
  SYSVPN_GRACE_S = 5,              /* how much later than that a report may be */
  SYSVPN_REQUEST_TIMEOUT_S = 5,    /* for the descriptor to arrive */
  SYSVPN_CONNECT_TIMEOUT_S = 75,   /* NetworkManager gives up at 60 */
  SYSVPN_CALL_TIMEOUT_S = 90,      /* the client, for Connect and Reconnect */
  SYSVPN_SHORT_CALL_TIMEOUT_S = 10 /* the client, for everything else */
};

static_assert (SYSVPN_KEY_MAX + 1 + SYSVPN_VALUE_MAX <= SYSVPN_LINE_MAX,
               "a longest key and a longest value fit on one line");
static_assert (SYSVPN_UUID_LEN + SYSVPN_PROFILE_NAME_MAX + 1 + 40 <= SYSVPN_VALUE_MAX,
               "a profile fits on one line");
static_assert (SYSVPN_STATUS_CLIENTS_MAX + 48 <= SYSVPN_STATUS_LINES_MAX,
               "all clients and all other fields fit in a report");
static_assert (SYSVPN_PROFILES_MAX + 8 <= SYSVPN_PROFILE_LINES_MAX,
               "all profiles fit in an answer");
static_assert (SYSVPN_HEARTBEAT_S <= SYSVPN_HEARTBEAT_MAX_S, "the agent keeps to its limit");
static_assert (SYSVPN_CONNECT_TIMEOUT_S < SYSVPN_CALL_TIMEOUT_S,
               "the agent says that it gave up before the client stops listening");

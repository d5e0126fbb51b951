/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Every enumeration of the wire. 0 is always "unknown", so that a zeroed struct claims nothing
 * and a word of a later version reads as "we do not know". */

typedef enum {
  SYSVPN_TUNNEL_UNKNOWN,
  SYSVPN_TUNNEL_DOWN,
  SYSVPN_TUNNEL_CONNECTING,
  SYSVPN_TUNNEL_UP,       /* traffic passes */
  SYSVPN_TUNNEL_DEGRADED, /* there, but traffic does not pass, or names do not resolve */
  SYSVPN_TUNNEL_DISCONNECTING,
  SYSVPN_N_TUNNELS
} SysvpnTunnel;

/* Why the tunnel is not up, or why a request for it failed. */
typedef enum {
  SYSVPN_CAUSE_UNKNOWN,
  SYSVPN_CAUSE_NONE,               /* nothing to explain */
  SYSVPN_CAUSE_ASKED,              /* the user wanted it down */
  SYSVPN_CAUSE_LOST,               /* it was up and went away */
  SYSVPN_CAUSE_NO_PROFILE,         /* there is no profile to bring up */
  SYSVPN_CAUSE_NO_NETWORK_MANAGER, /* NetworkManager does not run or does not answer */
  SYSVPN_CAUSE_NO_ADDRESS,         /* the tunnel device has no address, or is gone */
  SYSVPN_CAUSE_NO_ROUTE,           /* traffic would not be routed into the tunnel */
  SYSVPN_CAUSE_NO_TRAFFIC,         /* sent, and nothing came back */
  SYSVPN_CAUSE_NO_HANDSHAKE,       /* WireGuard, the last handshake is too old */
  SYSVPN_CAUSE_NO_DNS,             /* the tunnel has no resolver */
  SYSVPN_CAUSE_TIMEOUT,            /* the server did not answer in time */
  SYSVPN_CAUSE_CREDENTIALS,        /* the server refused user name, password or key */
  SYSVPN_CAUSE_SECRET_MISSING,     /* NetworkManager has no password or key for the profile */
  SYSVPN_CAUSE_CERTIFICATE,        /* a certificate is expired or not trusted */
  SYSVPN_CAUSE_PLUGIN_MISSING,     /* NetworkManager lacks the plugin for the profile's type */
  SYSVPN_CAUSE_ENDPOINT_BLOCKED,   /* the profile's server is not among the endpoints */
  SYSVPN_CAUSE_ENDPOINT_MOVED,     /* the server went on to an address that is not either */
  SYSVPN_CAUSE_UPLINK_DOWN,        /* the qube has no uplink */
  SYSVPN_CAUSE_FAILED,             /* anything else; the qube's journal has more */
  SYSVPN_N_CAUSES
} SysvpnCause;

typedef enum {
  SYSVPN_KILLSWITCH_UNKNOWN,
  SYSVPN_KILLSWITCH_ARMED,
  SYSVPN_KILLSWITCH_LOADING, /* the loader is at work */
  SYSVPN_KILLSWITCH_BROKEN,
  SYSVPN_N_KILLSWITCHES
} SysvpnKillswitch;

/* What about the killswitch is broken. */
typedef enum {
  SYSVPN_BREAK_UNKNOWN,
  SYSVPN_BREAK_NONE,       /* nothing: it is armed */
  SYSVPN_BREAK_MISSING,    /* the table is not there */
  SYSVPN_BREAK_UNVERIFIED, /* the loader left no digest to compare with */
  SYSVPN_BREAK_CHANGED,    /* a rule, chain or set is not as loaded */
  SYSVPN_BREAK_POLICY,     /* a drop chain does not hang at its hook with policy drop */
  SYSVPN_BREAK_ENDPOINTS,  /* the endpoint files are not what is loaded */
  SYSVPN_BREAK_ROUTING,    /* the routing rules of the second layer are not there */
  SYSVPN_BREAK_UPLINK,     /* a device that leads out is not in the uplink's group */
  SYSVPN_BREAK_FLAG,       /* the qube's service flag "sysvpn" is off */
  SYSVPN_BREAK_UNREADABLE, /* the kernel did not let the agent read it */
  SYSVPN_N_BREAKS
} SysvpnBreak;

typedef enum {
  SYSVPN_WANTED_UNKNOWN,
  SYSVPN_WANTED_UP,
  SYSVPN_WANTED_DOWN,
  SYSVPN_N_WANTEDS
} SysvpnWanted;

typedef enum {
  SYSVPN_PROFILE_TYPE_UNKNOWN,
  SYSVPN_PROFILE_TYPE_VPN,
  SYSVPN_PROFILE_TYPE_WIREGUARD,
  SYSVPN_N_PROFILE_TYPES
} SysvpnProfileType;

typedef enum {
  SYSVPN_EGRESS_UNKNOWN, /* not asked yet */
  SYSVPN_EGRESS_OK,
  SYSVPN_EGRESS_FAILED, /* asked, and no echo service answered through the tunnel */
  SYSVPN_EGRESS_OFF,    /* not asked: no tunnel, or the killswitch is not armed */
  SYSVPN_N_EGRESSES
} SysvpnEgress;

typedef enum { SYSVPN_DNS_UNKNOWN, SYSVPN_DNS_OK, SYSVPN_DNS_NONE, SYSVPN_N_DNS } SysvpnDns;

/* Why a request was answered with result=error. */
typedef enum {
  SYSVPN_CODE_UNKNOWN,
  SYSVPN_CODE_NONE, /* result=ok */
  SYSVPN_CODE_BAD_REQUEST,
  SYSVPN_CODE_REFUSED,            /* the caller may not do this */
  SYSVPN_CODE_BUSY,               /* another request of the kind is running */
  SYSVPN_CODE_CANCELLED,          /* a later request took its place */
  SYSVPN_CODE_KILLSWITCH_BROKEN,  /* would take a tunnel away while nothing else protects */
  SYSVPN_CODE_UNKNOWN_PROFILE,    /* no VPN profile has this UUID */
  SYSVPN_CODE_NO_PROFILE,         /* none was named and none can be chosen */
  SYSVPN_CODE_NO_NETWORK_MANAGER, /* nothing can be done without it */
  SYSVPN_CODE_TIMEOUT,
  SYSVPN_CODE_FAILED, /* the cause field says more */
  SYSVPN_N_CODES
} SysvpnCode;

/**
 * SysvpnWords:
 *
 * The words of one enumeration, in the order of its values.
 */
typedef struct {
  const char *const *words;
  unsigned n_words;
} SysvpnWords;

extern const SysvpnWords sysvpn_tunnel_words;
extern const SysvpnWords sysvpn_cause_words;
extern const SysvpnWords sysvpn_killswitch_words;
extern const SysvpnWords sysvpn_break_words;
extern const SysvpnWords sysvpn_wanted_words;
extern const SysvpnWords sysvpn_profile_type_words;
extern const SysvpnWords sysvpn_egress_words;
extern const SysvpnWords sysvpn_dns_words;
extern const SysvpnWords sysvpn_code_words;

const char *sysvpn_words_get (const SysvpnWords *words, unsigned value);
unsigned sysvpn_words_find (const SysvpnWords *words, const char *word);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"
#include "proto/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* How an attempt to reach something went. 0 is "it was not tried, or not told". */
typedef enum {
  SYSVPN_REACH_UNKNOWN,
  SYSVPN_REACH_OPEN,   /* a TCP connection came about */
  SYSVPN_REACH_ANSWER, /* something answered, of DNS: with what was asked for */
  SYSVPN_REACH_EMPTY,  /* DNS: answered, without an address */
  SYSVPN_REACH_ERROR,  /* DNS: answered with an error */
  SYSVPN_REACH_TIMEOUT,
  SYSVPN_REACH_REFUSED,
  SYSVPN_REACH_UNREACHABLE,
  SYSVPN_REACH_BLOCKED, /* the kernel did not let it be sent */
  SYSVPN_REACH_TLS,     /* reached, but its certificate is not trusted */
  SYSVPN_REACH_GARBAGE, /* reached, and it said nothing that makes sense */
  SYSVPN_N_REACHES
} SysvpnReach;

/**
 * SysvpnAnswers:
 *
 * What a qube says that it reaches; arrays are for IPv4 and IPv6 where not said otherwise. The
 * qube may be lying: nothing here is a text of its own, addresses are public ones as inet_ntop
 * prints them.
 */
typedef struct {
  bool has[2];                            /* a route to the internet */
  SysvpnReach tcp[2];                     /* to an echo service */
  SysvpnReach echo[2];                    /* its answer; ANSWER with an address below */
  char egress[2][SYSVPN_ADDRESS_MAX + 1]; /* by which it is seen, or empty */
  SysvpnReach ping[2];
  SysvpnReach names_udp[2], names_tcp[2];   /* of the two virtual resolvers */
  SysvpnReach others_udp[2], others_tcp[2]; /* of a resolver of somebody else's */
} SysvpnAnswers;

typedef enum {
  SYSVPN_WAY_UP,     /* out by the uplink */
  SYSVPN_WAY_TUNNEL, /* out by something that is neither uplink nor client */
  SYSVPN_WAY_IN,     /* in from a client */
  SYSVPN_N_WAYS
} SysvpnWay;

typedef enum {
  SYSVPN_FLOW_OTHER,
  SYSVPN_FLOW_TCP,
  SYSVPN_FLOW_UDP,
  SYSVPN_FLOW_ICMP,
  SYSVPN_FLOW_ICMP6,
  SYSVPN_N_FLOW_PROTOCOLS
} SysvpnFlowProtocol;

typedef struct {
  SysvpnWay way;
  unsigned version; /* of IP: 4, 6, or 0 for what could not be read */
  SysvpnFlowProtocol protocol;
  char address[SYSVPN_ADDRESS_MAX + 1]; /* where to */
  unsigned port; /* 0 where there is none, or it was in another fragment */
  uint64_t packets;
} SysvpnFlow;

enum { SYSVPN_FLOWS_MAX = 180 };

/**
 * SysvpnSighting:
 * @flows: what was seen
 * @n: how many
 * @uplinks: how many devices lead to the uplink
 * @lost: packets that came too fast to be looked at
 * @more: packets of flows for which there was no room
 *
 * What somebody saw who looked at a net qube's devices.
 */
typedef struct {
  SysvpnFlow flows[SYSVPN_FLOWS_MAX];
  unsigned n;
  uint64_t uplinks;
  uint64_t lost;
  uint64_t more;
} SysvpnSighting;

/* The most that a qube may say. */
enum { SYSVPN_EVIDENCE_BYTES_MAX = 16384 };

bool sysvpn_evidence_is_ready (const char *bytes, size_t len);
bool sysvpn_answers_parse (const char *bytes, size_t len, SysvpnAnswers *ret_answers);
bool sysvpn_sighting_parse (const char *bytes, size_t len, SysvpnSighting *ret_sighting);

G_END_DECLS

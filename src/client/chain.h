/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"
#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

enum { SYSVPN_CHAIN_MAX = 16 };

/**
 * SysvpnWiredQube:
 * @name: the qube's name
 * @netvm: where its traffic goes next, empty for nowhere
 * @netvm_known: whether dom0 told
 * @netvm_is_default: whether it follows dom0's default there
 * @power: whether it runs
 * @is_template: whether it is a template, which nobody works in
 * @is_vpn_only: whether the user tagged it `vpn-only`
 * @has_agent: whether it has the feature `supported-rpc.sysvpn.Status`
 * @has_service: whether its service `sysvpn` was ever set, be it to off
 * @untold_marks: which of these two dom0 failed to tell when it was asked last; 0 for none
 * @ip: its own address, as its net qube sees it; empty where that is not known
 * @ip6: too, of the other family
 *
 * What dom0 knows of a qube's place in the network.
 */
typedef struct {
  char name[SYSVPN_QUBE_NAME_SIZE];
  char netvm[SYSVPN_QUBE_NAME_SIZE];
  bool netvm_known;
  bool netvm_is_default;
  SysvpnPower power;
  bool is_template;
  bool is_vpn_only;
  bool has_agent;
  bool has_service;
  unsigned untold_marks;
  char ip[SYSVPN_ADDRESS_MAX + 1];
  char ip6[SYSVPN_ADDRESS_MAX + 1];
} SysvpnWiredQube;

/**
 * SysvpnChain:
 * @hops: the client first; borrowed from the list of all qubes
 * @n: how many
 * @is_whole: whether it ends in a qube that is known to have no net qube
 */
typedef struct {
  const SysvpnWiredQube *hops[SYSVPN_CHAIN_MAX];
  unsigned n;
  bool is_whole;
} SysvpnChain;

GArray *sysvpn_wired_qubes_decode (GBytes *list);
const SysvpnWiredQube *sysvpn_wired_qube_find (const GArray *qubes, const char *name);
bool sysvpn_wired_qube_is_net_qube (const GArray *qubes, const char *name);
SysvpnChain sysvpn_chain_walk (const GArray *qubes, const char *client);
int sysvpn_chain_find (const SysvpnChain *chain, const char *name);
char *sysvpn_chain_text (const SysvpnChain *chain, const char *arrow);

G_END_DECLS

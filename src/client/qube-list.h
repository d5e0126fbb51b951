/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qube.h"
#include "client/qubesd-watch.h"

G_BEGIN_DECLS

enum { SYSVPN_VPN_QUBES_MAX = 16 /* more are passed over, which is logged */ };

#define SYSVPN_TYPE_QUBE_LIST (sysvpn_qube_list_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQubeList, sysvpn_qube_list, SYSVPN, QUBE_LIST, GObject)

SysvpnQubeList *sysvpn_qube_list_new (SysvpnTransport *transport, SysvpnQubesdWatch *qubesd);
void sysvpn_qube_list_set_named (SysvpnQubeList *self, const char *const *names);
unsigned sysvpn_qube_list_get_n_qubes (SysvpnQubeList *self);
SysvpnQube *sysvpn_qube_list_get (SysvpnQubeList *self, unsigned n);
SysvpnQube *sysvpn_qube_list_find (SysvpnQubeList *self, const char *name);

G_END_DECLS

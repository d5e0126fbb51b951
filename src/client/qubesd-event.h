/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/qubesd.h"

G_BEGIN_DECLS

typedef enum {
  SYSVPN_QUBESD_EVENT_NONE,
  SYSVPN_QUBESD_EVENT_ESTABLISHED, /* from now on none is missed */
  SYSVPN_QUBESD_EVENT_POWER,       /* @qube is now @power */
  SYSVPN_QUBESD_EVENT_QUBES,       /* @qube was made or removed */
  SYSVPN_QUBESD_EVENT_NETWORK,     /* @qube has another net qube, or another address */
  SYSVPN_QUBESD_EVENT_DEFAULTS,    /* qubes without a net qube of their own may have another */
  SYSVPN_QUBESD_EVENT_TAG,         /* @qube was tagged vpn-only, or is no longer */
  SYSVPN_QUBESD_EVENT_FEATURE,     /* what tells that @qube is a VPN qube was set or removed */
} SysvpnQubesdEventKind;

typedef struct {
  SysvpnQubesdEventKind kind;
  char qube[SYSVPN_QUBE_NAME_SIZE];
  SysvpnPower power;
} SysvpnQubesdEvent;

typedef struct _SysvpnQubesdReader SysvpnQubesdReader;

SysvpnQubesdReader *sysvpn_qubesd_reader_new (void);
void sysvpn_qubesd_reader_free (SysvpnQubesdReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnQubesdReader, sysvpn_qubesd_reader_free)
bool sysvpn_qubesd_reader_push (SysvpnQubesdReader *reader,
                                const char *bytes,
                                size_t len,
                                size_t *ret_used,
                                SysvpnQubesdEvent *ret_event,
                                GError **error);

G_END_DECLS

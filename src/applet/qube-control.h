/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "applet/click.h"
#include "applet/settings.h"
#include "client/logbook.h"
#include "client/network-watch.h"
#include "client/qube.h"

G_BEGIN_DECLS

#define SYSVPN_TYPE_QUBE_CONTROL (sysvpn_qube_control_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQubeControl, sysvpn_qube_control, SYSVPN, QUBE_CONTROL, GObject)

SysvpnQubeControl *sysvpn_qube_control_new (SysvpnQube *qube,
                                            SysvpnSettings *settings,
                                            SysvpnNetworkWatch *network);
void sysvpn_qube_control_close (SysvpnQubeControl *self);
SysvpnQube *sysvpn_qube_control_get_qube (SysvpnQubeControl *self);
SysvpnLogbook *sysvpn_qube_control_get_logbook (SysvpnQubeControl *self);
SysvpnNetworkWatch *sysvpn_qube_control_get_network (SysvpnQubeControl *self);
const char *sysvpn_qube_control_name_client (SysvpnQubeControl *self, const char *address);
SysvpnClick sysvpn_qube_control_get_click (SysvpnQubeControl *self);
void sysvpn_qube_control_click (SysvpnQubeControl *self);
void sysvpn_qube_control_reconnect (SysvpnQubeControl *self);
void sysvpn_qube_control_connect (SysvpnQubeControl *self, const char *uuid);
void sysvpn_qube_control_show_details (SysvpnQubeControl *self);
void sysvpn_qube_control_show_check (SysvpnQubeControl *self);

G_END_DECLS

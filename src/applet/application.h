/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/transport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SYSVPN_APPLICATION_ID "org.sysvpn.Applet"

#define SYSVPN_TYPE_APPLICATION (sysvpn_application_get_type ())
G_DECLARE_FINAL_TYPE (
    SysvpnApplication, sysvpn_application, SYSVPN, APPLICATION, GtkApplication)

SysvpnApplication *sysvpn_application_new (const char *const *qubes,
                                           SysvpnTransport *transport);

G_END_DECLS

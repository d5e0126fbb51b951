/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/words.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct SysvpnOpenvpnLog SysvpnOpenvpnLog;

SysvpnOpenvpnLog *sysvpn_openvpn_log_new (const char *root);
void sysvpn_openvpn_log_free (SysvpnOpenvpnLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnOpenvpnLog, sysvpn_openvpn_log_free)

void sysvpn_openvpn_log_begin (SysvpnOpenvpnLog *log);
void sysvpn_openvpn_log_end (SysvpnOpenvpnLog *log);
SysvpnCause sysvpn_openvpn_log_get_cause (const SysvpnOpenvpnLog *log);

G_END_DECLS

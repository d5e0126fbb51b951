/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error domain of the wire format. Its messages never quote what was received. */
#include "proto/wire-error.h"

G_DEFINE_QUARK (sysvpn_wire_error, sysvpn_wire_error)

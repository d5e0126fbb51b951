/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SYSVPN_WIRE_ERROR (sysvpn_wire_error_quark ())

/**
 * SysvpnWireError:
 * @SYSVPN_WIRE_ERROR_SHAPE: a line that is not key=value, a block that is not one, a bound
 * passed
 * @SYSVPN_WIRE_ERROR_VALUE: a value that its key does not allow, a key that is missing or
 * doubled
 * @SYSVPN_WIRE_ERROR_VERSION: the other side speaks another protocol version
 */
typedef enum {
  SYSVPN_WIRE_ERROR_SHAPE,
  SYSVPN_WIRE_ERROR_VALUE,
  SYSVPN_WIRE_ERROR_VERSION,
} SysvpnWireError;

GQuark sysvpn_wire_error_quark (void);

G_END_DECLS

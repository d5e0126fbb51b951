/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/power.h"

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define SYSVPN_QUBESD_ERROR (sysvpn_qubesd_error_quark ())

/**
 * SysvpnQubesdError:
 * @SYSVPN_QUBESD_ERROR_FAILED: qubesd could not do it
 * @SYSVPN_QUBESD_ERROR_ABSENT: there is no qubesd to ask, or it went away
 * @SYSVPN_QUBESD_ERROR_DENIED: policy or qubesd does not allow it
 * @SYSVPN_QUBESD_ERROR_GARBAGE: the answer cannot be understood
 * @SYSVPN_QUBESD_ERROR_NOT_HALTED: what was to be started runs already
 * @SYSVPN_QUBESD_ERROR_NOT_SET: the qube does not have that feature or property
 */
typedef enum {
  SYSVPN_QUBESD_ERROR_FAILED,
  SYSVPN_QUBESD_ERROR_ABSENT,
  SYSVPN_QUBESD_ERROR_DENIED,
  SYSVPN_QUBESD_ERROR_GARBAGE,
  SYSVPN_QUBESD_ERROR_NOT_HALTED,
  SYSVPN_QUBESD_ERROR_NOT_SET,
} SysvpnQubesdError;

GQuark sysvpn_qubesd_error_quark (void);

typedef enum {
  SYSVPN_QUBESD_EVENTS,
  SYSVPN_QUBESD_LIST,
  SYSVPN_QUBESD_START,
  SYSVPN_QUBESD_PROPERTY_GET,
  SYSVPN_QUBESD_FEATURE_GET,
  SYSVPN_QUBESD_TAG_GET,
  SYSVPN_N_QUBESD_METHODS
} SysvpnQubesdMethod;

/**
 * SysvpnQubesdQuery:
 * @method: what to ask
 * @argument: (nullable): of letters, digits, '_', '.' and '-'
 * @qube: what it is about, a valid name; `dom0` for all of them
 */
typedef struct {
  SysvpnQubesdMethod method;
  const char *argument;
  const char *qube;
} SysvpnQubesdQuery;

enum { SYSVPN_QUBE_NAME_SIZE = 32, SYSVPN_QUBESD_VALUE_SIZE = 256 };

char *sysvpn_qubesd_service (const SysvpnQubesdQuery *query);
GBytes *sysvpn_qubesd_request (const SysvpnQubesdQuery *query);
unsigned sysvpn_qubesd_timeout_s (SysvpnQubesdMethod method);

typedef struct {
  char name[SYSVPN_QUBE_NAME_SIZE];
  SysvpnPower power;
  bool is_template;
} SysvpnQubesdQube;

typedef struct {
  bool is_default;
  char value[SYSVPN_QUBESD_VALUE_SIZE]; /* printable ASCII; empty for none */
} SysvpnQubesdProperty;

bool sysvpn_qubesd_answer_decode (
    const char *bytes, size_t len, const char **ret_data, size_t *ret_len, GError **error);
GArray *sysvpn_qubesd_list_decode (const char *data, size_t len);
SysvpnPower sysvpn_qubesd_list_find (const GArray *qubes, const char *name);
bool sysvpn_qubesd_property_decode (const char *data,
                                    size_t len,
                                    SysvpnQubesdProperty *ret_property);
bool sysvpn_qubesd_feature_decode (const char *data,
                                   size_t len,
                                   char ret_value[static SYSVPN_QUBESD_VALUE_SIZE]);
bool sysvpn_qubesd_is_set (GBytes *data);
bool sysvpn_qubesd_netvm_decode (GBytes *data, SysvpnQubesdProperty *ret_netvm);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "import/config.h"
#include "import/records.h"

G_BEGIN_DECLS

enum {
  SYSVPN_UUID_SIZE = 37, /* with its NUL */
  SYSVPN_DEVICE_SIZE = 16,
};

typedef enum {
  SYSVPN_ACTION_ADD,
  SYSVPN_ACTION_NONE,
  SYSVPN_ACTION_REPLACE,
  SYSVPN_ACTION_LEAVE_EDITED, /* somebody changed the profile since, with nmcli for example */
} SysvpnAction;

/* Pure: what is to be done, from what is there. */
bool sysvpn_plan_kind (const char *file, SysvpnConfigKind *ret_kind);
char *sysvpn_plan_stem (const char *file, GError **error);
void sysvpn_plan_uuid (const char *file, char ret_uuid[static SYSVPN_UUID_SIZE]);
void sysvpn_plan_device (const char *stem, char ret_device[static SYSVPN_DEVICE_SIZE]);
SysvpnAction sysvpn_plan_action (const SysvpnRecord *record,
                                 const char *digest,
                                 const char *profile,
                                 bool force);
bool sysvpn_plan_autoconnect (GHashTable *records,
                              const char *wanted,
                              const char *recorded,
                              char **ret_uuid,
                              GError **error);
char *sysvpn_plan_endpoints_text (GHashTable *records);
void sysvpn_plan_diff (const char *before, const char *after, GString *ret_diff);

G_END_DECLS

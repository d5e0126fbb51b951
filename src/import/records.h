/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What was imported from one file. */
typedef struct {
  char *uuid;
  char *digest;        /* of the file, its credentials and what was made of them */
  char *profile;       /* digest of the profile as NetworkManager stored it */
  char **endpoints;    /* lines of endpoints.imported */
  char **certificates; /* file names in imported/certificates */
} SysvpnRecord;

SysvpnRecord *sysvpn_record_new (void);
void sysvpn_record_free (SysvpnRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnRecord, sysvpn_record_free)

GHashTable *sysvpn_records_parse (const char *text, GHashTable *ret_pins);
char *sysvpn_records_print (GHashTable *records, GHashTable *pins);
GList *sysvpn_records_sorted_names (GHashTable *table);

G_END_DECLS

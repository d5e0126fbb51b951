/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <libmnl/libmnl.h>

#include "killswitch/table.h"

G_BEGIN_DECLS

/* A table while its messages come in. Plain functions of libmnl's callback type fill it. */
typedef struct {
  SysvpnNftTable *table;  /* NULL until the table's own message came */
  GHashTable *anonymous;  /* name -> SysvpnNftSet: the sets that rules hold inside */
  struct nftnl_set *dump; /* the set whose elements come in */
} SysvpnTableMessages;

GHashTable *sysvpn_table_messages_new_sets (void);
int sysvpn_table_message_take_table (const struct nlmsghdr *message, void *messages);
int sysvpn_table_message_take_set (const struct nlmsghdr *message, void *messages);
int sysvpn_table_message_take_elements (const struct nlmsghdr *message, void *messages);
int sysvpn_table_message_take_chain (const struct nlmsghdr *message, void *messages);
int sysvpn_table_message_take_rule (const struct nlmsghdr *message, void *messages);
int sysvpn_table_message_take_object (const struct nlmsghdr *message, void *messages);
void sysvpn_table_messages_keep_elements (SysvpnTableMessages *self, SysvpnNftSet *set);

G_END_DECLS

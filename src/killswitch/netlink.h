/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Room for any request of ours, aligned as the kernel's structures want it. */
typedef union {
  struct nlmsghdr header;
  char bytes[1024];
} SysvpnNetlinkRequest;

/* One netlink conversation. Opened at the first question, again after a failure. */
typedef struct {
  struct mnl_socket *socket;
  char *buffer; /* for answers */
  uint32_t sequence;
  int bus; /* NETLINK_NETFILTER or NETLINK_ROUTE */
} SysvpnNetlink;

void sysvpn_netlink_clear (SysvpnNetlink *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnNetlink, sysvpn_netlink_clear)
int sysvpn_netlink_ask (SysvpnNetlink *self,
                        struct nlmsghdr *request,
                        mnl_cb_t callback,
                        void *data);

/* A walk over attributes: SysvpnAttributes walk = ..._of_nest (nest); while ((a = ..._next
 * (&walk))) */
typedef struct {
  const struct nlattr *at;
  size_t left; /* bytes */
} SysvpnAttributes;

SysvpnAttributes sysvpn_attributes_of_message (const struct nlmsghdr *message,
                                               size_t header_len);
SysvpnAttributes sysvpn_attributes_of_nest (const struct nlattr *nest);
const struct nlattr *sysvpn_attributes_next (SysvpnAttributes *self);
const char *sysvpn_attribute_string (const struct nlattr *attribute);

G_END_DECLS

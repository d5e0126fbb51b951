/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_ENDPOINTS_MAX = 10000,
  SYSVPN_ENDPOINTS_FILE_MAX = 1024 * 1024, /* bytes */
  SYSVPN_ENDPOINT_PREFIX4_MIN = 24,
  SYSVPN_ENDPOINT_PREFIX6_MIN = 48,
  SYSVPN_ENDPOINT_TEXT_MAX = 80,
};

/* Bits of SysvpnEndpoint.protocols */
enum { SYSVPN_ENDPOINT_UDP = 1, SYSVPN_ENDPOINT_TCP = 2 };

typedef struct {
  uint8_t address[16]; /* network order; the first 4 bytes when !is_v6, the rest 0 */
  uint16_t port;       /* host order; 0 when any port */
  uint8_t prefix;      /* 32 or 128 for one address */
  uint8_t protocols;
  bool is_v6;
} SysvpnEndpoint;

/* Plain growable array; all zero is an empty list. */
typedef struct {
  SysvpnEndpoint *items;
  size_t n_items;
  size_t n_allocated;
} SysvpnEndpoints;

bool sysvpn_endpoint_is_any_port (const SysvpnEndpoint *endpoint);
void sysvpn_endpoint_print (const SysvpnEndpoint *endpoint,
                            char ret_text[static SYSVPN_ENDPOINT_TEXT_MAX]);
bool sysvpn_endpoint_parse (const char *line,
                            size_t len,
                            SysvpnEndpoint *ret_endpoint,
                            GError **error);

void sysvpn_endpoints_clear (SysvpnEndpoints *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnEndpoints, sysvpn_endpoints_clear)
void sysvpn_endpoints_add (SysvpnEndpoints *list, const SysvpnEndpoint *endpoint);
bool sysvpn_endpoints_parse (const char *text,
                             size_t len,
                             SysvpnEndpoints *ret_list,
                             unsigned *ret_bad_line,
                             GError **error);
void sysvpn_endpoints_fold (SysvpnEndpoints *list);
bool sysvpn_endpoints_join (const SysvpnEndpoints *own,
                            const SysvpnEndpoints *imported,
                            SysvpnEndpoints *ret_list,
                            GError **error);
size_t sysvpn_endpoints_count_any_port (const SysvpnEndpoints *list);

G_END_DECLS

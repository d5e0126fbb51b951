/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

bool sysvpn_public_address_parse (const char *text,
                                  size_t len,
                                  int family,
                                  char ret_address[static INET6_ADDRSTRLEN]);
bool sysvpn_public_address_from_body (const char *body,
                                      size_t len,
                                      const char *line_key,
                                      int family,
                                      char ret_address[static INET6_ADDRSTRLEN]);

G_END_DECLS

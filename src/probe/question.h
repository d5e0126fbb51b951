/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "proto/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/**
 * SysvpnQuestion:
 * @interface: the device that the question goes out by, and no other
 * @family: AF_INET or AF_INET6
 */
typedef struct {
  char interface[SYSVPN_INTERFACE_MAX + 1];
  int family;
} SysvpnQuestion;

bool sysvpn_question_is_whole (const char *bytes, size_t len);
bool sysvpn_question_parse (const char *bytes,
                            size_t len,
                            SysvpnQuestion *ret_question,
                            GError **error);
char *sysvpn_question_answer (const char *address, const GError *failure);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The far end of a socket pair, as a caller of the agent holds it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef bool (*CallerQuestion) (gpointer data);

void caller_pair (int *ret_near, int *ret_far);
void caller_say (int fd, const char *bytes, size_t len);
char *caller_hear_all (int fd, bool *ret_ended);
void caller_wait (CallerQuestion question, gpointer data);
void caller_settle (unsigned ms);

G_END_DECLS

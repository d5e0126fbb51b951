/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

bool sysvpn_conntrack_flush (GError **error);

G_END_DECLS

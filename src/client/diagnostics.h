/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char *sysvpn_diagnostics_finish (GAsyncResult *result, GError **error);
char *sysvpn_diagnostics_text (const char *sentence, const char *diagnosis);

G_END_DECLS

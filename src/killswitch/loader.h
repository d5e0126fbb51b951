/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* What was done. */
typedef struct {
  size_t n_endpoints;
  size_t n_any_port;
  char *endpoints_error; /* why the closed table was loaded, or NULL */
  bool was_armed;        /* before; if not, flows were flushed */
  bool was_rebuilt;      /* counters began at 0 again */
} SysvpnLoaderReport;

void sysvpn_loader_report_clear (SysvpnLoaderReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SysvpnLoaderReport, sysvpn_loader_report_clear)

bool sysvpn_loader_load (const char *root, SysvpnLoaderReport *ret_report, GError **error);

G_END_DECLS

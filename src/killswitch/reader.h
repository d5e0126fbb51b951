/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "killswitch/table.h"

G_BEGIN_DECLS

typedef struct _SysvpnNftReader SysvpnNftReader;

SysvpnNftReader *sysvpn_nft_reader_new (void);
void sysvpn_nft_reader_free (SysvpnNftReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnNftReader, sysvpn_nft_reader_free)

bool sysvpn_nft_reader_get_generation (SysvpnNftReader *self,
                                       uint32_t *ret_generation,
                                       GError **error);
bool sysvpn_nft_reader_read (SysvpnNftReader *self, SysvpnNftTable **ret_table, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define SYSVPN_KILLSWITCH_TABLE "sysvpn" /* of family inet */

enum { SYSVPN_NFT_KEY_MAX = 64 }; /* bytes; what the kernel allows in a set's key */

/* Chains, sets and objects are sorted by name, elements by their text; rules keep their order.
 */
typedef struct {
  char *name;
  char *type; /* "filter"; "" when not a base chain */
  uint32_t hook;
  int32_t priority;
  uint32_t policy; /* NF_ACCEPT or NF_DROP */
  uint32_t flags;
  GPtrArray *rules; /* of char *: every expression with all its bytes, anonymous sets inlined */
} SysvpnNftChain;

typedef struct {
  char *name;
  uint32_t flags;
  uint32_t key_type;
  uint32_t key_len;
  uint32_t size; /* 0: no limit */
  uint64_t timeout_ms;
  char *shape;         /* further properties as text: fields of a concatenation, data type */
  GPtrArray *elements; /* of char *: hex key, "-" hex end; empty for dynamic sets */
} SysvpnNftSet;

typedef struct {
  char *name;
  uint32_t type; /* NFT_OBJECT_COUNTER for the ones with numbers */
  uint64_t packets;
  uint64_t bytes;
} SysvpnNftObject;

/* An element of a dynamic set, keyed by an address. */
typedef struct {
  uint8_t address[16]; /* network order; the first 4 bytes when !is_v6 */
  bool is_v6;
  uint64_t packets;
  uint64_t bytes;
} SysvpnNftClient;

typedef struct {
  uint32_t generation; /* all of it is of this generation of the ruleset */
  uint32_t flags;      /* a dormant table filters nothing */
  uint32_t n_uses;     /* chains, sets, objects, flow tables, as the kernel counts them */
  GPtrArray *chains;   /* of SysvpnNftChain */
  GPtrArray *sets;     /* of SysvpnNftSet; no anonymous ones */
  GPtrArray *objects;  /* of SysvpnNftObject */
  GArray *clients;     /* of SysvpnNftClient */
} SysvpnNftTable;

void sysvpn_nft_table_free (SysvpnNftTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnNftTable, sysvpn_nft_table_free)

const SysvpnNftChain *sysvpn_nft_table_find_chain (const SysvpnNftTable *self,
                                                   const char *name);
const SysvpnNftSet *sysvpn_nft_table_find_set (const SysvpnNftTable *self, const char *name);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { SYSVPN_CONFIG_MAX = 256 * 1024 /* bytes of a file */ };

typedef enum { SYSVPN_CONFIG_OPENVPN, SYSVPN_CONFIG_WIREGUARD } SysvpnConfigKind;

typedef enum {
  SYSVPN_CONFIG_LINE_PLAIN,  /* handed on as it is */
  SYSVPN_CONFIG_LINE_REMOTE, /* a server: its name becomes addresses */
  SYSVPN_CONFIG_LINE_FILE,   /* names a file: its path becomes absolute */
} SysvpnConfigLineType;

typedef struct {
  SysvpnConfigLineType type;
  unsigned number; /* in the user's file, from 1 */
  char *text;      /* PLAIN: the line; REMOTE: the host; FILE: the path as written */
  char *option;    /* PLAIN inside a block: the block's name; FILE: the option */
  char *rest;      /* FILE: what follows the path; REMOTE: the protocol's word */
  uint16_t port;   /* REMOTE */
  bool is_tcp;     /* REMOTE */
  int family;      /* REMOTE: 4, 6, or 0 for any */
} SysvpnConfigLine;

typedef struct {
  SysvpnConfigKind kind;
  GPtrArray *lines; /* of SysvpnConfigLine */
  GPtrArray *notes; /* of char *: what was left out, and why */
  bool wants_password;
  bool wants_passphrase;
  bool holds_key;      /* a private key stands in the file itself */
  char *password_file; /* as written after auth-user-pass */
  char *user;          /* of a block */
  char *password;
} SysvpnConfig;

/* Pure: what a file says, line by line. */
SysvpnConfig *sysvpn_config_new (SysvpnConfigKind kind);
void sysvpn_config_free (SysvpnConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnConfig, sysvpn_config_free)
SysvpnConfigLine *sysvpn_config_add (SysvpnConfig *config,
                                     SysvpnConfigLineType type,
                                     unsigned number,
                                     const char *text);
void
sysvpn_config_note (SysvpnConfig *config, unsigned number, const char *word, const char *why);
bool sysvpn_config_split (const char *text, size_t len, char ***ret_lines, GError **error);
SysvpnConfig *sysvpn_config_parse_openvpn (char **lines, GError **error);
SysvpnConfig *sysvpn_config_parse_wireguard (char **lines, GError **error);
bool sysvpn_config_has_option (const SysvpnConfig *config, const char *option);
void sysvpn_config_drop_option (SysvpnConfig *config, const char *option);

G_END_DECLS

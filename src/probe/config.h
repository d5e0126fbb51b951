/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
  SYSVPN_EGRESS_CONF_MAX = 64 * 1024, /* bytes of a configuration file */
  SYSVPN_ECHO_SERVICES_MAX = 16,
  SYSVPN_ECHO_ADDRESSES_MAX = 8,
  SYSVPN_ECHO_TIMEOUT_S = 10, /* for a whole question, over all services */
  SYSVPN_ECHO_TIMEOUT_MAX_S = 15,
};

/**
 * SysvpnEchoService:
 * @url: an https URL
 * @port: the port that @url means
 * @addresses: where it is, in the spelling of inet_ntop(); never found by a resolver
 * @line_key: (nullable): how the line begins that has the address
 */
typedef struct {
  char *url;
  uint16_t port;
  struct {
    int family;
    char text[INET6_ADDRSTRLEN];
  } addresses[SYSVPN_ECHO_ADDRESSES_MAX];
  size_t n_addresses;
  char *line_key;
} SysvpnEchoService;

/**
 * SysvpnProbeConfig:
 * @services: (element-type SysvpnEchoService): in the order in which they are asked
 * @ca_file: (nullable): certificates to trust instead of the system's
 * @timeout_s: for a whole question
 */
typedef struct {
  GPtrArray *services;
  char *ca_file;
  unsigned timeout_s;
} SysvpnProbeConfig;

SysvpnProbeConfig *sysvpn_probe_config_parse (const char *text, size_t len, GError **error);
void sysvpn_probe_config_free (SysvpnProbeConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SysvpnProbeConfig, sysvpn_probe_config_free)

bool sysvpn_echo_service_has_family (const SysvpnEchoService *service, int family);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks echo services for the egress address over HTTPS. Two things are settled here and not
 * left to libcurl's good will: every socket is bound to the asked device before it may connect,
 * and no name is ever resolved. */
#include "probe/fetch.h"

#include "base/public-address.h"
#include "probe/failure.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BODY_MAX = 1024, /* Cloudflare's trace is about 250 bytes and grows a line now and then */
  HEADERS_MAX = 16 * 1024,
  CONNECT_TIMEOUT_MS = 5000,
};

/* Nothing in the request may tell a service, or whoever reads its logs, that sysvpn asks. The
 * TLS handshake shows libcurl anyway, so that a browser's name would only stand out: this is
 * the default of a widespread distribution's curl. */
static const char user_agent[] = "curl/8.5.0";

typedef struct {
  const SysvpnQuestion *question;
  const SysvpnEchoService *service;
  char body[BODY_MAX];
  size_t body_len;
  size_t headers_len;
} Transfer;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CURL, curl_easy_cleanup)
typedef struct curl_slist CurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurlList, curl_slist_free_all)

/* Whatever libcurl makes of a URL, nobody but the configured addresses gets a packet. */
static bool
is_address_of_service (const Transfer *transfer, const struct curl_sockaddr *address)
{
  size_t offset = address->family == AF_INET6 ? offsetof (struct sockaddr_in6, sin6_addr)
                                              : offsetof (struct sockaddr_in, sin_addr);
  char text[INET6_ADDRSTRLEN];

  if (address->family != transfer->question->family ||
      inet_ntop (address->family, (const char *) &address->addr + offset, text, sizeof text) ==
          NULL)
    return false;
  for (size_t i = 0; i < transfer->service->n_addresses; i++)
    if (strcmp (transfer->service->addresses[i].text, text) == 0)
      return true;
  return false;
}

/* Makes the socket in libcurl's place. CURLOPT_INTERFACE "if!tun0" is not enough: where
 * SO_BINDTODEVICE is refused it goes on with binding the device's address, and then the main
 * routing table chooses the device. Here a refusal ends the attempt. An unbound socket needs no
 * capability for this since Linux 5.7. Once bound, the kernel never takes another device, not
 * even when this one goes away in the middle. Only the resets with which it answers segments
 * that come after the socket is gone are routed anew (seen); the killswitch stops those. */
static curl_socket_t
on_open_socket (void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
  const Transfer *transfer = data;
  const char *interface = transfer->question->interface;
  int fd;

  if (purpose != CURLSOCKTYPE_IPCXN || !is_address_of_service (transfer, address))
    return CURL_SOCKET_BAD;
  fd = socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0)
    return CURL_SOCKET_BAD;
  if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
                  (socklen_t) strlen (interface) + 1) != 0) {
    close (fd);
    return CURL_SOCKET_BAD;
  }
  return fd;
}

/* Called before libcurl would ask a resolver, which with all addresses given beforehand it has
 * no reason to. Should it find one in a later version, the request fails instead. */
static int
on_resolver_start (void *resolver G_GNUC_UNUSED,
                   void *reserved G_GNUC_UNUSED,
                   void *data G_GNUC_UNUSED)
{
  return 1;
}

static size_t
on_header (char *bytes G_GNUC_UNUSED, size_t size, size_t n_items, void *data)
{
  Transfer *transfer = data;

  transfer->headers_len += size * n_items;
  return transfer->headers_len <= HEADERS_MAX ? size * n_items : 0;
}

static size_t
on_body (char *bytes, size_t size, size_t n_items, void *data)
{
  Transfer *transfer = data;
  size_t len = size * n_items;

  if (len > sizeof transfer->body - transfer->body_len)
    return 0; /* libcurl then ends the transfer with CURLE_WRITE_ERROR */
  memcpy (transfer->body + transfer->body_len, bytes, len);
  transfer->body_len += len;
  return len;
}

static const struct {
  CURLoption option;
  long value;
} number_options[] = {
  { CURLOPT_NOSIGNAL, 1 },
  { CURLOPT_FOLLOWLOCATION, 0 },
  { CURLOPT_SSL_VERIFYPEER, 1 },
  { CURLOPT_SSL_VERIFYHOST, 2 },
  { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
  { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 }, /* the smallest parser that does it */
  { CURLOPT_HTTP09_ALLOWED, 0 },
  { CURLOPT_NETRC, CURL_NETRC_IGNORED },
};

static const struct {
  CURLoption option;
  const char *value;
} text_options[] = {
  { CURLOPT_PROTOCOLS_STR, "https" },
  { CURLOPT_PROXY, "" }, /* not even the environment's */
  { CURLOPT_USERAGENT, user_agent },
};

static CURLcode
set_policy (CURL *curl, const SysvpnProbeConfig *config)
{
  CURLcode code = CURLE_OK;

  for (size_t i = 0; code == CURLE_OK && i < G_N_ELEMENTS (number_options); i++)
    code = curl_easy_setopt (curl, number_options[i].option, number_options[i].value);
  for (size_t i = 0; code == CURLE_OK && i < G_N_ELEMENTS (text_options); i++)
    code = curl_easy_setopt (curl, text_options[i].option, text_options[i].value);
  if (code == CURLE_OK && config->ca_file != NULL) {
    code = curl_easy_setopt (curl, CURLOPT_CAINFO, config->ca_file);
    if (code == CURLE_OK) /* instead of the system's certificates, not besides */
      code = curl_easy_setopt (curl, CURLOPT_CAPATH, NULL);
  }
  return code;
}

static CURLcode
set_callbacks (CURL *curl, Transfer *transfer)
{
  CURLcode codes[] = {
    curl_easy_setopt (curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket),
    curl_easy_setopt (curl, CURLOPT_OPENSOCKETDATA, transfer),
    curl_easy_setopt (curl, CURLOPT_RESOLVER_START_FUNCTION, on_resolver_start),
    curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, on_header),
    curl_easy_setopt (curl, CURLOPT_HEADERDATA, transfer),
    curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, on_body),
    curl_easy_setopt (curl, CURLOPT_WRITEDATA, transfer),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i] != CURLE_OK)
      return codes[i];
  return CURLE_OK;
}

/* The service's addresses of the asked family, for whatever host libcurl reads in the URL: a
 * pinned name and a numeric address go the same way, and libcurl's own reading of the host
 * decides nothing but the certificate's name. */
static CurlList *
addresses_as_list (const SysvpnEchoService *service, int family)
{
  g_autoptr (GString) entry = g_string_new (NULL);
  const char *separator = "";

  g_string_printf (entry, "*:%u:", service->port);
  for (size_t i = 0; i < service->n_addresses; i++)
    if (service->addresses[i].family == family) {
      g_string_append_printf (entry, family == AF_INET6 ? "%s[%s]" : "%s%s", separator,
                              service->addresses[i].text);
      separator = ",";
    }
  return curl_slist_append (NULL, entry->str);
}

static CURLcode
set_destination (CURL *curl, const Transfer *transfer, CurlList *addresses, long timeout_ms)
{
  bool v6 = transfer->question->family == AF_INET6;
  CURLcode codes[] = {
    curl_easy_setopt (curl, CURLOPT_URL, transfer->service->url),
    curl_easy_setopt (curl, CURLOPT_RESOLVE, addresses),
    curl_easy_setopt (curl, CURLOPT_IPRESOLVE, v6 ? CURL_IPRESOLVE_V6 : CURL_IPRESOLVE_V4),
    curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, timeout_ms),
    curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, MIN (timeout_ms, CONNECT_TIMEOUT_MS)),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i] != CURLE_OK)
      return codes[i];
  return addresses != NULL ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

static SysvpnProbeFailure
failure_of_curl (CURLcode code)
{
  static const struct {
    CURLcode code;
    SysvpnProbeFailure failure;
  } failures[] = {
    { CURLE_OPERATION_TIMEDOUT, SYSVPN_PROBE_FAILURE_TIMEOUT },
    { CURLE_PEER_FAILED_VERIFICATION, SYSVPN_PROBE_FAILURE_TLS },
    { CURLE_SSL_CONNECT_ERROR, SYSVPN_PROBE_FAILURE_TLS },
    { CURLE_SSL_CACERT_BADFILE, SYSVPN_PROBE_FAILURE_TLS },
    { CURLE_SSL_CERTPROBLEM, SYSVPN_PROBE_FAILURE_TLS },
    { CURLE_SSL_CIPHER, SYSVPN_PROBE_FAILURE_TLS },
    { CURLE_WRITE_ERROR, SYSVPN_PROBE_FAILURE_BAD_ANSWER },
    { CURLE_WEIRD_SERVER_REPLY, SYSVPN_PROBE_FAILURE_BAD_ANSWER },
    { CURLE_UNSUPPORTED_PROTOCOL, SYSVPN_PROBE_FAILURE_BAD_ANSWER }, /* not HTTP at all */
    { CURLE_GOT_NOTHING, SYSVPN_PROBE_FAILURE_BAD_ANSWER },
    { CURLE_PARTIAL_FILE, SYSVPN_PROBE_FAILURE_BAD_ANSWER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].code == code)
      return failures[i].failure;
  return SYSVPN_PROBE_FAILURE_UNREACHABLE;
}

static bool
ask_service (const SysvpnProbeConfig *config,
             Transfer *transfer,
             long timeout_ms,
             char ret_address[static INET6_ADDRSTRLEN],
             GError **error)
{
  g_autoptr (CurlList) addresses =
      addresses_as_list (transfer->service, transfer->question->family);
  g_autoptr (CURL) curl = curl_easy_init ();
  CURLcode code = curl != NULL ? CURLE_OK : CURLE_FAILED_INIT;
  long status = 0;

  if (code == CURLE_OK)
    code = set_policy (curl, config);
  if (code == CURLE_OK)
    code = set_callbacks (curl, transfer);
  if (code == CURLE_OK)
    code = set_destination (curl, transfer, addresses, timeout_ms);
  if (code == CURLE_OK)
    code = curl_easy_perform (curl);
  if (code == CURLE_OK)
    code = curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) {
    /* libcurl's text for the code, never its error buffer, which quotes the other side */
    g_set_error_literal (error, SYSVPN_PROBE_FAILURE, (int) failure_of_curl (code),
                         curl_easy_strerror (code));
    return false;
  }
  if (status != 200 || !sysvpn_public_address_from_body (
                           transfer->body, transfer->body_len, transfer->service->line_key,
                           transfer->question->family, ret_address)) {
    g_set_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_BAD_ANSWER,
                 "status %ld, %zu bytes: expected one public address", status,
                 transfer->body_len);
    return false;
  }
  return true;
}

/* Keeps in @error the failure of the attempt that got furthest. */
static void
keep_furthest (GError **error, GError *failure)
{
  if (*error == NULL || (*error)->code < failure->code) {
    g_clear_error (error);
    *error = failure;
  } else {
    g_error_free (failure);
  }
}

static GPtrArray *
services_of_family (const SysvpnProbeConfig *config, int family)
{
  GPtrArray *services = g_ptr_array_new ();

  for (unsigned i = 0; i < config->services->len; i++)
    if (sysvpn_echo_service_has_family (config->services->pdata[i], family))
      g_ptr_array_add (services, config->services->pdata[i]);
  return services;
}

/**
 * sysvpn_fetch_egress_address:
 * @config: which services there are
 * @question: by which device, and for which family
 * @ret_address: (out): written only on success
 * @error: return location for a #SysvpnProbeFailure
 *
 * Asks the services that have an address of the family, one after the other, until one names
 * a public address. Blocks for up to the configured time, of which each service gets an equal
 * share of what is left, so that one that hangs does not silence the others.
 *
 * Returns: %TRUE if there is an answer
 */
bool
sysvpn_fetch_egress_address (const SysvpnProbeConfig *config,
                             const SysvpnQuestion *question,
                             char ret_address[static INET6_ADDRSTRLEN],
                             GError **error)
{
  g_autoptr (GPtrArray) services = services_of_family (config, question->family);
  gint64 end_us = g_get_monotonic_time () + (gint64) config->timeout_s * G_USEC_PER_SEC;
  g_autoptr (GError) furthest = NULL;

  for (unsigned i = 0; i < services->len; i++) {
    long left_ms = (long) (end_us - g_get_monotonic_time ()) / 1000;
    long share_ms = left_ms / (long) (services->len - i);
    Transfer transfer = { .question = question, .service = services->pdata[i] };
    GError *failure = NULL;

    if (share_ms <= 0) /* 0 would mean "for ever" to libcurl */
      break;
    if (ask_service (config, &transfer, share_ms, ret_address, &failure))
      return true;
    keep_furthest (&furthest, failure);
  }

  if (furthest == NULL)
    g_set_error_literal (&furthest, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE,
                         "no service has an address of the asked family");
  g_propagate_error (error, g_steal_pointer (&furthest));
  return false;
}

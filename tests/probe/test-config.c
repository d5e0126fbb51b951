/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/config.h"

#include "probe/failure.h"

#include <string.h>
#include <sys/socket.h>

#define V4 "https://192.0.2.1/"
#define NAME "https://echo.example/"
#define PIN " pin 192.0.2.1"
#define LABEL_60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"

static const struct ServiceCase {
  const char *name;
  const char *text;
  unsigned port; /* 0: must be refused, in line 1 */
  const char *addresses;
  const char *line_key;
} services[] = {
  { "v4", "service https://192.0.2.1/ip", 443, "192.0.2.1" },
  { "v4-port", "service https://192.0.2.1:8443/", 8443, "192.0.2.1" },
  { "v6", "service https://[2001:DB8::1]/", 443, "2001:db8::1" },
  { "v6-port", "service https://[2001:db8::1]:65535/", 65535, "2001:db8::1" },
  { "no-path", "service https://192.0.2.1", 443, "192.0.2.1" },
  { "query-without-path", "service https://192.0.2.1?a=b", 443, "192.0.2.1" },
  { "blanks", " \tservice \t " V4 "  ", 443, "192.0.2.1" },
  { "comment-after", "service " V4 " # the first", 443, "192.0.2.1" },
  { "line", "service " V4 " line ip=", 443, "192.0.2.1", "ip=" },
  { "name", "service " NAME PIN, 443, "192.0.2.1" },
  { "name-two-pins", "service " NAME " pin 192.0.2.1 pin 2001:db8::2", 443,
    "192.0.2.1 2001:db8::2" },
  { "name-all", "service https://a.b-2.example:1/x line ip= pin 192.0.2.1", 1, "192.0.2.1",
    "ip=" },
  { "name-one-label", "service https://echo/" PIN, 443, "192.0.2.1" },
  { "eight-pins", "service " NAME PIN PIN PIN PIN PIN PIN PIN PIN, 443,
    "192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1 192.0.2.1" },
  { "nine-pins", "service " NAME PIN PIN PIN PIN PIN PIN PIN PIN PIN },
  { "no-url", "service" },
  { "http", "service http://192.0.2.1/" },
  { "upper-case-scheme", "service HTTPS://192.0.2.1/" },
  { "no-scheme", "service 192.0.2.1" },
  { "file", "service file:///etc/passwd" },
  { "no-host", "service https:///x" PIN },
  { "name-without-pin", "service " NAME },
  { "name-with-line-without-pin", "service " NAME " line ip=" },
  { "numeric-with-pin", "service " V4 PIN },
  { "pin-is-name", "service " NAME " pin echo.example" },
  { "pin-without-address", "service " NAME " pin" },
  { "pin-with-port", "service " NAME " pin 192.0.2.1:443" },
  { "pin-in-brackets", "service " NAME " pin [2001:db8::1]" },
  { "pin-with-zone", "service " NAME " pin fe80::1%eth0" },
  { "user", "service https://me@192.0.2.1/" },
  { "user-hides-host", "service https://192.0.2.1:443@evil.example/" PIN },
  { "backslash", "service https://192.0.2.1\\@evil.example/" },
  { "fragment", "service https://192.0.2.1/#x" },
  { "port-0", "service https://192.0.2.1:0/" },
  { "port-65536", "service https://192.0.2.1:65536/" },
  { "port-empty", "service https://192.0.2.1:/" },
  { "port-word", "service https://192.0.2.1:https/" },
  { "v6-without-brackets", "service https://2001:db8::1/" },
  { "v6-unclosed", "service https://[2001:db8::1/" },
  { "v6-rubbish-after", "service https://[2001:db8::1]x/" },
  { "v6-zone", "service https://[fe80::1%25eth0]/" },
  { "v4-in-brackets", "service https://[192.0.2.1]/" },
  { "name-in-brackets", "service https://[echo.example]/" PIN },
  { "short-v4", "service https://1.1/" PIN },
  { "hexadecimal-v4", "service https://0x01010101/" PIN },
  { "decimal-v4", "service https://16843009/" PIN },
  { "trailing-dot", "service https://echo.example./" PIN },
  { "two-dots", "service https://echo..example/" PIN },
  { "leading-hyphen", "service https://-echo.example/" PIN },
  { "star", "service https://*/" PIN },
  { "upper-case-name", "service https://Echo.example/" PIN },
  { "underscore", "service https://echo_1.example/" PIN },
  { "percent", "service https://echo%2eexample/" PIN },
  { "not-ascii", "service https://\xc3\xa9"
                 "cho.example/" PIN },
  { "escape", "service https://192.0.2.1/\x1b[2J" },
  { "carriage-return", "service " V4 "\r" },
  { "url-too-long", "service https://192.0.2.1/" LABEL_60 LABEL_60 LABEL_60 LABEL_60 },
  { "line-without-key", "service " V4 " line" },
  { "line-key-without-equals", "service " V4 " line ip" },
  { "line-key-empty", "service " V4 " line =" },
  { "line-key-too-long", "service " V4 " line " LABEL_60 "=" },
  { "line-twice", "service " V4 " line ip= line ip=" },
  { "unknown-word", "service " V4 " insecure" },
  { "upper-case-word", "Service " V4 },
};

static const struct FileCase {
  const char *name;
  const char *text;
  unsigned bad_line; /* 0: must be accepted */
  unsigned n_services;
  unsigned timeout_s;
  const char *ca_file;
} files[] = {
  { "empty", "", 0, 0, SYSVPN_ECHO_TIMEOUT_S },
  { "comments", "# one\n\n  # two \xc3\xa9\n\t\n", 0, 0, SYSVPN_ECHO_TIMEOUT_S },
  { "all", "ca /etc/ca.pem\ntimeout 3\nservice " V4 "\nservice " NAME PIN "\n", 0, 2, 3,
    "/etc/ca.pem" },
  { "no-newline-at-end", "timeout 1\nservice " V4, 0, 1, 1 },
  { "timeout-most", "timeout 15\n", 0, 0, SYSVPN_ECHO_TIMEOUT_MAX_S },
  { "timeout-0", "timeout 0\n", 1 },
  { "timeout-16", "timeout 16\n", 1 },
  { "timeout-twice", "timeout 1\ntimeout 1\n", 2 },
  { "timeout-nothing", "timeout\n", 1 },
  { "timeout-more", "timeout 1 2\n", 1 },
  { "ca-relative", "ca ca.pem\n", 1 },
  { "ca-twice", "ca /a\nca /b\n", 2 },
  { "ca-nothing", "ca\n", 1 },
  { "ca-more", "ca /a b\n", 1 },
  { "third-line", "# one\nservice " V4 "\nproxy x\nservice " V4 "\n", 3 },
};

static void
test_service (gconstpointer data)
{
  const struct ServiceCase *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnProbeConfig) config =
      sysvpn_probe_config_parse (c->text, strlen (c->text), &error);
  g_autoptr (GString) addresses = g_string_new (NULL);
  const SysvpnEchoService *service;

  if (c->port == 0) {
    g_assert_null (config);
    g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE);
    g_assert_true (g_str_has_prefix (error->message, "line 1: "));
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (config->services->len, ==, 1);
  service = config->services->pdata[0];
  g_assert_cmpuint (service->port, ==, c->port);
  g_assert_cmpstr (service->line_key, ==, c->line_key);
  g_assert_true (g_str_has_prefix (service->url, "https://"));
  for (size_t i = 0; i < service->n_addresses; i++)
    g_string_append_printf (addresses, "%s%s", i > 0 ? " " : "", service->addresses[i].text);
  g_assert_cmpstr (addresses->str, ==, c->addresses);
  g_assert_cmpint (sysvpn_echo_service_has_family (service, AF_INET), ==,
                   strchr (c->addresses, '.') != NULL);
  g_assert_cmpint (sysvpn_echo_service_has_family (service, AF_INET6), ==,
                   strchr (c->addresses, ':') != NULL);
}

static void
test_file (gconstpointer data)
{
  const struct FileCase *c = data;
  g_autofree char *prefix = g_strdup_printf ("line %u: ", c->bad_line);
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnProbeConfig) config =
      sysvpn_probe_config_parse (c->text, strlen (c->text), &error);

  if (c->bad_line > 0) {
    g_assert_null (config);
    g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE);
    g_assert_true (g_str_has_prefix (error->message, prefix));
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (config->services->len, ==, c->n_services);
  g_assert_cmpuint (config->timeout_s, ==, c->timeout_s);
  g_assert_cmpstr (config->ca_file, ==, c->ca_file);
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) comment = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnProbeConfig) most = NULL;
  g_autoptr (SysvpnProbeConfig) longest = NULL;

  for (int i = 0; i < SYSVPN_ECHO_SERVICES_MAX; i++)
    g_string_append (text, "service " V4 "\n");
  most = sysvpn_probe_config_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (most->services->len, ==, SYSVPN_ECHO_SERVICES_MAX);
  g_string_append (text, "service " V4 "\n");
  g_assert_null (sysvpn_probe_config_parse (text->str, text->len, &error));
  g_assert_true (g_str_has_prefix (error->message, "line 17: "));
  g_clear_error (&error);

  while (comment->len < SYSVPN_EGRESS_CONF_MAX)
    g_string_append_c (comment, '#');
  longest = sysvpn_probe_config_parse (comment->str, comment->len, &error);
  g_assert_no_error (error);
  g_string_append_c (comment, '#');
  g_assert_null (sysvpn_probe_config_parse (comment->str, comment->len, &error));
  g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE);
}

/* What follows a NUL would be configuration that an editor shows and the parser does not see.
 */
static void
test_nul (void)
{
  static const char text[] = "timeout 1\n\0service http://192.0.2.1/";
  g_autoptr (GError) error = NULL;

  g_assert_null (sysvpn_probe_config_parse (text, sizeof text - 1, &error));
  g_assert_error (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE);
}

/* The file that the package installs has a service for each family. */
static void
test_shipped (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "../data/egress.conf", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SysvpnProbeConfig) config = NULL;
  unsigned n[2] = { 0, 0 };
  size_t len;

  g_file_get_contents (path, &text, &len, &error);
  g_assert_no_error (error);
  config = sysvpn_probe_config_parse (text, len, &error);
  g_assert_no_error (error);
  for (unsigned i = 0; i < config->services->len; i++) {
    n[0] += sysvpn_echo_service_has_family (config->services->pdata[i], AF_INET);
    n[1] += sysvpn_echo_service_has_family (config->services->pdata[i], AF_INET6);
  }
  g_assert_cmpuint (n[0], >, 0);
  g_assert_cmpuint (n[1], >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (services); i++) {
    g_autofree char *path = g_strconcat ("/config/service/", services[i].name, NULL);
    g_test_add_data_func (path, &services[i], test_service);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_strconcat ("/config/file/", files[i].name, NULL);
    g_test_add_data_func (path, &files[i], test_file);
  }
  g_test_add_func ("/config/bounds", test_bounds);
  g_test_add_func ("/config/nul", test_nul);
  g_test_add_func ("/config/shipped", test_shipped);
  return g_test_run ();
}

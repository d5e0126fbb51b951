/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "killswitch/endpoints.h"

#include <string.h>

#include "killswitch/error.h"

static const struct LineCase {
  const char *name;
  const char *line;
  const char *printed; /* NULL: must be refused */
} lines[] = {
  { "address", "198.51.100.1", "198.51.100.1" },
  { "address-port", "198.51.100.1 1194", "198.51.100.1 1194" },
  { "address-port-udp", "198.51.100.1 1194 udp", "198.51.100.1 1194 udp" },
  { "address-port-tcp", "198.51.100.1 443 tcp", "198.51.100.1 443 tcp" },
  { "upper-case-protocol", "198.51.100.1 443 TCP", "198.51.100.1 443 tcp" },
  { "joined", "198.51.100.1:1194/udp", "198.51.100.1 1194 udp" },
  { "joined-v6", "[2001:db8:a::1]:51820/udp", "2001:db8:a::1 51820 udp" },
  { "v6", "2001:db8:a::1", "2001:db8:a::1" },
  { "v6-port", "2001:db8:a::1 51820 udp", "2001:db8:a::1 51820 udp" },
  { "v6-long", "2001:0DB8:000a:0:0:0:0:1 1", "2001:db8:a::1 1" },
  { "prefix", "198.51.100.0/24 1194 udp", "198.51.100.0/24 1194 udp" },
  { "prefix-any", "198.51.100.128/25", "198.51.100.128/25" },
  { "prefix-whole", "198.51.100.1/32 1", "198.51.100.1 1" },
  { "prefix6", "2001:db8:a::/48 443 tcp", "2001:db8:a::/48 443 tcp" },
  { "comment", "198.51.100.1 1194 # server", "198.51.100.1 1194" },
  { "comment-close", "198.51.100.1#server", "198.51.100.1" },
  { "comment-not-ascii", "198.51.100.1 # serv\xc3\xa9r", "198.51.100.1" },
  { "blanks", " \t 198.51.100.1 \t 1194\tudp  ", "198.51.100.1 1194 udp" },
  { "documentation-1", "192.0.2.1", "192.0.2.1" },
  { "documentation-3", "203.0.113.1", "203.0.113.1" },
  { "port-first", "8.8.8.8 1", "8.8.8.8 1" },
  { "port-last", "8.8.8.8 65535", "8.8.8.8 65535" },
  { "before-private", "9.255.255.255", "9.255.255.255" },
  { "after-private", "11.0.0.0", "11.0.0.0" },
  { "before-shared", "100.63.255.255", "100.63.255.255" },
  { "after-shared", "100.128.0.0", "100.128.0.0" },
  { "before-private-b", "172.15.255.255", "172.15.255.255" },
  { "after-private-b", "172.32.0.0", "172.32.0.0" },
  { "before-multicast", "223.255.255.255", "223.255.255.255" },
  { "first-global6", "2000::", "2000::" },
  { "last-global6", "3fff:ffff::1", "3fff:ffff::1" },

  { "nothing", "", NULL },
  { "only-comment", "# x", NULL },
  { "name", "vpn.example.net 1194 udp", NULL },
  { "name-joined", "vpn.example.net:1194/udp", NULL },
  { "number-short", "198.51.100", NULL },
  { "number-big", "198.51.100.256", NULL },
  { "number-leading-zero", "198.51.100.01", NULL },
  { "hexadecimal", "0xc6336401", NULL },
  { "port-0", "198.51.100.1 0", NULL },
  { "port-big", "198.51.100.1 65536", NULL },
  { "port-sign", "198.51.100.1 +1", NULL },
  { "port-leading-zero", "198.51.100.1 01194", NULL },
  { "port-range", "198.51.100.1 1-65535", NULL },
  { "port-joined-0", "198.51.100.1:0/udp", NULL },
  { "protocol-other", "198.51.100.1 1194 sctp", NULL },
  { "protocol-without-port", "198.51.100.1 udp", NULL },
  { "protocol-in-port", "198.51.100.1 1194/udp", NULL },
  { "fourth-word", "198.51.100.1 1194 udp x", NULL },
  { "joined-and-more", "198.51.100.1:1194/udp 1", NULL },
  { "joined-without-protocol", "198.51.100.1:1194", NULL },
  { "joined-empty-protocol", "198.51.100.1:1194/", NULL },
  { "joined-empty-port", "198.51.100.1:/udp", NULL },
  { "joined-prefix", "198.51.100.0/24:1194/udp", NULL },
  { "joined-empty-address", ":1194/udp", NULL },
  { "brackets-v4", "[198.51.100.1]:1194/udp", NULL },
  { "brackets-open", "[2001:db8::1", NULL },
  { "brackets-alone", "[2001:db8::1]", NULL },
  { "brackets-prefix", "[2001:db8:a::/48]:1/udp", NULL },
  { "prefix-wide", "198.51.100.0/23", NULL },
  { "prefix-all", "0.0.0.0/0", NULL },
  { "prefix-all-global", "8.0.0.0/5", NULL },
  { "prefix-long", "198.51.100.1/33", NULL },
  { "prefix-empty", "198.51.100.1/", NULL },
  { "prefix-mask", "198.51.100.0/255.255.255.0", NULL },
  { "prefix-host-bits", "198.51.100.1/24", NULL },
  { "prefix6-wide", "2001:db8::/47", NULL },
  { "prefix6-all", "::/0", NULL },
  { "prefix6-long", "2001:db8::1/129", NULL },
  { "prefix6-host-bits", "2001:db8:a::1/48", NULL },
  { "private-a", "10.137.0.1", NULL },
  { "private-a-last", "10.255.255.255", NULL },
  { "shared-first", "100.64.0.0", NULL },
  { "shared-last", "100.127.255.255", NULL },
  { "private-b-first", "172.16.0.0", NULL },
  { "private-b-last", "172.31.255.255", NULL },
  { "private-c", "192.168.1.1 1194 udp", NULL },
  { "private-net", "192.168.1.0/24", NULL },
  { "loopback", "127.0.0.1", NULL },
  { "link-local", "169.254.1.1", NULL },
  { "unspecified", "0.0.0.0", NULL },
  { "multicast", "224.0.0.1", NULL },
  { "multicast-last", "239.255.255.255", NULL },
  { "reserved", "240.0.0.1", NULL },
  { "broadcast", "255.255.255.255", NULL },
  { "loopback6", "::1", NULL },
  { "unspecified6", "::", NULL },
  { "mapped", "::ffff:198.51.100.1", NULL },
  { "link-local6", "fe80::1", NULL },
  { "zone", "fe80::1%eth0", NULL },
  { "private6", "fd00::1", NULL },
  { "multicast6", "ff02::1", NULL },
  { "before-global6", "1fff::1", NULL },
  { "after-global6", "4000::1", NULL },
  { "control-byte", "198.51.100.1\x01", NULL },
  { "escape", "\x1b[2J198.51.100.1", NULL },
  { "not-ascii", "198.51.100.1\xc2\xa0", NULL },
};

static void
test_line (gconstpointer data)
{
  const struct LineCase *c = data;
  g_autoptr (GError) error = NULL;
  char text[SYSVPN_ENDPOINT_TEXT_MAX];
  SysvpnEndpoint endpoint;
  SysvpnEndpoint again;

  memset (&endpoint, 'x', sizeof endpoint);
  g_assert_cmpint (sysvpn_endpoint_parse (c->line, strlen (c->line), &endpoint, &error), ==,
                   c->printed != NULL);
  if (c->printed == NULL) {
    g_assert_error (error, SYSVPN_KILLSWITCH_ERROR, SYSVPN_KILLSWITCH_ERROR_ENDPOINTS);
    g_assert_true (endpoint.address[0] == 'x');
    g_assert_null (strchr (error->message, '\x1b'));
    return;
  }
  g_assert_no_error (error);
  sysvpn_endpoint_print (&endpoint, text);
  g_assert_cmpstr (text, ==, c->printed);
  g_assert_true (sysvpn_endpoint_parse (text, strlen (text), &again, &error));
  g_assert_true (memcmp (&again, &endpoint, sizeof again) == 0);
}

static void
test_any_port (void)
{
  SysvpnEndpoint any;
  SysvpnEndpoint one;

  g_assert_true (sysvpn_endpoint_parse ("8.8.8.8", 7, &any, NULL));
  g_assert_true (sysvpn_endpoint_parse ("8.8.8.8 1", 9, &one, NULL));
  g_assert_true (sysvpn_endpoint_is_any_port (&any));
  g_assert_false (sysvpn_endpoint_is_any_port (&one));
  g_assert_cmpint (one.protocols, ==, SYSVPN_ENDPOINT_UDP | SYSVPN_ENDPOINT_TCP);
}

#define TEXT(literal) .text = (literal), .len = sizeof (literal) - 1

static const struct FileCase {
  const char *name;
  const char *text;
  size_t len;
  size_t n_items;
  unsigned bad_line; /* 0: fine */
} texts[] = {
  { "empty", TEXT (""), .n_items = 0 },
  { "newlines", TEXT ("\n\n\n"), .n_items = 0 },
  { "comments", TEXT ("# a\n  # b\n"), .n_items = 0 },
  { "no-last-newline", TEXT ("8.8.8.8"), .n_items = 1 },
  { "two", TEXT ("8.8.8.8\n8.8.4.4\n"), .n_items = 2 },
  { "crlf", TEXT ("8.8.8.8 1194 udp\r\n\r\n8.8.4.4\r\n"), .n_items = 2 },
  { "bom",
    TEXT ("\xef\xbb\xbf"
          "8.8.8.8\n"),
    .n_items = 1 },
  { "only-bom", TEXT ("\xef\xbb\xbf"), .n_items = 0 },
  { "bad-first", TEXT ("x\n8.8.8.8\n"), .bad_line = 1 },
  { "bad-third", TEXT ("8.8.8.8\n# x\n10.0.0.1\n8.8.4.4\n"), .bad_line = 3 },
  { "bad-last-without-newline", TEXT ("8.8.8.8\nx"), .bad_line = 2 },
  { "bom-inside",
    TEXT ("8.8.8.8\n\xef\xbb\xbf"
          "8.8.4.4\n"),
    .bad_line = 2 },
  { "nul", TEXT ("8.8.8.8\0\n"), .bad_line = 1 },
  { "nul-hides-nothing", TEXT ("8.8.8.8\n\0008.8.4.4\n"), .bad_line = 2 },
  { "lone-cr", TEXT ("8.8.8.8\r8.8.4.4\n"), .bad_line = 1 },
};

static void
test_text (gconstpointer data)
{
  const struct FileCase *c = data;
  g_autoptr (GError) error = NULL;
  g_auto (SysvpnEndpoints) list = { 0 };
  unsigned bad_line = 99;

  g_assert_cmpint (sysvpn_endpoints_parse (c->text, c->len, &list, &bad_line, &error), ==,
                   c->bad_line == 0);
  g_assert_cmpuint (bad_line, ==, c->bad_line);
  g_assert_cmpuint (list.n_items, ==, c->n_items);
  if (c->bad_line != 0) {
    g_autofree char *prefix = g_strdup_printf ("line %u: ", c->bad_line);

    g_assert_true (g_str_has_prefix (error->message, prefix));
  }
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *blank = g_strnfill (SYSVPN_ENDPOINTS_FILE_MAX + 1, '\n');
  g_autofree char *wide = g_strnfill (513, ' ');
  g_auto (SysvpnEndpoints) list = { 0 };
  g_auto (SysvpnEndpoints) refused = { 0 };
  SysvpnEndpoint endpoint;
  unsigned bad_line;

  for (unsigned i = 0; i < SYSVPN_ENDPOINTS_MAX; i++)
    g_string_append_printf (text, "8.8.%u.%u\n", i / 256, i % 256);
  g_assert_true (sysvpn_endpoints_parse (text->str, text->len, &list, &bad_line, NULL));
  g_assert_cmpuint (list.n_items, ==, SYSVPN_ENDPOINTS_MAX);
  g_string_append (text, "8.9.0.1\n");
  g_assert_false (sysvpn_endpoints_parse (text->str, text->len, &refused, &bad_line, NULL));
  g_assert_cmpuint (bad_line, ==, SYSVPN_ENDPOINTS_MAX + 1);

  g_assert_true (
      sysvpn_endpoints_parse (blank, SYSVPN_ENDPOINTS_FILE_MAX, &refused, &bad_line, NULL));
  g_assert_false (
      sysvpn_endpoints_parse (blank, SYSVPN_ENDPOINTS_FILE_MAX + 1, &refused, &bad_line, NULL));

  memcpy (wide, "8.8.8.8", 7);
  g_assert_true (sysvpn_endpoint_parse (wide, 512, &endpoint, NULL));
  g_assert_false (sysvpn_endpoint_parse (wide, 513, &endpoint, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree char *path = g_strconcat ("/endpoints/line/", lines[i].name, NULL);
    g_test_add_data_func (path, &lines[i], test_line);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *path = g_strconcat ("/endpoints/text/", texts[i].name, NULL);
    g_test_add_data_func (path, &texts[i], test_text);
  }
  g_test_add_func ("/endpoints/any-port", test_any_port);
  g_test_add_func ("/endpoints/bounds", test_bounds);
  return g_test_run ();
}

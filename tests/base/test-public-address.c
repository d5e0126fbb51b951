/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/public-address.h"

#include <string.h>
#include <sys/socket.h>

#define BYTES(literal) .body = (literal), .len = sizeof (literal) - 1

/* Both sides of every network that is refused, and what inet_pton is known to be lenient in. */
static const struct AddressCase {
  int family;
  const char *text;
  const char *printed; /* NULL: must be refused */
} addresses[] = {
  { AF_INET, "0.255.255.255" },
  { AF_INET, "1.0.0.0", "1.0.0.0" },
  { AF_INET, "9.255.255.255", "9.255.255.255" },
  { AF_INET, "10.0.0.0" },
  { AF_INET, "10.255.255.255" },
  { AF_INET, "11.0.0.0", "11.0.0.0" },
  { AF_INET, "100.63.255.255", "100.63.255.255" },
  { AF_INET, "100.64.0.0" },
  { AF_INET, "100.127.255.255" },
  { AF_INET, "100.128.0.0", "100.128.0.0" },
  { AF_INET, "126.255.255.255", "126.255.255.255" },
  { AF_INET, "127.0.0.1" },
  { AF_INET, "127.255.255.255" },
  { AF_INET, "128.0.0.0", "128.0.0.0" },
  { AF_INET, "169.253.255.255", "169.253.255.255" },
  { AF_INET, "169.254.0.0" },
  { AF_INET, "169.254.255.255" },
  { AF_INET, "169.255.0.0", "169.255.0.0" },
  { AF_INET, "172.15.255.255", "172.15.255.255" },
  { AF_INET, "172.16.0.0" },
  { AF_INET, "172.31.255.255" },
  { AF_INET, "172.32.0.0", "172.32.0.0" },
  { AF_INET, "191.255.255.255", "191.255.255.255" },
  { AF_INET, "192.0.0.255" },
  { AF_INET, "192.0.1.0", "192.0.1.0" },
  { AF_INET, "192.167.255.255", "192.167.255.255" },
  { AF_INET, "192.168.0.0" },
  { AF_INET, "192.168.255.255" },
  { AF_INET, "192.169.0.0", "192.169.0.0" },
  { AF_INET, "198.17.255.255", "198.17.255.255" },
  { AF_INET, "198.18.0.0" },
  { AF_INET, "198.19.255.255" },
  { AF_INET, "198.20.0.0", "198.20.0.0" },
  { AF_INET, "223.255.255.255", "223.255.255.255" },
  { AF_INET, "224.0.0.0" },
  { AF_INET, "240.0.0.0" },
  { AF_INET, "255.255.255.255" },
  { AF_INET, "192.0.2.1", "192.0.2.1" }, /* documentation: the lab's public addresses */
  { AF_INET, "198.51.100.1", "198.51.100.1" },
  { AF_INET, "203.0.113.7", "203.0.113.7" },
  { AF_INET, "" },
  { AF_INET, "1.2.3" },
  { AF_INET, "1.2.3.4.5" },
  { AF_INET, "1.2.3.256" },
  { AF_INET, "1.2.3.4 " },
  { AF_INET, "+1.2.3.4" },
  { AF_INET, "0x1.2.3.4" },
  { AF_INET, "2606:4700::1111" }, /* the other family */
  { AF_INET6, "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
  { AF_INET6, "2000::", "2000::" },
  { AF_INET6, "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
  { AF_INET6, "4000::" },
  { AF_INET6, "2606:4700:4700:0:0:0:0:1111", "2606:4700:4700::1111" },
  { AF_INET6, "2001:DB8::1", "2001:db8::1" },
  { AF_INET6, "::" },
  { AF_INET6, "::1" },
  { AF_INET6, "::ffff:203.0.113.7" },
  { AF_INET6, "::203.0.113.7" },
  { AF_INET6, "64:ff9b::203.0.113.7" },
  { AF_INET6, "fc00::1" },
  { AF_INET6, "fd09:24ef:4179::1" },
  { AF_INET6, "fe80::1" },
  { AF_INET6, "ff02::1" },
  { AF_INET6, "2606:4700::1%eth0" },
  { AF_INET6, "[2606:4700::1]" },
  { AF_INET6, "203.0.113.7" },
  /* as long as the longest there is, and one byte more */
  { AF_INET6, "2000:0000:0000:0000:0000:0000:123.123.123.123", "2000::7b7b:7b7b" },
  { AF_INET6, "2000:0000:0000:0000:0000:0000:0123.123.123.123" },
};

#define TRACE "fl=123f456\nh=1.1.1.1\nip=203.0.113.7\nts=1700000000.1\ntls=TLSv1.3\n"

static const struct BodyCase {
  const char *name;
  const char *body;
  size_t len;
  const char *line_key;
  const char *printed; /* NULL: must be refused */
} bodies[] = {
  { "plain", BYTES ("203.0.113.7"), NULL, "203.0.113.7" },
  { "newline", BYTES ("203.0.113.7\n"), NULL, "203.0.113.7" },
  { "white-space", BYTES (" \t\r\n203.0.113.7\r\n \t"), NULL, "203.0.113.7" },
  { "empty", BYTES (""), NULL, NULL },
  { "white-space-only", BYTES (" \n"), NULL, NULL },
  { "two", BYTES ("203.0.113.7\n203.0.113.8\n"), NULL, NULL },
  { "html", BYTES ("<p>203.0.113.7</p>"), NULL, NULL },
  { "nul-after", BYTES ("203.0.113.7\0"), NULL, NULL },
  { "nul-hides", BYTES ("203.0.113.7\0 or so"), NULL, NULL },
  { "escape", BYTES ("\x1b[2J203.0.113.7"), NULL, NULL },
  { "private", BYTES ("10.0.0.1\n"), NULL, NULL },
  { "trace", BYTES (TRACE), "ip=", "203.0.113.7" },
  { "trace-unexpected", BYTES (TRACE), NULL, NULL },
  { "trace-key-missing", BYTES (TRACE), "address=", NULL },
  { "key-of-another-line", BYTES (TRACE), "h=", "1.1.1.1" },
  { "key-not-at-start", BYTES ("xip=203.0.113.7\n"), "ip=", NULL },
  { "key-in-first-line", BYTES ("ip=203.0.113.7\nh=x"), "ip=", "203.0.113.7" },
  { "key-in-last-line", BYTES ("h=x\nip=203.0.113.7"), "ip=", "203.0.113.7" },
  { "key-crlf", BYTES ("h=x\r\nip=203.0.113.7\r\n"), "ip=", "203.0.113.7" },
  { "key-without-value", BYTES ("ip=\n203.0.113.7\n"), "ip=", NULL },
  { "key-twice", BYTES ("ip=203.0.113.7\nip=203.0.113.8\n"), "ip=", NULL },
  { "key-empty-body", BYTES (""), "ip=", NULL },
  { "key-cut-off", BYTES ("ip"), "ip=", NULL },
};

static void
check (bool accepted, const char *printed, const char got[static INET6_ADDRSTRLEN])
{
  g_assert_cmpint (accepted, ==, printed != NULL);
  if (printed != NULL)
    g_assert_cmpstr (got, ==, printed);
  else
    g_assert_true (got[0] == 'x'); /* refused: nothing was written */
}

static void
test_address (gconstpointer data)
{
  const struct AddressCase *c = data;
  char got[INET6_ADDRSTRLEN] = "x";

  check (sysvpn_public_address_parse (c->text, strlen (c->text), c->family, got), c->printed,
         got);
}

static void
test_body (gconstpointer data)
{
  const struct BodyCase *c = data;
  /* of its own size, so that a sanitizer sees a read past the end */
  g_autofree char *body = g_malloc (MAX (c->len, 1));
  char got[INET6_ADDRSTRLEN] = "x";

  memcpy (body, c->body, c->len);
  check (sysvpn_public_address_from_body (body, c->len, c->line_key, AF_INET, got), c->printed,
         got);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_autofree char *path = g_strdup_printf ("/public-address/parse/%zu", i);
    g_test_add_data_func (path, &addresses[i], test_address);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree char *path = g_strconcat ("/public-address/body/", bodies[i].name, NULL);
    g_test_add_data_func (path, &bodies[i], test_body);
  }
  return g_test_run ();
}

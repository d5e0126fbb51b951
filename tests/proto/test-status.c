/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports. The bounds of each field are tested from the page's table by test-protocol-page.c.
 */
#include "proto/status.h"

#include "proto/wire-error.h"

#include "golden.h"
#include "read-blocks.h"

#include <string.h>

#define TEN "0123456789"

/* A report with one line put in the place of the line that has its key, or added. */
static char *
with_line (const char *line)
{
  g_autofree char *golden = golden_get ("status-up");
  g_auto (GStrv) lines = g_strsplit (golden, "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  size_t key_len = strcspn (line, "=") + 1;
  bool done = false;

  for (size_t i = 0; lines[i + 1] != NULL; i++) {
    bool is_it = strncmp (lines[i], line, key_len) == 0;

    if (is_it || (!done && g_str_has_prefix (lines[i], "result="))) {
      g_string_append_printf (text, "%s\n", line);
      done = true;
    }
    if (!is_it)
      g_string_append_printf (text, "%s\n", lines[i]);
  }
  return g_strdup (text->str);
}

static const struct LineCase {
  const char *name;
  const char *line;
  bool refused;
} cases[] = {
  { "unknown-key", "zebra=1" },
  { "word-of-later", "tunnel=sideways" },
  { "word-that-is-empty", "tunnel=" },
  { "text-that-is-empty", "profile_name=" },
  { "number-that-is-empty", "seq=", .refused = true },
  { "number-with-sign", "rx_bytes=+1", .refused = true },
  { "number-with-blank", "rx_bytes=1 ", .refused = true },
  { "number-in-hexadecimal", "rx_bytes=0x10", .refused = true },
  { "uuid-that-is-empty", "profile_uuid=", .refused = true },
  { "uuid-that-is-none", "profile_uuid=6f0a1f52", .refused = true },
  { "uuid-in-upper-case", "profile_uuid=6F0A1F52-0C3E-4B5C-9A53-52F7A3D0C8E1",
    .refused = true },
  { "address4-that-is-empty", "egress4=", .refused = true },
  { "address4-short", "egress4=10.1", .refused = true },
  { "address4-padded", "egress4=010.1.1.1", .refused = true },
  { "address4-too-big", "egress4=256.1.1.1", .refused = true },
  { "address4-with-port", "egress4=1.1.1.1:80", .refused = true },
  { "address4-is-6", "egress4=::1", .refused = true },
  { "address6", "egress6=::" },
  { "address6-longest", "egress6=0000:0000:0000:0000:0000:FFFF:255.255.255.255" },
  { "address6-is-4", "egress6=1.1.1.1", .refused = true },
  { "address6-with-scope", "egress6=fe80::1%eth0", .refused = true },
  { "address6-in-brackets", "egress6=[::1]", .refused = true },
  { "client", "client_9=10.0.0.1 1 2" },
  { "client-of-ipv6", "client_9=2001:DB8::1 1 2" },
  { "client-of-any-number", "client_x=10.0.0.1 1 2" },
  { "client-at-the-bound", "client_9=10.0.0.1 72057594037927935 72057594037927935" },
  { "client-packets-past-the-bound", "client_9=10.0.0.1 72057594037927936 1", .refused = true },
  { "client-bytes-past-the-bound", "client_9=10.0.0.1 1 72057594037927936", .refused = true },
  { "client-of-longer-key", "clients=three" },
  { "client-is-empty", "client_9=", .refused = true },
  { "client-without-bytes", "client_9=10.0.0.1 1", .refused = true },
  { "client-with-more", "client_9=10.0.0.1 1 2 3", .refused = true },
  { "client-with-two-blanks", "client_9=10.0.0.1  1 2", .refused = true },
  { "client-with-name", "client_9=work 1 2", .refused = true },
  { "client-with-negative", "client_9=10.0.0.1 -1 2", .refused = true },
};

static void
test_line (gconstpointer data)
{
  const struct LineCase *c = data;
  g_autofree char *text = with_line (c->line);
  g_autoptr (SysvpnBlock) block = read_block (text);
  g_autoptr (GError) error = NULL;
  SysvpnStatus status, before;

  memset (&status, 'x', sizeof status);
  memcpy (&before, &status, sizeof before); /* with its padding */
  g_assert_cmpint (sysvpn_status_decode (block, &status, &error), ==, !c->refused);
  if (c->refused) {
    g_assert_error (error, SYSVPN_WIRE_ERROR, SYSVPN_WIRE_ERROR_VALUE);
    g_assert_true (memcmp (&status, &before, sizeof before) == 0);
  } else {
    g_assert_no_error (error);
  }
}

/* Read by eye from the page: the encoder and the decoder could agree on the wrong field. */
static void
test_decode_values (void)
{
  g_autofree char *text = golden_get ("status-up");
  g_autoptr (SysvpnBlock) block = read_block (text);
  SysvpnStatus status;

  memset (&status, 'x', sizeof status);
  g_assert_true (sysvpn_status_decode (block, &status, NULL));
  g_assert_cmpuint (status.seq, ==, 4711);
  g_assert_cmpuint (status.boottime_ms, ==, 8123456);
  g_assert_cmpuint (status.heartbeat_s, ==, 10);
  g_assert_cmpstr (status.agent, ==, "0.1.0");
  g_assert_cmpint (status.tunnel, ==, SYSVPN_TUNNEL_UP);
  g_assert_cmpint (status.cause, ==, SYSVPN_CAUSE_NONE);
  g_assert_cmpuint (status.tunnel_age_s, ==, 7261);
  g_assert_cmpint (status.wanted, ==, SYSVPN_WANTED_UP);
  g_assert_cmpuint (status.next_try_s, ==, SYSVPN_ABSENT);
  g_assert_cmpstr (status.profile_uuid, ==, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  g_assert_cmpint (status.profile_type, ==, SYSVPN_PROFILE_TYPE_WIREGUARD);
  g_assert_cmpstr (status.profile_name, ==, "Provider A (Zurich)");
  g_assert_cmpstr (status.interface, ==, "wg-zurich");
  g_assert_cmpstr (status.endpoint, ==, "203.0.113.7:51820/udp");
  g_assert_cmpuint (status.handshake_age_s, ==, 64);
  g_assert_cmpuint (status.rx_bytes, ==, 734003200);
  g_assert_cmpuint (status.tx_bytes, ==, 52428800);
  g_assert_cmpint (status.dns, ==, SYSVPN_DNS_OK);
  g_assert_cmpint (status.killswitch, ==, SYSVPN_KILLSWITCH_ARMED);
  g_assert_cmpint (status.killswitch_break, ==, SYSVPN_BREAK_NONE);
  g_assert_cmpuint (status.killswitch_age_s, ==, 3);
  g_assert_cmpuint (status.exposed_s, ==, 0);
  g_assert_cmpuint (status.endpoints, ==, 4);
  g_assert_cmpuint (status.endpoints_any_port, ==, 0);
  g_assert_cmpuint (status.forward_drop4, ==, 118);
  g_assert_cmpuint (status.forward_drop6, ==, 9);
  g_assert_cmpuint (status.output_drop4, ==, 2);
  g_assert_cmpuint (status.output_drop6, ==, 0);
  g_assert_cmpuint (status.dns_drop, ==, 0);
  g_assert_cmpuint (status.inject_drop, ==, 0);
  g_assert_cmpint (status.egress, ==, SYSVPN_EGRESS_OK);
  g_assert_cmpstr (status.egress4, ==, "198.51.100.23");
  g_assert_cmpstr (status.egress6, ==, "2001:db8:5::17");
  g_assert_cmpuint (status.egress_age_s, ==, 412);
  g_assert_cmpuint (status.n_clients, ==, 3);
  g_assert_cmpstr (status.clients[0].address, ==, "10.137.0.21");
  g_assert_cmpuint (status.clients[0].packets, ==, 115);
  g_assert_cmpuint (status.clients[0].bytes, ==, 9660);
  g_assert_cmpstr (status.clients[2].address, ==, "2001:db8:137::16");
}

/* A zeroed or absent report must not look like a good one. */
static void
test_init (void)
{
  SysvpnStatus status;

  memset (&status, 'x', sizeof status);
  sysvpn_status_init (&status);
  g_assert_cmpint (status.tunnel, ==, SYSVPN_TUNNEL_UNKNOWN);
  g_assert_cmpint (status.killswitch, ==, SYSVPN_KILLSWITCH_UNKNOWN);
  g_assert_cmpint (status.killswitch_break, ==, SYSVPN_BREAK_UNKNOWN);
  g_assert_cmpint (status.egress, ==, SYSVPN_EGRESS_UNKNOWN);
  g_assert_cmpuint (status.seq, ==, SYSVPN_ABSENT);
  g_assert_cmpuint (status.exposed_s, ==, SYSVPN_ABSENT);
  g_assert_cmpstr (status.profile_name, ==, "");
  g_assert_cmpuint (status.n_clients, ==, 0);
}

static void
test_result_error (void)
{
  g_autofree char *golden = golden_get ("status-up");
  g_auto (GStrv) parts = g_strsplit (golden, "result=ok", 2);
  g_autofree char *text = g_strconcat (parts[0], "result=error\n\n", NULL);
  g_autoptr (SysvpnBlock) block = read_block (text);
  SysvpnStatus status;

  g_assert_false (sysvpn_status_decode (block, &status, NULL));
}

static void
test_clients_bound (void)
{
  for (unsigned n = SYSVPN_STATUS_CLIENTS_MAX; n <= SYSVPN_STATUS_CLIENTS_MAX + 1; n++) {
    g_autofree char *golden = golden_get ("status-minimal");
    g_autoptr (GString) text = g_string_new ("sysvpn=1\n");
    g_autoptr (SysvpnBlock) block = NULL;
    SysvpnStatus status;

    /* before everything else, where no client is ever written, but may be */
    for (unsigned i = 0; i < n; i++)
      g_string_append_printf (text, "client_%u=10.137.0.%u 1 2\n", i, i);
    g_string_append (text, golden + strlen ("sysvpn=1\n"));
    block = read_block (text->str);
    g_assert_cmpint (sysvpn_status_decode (block, &status, NULL), ==,
                     n <= SYSVPN_STATUS_CLIENTS_MAX);
    if (n <= SYSVPN_STATUS_CLIENTS_MAX)
      g_assert_cmpuint (status.n_clients, ==, n);
  }
}

/* As full as it can be: fits in its limits and comes back the same. */
static void
test_largest (void)
{
  g_autofree char *golden = golden_get ("status-up");
  g_autoptr (SysvpnBlock) block = read_block (golden);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  g_autoptr (GPtrArray) blocks = NULL;
  SysvpnStatus status;

  g_assert_true (sysvpn_status_decode (block, &status, NULL));
  memset (status.profile_name, '~', SYSVPN_PROFILE_NAME_MAX);
  memset (status.interface, 'i', SYSVPN_INTERFACE_MAX);
  memset (status.endpoint, 'e', SYSVPN_ENDPOINT_MAX);
  memset (status.agent, 'a', SYSVPN_AGENT_VERSION_MAX);
  status.next_try_s = UINT32_MAX;
  status.n_clients = SYSVPN_STATUS_CLIENTS_MAX;
  for (size_t i = 0; i < status.n_clients; i++)
    status.clients[i] = (SysvpnClient){ .address = "2001:db8:1111:2222:3333:4444:5555:6666",
                                        .packets = UINT64_MAX >> 8,
                                        .bytes = UINT64_MAX >> 8 };
  sysvpn_status_encode (text, &status);
  blocks = read_blocks (text->str, text->len, SYSVPN_STATUS_LINES_MAX, SIZE_MAX, NULL);
  g_assert_nonnull (blocks);
  g_assert_true (sysvpn_status_decode (g_ptr_array_index (blocks, 0), &status, NULL));
  sysvpn_status_encode (again, &status);
  g_assert_cmpstr (text->str, ==, again->str);
}

/* A counter out of its range is written as the largest, else the report would be dropped. */
static void
test_encode_clamps (void)
{
  g_autofree char *golden = golden_get ("status-up");
  g_autoptr (SysvpnBlock) block = read_block (golden);
  g_autoptr (SysvpnBlock) written = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  SysvpnStatus status;

  g_assert_true (sysvpn_status_decode (block, &status, NULL));
  status.rx_bytes = UINT64_MAX - 1;
  status.heartbeat_s = 3600;
  status.tunnel_age_s = UINT64_MAX - 1;
  status.clients[0].packets = UINT64_MAX;
  status.clients[0].bytes = UINT64_MAX;
  sysvpn_status_encode (text, &status);
  written = read_block (text->str);
  g_assert_true (sysvpn_status_decode (written, &status, NULL));
  g_assert_cmpuint (status.rx_bytes, ==, UINT64_MAX >> 8);
  g_assert_cmpuint (status.heartbeat_s, ==, SYSVPN_HEARTBEAT_MAX_S);
  g_assert_cmpuint (status.tunnel_age_s, ==, UINT32_MAX);
  g_assert_cmpuint (status.clients[0].packets, ==, UINT64_MAX >> 8);
  g_assert_cmpuint (status.clients[0].bytes, ==, UINT64_MAX >> 8);
}

/* What the VPN qube's own software calls a profile cannot break the report. */
static void
test_encode_hostile_text (void)
{
  g_autofree char *golden = golden_get ("status-up");
  g_autoptr (SysvpnBlock) block = read_block (golden);
  g_autoptr (SysvpnBlock) written = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  SysvpnStatus status;

  g_assert_true (sysvpn_status_decode (block, &status, NULL));
  g_strlcpy (status.profile_name, "x\nkillswitch=armed\n\n\x1b[2J", sizeof status.profile_name);
  sysvpn_status_encode (text, &status);
  written = read_block (text->str);
  g_assert_true (sysvpn_status_decode (written, &status, NULL));
  g_assert_cmpstr (status.profile_name, ==, "x_killswitch=armed___[2J");
}

static const struct NewsCase {
  const char *line;
  bool is_news;
} news_cases[] = {
  { "seq=5000", false },
  { "boottime_ms=9999999", false },
  { "heartbeat_s=9", false },
  { "agent=0.2.0", false },
  { "tunnel=degraded", true },
  { "cause=lost", true },
  { "tunnel_age_s=1", false },
  { "wanted=down", true },
  { "next_try_s=7", false },
  { "profile_uuid=00000000-0000-0000-0000-000000000000", true },
  { "profile_name=Other", true },
  { "interface=tun0", true },
  { "endpoint=203.0.113.8:51820/udp", true },
  { "handshake_age_s=1", false },
  { "rx_bytes=1", false },
  { "tx_bytes=1", false },
  { "dns=none", true },
  { "profiles_serial=1", true },
  { "killswitch=broken", true },
  { "killswitch_break=changed", true },
  { "killswitch_age_s=0", false },
  { "exposed_s=1", false },
  { "endpoints=5", true },
  { "endpoints_any_port=1", true },
  { "forward_drop4=0", false },
  { "forward_drop6=0", false },
  { "output_drop4=0", false },
  { "output_drop6=1", false },
  { "dns_drop=1", false },
  { "inject_drop=1", false },
  { "egress=failed", true },
  { "egress4=198.51.100.24", true },
  { "egress6=2001:db8:5::18", true },
  { "egress_age_s=0", false },
  { "client_0=10.137.0.21 116 9700", false },
};

static void
test_is_news (gconstpointer data)
{
  const struct NewsCase *c = data;
  g_autofree char *before_text = golden_get ("status-up");
  g_autofree char *after_text = with_line (c->line);
  g_autoptr (SysvpnBlock) before_block = read_block (before_text);
  g_autoptr (SysvpnBlock) after_block = read_block (after_text);
  SysvpnStatus before, after;

  g_assert_true (sysvpn_status_decode (before_block, &before, NULL));
  g_assert_true (sysvpn_status_decode (after_block, &after, NULL));
  g_assert_false (sysvpn_status_is_news (&before, &before));
  g_assert_cmpint (sysvpn_status_is_news (&before, &after), ==, c->is_news);
  g_assert_cmpint (sysvpn_status_is_news (&after, &before), ==, c->is_news);
}

static void
test_news_of_absence (void)
{
  SysvpnStatus before, after;

  sysvpn_status_init (&before);
  sysvpn_status_init (&after);
  g_assert_false (sysvpn_status_is_news (&before, &after));
  after.endpoints = 0; /* none is something else than not known */
  g_assert_true (sysvpn_status_is_news (&before, &after));
}

static void
test_dropped (void)
{
  SysvpnStatus status;

  sysvpn_status_init (&status);
  g_assert_cmpuint (sysvpn_status_dropped (&status), ==, 0);
  status.forward_drop4 = 1;
  status.forward_drop6 = 20;
  status.output_drop4 = 300;
  status.output_drop6 = 4000;
  status.dns_drop = 50000;    /* part of the output's */
  status.inject_drop = 60000; /* came in, did not want out */
  g_assert_cmpuint (sysvpn_status_dropped (&status), ==, 4321);
  status.forward_drop6 = SYSVPN_ABSENT;
  g_assert_cmpuint (sysvpn_status_dropped (&status), ==, 4301);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/status/line/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_line);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (news_cases); i++) {
    g_autofree char *key = g_strndup (news_cases[i].line, strcspn (news_cases[i].line, "="));
    g_autofree char *path = g_strconcat ("/status/is-news/", key, NULL);

    g_test_add_data_func (path, &news_cases[i], test_is_news);
  }
  g_test_add_func ("/status/decode-values", test_decode_values);
  g_test_add_func ("/status/init", test_init);
  g_test_add_func ("/status/result-error", test_result_error);
  g_test_add_func ("/status/clients-bound", test_clients_bound);
  g_test_add_func ("/status/largest", test_largest);
  g_test_add_func ("/status/encode-clamps", test_encode_clamps);
  g_test_add_func ("/status/encode-hostile-text", test_encode_hostile_text);
  g_test_add_func ("/status/news-of-absence", test_news_of_absence);
  g_test_add_func ("/status/dropped", test_dropped);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/qubesd-event.h"

#include <string.h>

#define TEXT(literal) literal, sizeof literal - 1
#define ESTABLISHED "1\0\0connection-established\0\0"
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
append_event (GString *text, const SysvpnQubesdEvent *event)
{
  static const char *const powers[] = { "unknown", "running", "halted", "paused", "starting" };

  if (event->kind == SYSVPN_QUBESD_EVENT_ESTABLISHED)
    g_string_append (text, "established;");
  if (event->kind == SYSVPN_QUBESD_EVENT_QUBES)
    g_string_append_printf (text, "%s;", event->qube);
  if (event->kind == SYSVPN_QUBESD_EVENT_POWER)
    g_string_append_printf (text, "%s %s;", event->qube, powers[event->power]);
  if (event->kind == SYSVPN_QUBESD_EVENT_NETWORK)
    g_string_append_printf (text, "%s network;", event->qube);
  if (event->kind == SYSVPN_QUBESD_EVENT_DEFAULTS)
    g_string_append_printf (text, "%sdefaults;", event->qube);
  if (event->kind == SYSVPN_QUBESD_EVENT_TAG)
    g_string_append_printf (text, "%s tag;", event->qube);
  if (event->kind == SYSVPN_QUBESD_EVENT_FEATURE)
    g_string_append_printf (text, "%s feature;", event->qube);
}

/* Pushes the bytes in pieces. Returns: the events, and "!" where they end in an error */
static char *
read_events (const char *bytes, size_t len, size_t piece)
{
  g_autoptr (SysvpnQubesdReader) reader = sysvpn_qubesd_reader_new ();
  GString *text = g_string_new (NULL);

  while (len > 0) {
    size_t used = 0, part = MIN (len, piece);
    g_autofree char *copy = g_memdup2 (bytes, part);
    g_autoptr (GError) error = NULL;
    SysvpnQubesdEvent event;

    if (!sysvpn_qubesd_reader_push (reader, copy, part, &used, &event, &error)) {
      g_assert_error (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_GARBAGE);
      g_string_append_c (text, '!');
      break;
    }
    g_assert_cmpuint (used, >, 0);
    g_assert_cmpuint (used, <=, part);
    append_event (text, &event);
    bytes += used;
    len -= used;
  }
  return g_string_free (text, FALSE);
}

static const struct {
  const char *name;
  const char *bytes;
  size_t len;
  const char *events;
} cases[] = {
  { "established", TEXT (ESTABLISHED), "established;" },
  { "a-start",
    TEXT ("1\0sys-vpn\0domain-pre-start\0start_guid\0True\0mem_required\0None\0\0"
          "1\0sys-vpn\0domain-spawn\0start_guid\0True\0\0"
          "1\0sys-vpn\0domain-start\0start_guid\0True\0\0"),
    "sys-vpn starting;sys-vpn running;" },
  { "a-start-that-fails",
    TEXT ("1\0a\0domain-pre-start\0\0" /* no arguments */
          "1\0a\0domain-start-failed\0reason\0no memory\0\0"),
    "a starting;a halted;" },
  { "pause",
    TEXT ("1\0a\0domain-paused\0\0"
          "1\0a\0domain-unpaused\0\0"),
    "a paused;a running;" },
  { "shutdown",
    TEXT ("1\0a\0domain-pre-shutdown\0force\0False\0\0"
          "1\0a\0domain-shutdown-failed\0reason\0x\0\0"
          "1\0a\0domain-stopped\0\0"
          "1\0a\0domain-shutdown\0\0"),
    "a running;a running;a halted;a halted;" },
  { "qubes-that-come-and-go",
    TEXT ("1\0\0domain-add\0vm\0new\0\0"
          "1\0\0domain-delete\0x\0y\0vm\0old\0\0"),
    "new;old;" },
  { "others-are-passed-over",
    TEXT ("1\0a\0domain-feature-set:x\0feature\0x\0value\0" LONG LONG "\0oldvalue\0\0\0"
          "1\0a\0property-pre-set:netvm\0name\0netvm\0newvalue\0\0oldvalue\0sys-net\0\0"
          "1\0a\0domain-tag-add:vpn-only2\0tag\0vpn-only2\0\0"
          "1\0a\0domain-feature-pre-set:service.sysvpn\0feature\0service.sysvpn\0\0"
          "1\0a\0" LONG "\0\0"
          "1\0a\0domain-shutdown\0" LONG "\0" LONG "\0\0"),
    "a halted;" },
  { "the-network-changes",
    TEXT ("1\0a\0property-set:netvm\0name\0netvm\0newvalue\0\0oldvalue\0sys-net\0\0"
          "1\0b\0property-reset:netvm\0name\0netvm\0oldvalue\0sys-net\0\0"
          "1\0c\0property-set:ip\0name\0ip\0newvalue\0"
          "10.137.0.9\0\0"
          "1\0d\0property-set:provides_network\0name\0provides_network\0newvalue\0True\0\0"),
    "a network;b network;c network;d network;" },
  { "the-default-changes",
    TEXT ("1\0\0property-set:default_netvm\0name\0default_netvm\0newvalue\0sys-vpn\0\0"
          "1\0\0property-reset:default_netvm\0name\0default_netvm\0\0"
          "1\0a\0property-set:default_netvm\0\0" /* a qube has none */),
    "defaults;defaults;" },
  { "tags-and-features",
    TEXT ("1\0a\0domain-tag-add:vpn-only\0tag\0vpn-only\0\0"
          "1\0a\0domain-tag-delete:vpn-only\0tag\0vpn-only\0\0"
          "1\0b\0domain-feature-set:supported-rpc.sysvpn.Status\0feature\0"
          "supported-rpc.sysvpn.Status\0value\0001\0\0"
          "1\0b\0domain-feature-delete:supported-rpc.sysvpn.Status\0feature\0"
          "supported-rpc.sysvpn.Status\0\0"
          "1\0b\0domain-feature-set:service.sysvpn\0feature\0service.sysvpn\0value\0\0\0"
          "1\0b\0domain-feature-delete:service.sysvpn\0feature\0service.sysvpn\0\0"),
    "a tag;a tag;b feature;b feature;b feature;b feature;" },
  { "a-value-is-never-an-event",
    TEXT ("1\0a\0x\0k\0"
          "1\0k\0a\0k\0domain-shutdown\0\0"
          "1\0b\0domain-shutdown\0\0"),
    "b halted;" },
  { "an-odd-name-is-no-qube",
    TEXT ("1\0<b>\0domain-shutdown\0\0"
          "1\0-d\0domain-shutdown\0\0"
          "1\0" LONG "\0domain-shutdown\0\0"
          "1\0\0domain-add\0vm\0" LONG "\0\0"
          "1\0\0domain-add\0vm\0a b\0\0"
          "1\0\0domain-add\0\0"
          "1\0\0domain-shutdown\0\0"
          "1\0a\0connection-established\0\0"
          "1\0a\0domain-shutdown\0\0"),
    "a halted;" },
  { "an-exception", TEXT ("2\0PermissionDenied\0\0no\0"), "!" },
  { "an-answer", TEXT ("0\0"), "!" },
  { "no-mark", TEXT (ESTABLISHED "\0\0\0"), "established;!" },
  { "no-name", TEXT ("1\0a\0\0"), "!" },
  { "another-mark", TEXT ("11\0a\0domain-shutdown\0\0"), "!" },
  { "a-long-mark", TEXT (LONG "\0"), "!" },
  { "cut-off", TEXT ("1\0a\0domain-shutdown\0"), "" },
  { "nothing", TEXT (""), "" },
};

static void
test_case (gconstpointer data)
{
  size_t i = GPOINTER_TO_SIZE (data);

  for (size_t piece = 1; piece <= cases[i].len + 1; piece++) {
    g_autofree char *events = read_events (cases[i].bytes, cases[i].len, piece);

    g_assert_cmpstr (events, ==, cases[i].events);
  }
}

/* A megabyte is an event of nobody; what is below passes, and leaves the next one whole. */
static void
test_long (void)
{
  static const char begin[] = "1\0a\0x\0key\0";
  static const char end[] = "\0\0" ESTABLISHED;

  for (size_t len = 100000; len <= 2000000; len += 1900000) {
    g_autoptr (GString) bytes = g_string_new_len (begin, sizeof begin - 1);
    g_autofree char *events = NULL;

    g_string_set_size (bytes, sizeof begin - 1 + len);
    memset (bytes->str + sizeof begin - 1, 'x', len);
    g_string_append_len (bytes, end, sizeof end - 1);
    events = read_events (bytes->str, bytes->len, 4096);
    g_assert_cmpstr (events, ==, len < 1000000 ? "established;" : "!");
  }
}

/* Whatever comes, it is read to its end or refused. */
static void
test_random (void)
{
  static const char alphabet[] = { '\0', '\0', '1', 'a', 'v', 'm', '2' };

  for (unsigned run = 0; run < 2000; run++) {
    char bytes[64];
    g_autofree char *whole = NULL;
    g_autofree char *single = NULL;

    for (size_t i = 0; i < sizeof bytes; i++)
      bytes[i] = alphabet[g_test_rand_int_range (0, sizeof alphabet)];
    whole = read_events (bytes, sizeof bytes, sizeof bytes);
    single = read_events (bytes, sizeof bytes, 1);
    g_assert_cmpstr (whole, ==, single);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/qubesd-event/", cases[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
  }
  g_test_add_func ("/qubesd-event/long", test_long);
  g_test_add_func ("/qubesd-event/random", test_random);
  return g_test_run ();
}

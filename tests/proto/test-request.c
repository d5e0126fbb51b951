/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/request.h"

#include "proto/wire-error.h"

#include <string.h>

#define BYTES(literal) .bytes = (literal), .len = sizeof (literal) - 1
#define SHAPE .code = SYSVPN_WIRE_ERROR_SHAPE, .refused = true
#define VALUE .code = SYSVPN_WIRE_ERROR_VALUE, .refused = true
#define ID "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
#define NAME63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"

static const struct RequestCase {
  const char *name;
  const char *bytes;
  size_t len;
  SysvpnService service;
  const char *uuid;
  const char *source;
  bool refused;
  SysvpnWireError code;
} cases[] = {
  { "status", BYTES ("sysvpn.Status dom0"), SYSVPN_SERVICE_STATUS, "", "dom0" },
  { "status-of-a-qube", BYTES ("sysvpn.Status+ sys-gui"), SYSVPN_SERVICE_STATUS, "",
    "sys-gui" },
  { "watch", BYTES ("sysvpn.Watch dom0"), SYSVPN_SERVICE_WATCH, "", "dom0" },
  { "profiles", BYTES ("sysvpn.Profiles dom0"), SYSVPN_SERVICE_PROFILES, "", "dom0" },
  { "connect", BYTES ("sysvpn.Connect dom0"), SYSVPN_SERVICE_CONNECT, "", "dom0" },
  { "connect-nothing", BYTES ("sysvpn.Connect+ a"), SYSVPN_SERVICE_CONNECT, "", "a" },
  { "connect-uuid", BYTES ("sysvpn.Connect+" ID " dom0"), SYSVPN_SERVICE_CONNECT, ID, "dom0" },
  { "disconnect", BYTES ("sysvpn.Disconnect dom0"), SYSVPN_SERVICE_DISCONNECT, "", "dom0" },
  { "reconnect", BYTES ("sysvpn.Reconnect dom0"), SYSVPN_SERVICE_RECONNECT, "", "dom0" },
  { "every-kind-of-source", BYTES ("sysvpn.Status Z-a_0.9"), SYSVPN_SERVICE_STATUS, "",
    "Z-a_0.9" },
  { "longest-source", BYTES ("sysvpn.Status " NAME63), SYSVPN_SERVICE_STATUS, "", NAME63 },

  { "nothing", BYTES (""), SHAPE },
  { "no-source", BYTES ("sysvpn.Status"), SHAPE },
  { "empty-source", BYTES ("sysvpn.Status "), SHAPE },
  { "two-blanks", BYTES ("sysvpn.Status  dom0"), SHAPE },
  { "blank-before", BYTES (" sysvpn.Status dom0"), SHAPE },
  { "blank-after", BYTES ("sysvpn.Status dom0 "), SHAPE },
  { "third-word", BYTES ("sysvpn.Status dom0 name x"), SHAPE },
  { "longer-source", BYTES ("sysvpn.Status " NAME63 "4"), SHAPE },
  { "source-starts-with-digit", BYTES ("sysvpn.Status 0dom"), SHAPE },
  { "source-starts-with-at", BYTES ("sysvpn.Status @adminvm"), SHAPE },
  { "source-with-slash", BYTES ("sysvpn.Status a/b"), SHAPE },
  { "source-with-newline", BYTES ("sysvpn.Status dom0\n"), SHAPE },
  { "source-of-utf-8", BYTES ("sysvpn.Status d\xc3\xb6m"), SHAPE },
  { "nul-inside", BYTES ("sysvpn.Status dom0\0x"), SHAPE },
  { "nul-after", BYTES ("sysvpn.Status dom0\0"), SHAPE },
  { "tab-instead-of-blank", BYTES ("sysvpn.Status\tdom0"), SHAPE },

  { "other-service", BYTES ("sysvpn.Halt dom0"), VALUE },
  { "service-of-others", BYTES ("qubes.VMShell dom0"), VALUE },
  { "empty-service", BYTES (" dom0"), VALUE },
  { "only-an-argument", BYTES ("+" ID " dom0"), VALUE },
  { "shorter-service", BYTES ("sysvpn.Statu dom0"), VALUE },
  { "longer-service", BYTES ("sysvpn.Status2 dom0"), VALUE },
  { "lower-case-service", BYTES ("sysvpn.status dom0"), VALUE },
  { "argument-not-taken", BYTES ("sysvpn.Status+" ID " dom0"), VALUE },
  { "argument-of-disconnect", BYTES ("sysvpn.Disconnect+" ID " dom0"), VALUE },
  { "argument-of-reconnect", BYTES ("sysvpn.Reconnect+" ID " dom0"), VALUE },
  { "argument-not-a-uuid", BYTES ("sysvpn.Connect+Provider dom0"), VALUE },
  { "two-pluses", BYTES ("sysvpn.Connect++" ID " dom0"), VALUE },
  { "plus-after-uuid", BYTES ("sysvpn.Connect+" ID "+ dom0"), VALUE },
  { "path-as-argument", BYTES ("sysvpn.Connect+../../etc/passwd dom0"), VALUE },
};

static void
test_parse (gconstpointer data)
{
  const struct RequestCase *c = data;
  g_autofree char *exact = g_memdup2 (c->bytes, c->len); /* no NUL behind it */
  g_autoptr (GError) error = NULL;
  SysvpnRequest request, before;

  memset (&request, 'x', sizeof request);
  memcpy (&before, &request, sizeof before); /* with its padding */
  g_assert_cmpint (sysvpn_request_parse (c->len > 0 ? exact : "", c->len, &request, &error), ==,
                   !c->refused);
  if (c->refused) {
    g_assert_error (error, SYSVPN_WIRE_ERROR, (int) c->code);
    g_assert_true (memcmp (&request, &before, sizeof before) == 0);
  } else {
    g_assert_no_error (error);
    g_assert_cmpint (request.service, ==, c->service);
    g_assert_cmpstr (request.uuid, ==, c->uuid);
    g_assert_cmpstr (request.source, ==, c->source);
  }
}

static void
test_length_bound (void)
{
  char long_one[SYSVPN_REQUEST_MAX + 2];
  SysvpnRequest request;

  /* inside the bound it is refused for what it is, outside for its length; neither is read
   * further than told */
  memset (long_one, 'a', sizeof long_one);
  memcpy (long_one, "sysvpn.", 7);
  for (size_t len = SYSVPN_REQUEST_MAX; len <= SYSVPN_REQUEST_MAX + 1; len++) {
    const int wanted =
        len > SYSVPN_REQUEST_MAX ? SYSVPN_WIRE_ERROR_SHAPE : SYSVPN_WIRE_ERROR_VALUE;
    g_autoptr (GError) error = NULL;

    memcpy (long_one + len - 5, " dom0", 5);
    g_assert_false (sysvpn_request_parse (long_one, len, &request, &error));
    g_assert_error (error, SYSVPN_WIRE_ERROR, wanted);
    memset (long_one + len - 5, 'a', 5);
  }
}

/* What one side writes, the other reads. */
static void
test_format (void)
{
  for (unsigned i = 0; i < SYSVPN_N_SERVICES; i++) {
    const char *const uuids[] = { NULL, "", ID };

    for (size_t u = 0; u < G_N_ELEMENTS (uuids); u++) {
      g_autofree char *call = sysvpn_request_format (i, uuids[u]);
      g_autofree char *descriptor = g_strconcat (call, " dom0", NULL);
      SysvpnRequest request;
      bool has_uuid = uuids[u] != NULL && uuids[u][0] != '\0';

      g_assert_cmpint (sysvpn_request_parse (descriptor, strlen (descriptor), &request, NULL),
                       ==, !has_uuid || i == SYSVPN_SERVICE_CONNECT);
      if (!has_uuid || i == SYSVPN_SERVICE_CONNECT) {
        g_assert_cmpuint (request.service, ==, i);
        g_assert_cmpstr (request.uuid, ==, has_uuid ? ID : "");
      }
      if (!has_uuid)
        g_assert_cmpstr (call, ==, sysvpn_service_name (i));
    }
  }
}

/* Nothing that changes something is reachable with the right to read. */
static void
test_rights (void)
{
  g_assert_false (sysvpn_service_controls (SYSVPN_SERVICE_STATUS));
  g_assert_false (sysvpn_service_controls (SYSVPN_SERVICE_WATCH));
  g_assert_false (sysvpn_service_controls (SYSVPN_SERVICE_PROFILES));
  g_assert_false (sysvpn_service_controls (SYSVPN_SERVICE_DIAGNOSE));
  g_assert_true (sysvpn_service_controls (SYSVPN_SERVICE_CONNECT));
  g_assert_true (sysvpn_service_controls (SYSVPN_SERVICE_DISCONNECT));
  g_assert_true (sysvpn_service_controls (SYSVPN_SERVICE_RECONNECT));
}

static void
test_uuid (void)
{
  static const char good[] = ID;

  g_assert_true (sysvpn_uuid_is_valid (good));
  g_assert_true (sysvpn_uuid_is_valid ("00000000-9999-aaaa-ffff-0123456789ab"));
  g_assert_false (sysvpn_uuid_is_valid (""));
  g_assert_false (sysvpn_uuid_is_valid ("6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e"));
  g_assert_false (sysvpn_uuid_is_valid (ID "1"));
  g_assert_false (sysvpn_uuid_is_valid ("6f0a1f520c3e4b5c9a5352f7a3d0c8e1"));
  /* no other character at any place */
  for (size_t i = 0; i < strlen (good); i++)
    for (const char *c = "gG/:@`AF -_\n"; *c != '\0'; c++) {
      g_autofree char *bad = g_strdup (good);

      bad[i] = *c;
      g_assert_cmpint (sysvpn_uuid_is_valid (bad), ==, *c == good[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/request/parse/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_parse);
  }
  g_test_add_func ("/request/length-bound", test_length_bound);
  g_test_add_func ("/request/format", test_format);
  g_test_add_func ("/request/rights", test_rights);
  g_test_add_func ("/request/uuid", test_uuid);
  return g_test_run ();
}

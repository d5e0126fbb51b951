/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/qubesd.h"

#include <string.h>

#define TEXT(literal) literal, sizeof literal - 1

static void
assert_bytes (const char *bytes, size_t len, const char *wanted, size_t wanted_len)
{
  g_assert_cmpuint (len, ==, wanted_len);
  for (size_t i = 0; i < len; i++)
    g_assert_cmpint (bytes[i], ==, wanted[i]);
}

static void
test_requests (void)
{
  static const struct {
    SysvpnQubesdQuery query;
    const char *request;
  } cases[] = {
    { { SYSVPN_QUBESD_EVENTS, NULL, "dom0" }, "admin.Events+ dom0 name dom0" },
    { { SYSVPN_QUBESD_LIST, NULL, "dom0" }, "admin.vm.List+ dom0 name dom0" },
    { { SYSVPN_QUBESD_START, NULL, "sys-vpn" }, "admin.vm.Start+ dom0 name sys-vpn" },
    { { SYSVPN_QUBESD_PROPERTY_GET, "netvm", "sys-vpn" },
      "admin.vm.property.Get+netvm dom0 name sys-vpn" },
    { { SYSVPN_QUBESD_FEATURE_GET, "supported-rpc.sysvpn.Status", "sys-vpn" },
      "admin.vm.feature.Get+supported-rpc.sysvpn.Status dom0 name sys-vpn" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) request = sysvpn_qubesd_request (&cases[i].query);

    assert_bytes (g_bytes_get_data (request, NULL), g_bytes_get_size (request),
                  cases[i].request, strlen (cases[i].request) + 1);
    g_assert_cmpint (sysvpn_qubesd_timeout_s (cases[i].query.method) == 0, ==, i == 0);
  }
}

static void
test_answers (void)
{
  static const struct {
    const char *bytes;
    size_t len;
    const char *data; /* NULL: an error */
    SysvpnQubesdError error;
  } cases[] = {
    { TEXT ("0\0"), .data = "" },
    { TEXT ("0\0sys-vpn class=AppVM state=Halted\n"),
      .data = "sys-vpn class=AppVM state=Halted\n" },
    { TEXT (""), .error = SYSVPN_QUBESD_ERROR_DENIED },
    { TEXT ("2\0QubesVMNotFoundError\0\0No such domain: 'nosuchvm'\0"),
      .error = SYSVPN_QUBESD_ERROR_FAILED },
    { TEXT ("2\0QubesVMNotHaltedError\0traceback\0Domain is running\0"),
      .error = SYSVPN_QUBESD_ERROR_NOT_HALTED },
    { TEXT ("2\0QubesFeatureNotFoundError\0\0Feature not set for domain sys-vpn: nosuch\0"),
      .error = SYSVPN_QUBESD_ERROR_NOT_SET },
    { TEXT ("2\0SomethingNew\0\0\x1b[2J<b>\0"), .error = SYSVPN_QUBESD_ERROR_FAILED },
    { TEXT ("2\0\0\0\0"), .error = SYSVPN_QUBESD_ERROR_FAILED },
    /* cut off, or nothing of the kind */
    { TEXT ("0"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("2"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("2\0"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("2\0QubesVMNotHaltedError"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("00\0"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("1\0\0connection-established\0\0"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
    { TEXT ("\0"), .error = SYSVPN_QUBESD_ERROR_GARBAGE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    /* without anything behind it, so that a sanitizer sees who reads further */
    g_autofree char *bytes = g_memdup2 (cases[i].bytes, cases[i].len);
    g_autoptr (GError) error = NULL;
    const char *data = NULL;
    size_t len = 0;
    bool ok = sysvpn_qubesd_answer_decode (bytes, cases[i].len, &data, &len, &error);

    if (cases[i].data != NULL) {
      g_assert_no_error (error);
      assert_bytes (data, len, cases[i].data, strlen (cases[i].data));
    } else {
      g_assert_error (error, SYSVPN_QUBESD_ERROR, (int) cases[i].error);
      g_assert_null (strchr (error->message, '<')); /* no word of qubesd's */
      g_assert_null (data);
    }
    g_assert_cmpint (ok, ==, cases[i].data != NULL);
  }
}

/* What a list says, as NAME:POWER for each qube, with a t for a template. */
static char *
list_text (const char *bytes, size_t len)
{
  g_autofree char *copy = g_memdup2 (bytes, len);
  g_autoptr (GArray) qubes = sysvpn_qubesd_list_decode (copy, len);
  GString *text = g_string_new (NULL);
  static const char letters[] = "?RHPS";

  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnQubesdQube *qube = &g_array_index (qubes, SysvpnQubesdQube, i);

    g_string_append_printf (text, "%s%s:%c%s", i > 0 ? " " : "", qube->name,
                            letters[qube->power], qube->is_template ? "t" : "");
  }
  return g_string_free (text, FALSE);
}

static void
test_lists (void)
{
  static const struct {
    const char *list;
    size_t len;
    const char *qubes;
  } cases[] = {
    { TEXT (""), "" },
    { TEXT ("dom0 class=AdminVM state=Running\nsys-vpn class=AppVM state=Halted\n"),
      "dom0:R sys-vpn:H" },
    { TEXT ("debian-12 class=TemplateVM state=Halted\nx class=TemplateVMs state=Halted\n"),
      "debian-12:Ht x:H" },
    { TEXT ("sys-vpn class=AppVM state=Halted uuid=65c478fa-ef9f-4102-ae4e-e6d0898a1370\n"),
      "sys-vpn:H" },
    { TEXT ("a state=Transient\nb state=Paused\nc state=Suspended\nd state=Halting\n"
            "e state=Dying\nf state=Crashed\ng state=NA\nh state=Fresh\ni\nj state=\n"),
      "a:S b:P c:P d:R e:H f:H g:? h:? i:? j:?" },
    /* tokens in another order, unknown ones, doubled blanks, no last newline */
    { TEXT ("x  new state=Running  class=AppVM more=1 STATE=Halted"), "x:R" },
    { TEXT ("x xstate=Running state=halted\n"), "x:?" },
    /* lines that are none */
    { TEXT ("\n\n state=Running\n-x state=Running\n9 state=Running\nx\0y state=Running\n"
            "<b> state=Running\na234567890123456789012345678901 state=Running\n"
            "a2345678901234567890123456789012 state=Running\nok state=Running\n"),
      "a234567890123456789012345678901:R ok:R" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = list_text (cases[i].list, cases[i].len);

    g_assert_cmpstr (text, ==, cases[i].qubes);
  }
}

static void
test_endless_list (void)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GArray) qubes = NULL;

  for (unsigned i = 0; i < 5000; i++)
    g_string_append (list, "a state=Running\n");
  qubes = sysvpn_qubesd_list_decode (list->str, list->len);
  g_assert_cmpuint (qubes->len, ==, 4096);
}

static void
test_properties (void)
{
  static const struct {
    const char *data;
    size_t len;
    bool ok, is_default;
    const char *value;
  } cases[] = {
    { TEXT ("default=False type=vm sys-firewall"), true, false, "sys-firewall" },
    { TEXT ("default=True type=vm sys-net"), true, true, "sys-net" },
    { TEXT ("default=False type=vm "), true, false, "" }, /* no net qube */
    { TEXT ("default=False type=vm"), true, false, "" },
    { TEXT ("default=False type=bool True"), true, false, "True" },
    { TEXT ("default=False type=str a b  c"), true, false, "a b  c" },
    { TEXT ("default=False type= x"), .ok = false },
    { TEXT ("default=Maybe type=vm x"), .ok = false },
    { TEXT ("type=vm default=True x"), .ok = false },
    { TEXT ("default=False type=vm a\nb"), .ok = false },
    { TEXT ("default=False type=vm a\0b"), .ok = false },
    { TEXT ("default=False"), .ok = false },
    { TEXT (""), .ok = false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    SysvpnQubesdProperty property = { .is_default = !cases[i].is_default };

    g_assert_cmpint (sysvpn_qubesd_property_decode (cases[i].data, cases[i].len, &property), ==,
                     cases[i].ok);
    if (!cases[i].ok)
      continue;
    g_assert_cmpint (property.is_default, ==, cases[i].is_default);
    g_assert_cmpstr (property.value, ==, cases[i].value);
  }
}

static void
test_features (void)
{
  char value[SYSVPN_QUBESD_VALUE_SIZE];
  char longest[SYSVPN_QUBESD_VALUE_SIZE + 1];

  memset (longest, 'x', sizeof longest);
  g_assert_true (sysvpn_qubesd_feature_decode (TEXT ("1"), value));
  g_assert_cmpstr (value, ==, "1");
  g_assert_true (sysvpn_qubesd_feature_decode (TEXT (""), value));
  g_assert_cmpstr (value, ==, "");
  g_assert_true (sysvpn_qubesd_feature_decode (longest, sizeof value - 1, value));
  g_assert_cmpuint (strlen (value), ==, sizeof value - 1);
  g_assert_false (sysvpn_qubesd_feature_decode (longest, sizeof value, value));
  g_assert_false (sysvpn_qubesd_feature_decode (TEXT ("a\033b"), value));
  g_assert_false (sysvpn_qubesd_feature_decode (TEXT ("\303\251"), value));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qubesd/requests", test_requests);
  g_test_add_func ("/qubesd/answers", test_answers);
  g_test_add_func ("/qubesd/lists", test_lists);
  g_test_add_func ("/qubesd/an-endless-list-ends", test_endless_list);
  g_test_add_func ("/qubesd/properties", test_properties);
  g_test_add_func ("/qubesd/features", test_features);
  return g_test_run ();
}

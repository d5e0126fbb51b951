/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/openvpn-words.h"

static const struct TextCase {
  const char *text;
  SysvpnCause cause;
} cases[] = {
  { "VERIFY ERROR: depth=0, error=certificate has expired: CN=server, serial=1",
    SYSVPN_CAUSE_CERTIFICATE },
  { "VERIFY ERROR: depth=1, error=self-signed certificate in certificate chain: CN=x, serial=2",
    SYSVPN_CAUSE_CERTIFICATE },
  { "VERIFY KU ERROR", SYSVPN_CAUSE_CERTIFICATE },
  { "VERIFY EKU ERROR", SYSVPN_CAUSE_CERTIFICATE },
  { "VERIFY X509NAME ERROR: CN=other, must be server", SYSVPN_CAUSE_CERTIFICATE },
  { "OpenSSL: error:0A000415:SSL routines::sslv3 alert certificate expired",
    SYSVPN_CAUSE_CERTIFICATE },
  { "OpenSSL: error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca",
    SYSVPN_CAUSE_CERTIFICATE },
  { "OpenSSL: error:0A000412:SSL routines::sslv3 alert bad certificate",
    SYSVPN_CAUSE_CERTIFICATE },
  { "AUTH: Received control message: AUTH_FAILED", SYSVPN_CAUSE_CREDENTIALS },
  { "AUTH: Received control message: AUTH_FAILED,SESSION: expired", SYSVPN_CAUSE_CREDENTIALS },
  { "WARNING: Your certificate has expired!", SYSVPN_CAUSE_CERTIFICATE },
  { "WARNING: Your certificate is not yet valid!", SYSVPN_CAUSE_CERTIFICATE },
  { "", SYSVPN_CAUSE_NONE },
  { "VERIFY OK: depth=0, CN=server", SYSVPN_CAUSE_NONE },
  { "OpenSSL: error:0A00010B:SSL routines::wrong version number", SYSVPN_CAUSE_NONE },
  { "TLS Error: TLS key negotiation failed to occur within 60 seconds", SYSVPN_CAUSE_NONE },
  { "Initialization Sequence Completed", SYSVPN_CAUSE_NONE },
  /* a server's own words are no judgement */
  { "VERIFY OK: depth=0, CN=VERIFY ERROR: certificate expired", SYSVPN_CAUSE_NONE },
  { "PUSH: Received control message: 'PUSH_REPLY,AUTH: Received control message: AUTH_FAILED'",
    SYSVPN_CAUSE_NONE },
};

static void
test_text (gconstpointer data)
{
  const struct TextCase *c = data;

  g_assert_cmpint (sysvpn_openvpn_cause_of_text (c->text), ==, c->cause);
}

static void
test_since (void)
{
  static const char line[] = "1795659132.963214 sys-vpn nm-openvpn[145]: VERIFY OK: a]: b";
  static const char *const others[] = { "", "x", "-- Boot 3d12 --", "1795659132.963214",
                                        "[145]: x" };

  g_assert_cmpstr (sysvpn_openvpn_text_since (line, 1795659132000000), ==, "VERIFY OK: a]: b");
  g_assert_null (sysvpn_openvpn_text_since (line, 1795659133000000));
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_null (sysvpn_openvpn_text_since (others[i], 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openvpn-words/since", test_since);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/openvpn-words/cause/%zu", i);

    g_test_add_data_func (path, &cases[i], test_text);
  }
  return g_test_run ();
}

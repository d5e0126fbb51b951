/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/profile-choice.h"

/* Profiles are told by their name here; UUIDs are the name too. */
static const struct ChoiceCase {
  const char *name;
  const char *profiles; /* a letter each, upper case: autoconnect */
  const char *last;
  const char *at_boot; /* "": none */
  const char *connect; /* without an argument */
} cases[] = {
  { "none", "", "", "", "" },
  { "none-but-one-remembered", "", "a", "", "" },
  { "one", "a", "", "", "a" },
  { "one-that-starts", "A", "", "A", "A" },
  { "two", "ab", "", "", "a" },
  { "two-second-last-used", "ab", "b", "", "b" },
  { "two-first-starts", "Ab", "", "A", "A" },
  { "two-second-starts", "aB", "", "B", "B" },
  { "last-used-before-start", "aB", "a", "B", "a" },
  { "both-start", "AB", "", "", "A" },
  { "all-start", "ABC", "C", "", "C" },
  { "two-of-three-start", "aBC", "", "", "a" },
  { "last-used-is-gone", "aB", "x", "B", "B" },
  { "last-used-is-gone-and-none-starts", "ab", "x", "", "a" },
};

static GArray *
make (const char *letters)
{
  GArray *profiles = g_array_new (FALSE, TRUE, sizeof (SysvpnProfile));

  for (const char *c = letters; *c != '\0'; c++) {
    SysvpnProfile profile = { .autoconnect = g_ascii_isupper (*c) };

    profile.uuid[0] = *c;
    g_array_append_val (profiles, profile);
  }
  return profiles;
}

static void
test_choice (gconstpointer data)
{
  const struct ChoiceCase *c = data;
  g_autoptr (GArray) profiles = make (c->profiles);
  const SysvpnProfile *at_boot = sysvpn_profile_choice_at_boot (profiles);
  const SysvpnProfile *last = sysvpn_profile_choice_last (profiles, c->last);

  g_assert_cmpstr (at_boot != NULL ? at_boot->uuid : "", ==, c->at_boot);
  g_assert_cmpstr (last != NULL ? last->uuid : "", ==, c->connect);
}

static void
test_named (void)
{
  g_autoptr (GArray) profiles = make ("abC");

  g_assert_cmpstr (sysvpn_profile_choice_named (profiles, "a")->uuid, ==, "a");
  g_assert_cmpstr (sysvpn_profile_choice_named (profiles, "C")->uuid, ==, "C");
  g_assert_null (sysvpn_profile_choice_named (profiles, "c"));
  g_assert_null (sysvpn_profile_choice_named (profiles, ""));
}

static const struct RequestCase {
  const char *name;
  SysvpnService service;
  const char *profiles;
  const char *uuid; /* that is asked for */
  const char *active;
  SysvpnCode code;
  const char *meant;
} request_cases[] = {
  { "connect-named", SYSVPN_SERVICE_CONNECT, "ab", "b", "a", SYSVPN_CODE_NONE, "b" },
  { "connect-named-unknown", SYSVPN_SERVICE_CONNECT, "ab", "x", "a",
    SYSVPN_CODE_UNKNOWN_PROFILE, "?" },
  { "connect-named-of-none", SYSVPN_SERVICE_CONNECT, "", "x", "", SYSVPN_CODE_UNKNOWN_PROFILE,
    "?" },
  { "connect-last", SYSVPN_SERVICE_CONNECT, "ab", "", "a", SYSVPN_CODE_NONE, "b" },
  { "connect-of-none", SYSVPN_SERVICE_CONNECT, "", "", "", SYSVPN_CODE_NO_PROFILE, "?" },
  { "reconnect-active", SYSVPN_SERVICE_RECONNECT, "ab", "", "a", SYSVPN_CODE_NONE, "a" },
  { "reconnect-last", SYSVPN_SERVICE_RECONNECT, "ab", "", "", SYSVPN_CODE_NONE, "b" },
  { "reconnect-of-none", SYSVPN_SERVICE_RECONNECT, "", "", "", SYSVPN_CODE_NO_PROFILE, "?" },
  { "reconnect-what-was-deleted", SYSVPN_SERVICE_RECONNECT, "ab", "", "x",
    SYSVPN_CODE_UNKNOWN_PROFILE, "?" },
};

/* Used last: b. */
static void
test_request (gconstpointer data)
{
  const struct RequestCase *c = data;
  g_autoptr (GArray) profiles = make (c->profiles);
  SysvpnRequest request = { .service = c->service };
  char meant[SYSVPN_UUID_LEN + 1] = "?";

  g_strlcpy (request.uuid, c->uuid, sizeof request.uuid);
  g_assert_cmpint (sysvpn_profile_choice_request (profiles, &request, c->active, "b", meant),
                   ==, c->code);
  g_assert_cmpstr (meant, ==, c->meant);
}

static const struct RecordCase {
  const char *name;
  const char *profiles;
  const char *record; /* NULL: none */
  const char *at_boot;
} record_cases[] = {
  { "none", "aB", NULL, "B" },
  { "in-place-of-another", "aB", "a", "a" },
  { "in-place-of-two", "ABC", "B", "B" },
  { "that-none-starts", "aB", "", "" },
  { "of-what-is-gone", "aB", "x", "B" },
  { "of-what-is-gone-and-two", "AB", "x", "" },
};

/* What sysvpn-import wrote down for the next boot. */
static void
test_record (gconstpointer data)
{
  const struct RecordCase *c = data;
  g_autoptr (GArray) profiles = make (c->profiles);
  const SysvpnProfile *at_boot;

  sysvpn_profile_choice_apply (profiles, c->record);
  at_boot = sysvpn_profile_choice_at_boot (profiles);
  g_assert_cmpstr (at_boot != NULL ? at_boot->uuid : "", ==, c->at_boot);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/profile-choice/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_choice);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (request_cases); i++) {
    g_autofree char *path =
        g_strconcat ("/profile-choice/request/", request_cases[i].name, NULL);

    g_test_add_data_func (path, &request_cases[i], test_request);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (record_cases); i++) {
    g_autofree char *path = g_strconcat ("/profile-choice/record/", record_cases[i].name, NULL);

    g_test_add_data_func (path, &record_cases[i], test_record);
  }
  g_test_add_func ("/profile-choice/named", test_named);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shown.h"

#include "client/sentence.h"

#include <string.h>

/* Rows are the tunnel, columns the killswitch: unknown, armed, loading, broken. Everything else
 * of the report agrees with them. */
static const SysvpnShown table[SYSVPN_N_TUNNELS][SYSVPN_N_KILLSWITCHES] = {
  [SYSVPN_TUNNEL_UNKNOWN] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_UNKNOWN,
                              SYSVPN_SHOWN_EXPOSED },
  [SYSVPN_TUNNEL_DOWN] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_BLOCKED, SYSVPN_SHOWN_CONNECTING,
                           SYSVPN_SHOWN_EXPOSED },
  [SYSVPN_TUNNEL_CONNECTING] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_CONNECTING,
                                 SYSVPN_SHOWN_CONNECTING, SYSVPN_SHOWN_EXPOSED },
  [SYSVPN_TUNNEL_UP] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_PROTECTED, SYSVPN_SHOWN_CONNECTING,
                         SYSVPN_SHOWN_EXPOSED },
  [SYSVPN_TUNNEL_DEGRADED] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_DEGRADED,
                               SYSVPN_SHOWN_CONNECTING, SYSVPN_SHOWN_EXPOSED },
  [SYSVPN_TUNNEL_DISCONNECTING] = { SYSVPN_SHOWN_UNKNOWN, SYSVPN_SHOWN_BLOCKED,
                                    SYSVPN_SHOWN_CONNECTING, SYSVPN_SHOWN_EXPOSED },
};
/* What the agent says beside each of them. */
static const SysvpnBreak usual_breaks[SYSVPN_N_KILLSWITCHES] = {
  [SYSVPN_KILLSWITCH_ARMED] = SYSVPN_BREAK_NONE,
  [SYSVPN_KILLSWITCH_BROKEN] = SYSVPN_BREAK_MISSING,
};
static const SysvpnCause usual_causes[SYSVPN_N_TUNNELS] = {
  [SYSVPN_TUNNEL_DOWN] = SYSVPN_CAUSE_LOST,
  [SYSVPN_TUNNEL_CONNECTING] = SYSVPN_CAUSE_NONE,
  [SYSVPN_TUNNEL_UP] = SYSVPN_CAUSE_NONE,
  [SYSVPN_TUNNEL_DEGRADED] = SYSVPN_CAUSE_NO_HANDSHAKE,
  [SYSVPN_TUNNEL_DISCONNECTING] = SYSVPN_CAUSE_ASKED,
};

static SysvpnStatus
make_report (SysvpnTunnel tunnel, SysvpnKillswitch killswitch)
{
  SysvpnStatus report;

  sysvpn_status_init (&report);
  report.tunnel = tunnel;
  report.cause = usual_causes[tunnel];
  report.wanted = SYSVPN_WANTED_UP;
  report.killswitch = killswitch;
  report.killswitch_break = usual_breaks[killswitch];
  report.killswitch_age_s = 3;
  strcpy (report.interface, "tun0");
  strcpy (report.profile_uuid, "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1");
  return report;
}

static void
test_table (void)
{
  for (unsigned t = 0; t < SYSVPN_N_TUNNELS; t++)
    for (unsigned k = 0; k < SYSVPN_N_KILLSWITCHES; k++) {
      SysvpnStatus report = make_report (t, k);
      SysvpnView fresh = sysvpn_view_judge (SYSVPN_POWER_RUNNING, &report, SYSVPN_SILENCE_NONE);
      SysvpnView stale =
          sysvpn_view_judge (SYSVPN_POWER_RUNNING, &report, SYSVPN_SILENCE_TIMEOUT);

      g_test_message ("%s, %s", sysvpn_words_get (&sysvpn_tunnel_words, t),
                      sysvpn_words_get (&sysvpn_killswitch_words, k));
      g_assert_cmpint (fresh.shown, ==, table[t][k]);
      g_assert_cmpint (stale.shown, ==, SYSVPN_SHOWN_UNKNOWN);
    }
}

/* The sentence begins with the state, and says something. */
static void
assert_view_is_whole (SysvpnView view)
{
  const char *word = sysvpn_words_get (&sysvpn_shown_words, view.shown);

  g_assert_cmpint (view.shown, <, SYSVPN_N_SHOWNS);
  g_assert_cmpint (view.tone, <, SYSVPN_N_TONES);
  g_assert_nonnull (view.sentence);
  g_assert_cmpint (g_ascii_strncasecmp (view.sentence, word, strlen (word)), ==, 0);
  g_assert_true (g_str_has_prefix (view.sentence + strlen (word), ": "));
  g_assert_cmpuint (strlen (view.sentence), >, strlen (word) + 10);
  g_assert_cmpint ((int) (view.tone == SYSVPN_TONE_ALARM), ==,
                   (int) (view.shown == SYSVPN_SHOWN_EXPOSED));
}

static bool
may_be_protected (SysvpnPower power, const SysvpnStatus *report, SysvpnSilence silence)
{
  return (power == SYSVPN_POWER_UNKNOWN || power == SYSVPN_POWER_RUNNING) &&
         silence == SYSVPN_SILENCE_NONE && report->tunnel == SYSVPN_TUNNEL_UP &&
         report->cause == SYSVPN_CAUSE_NONE && report->killswitch == SYSVPN_KILLSWITCH_ARMED &&
         report->killswitch_break == SYSVPN_BREAK_NONE && report->killswitch_age_s <= 60 &&
         report->interface[0] != '\0' && report->profile_uuid[0] != '\0';
}

static void
check_everywhere (const SysvpnStatus *report)
{
  for (unsigned power = 0; power < SYSVPN_N_POWERS; power++)
    for (unsigned silence = 0; silence < SYSVPN_N_SILENCES; silence++) {
      SysvpnView view = sysvpn_view_judge (power, report, silence);
      bool off = power >= SYSVPN_POWER_HALTED;

      assert_view_is_whole (view);
      g_assert_cmpint (view.shown == SYSVPN_SHOWN_PROTECTED, ==,
                       may_be_protected (power, report, silence));
      g_assert_cmpint (view.shown == SYSVPN_SHOWN_OFF, ==, off);
      if (!off && silence != SYSVPN_SILENCE_NONE)
        g_assert_cmpint (view.shown, ==, SYSVPN_SHOWN_UNKNOWN);
      if (!off && silence == SYSVPN_SILENCE_NONE &&
          (report->killswitch == SYSVPN_KILLSWITCH_BROKEN ||
           report->killswitch_break > SYSVPN_BREAK_NONE))
        g_assert_cmpint (view.shown, ==, SYSVPN_SHOWN_EXPOSED);
    }
}

/* Every report that can be written, at every power state and silence. */
static void
test_only_protected_when_all_is_well (void)
{
  static const struct {
    const char *interface;
    const char *uuid;
    uint64_t age_s;
  } rests[] = {
    { "tun0", "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1", 60 },
    { "tun0", "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1", 61 },
    { "tun0", "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1", SYSVPN_ABSENT },
    { "", "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1", 0 },
    { "tun0", "", 0 },
  };

  for (unsigned t = 0; t < SYSVPN_N_TUNNELS; t++)
    for (unsigned c = 0; c < SYSVPN_N_CAUSES; c++)
      for (unsigned k = 0; k < SYSVPN_N_KILLSWITCHES; k++)
        for (unsigned b = 0; b < SYSVPN_N_BREAKS; b++)
          for (size_t r = 0; r < G_N_ELEMENTS (rests); r++) {
            SysvpnStatus report = make_report (t, k);

            report.cause = c;
            report.killswitch_break = b;
            report.killswitch_age_s = rests[r].age_s;
            strcpy (report.interface, rests[r].interface);
            strcpy (report.profile_uuid, rests[r].uuid);
            check_everywhere (&report);
          }
}

/* A report that contradicts itself is taken at its worst. */
static const struct Contradiction {
  const char *name;
  SysvpnTunnel tunnel;
  SysvpnCause cause;
  SysvpnKillswitch killswitch;
  SysvpnBreak break_;
  bool nameless;
  bool unverified;
  SysvpnShown shown;
} contradictions[] = {
  { "up-but-a-break", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_MISSING, .shown = SYSVPN_SHOWN_EXPOSED },
  { "loading-but-a-break", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_LOADING,
    SYSVPN_BREAK_CHANGED, .shown = SYSVPN_SHOWN_EXPOSED },
  { "unknown-but-a-break", SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_ASKED, SYSVPN_KILLSWITCH_UNKNOWN,
    SYSVPN_BREAK_ROUTING, .shown = SYSVPN_SHOWN_EXPOSED },
  { "broken-but-no-break", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_BROKEN,
    SYSVPN_BREAK_NONE, .shown = SYSVPN_SHOWN_EXPOSED },
  { "broken-and-unknown-tunnel", SYSVPN_TUNNEL_UNKNOWN, SYSVPN_CAUSE_UNKNOWN,
    SYSVPN_KILLSWITCH_BROKEN, SYSVPN_BREAK_UNKNOWN, .shown = SYSVPN_SHOWN_EXPOSED },
  { "armed-but-a-later-break", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_UNKNOWN, .shown = SYSVPN_SHOWN_UNKNOWN },
  { "armed-but-never-verified", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_NONE, .unverified = true, .shown = SYSVPN_SHOWN_UNKNOWN },
  { "up-but-nameless", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_NONE, .nameless = true, .shown = SYSVPN_SHOWN_UNKNOWN },
  { "up-but-a-cause", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NO_TRAFFIC, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_NONE, .shown = SYSVPN_SHOWN_DEGRADED },
  { "up-but-a-later-cause", SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_UNKNOWN, SYSVPN_KILLSWITCH_ARMED,
    SYSVPN_BREAK_NONE, .shown = SYSVPN_SHOWN_DEGRADED },
};

static void
test_contradiction (gconstpointer data)
{
  const struct Contradiction *c = data;
  SysvpnStatus report = make_report (c->tunnel, c->killswitch);

  report.cause = c->cause;
  report.killswitch_break = c->break_;
  if (c->unverified)
    report.killswitch_age_s = SYSVPN_ABSENT;
  if (c->nameless)
    report.interface[0] = '\0';
  g_assert_cmpint (sysvpn_view_judge (SYSVPN_POWER_RUNNING, &report, SYSVPN_SILENCE_NONE).shown,
                   ==, c->shown);
}

static void
test_blocked (void)
{
  static const struct {
    SysvpnCause cause;
    SysvpnWanted wanted;
    SysvpnTone tone;
    SysvpnCause told;
  } cases[] = {
    { SYSVPN_CAUSE_LOST, SYSVPN_WANTED_UP, SYSVPN_TONE_NOTICE, SYSVPN_CAUSE_LOST },
    { SYSVPN_CAUSE_NONE, SYSVPN_WANTED_UNKNOWN, SYSVPN_TONE_NOTICE, SYSVPN_CAUSE_NONE },
    { SYSVPN_CAUSE_ASKED, SYSVPN_WANTED_UNKNOWN, SYSVPN_TONE_CALM, SYSVPN_CAUSE_ASKED },
    { SYSVPN_CAUSE_ASKED, SYSVPN_WANTED_UP, SYSVPN_TONE_CALM,
      SYSVPN_CAUSE_ASKED }, /* a reconnect */
    { SYSVPN_CAUSE_LOST, SYSVPN_WANTED_DOWN, SYSVPN_TONE_CALM, SYSVPN_CAUSE_LOST },
    /* still going down, or of a newer agent */
    { SYSVPN_CAUSE_NONE, SYSVPN_WANTED_DOWN, SYSVPN_TONE_CALM, SYSVPN_CAUSE_ASKED },
    { SYSVPN_CAUSE_UNKNOWN, SYSVPN_WANTED_DOWN, SYSVPN_TONE_CALM, SYSVPN_CAUSE_ASKED },
    { SYSVPN_CAUSE_NO_PROFILE, SYSVPN_WANTED_UNKNOWN, SYSVPN_TONE_NOTICE,
      SYSVPN_CAUSE_NO_PROFILE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    SysvpnStatus report = make_report (SYSVPN_TUNNEL_DOWN, SYSVPN_KILLSWITCH_ARMED);
    SysvpnView view;

    report.cause = cases[i].cause;
    report.wanted = cases[i].wanted;
    view = sysvpn_view_judge (SYSVPN_POWER_UNKNOWN, &report, SYSVPN_SILENCE_NONE);
    g_assert_cmpint (view.shown, ==, SYSVPN_SHOWN_BLOCKED);
    g_assert_cmpint (view.tone, ==, cases[i].tone);
    g_assert_cmpstr (view.sentence, ==, sysvpn_sentence_blocked (cases[i].told));
  }
}

static void
test_no_report (void)
{
  SysvpnView view = sysvpn_view_judge (SYSVPN_POWER_RUNNING, NULL, SYSVPN_SILENCE_NONE);

  g_assert_cmpint (view.shown, ==, SYSVPN_SHOWN_UNKNOWN);
  g_assert_cmpint (view.tone, ==, SYSVPN_TONE_NOTICE);
}

static void
test_worst (void)
{
  static const SysvpnShown order[] = { SYSVPN_SHOWN_OFF,        SYSVPN_SHOWN_PROTECTED,
                                       SYSVPN_SHOWN_CONNECTING, SYSVPN_SHOWN_BLOCKED,
                                       SYSVPN_SHOWN_DEGRADED,   SYSVPN_SHOWN_UNKNOWN,
                                       SYSVPN_SHOWN_EXPOSED };

  for (size_t a = 0; a < G_N_ELEMENTS (order); a++)
    for (size_t b = 0; b < G_N_ELEMENTS (order); b++)
      g_assert_cmpint (sysvpn_shown_worst (order[a], order[b]), ==, order[MAX (a, b)]);
}

static void
test_words_and_icons (void)
{
  for (unsigned i = 0; i < SYSVPN_N_SHOWNS; i++) {
    const char *word = sysvpn_words_get (&sysvpn_shown_words, i);
    g_autofree char *icon = g_strdup_printf ("sysvpn-%s-symbolic", word);
    g_autofree char *file = g_strdup_printf ("%s/../icons/hicolor/scalable/status/%s.svg",
                                             g_getenv ("G_TEST_SRCDIR"), icon);

    g_assert_cmpstr (sysvpn_shown_icon_name (i), ==, icon);
    g_assert_cmpuint (sysvpn_words_find (&sysvpn_shown_words, word), ==, i);
    g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
  }
}

static void
test_exit_codes (void)
{
  static const struct {
    int code;
    SysvpnSilence silence;
  } cases[] = {
    { 0, SYSVPN_SILENCE_HUNG_UP },   { 125, SYSVPN_SILENCE_NO_QUBE },
    { 126, SYSVPN_SILENCE_REFUSED }, { 127, SYSVPN_SILENCE_NO_SERVICE },
    { 255, SYSVPN_SILENCE_DIED },    { 1, SYSVPN_SILENCE_DIED },
    { 143, SYSVPN_SILENCE_DIED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sysvpn_silence_of_exit_code (cases[i].code), ==, cases[i].silence);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shown/table", test_table);
  g_test_add_func ("/shown/only-protected-when-all-is-well",
                   test_only_protected_when_all_is_well);
  for (size_t i = 0; i < G_N_ELEMENTS (contradictions); i++) {
    g_autofree char *path = g_strconcat ("/shown/contradiction/", contradictions[i].name, NULL);
    g_test_add_data_func (path, &contradictions[i], test_contradiction);
  }
  g_test_add_func ("/shown/blocked", test_blocked);
  g_test_add_func ("/shown/no-report", test_no_report);
  g_test_add_func ("/shown/worst", test_worst);
  g_test_add_func ("/shown/words-and-icons", test_words_and_icons);
  g_test_add_func ("/shown/exit-codes", test_exit_codes);
  return g_test_run ();
}

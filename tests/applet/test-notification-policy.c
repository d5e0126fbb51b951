/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histories: what is seen when, and what is to be said of it. */
#include "applet/notification-policy.h"

#include <string.h>

enum { S = 1000, START_MS = 5000000, DAY_S = 86400 };

/* What is seen, and what happens, by letters:
 *   U up   D down, lost   A down, asked   C connecting   G degraded   X exposed, tunnel up
 *   Y exposed, tunnel down   ? unknown   O qube off   L tunnel up, killswitch loading
 *   P up, and the internet sees the uplink's address   Q up, and it sees another one
 *   N up, and another 60 packets of a client were dropped   n the same, tunnel down
 *   small letters: the same while the user's action is pending, but for n
 *   R the machine resumes from suspend
 * And what is said:
 *   d dropped  r recovered  f flapping  g degraded  x exposed  s silent  l leak
 *   c client's packets dropped   T X S L: tunnel, exposed, silent, leak over */
static const char said_letters[] = "drfgxslcTXSL";
G_STATIC_ASSERT (sizeof said_letters == SYSVPN_N_NOTICES + 1);

typedef struct {
  SysvpnNoticePolicy policy;
  SysvpnNoticeScene scene;
  SysvpnStatus report;
  GString *said; /* letters, each with the second when it was */
  unsigned n_said[SYSVPN_N_NOTICES];
  SysvpnNotice last;
  uint64_t client_drops;
  bool is_shown[SYSVPN_N_TOPICS]; /* on the screen */
} World;

static void
world_init (World *world)
{
  memset (world, 0, sizeof *world);
  world->said = g_string_new (NULL);
  world->scene.now_ms = START_MS;
  world->scene.view.sentence = "";
  world->scene.drops_threshold = 100;
  world->scene.view.shown = SYSVPN_SHOWN_UNKNOWN;
}

static void
world_clear (World *world)
{
  g_string_free (world->said, TRUE);
}

/* What is taken away was said before, and nothing is said twice without being taken away. */
static void
check_order (World *world, SysvpnNoticeKind kind)
{
  const unsigned *n = world->n_said;

  if (kind == SYSVPN_NOTICE_EXPOSED_OVER)
    g_assert_cmpuint (n[SYSVPN_NOTICE_EXPOSED], ==, n[kind]);
  if (kind == SYSVPN_NOTICE_SILENT_OVER)
    g_assert_cmpuint (n[SYSVPN_NOTICE_SILENT], ==, n[kind]);
  if (kind == SYSVPN_NOTICE_LEAK_OVER)
    g_assert_cmpuint (n[SYSVPN_NOTICE_LEAK], ==, n[kind]);
  g_assert_cmpuint (n[SYSVPN_NOTICE_LEAK] - n[SYSVPN_NOTICE_LEAK_OVER], <=, 1);
  g_assert_cmpuint (n[SYSVPN_NOTICE_EXPOSED] - n[SYSVPN_NOTICE_EXPOSED_OVER], <=, 1);
  g_assert_cmpuint (n[SYSVPN_NOTICE_SILENT] - n[SYSVPN_NOTICE_SILENT_OVER], <=, 1);
  g_assert_cmpuint (n[SYSVPN_NOTICE_TUNNEL_OVER] + n[SYSVPN_NOTICE_RECOVERED], <=,
                    n[SYSVPN_NOTICE_DROPPED] + n[SYSVPN_NOTICE_FLAPPING] +
                        n[SYSVPN_NOTICE_DEGRADED]);
}

static void
decide (World *world)
{
  SysvpnNotice notices[SYSVPN_NOTICES_MAX];
  size_t n = sysvpn_notice_decide (&world->policy, &world->scene, notices);
  int64_t next_ms = sysvpn_notice_next_ms (&world->policy);

  for (size_t i = 0; i < n; i++) {
    world->last = notices[i];
    world->n_said[notices[i].kind]++;
    check_order (world, notices[i].kind);
    world->is_shown[sysvpn_notice_topic (notices[i].kind)] =
        notices[i].kind < SYSVPN_NOTICE_TUNNEL_OVER;
    g_string_append_printf (world->said, "%s%c%d", world->said->len ? " " : "",
                            said_letters[notices[i].kind],
                            (int) ((world->scene.now_ms - START_MS) / S));
  }
  /* an alarm for what is past would go off again and again */
  g_assert_true (next_ms == 0 || next_ms > world->scene.now_ms);
  /* asked again at the same time it has nothing to add */
  g_assert_cmpuint (sysvpn_notice_decide (&world->policy, &world->scene, notices), ==, 0);
}

static void
advance (World *world, int64_t to_ms)
{
  int64_t next_ms;

  while ((next_ms = sysvpn_notice_next_ms (&world->policy)) != 0 && next_ms <= to_ms) {
    world->scene.now_ms = next_ms;
    decide (world);
  }
  world->scene.now_ms = to_ms;
}

static void
set_report (World *world, SysvpnTunnel tunnel, SysvpnCause cause)
{
  sysvpn_status_init (&world->report);
  world->report.tunnel = tunnel;
  world->report.cause = cause;
  world->report.wanted = SYSVPN_WANTED_UP;
  world->report.killswitch = SYSVPN_KILLSWITCH_ARMED;
  world->report.killswitch_break = SYSVPN_BREAK_NONE;
  world->report.killswitch_age_s = 0;
  g_strlcpy (world->report.interface, "tun0", sizeof world->report.interface);
  g_strlcpy (world->report.profile_uuid, "x", sizeof world->report.profile_uuid);
  world->scene.report = &world->report;
}

static void
add_facts (World *world, char what)
{
  SysvpnClient client = { .address = "10.137.0.20" };

  if (strchr ("PpQ", what) != NULL)
    world->report.egress = SYSVPN_EGRESS_OK;
  if (what == 'n')
    world->report.tunnel = SYSVPN_TUNNEL_DOWN;
  if (g_ascii_toupper (what) == 'N')
    world->client_drops += 60;
  if (world->client_drops == 0)
    return;
  client.packets = world->client_drops;
  world->report.clients[0] = client;
  world->report.n_clients = 1;
}

static void
see (World *world, char what)
{
  static const struct {
    char letter;
    SysvpnTunnel tunnel;
    SysvpnCause cause;
    SysvpnKillswitch killswitch;
  } seen[] = {
    { 'U', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED },
    { 'D', SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST, SYSVPN_KILLSWITCH_ARMED },
    { 'A', SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_ASKED, SYSVPN_KILLSWITCH_ARMED },
    { 'C', SYSVPN_TUNNEL_CONNECTING, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED },
    { 'G', SYSVPN_TUNNEL_DEGRADED, SYSVPN_CAUSE_NO_TRAFFIC, SYSVPN_KILLSWITCH_ARMED },
    { 'X', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_BROKEN },
    { 'Y', SYSVPN_TUNNEL_DOWN, SYSVPN_CAUSE_LOST, SYSVPN_KILLSWITCH_BROKEN },
    { 'L', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_LOADING },
    { 'P', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED },
    { 'Q', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED },
    { 'N', SYSVPN_TUNNEL_UP, SYSVPN_CAUSE_NONE, SYSVPN_KILLSWITCH_ARMED },
  };
  SysvpnPower power = what == 'O' ? SYSVPN_POWER_HALTED : SYSVPN_POWER_UNKNOWN;
  SysvpnSilence silence = what == '?' ? SYSVPN_SILENCE_TIMEOUT : SYSVPN_SILENCE_NONE;

  world->scene.is_pending = g_ascii_islower (what) && what != 'n';
  world->scene.is_egress_uplink = g_ascii_toupper (what) == 'P';
  world->scene.report = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (seen); i++)
    if (seen[i].letter == g_ascii_toupper (what)) {
      set_report (world, seen[i].tunnel, seen[i].cause);
      world->report.killswitch = seen[i].killswitch;
    }
  g_assert_true (world->scene.report != NULL || what == 'O' || what == '?');
  if (world->scene.report != NULL)
    add_facts (world, what);
  world->scene.view = sysvpn_view_judge (power, world->scene.report, silence);
}

/* "LETTER SECOND" pairs, in order; "." is nothing new, for the end of a history. */
static void
play (World *world, const char *history)
{
  g_auto (GStrv) events = g_strsplit (history, " ", -1);

  for (char **event = events; *event != NULL; event++) {
    int64_t at_ms = START_MS + (int64_t) (g_ascii_strtod (*event + 1, NULL) * S + 0.5);

    advance (world, at_ms);
    if (**event == 'R')
      sysvpn_notice_resumed (&world->policy, at_ms);
    else if (**event != '.')
      see (world, **event);
    decide (world);
  }
}

static const struct {
  const char *name, *history, *said;
} histories[] = {
  { "start/up", "U0 .999", "" },
  { "start/down", "D0 .999", "" },
  { "start/down-and-recovers", "D0 U50 .999", "" },
  { "start/fails-again-and-again", "D0 C10 D20 C30 D40", "" },
  { "start/connecting-for-long", "C0 .999", "" },
  { "start/silent-for-a-moment", "?0 U29.9 .99", "" },
  { "start/exposed", "X0", "x0" },

  { "drop/once", "U0 D10 D11 D50 .999", "d10" },
  { "drop/by-way-of-connecting", "U0 C10 D11", "d11" },
  { "drop/and-back", "U0 D10 C40 U42 .999", "d10 r42" },
  { "drop/retries-fail", "U0 D10 C40 D50 C60 D70 U80", "d10 r80" },
  { "drop/of-a-degraded-tunnel", "U0 G5 D10", "d10" },
  { "drop/behind-a-broken-killswitch", "X0 Y10", "x0 d10" },
  { "drop/seen-after-silence", "U0 ?5 D8", "d8" },
  { "drop/while-the-qube-goes-off", "U0 D10 O20 .99", "d10 T20" },
  { "drop/none-when-the-qube-goes-off", "U0 O20 .99", "" },
  { "drop/back-after-the-qube-was-off", "U0 O20 C40 U50", "" },

  { "asked/disconnect", "U0 u10 a11 A12 .999", "" },
  { "asked/by-nmcli", "U0 A10 .999", "" },
  { "asked/connect", "A0 a1 c2 u5 U6 .99", "" },
  { "asked/connect-fails", "A0 a1 c2 d60 D61 .99", "" },
  { "asked/switch", "U0 u10 d11 c12 u13 U14", "" },
  { "asked/answer-before-the-last-report", "U0 u10 D10.5 U10.6 .99", "" },
  { "asked/reconnect-does-not-come-back", "U0 u10 D10.5 .99", "d11" },
  { "asked/connect-after-a-drop", "U0 D10 d15 c16 u17 U18 .99", "d10 T15" },
  { "asked/disconnect-after-a-drop", "U0 D10 A15 .99", "d10 T15" },
  { "asked/cancel-of-a-retry", "U0 D10 C40 c41 A42 U99", "d10 T42" },

  { "degraded/for-29-s", "U0 G10 U39 .999", "" },
  { "degraded/for-30-s", "U0 G10 .999", "g40" },
  { "degraded/over", "U0 G10 U50 .99", "g40 T50" },
  { "degraded/asked-down", "U0 G10 A50 .99", "g40 T50" },
  { "degraded/then-dropped-and-back", "U0 G10 D50 U60", "g40 d50 r60" },
  { "degraded/from-the-start", "G0 .99", "g30" },
  { "degraded/retried-at-29-s", "U0 G10 C39 G45 .99", "g40" },
  { "degraded/starts-anew-after-silence", "U0 G10 ?20 G30 .70", "g60" },
  { "degraded/user-reconnects", "U0 G10 g20 c21 G30 .59", "" },
  { "degraded/after-a-drop-says-no-more", "U0 D10 C20 G22 .99", "d10" },
  { "degraded/connecting-for-long", "U0 C10 .99", "g40" },
  { "degraded/not-while-exposed", "U0 X10 .99", "x10" },

  { "exposed/at-once-and-sticky", "U0 X10 ?20 .22 X30", "x10" },
  { "exposed/over", "U0 X10 U20 .99", "x10 X23" },
  { "exposed/over-with-tunnel-down", "U0 X10 A20 .99", "x10 X23" },
  { "exposed/over-with-the-qube", "U0 X10 O20 .99", "x10 X23" },
  { "exposed/silence-is-not-over", "U0 X10 ?20 .45 U46 .99", "x10 X49" },
  { "exposed/comes-and-goes", "U0 X10 U11 X12 U13 X14 U15 .99", "x10 X18" },
  { "exposed/again", "U0 X10 U20 X30", "x10 X23 x30" },
  { "exposed/again-and-again-is-one-alarm", "U0 X10 U20 X30 U40 X60 U70 X100 U110 .229 .231",
    "x10 X23 x30 X230" },
  { "exposed/again-after-a-while", "U0 X10 U20 X311 U320 .999", "x10 X23 x311 X323" },
  { "exposed/while-resuming", "U0 R10 X11", "x11" },
  { "exposed/while-loading-it-again", "U0 X10 L11 U11.5 .99", "x10 X14" },

  { "silent/for-29-s", "U0 ?10 U39.9 .99", "" },
  { "silent/for-30-s-once", "U0 ?10 .999", "s40" },
  { "silent/over", "U0 ?10 U50", "s40 S50" },
  { "silent/after-a-drop", "U0 D5 ?10 U50", "d5 s40 S50 r50" },
  { "silent/qube-goes-off", "U0 ?10 O50", "s40 S50" },

  { "flapping/two", "U0 D10 U20 D30 U40 .999", "d10 r20 d30 r40" },
  { "flapping/three", "U0 D10 U20 D30 U40 D50 U60 D70 U80 D90", "d10 r20 d30 r40 f50" },
  { "flapping/stable-then-a-drop", "U0 D10 U20 D30 U40 D50 U60 .179 U185 D200",
    "d10 r20 d30 r40 f50 r180 d200" },
  { "flapping/silence-is-not-stable", "U0 D10 U20 D30 U40 D50 U60 ?100 U110 .229 .231",
    "d10 r20 d30 r40 f50 r230" },
  { "flapping/three-in-more-than-5-min", "U0 D10 U20 D160 U170 D311",
    "d10 r20 d160 r170 d311" },
  { "flapping/three-in-5-min", "U0 D10 U20 D160 U170 D310", "d10 r20 d160 r170 f310" },
  { "flapping/user-acts", "U0 D10 U20 D30 U40 D50 d55 c56 u57 U58 D100",
    "d10 r20 d30 r40 f50 T55 d100" },
  { "flapping/user-disconnects", "U0 D10 U20 D30 U40 D50 U55 u57 A58 .999",
    "d10 r20 d30 r40 f50 T57" },
  { "flapping/qube-says-asked-each-time",
    "U0 D10 A11 U20 D30 A31 U40 D50 A51 U60 D70 A71 U80 D90 A91", "d10 T11 d30 T31 f50 T51" },
  { "flapping/down-for-an-hour", "U0 D10 U20 D30 U40 D50 A60 U3600 D3700",
    "d10 r20 d30 r40 f50 T60 d3700" },

  { "flapping/down-for-long-and-drops-again", "U0 D10 U20 D30 U40 D50 U60 D70 U1000 D1100",
    "d10 r20 d30 r40 f50 d1100" },
  { "flapping/goes-on-for-an-hour",
    "U0 D10 U20 D30 U40 D50 U140 D240 U340 D440 U540 D640 U740 D840 U940 .1061",
    "d10 r20 d30 r40 f50 r1060" },

  { "leak/at-once-and-sticky", "Q0 P10 .99 ?100 .120 U200 P210 .999", "l10 s130 S200" },
  { "leak/over-with-another-address", "Q0 P10 Q20 .99", "l10 L23" },
  { "leak/over-with-the-tunnel", "Q0 P10 A20 .99", "l10 L23" },
  { "leak/over-with-the-qube", "Q0 P10 O20 .99", "l10 L23" },
  { "leak/after-a-resume", "Q0 R10 P11", "l11" },
  { "leak/from-the-start", "P0", "l0" },
  { "leak/again", "P0 Q10 P20", "l0 L13 l20" },
  { "leak/again-and-again-is-one-alarm", "P0 Q10 P20 Q30 P60 Q70 P100 Q110 .229 .231",
    "l0 L13 l20 L230" },
  { "leak/not-asked-is-not-over", "P0 U10 .999", "l0" },
  { "leak/while-the-user-acts", "Q0 p10", "l10" },

  { "drops/below", "U0 N10 .310", "" },
  { "drops/twice-below-in-two-times", "U0 N290 U301 N310 .999", "" },
  { "drops/above-and-told-once", "U0 N10 N20 N30 N40 .999", "c20" },
  { "drops/on-and-on", "U0 N10 N20 N200 N290 N310 N400 N500 N590 N610 N700 N800 N890 N910",
    "c20" },
  { "drops/again-after-a-quiet-time", "U0 N10 N20 U310 U620 N630 N640", "c20 c640" },
  { "drops/while-down", "U0 D10 n20 n30 n40 n50", "d10" },
  { "drops/while-down-do-not-count-later", "U0 A10 n20 n30 n40 U50 N60 .999", "" },
  { "drops/from-before-the-start", "N0 N10 .999", "" },

  { "resume/back-within-15-s", "U0 R10 ?10 D11 C12 U20 .99", "" },
  { "resume/still-down", "U0 R10 D11 .99", "d25" },
  { "resume/still-down-and-back", "U0 R10 D11 U30", "d25 r30" },
  { "resume/held-back-then-silent", "U0 R10 D11 ?12 .41 .99", "s42" },
  { "resume/held-back-then-off", "U0 R10 D11 O12 .99", "" },
  { "resume/silent-before", "U0 ?1 R3600 .3629 U3629.5", "s31 S3629" },
  { "resume/silent-slept-through", "U0 ?1 R20 .45 U49", "" },
  { "resume/again-and-again", "U0 R10 D11 R20 .34 R34 .48 .99", "d49" },
};

static void
test_history (gconstpointer data)
{
  size_t i = GPOINTER_TO_SIZE (data);
  World world;

  world_init (&world);
  play (&world, histories[i].history);
  g_assert_cmpstr (world.said->str, ==, histories[i].said);
  world_clear (&world);
}

static void
test_outage (void)
{
  static const struct {
    const char *history;
    int outage_s;
    bool nothing_left;
  } cases[] = {
    { "U0 D10 C40 U42", 32, true },
    { "U0 D10 Y20 D21 U42", 32, false },             /* it was open meanwhile */
    { "U0 D10 ?20 D21 U42", 32, false },             /* nobody looked */
    { "U0 D10 X20 U42", 32, false },                 /* up and exposed is not back */
    { "X0 Y10 D12 U42", 32, false },                 /* lost while open */
    { "U0 R10 D11 U42", 31, true },                  /* told 14 s late */
    { "X0 U2 D10 U42", 32, true },                   /* that was before */
    { "U0 D10 U20 D30 U40 D50 U60 .200", 10, true }, /* told when it was stable */
    { "U0 D10 U20 D30 U40 D50 X55 U60 D70 U80 .300", 30, false }, /* open while flapping */
    { "U0 D10 X20 D30 X40 D50 U60 .200", 50, false },             /* never back between */
    { "U0 D10 U20 D30 U40 D50 U60 D70 U1000 D1100 U1150", 50, true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    World world;

    g_test_message ("%s", cases[i].history);
    world_init (&world);
    play (&world, cases[i].history);
    while (world.last.kind == SYSVPN_NOTICE_EXPOSED_OVER)
      world.last.kind = SYSVPN_N_NOTICES;
    g_assert_cmpuint (world.n_said[SYSVPN_NOTICE_RECOVERED], >, 0);
    g_assert_cmpint (world.last.kind, ==, SYSVPN_NOTICE_RECOVERED);
    g_assert_cmpint (world.last.outage_ms, ==, cases[i].outage_s * S);
    g_assert_cmpint (world.last.nothing_left, ==, cases[i].nothing_left);
    world_clear (&world);
  }
}

static void
test_topics (void)
{
  for (int kind = 0; kind < (int) SYSVPN_N_NOTICES; kind++)
    g_assert_cmpint (sysvpn_notice_topic ((SysvpnNoticeKind) kind), <, SYSVPN_N_TOPICS);
  g_assert_cmpint (sysvpn_notice_topic (SYSVPN_NOTICE_RECOVERED), ==,
                   sysvpn_notice_topic (SYSVPN_NOTICE_DROPPED));
  g_assert_cmpint (sysvpn_notice_topic (SYSVPN_NOTICE_EXPOSED_OVER), ==,
                   sysvpn_notice_topic (SYSVPN_NOTICE_EXPOSED));
  g_assert_cmpint (sysvpn_notice_topic (SYSVPN_NOTICE_SILENT_OVER), ==,
                   sysvpn_notice_topic (SYSVPN_NOTICE_SILENT));
}

/* Whatever is seen, in @n changes @gap_ms apart at most: decide() and check_order() watch. What
 * the qube alone can bring about, and nobody acts or suspends: small letters are left out. */
static void
play_at_random (World *world, unsigned n, int gap_ms, const char *letters)
{
  int n_letters = (int) strlen (letters);

  for (unsigned i = 0; i < n; i++) {
    char what = letters[g_test_rand_int_range (0, n_letters)];

    advance (world, world->scene.now_ms + g_test_rand_int_range (1, gap_ms + 1));
    g_string_truncate (world->said, 0);
    if (what == 'R')
      sysvpn_notice_resumed (&world->policy, world->scene.now_ms);
    else
      see (world, what);
    decide (world);
  }
}

static unsigned
total (const World *world)
{
  unsigned sum = 0;

  for (int kind = 0; kind < (int) SYSVPN_NOTICE_TUNNEL_OVER; kind++)
    sum += world->n_said[kind];
  return sum;
}

static void
test_random_week (void)
{
  World world;

  world_init (&world);
  /* a change each minute, more or less: everything that can happen, and the user */
  play_at_random (&world, 10000, 120000, "UUUUDDACGXY?OLRPQNNnuadcgp");
  g_assert_cmpuint (total (&world), <, 10000);
  world_clear (&world);
}

/* Days as people have them: each is lived seven times, and what is said on each is the same. */
static const struct {
  const char *name, *day, *said;
} weeks[] = {
  { "nothing-happens", "U0 U28800 U86000", "" },
  { "suspended-each-night",
    "U0 D28000 R28800 ?28801 D28805 C28806 U28812 R50400 ?50401 U50404 U86000",
    "d28000 r28812" },
  { "suspended-and-the-network-comes-late", "R10 ?11 D14 C20 U24 U40000 R50000 D50001 U50040",
    "d50015 r50040" },
  { "agent-restarts-each-hour",
    "U0 ?3600 U3603 ?7200 U7202 ?10800 U10804 ?14400 U14401 ?18000 U18003 U86000", "" },
  { "connected-in-the-morning-and-not-at-night", "a100 c101 u108 U109 u70000 a70002 A70003",
    "" },
  { "switched-ten-times",
    "a5 c6 u9 U10 u100 d101 c102 u104 U105 u200 d201 c202 u204 U205 u300 d301 c302 U305 u400 "
    "d401 "
    "c402 U405 U86000",
    "" },
  { "server-restarts-twice", "U0 D20000 C20030 U20034 D60000 C60030 U60032 U86000",
    "d20000 r20034 d60000 r60032" },
  { "bad-evening",
    "U0 D70000 U70030 D70060 U70090 D70120 U70150 D70180 U70200 D70260 U70290 D70350 U70380 "
    "D70400 U70430 D70500 U70530 U86000",
    "d70000 r70030 d70060 r70090 f70120 r70650" },
  { "killswitch-reloaded-by-hand", "U0 L40000 U40001 U86000", "" },
  { "killswitch-flushed-once", "U0 X40000 L40000.3 U40001 U86000", "x40000 X40003" },
  { "a-qube-that-tries-to-get-out",
    "U0 U29900 N30000 N30010 N30020 N30100 N30200 U30310 U30620 U59900 N60000 N60001 U60310 "
    "U60620 U86000",
    "c30010 c60001" },
  { "qube-shut-down-at-night", "O0 C28800 U28806 O79200", "" },
};

/* @script with each second later by @offset_s. */
static char *
shift (const char *script, int offset_s)
{
  g_auto (GStrv) events = g_strsplit (script, " ", -1);
  GString *shifted = g_string_new (NULL);

  for (char **event = events; *event != NULL && **event != '\0'; event++)
    g_string_append_printf (shifted, "%s%c%g", shifted->len != 0 ? " " : "", **event,
                            g_ascii_strtod (*event + 1, NULL) + offset_s);
  return g_string_free (shifted, FALSE);
}

static void
test_week (gconstpointer data)
{
  size_t i = GPOINTER_TO_SIZE (data);
  World world;

  world_init (&world);
  for (int day = 0; day < 7; day++) {
    g_autofree char *history = shift (weeks[i].day, day * DAY_S);
    g_autofree char *said = shift (weeks[i].said, day * DAY_S);

    g_string_truncate (world.said, 0);
    play (&world, history);
    g_assert_cmpstr (world.said->str, ==, said);
    /* what stays is what its daemon takes away after some seconds: good news, and low ones */
    for (unsigned topic = 0; topic < SYSVPN_N_TOPICS; topic++)
      g_assert_true (!world.is_shown[topic] || topic == SYSVPN_TOPIC_DROPS ||
                     (topic == SYSVPN_TOPIC_TUNNEL && world.policy.was_good));
  }
  world_clear (&world);
}

/* Two qubes have nothing to do with each other: what is said of one is the same whatever the
 * other does. */
static void
test_two_qubes (void)
{
  World calm, wild;

  world_init (&calm);
  world_init (&wild);
  play (&calm, "U0 D10");
  play (&wild, "U0 X3 D10 U12 D14 U16 D18");
  play (&calm, "U40");
  g_assert_cmpstr (calm.said->str, ==, "d10 r40");
  g_assert_cmpstr (wild.said->str, ==, "x3 d10 r12 X13 d14 r16 f18");
  world_clear (&calm);
  world_clear (&wild);
}

/* A qube that does its worst for an hour, ten changes a second or one in ten: at most one alarm
 * of each kind a minute, and for the rest a notice in half a minute. */
static void
test_spam (void)
{
  static const char *const letters[] = { "UD",   "UDA", "UDACGL?", "UDACGXY?L", "XU",
                                         "XUDA", "UN",  "PQ",      "PQXD" };

  for (size_t i = 0; i < G_N_ELEMENTS (letters); i++)
    for (int gap_ms = 200; gap_ms <= 20000; gap_ms *= 10) {
      World world;
      unsigned broken, leaks, others, s;

      world_init (&world);
      play_at_random (&world, 7200000 / (unsigned) gap_ms, gap_ms, letters[i]);
      s = (unsigned) ((world.scene.now_ms - START_MS) / S);
      broken = world.n_said[SYSVPN_NOTICE_EXPOSED];
      leaks = world.n_said[SYSVPN_NOTICE_LEAK];
      others = total (&world) - broken - leaks;
      g_test_message ("%s by %d ms: %u and %u alarms, %u others in %u s", letters[i], gap_ms,
                      broken, leaks, others, s);
      g_assert_cmpuint (broken, <=, s / 60 + 2);
      g_assert_cmpuint (leaks, <=, s / 60 + 2);
      g_assert_cmpuint (others, <=, s / 30 + 6);
      world_clear (&world);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (histories); i++) {
    g_autofree char *path = g_strconcat ("/notification-policy/", histories[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_history);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (weeks); i++) {
    g_autofree char *path = g_strconcat ("/notification-policy/week/", weeks[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_week);
  }
  g_test_add_func ("/notification-policy/two-qubes", test_two_qubes);
  g_test_add_func ("/notification-policy/outage", test_outage);
  g_test_add_func ("/notification-policy/topics", test_topics);
  g_test_add_func ("/notification-policy/a-week-at-random", test_random_week);
  g_test_add_func ("/notification-policy/a-qube-that-spams", test_spam);
  return g_test_run ();
}

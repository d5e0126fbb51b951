/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the counters of a tunnel say, sample by sample. */
#include "agent/liveness.h"

enum { STEPS_MAX = 8, WALL_S = 1764100000 /* the wall clock at 0 s */ };

#define TRAFFIC SYSVPN_CAUSE_NO_TRAFFIC
#define HANDSHAKE SYSVPN_CAUSE_NO_HANDSHAKE

static const struct LivenessCase {
  const char *name;
  struct {
    int at_s;
    uint64_t rx;
    uint64_t tx;
    SysvpnCause trouble; /* afterwards; 0 stands for NONE */
  } steps[STEPS_MAX];    /* ends with at_s 0 */
} cases[] = {
  { "idle", { { 10, 5, 5 }, { 20, 5, 5 }, { 3600, 5, 5 } } },
  { "traffic-both-ways", { { 10, 5, 5 }, { 20, 500, 500 }, { 40, 900, 900 } } },
  { "receiving-alone", { { 10, 5, 5 }, { 20, 500, 5 }, { 40, 900, 5 } } },
  { "sent-and-nothing-back", { { 10, 5, 5 }, { 20, 5, 500 }, { 40, 5, 900, TRAFFIC } } },
  { "at-the-bound", { { 10, 5, 5 }, { 20, 5, 500 }, { 35, 5, 900, TRAFFIC } } },
  { "just-below-the-bound", { { 10, 5, 5 }, { 20, 5, 500 }, { 34, 5, 900 } } },
  { "sent-once-alone", { { 10, 5, 5 }, { 20, 5, 500 }, { 40, 5, 500 }, { 60, 5, 500 } } },
  { "sent-with-a-pause", /* as a connection does that tries again after 1, 2, 4, 8 ... s */
    { { 10, 5, 5 }, { 20, 5, 500 }, { 30, 5, 500 }, { 40, 5, 900, TRAFFIC } } },
  { "sent-long-ago-and-again", /* one lost packet an hour is no evidence */
    { { 10, 5, 5 }, { 20, 5, 500 }, { 3600, 5, 900 }, { 3610, 5, 900 } } },
  { "sent-long-ago-and-dead-now",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 3600, 5, 900 }, { 3615, 5, 1400, TRAFFIC } } },
  { "sent-after-the-longest-pause-that-counts",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 80, 5, 900, TRAFFIC } } },
  { "sent-after-a-pause-too-long", { { 10, 5, 5 }, { 20, 5, 500 }, { 81, 5, 900 } } },
  { "too-little-to-count", { { 10, 5, 5 }, { 20, 5, 68 }, { 40, 5, 131 }, { 60, 5, 194 } } },
  { "enough-to-count", { { 10, 5, 5 }, { 20, 5, 69 }, { 40, 5, 133, TRAFFIC } } },
  { "received-after-all",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 34, 6, 900 }, { 40, 6, 1400 }, { 54, 6, 1900 } } },
  { "back-at-once",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 40, 5, 900, TRAFFIC }, { 41, 6, 900 }, { 60, 6, 900 } } },
  { "stays-dead-while-idle",
    { { 10, 5, 5 },
      { 20, 5, 500 },
      { 40, 5, 900, TRAFFIC },
      { 50, 5, 900, TRAFFIC },
      { 3600, 5, 900, TRAFFIC },
      { 7200, 5, 1400, TRAFFIC } } },
  { "first-sample-is-no-evidence", { { 100, 0, 100000 }, { 115, 0, 200000 } } },
  { "counters-begin-again", { { 10, 5000, 5000 }, { 20, 5, 5 }, { 40, 5, 5 } } },
};

static void
test_samples (gconstpointer data)
{
  const struct LivenessCase *c = data;
  SysvpnLiveness liveness = { 0 };

  for (size_t i = 0; i < STEPS_MAX && c->steps[i].at_s != 0; i++) {
    const SysvpnLivenessSample sample = { .rx_bytes = c->steps[i].rx,
                                          .tx_bytes = c->steps[i].tx };

    sysvpn_liveness_sample (&liveness, &sample, (int64_t) c->steps[i].at_s * G_USEC_PER_SEC);
    g_test_message ("at %d s", c->steps[i].at_s);
    g_assert_cmpint (liveness.trouble, ==,
                     c->steps[i].trouble != 0 ? c->steps[i].trouble : SYSVPN_CAUSE_NONE);
    g_assert_cmpint (sysvpn_liveness_is_dead (&liveness), ==, c->steps[i].trouble != 0);
  }
}

/* WireGuard: the handshake's age counts too. */
static const struct HandshakeCase {
  const char *name;
  struct {
    int at_s;
    uint64_t rx;
    uint64_t tx;
    int handshake_at_s; /* 0: none yet */
    SysvpnCause trouble;
  } steps[STEPS_MAX];
} handshake_cases[] = {
  { "old-and-idle", { { 300, 5, 5, 100 }, { 3600, 5, 5, 100 } } },
  { "old-and-sent-once", { { 300, 5, 5, 100 }, { 310, 5, 500, 100 }, { 320, 5, 500, 100 } } },
  { "old-and-asked-for-twice",
    { { 300, 5, 5, 100 }, { 310, 5, 500, 100 }, { 315, 5, 900, 100, HANDSHAKE } } },
  { "old-and-one-retry-not-over",
    { { 300, 5, 5, 100 }, { 310, 5, 500, 100 }, { 314, 5, 900, 100 } } },
  { "at-the-age", { { 270, 5, 5, 100 }, { 275, 5, 500, 100 }, { 280, 5, 900, 100 } } },
  { "above-the-age",
    { { 270, 5, 5, 100 }, { 276, 5, 500, 100 }, { 281, 5, 900, 100, HANDSHAKE } } },
  { "young-and-nothing-back",
    { { 110, 5, 5, 100 },
      { 120, 5, 500, 100 },
      { 134, 5, 900, 100 },
      { 135, 5, 1400, 100, TRAFFIC } } },
  { "keeps-the-first-reason",
    { { 110, 5, 5, 100 },
      { 120, 5, 500, 100 },
      { 135, 5, 1400, 100, TRAFFIC },
      { 300, 5, 1900, 100, TRAFFIC },
      { 305, 5, 2400, 100, TRAFFIC } } },
  { "back-by-a-handshake",
    { { 300, 5, 5, 100 },
      { 310, 5, 500, 100 },
      { 315, 5, 900, 100, HANDSHAKE },
      { 320, 97, 900, 319 },
      { 330, 97, 900, 319 } } },
  { "none-yet", { { 10, 0, 0 }, { 15, 0, 148 }, { 20, 0, 296, 0, HANDSHAKE } } },
  { "none-yet-and-idle", { { 10, 0, 0 }, { 3600, 0, 0 } } },
};

static void
test_handshakes (gconstpointer data)
{
  const struct HandshakeCase *c = data;
  SysvpnLiveness liveness = { 0 };

  for (size_t i = 0; i < STEPS_MAX && c->steps[i].at_s != 0; i++) {
    int at_s = c->steps[i].handshake_at_s;
    const SysvpnLivenessSample sample = { .rx_bytes = c->steps[i].rx,
                                          .tx_bytes = c->steps[i].tx,
                                          .has_handshakes = true,
                                          .handshake_s = at_s != 0 ? WALL_S + at_s : 0,
                                          .wall_s = WALL_S + c->steps[i].at_s };

    sysvpn_liveness_sample (&liveness, &sample, (int64_t) c->steps[i].at_s * G_USEC_PER_SEC);
    g_test_message ("at %d s", c->steps[i].at_s);
    g_assert_cmpint (liveness.trouble, ==,
                     c->steps[i].trouble != 0 ? c->steps[i].trouble : SYSVPN_CAUSE_NONE);
    g_assert_cmpint (liveness.handshake_at_us, ==, (int64_t) at_s * G_USEC_PER_SEC);
    /* WireGuard's peer answers by itself: nobody need be asked */
    g_assert_false (sysvpn_liveness_is_doubtful (&liveness));
  }
}

/* The wall clock is set while a tunnel is up, by hours, in both directions. */
static void
test_wall_clock (void)
{
  static const struct {
    int at_s;
    int wall_s;
    int handshake_wall_s;
    int handshake_at_s; /* expected */
  } steps[] = {
    { 100, 100, 90, 90 },
    { 110, 7310, 90, 90 },      /* set forward: the old one is as old as it was */
    { 120, 7320, 7315, 115 },   /* a new one, by the new clock */
    { 130, -3000, 7315, 115 },  /* set back */
    { 140, -2990, 7339, 140 },  /* one in the future: new since the last sample at least */
    { 150, 20000, -2985, 140 }, /* one from long ago: it was not there then */
  };
  SysvpnLiveness liveness = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++) {
    const SysvpnLivenessSample sample = { .has_handshakes = true,
                                          .handshake_s = WALL_S + steps[i].handshake_wall_s,
                                          .wall_s = WALL_S + steps[i].wall_s };

    sysvpn_liveness_sample (&liveness, &sample, (int64_t) steps[i].at_s * G_USEC_PER_SEC);
    g_test_message ("step %zu", i);
    g_assert_cmpint (liveness.handshake_at_us, ==,
                     (int64_t) steps[i].handshake_at_s * G_USEC_PER_SEC);
  }
}

/* The probe was asked at 100 s and failed at 110 s; what samples showed meanwhile decides. */
static void
test_probe (gconstpointer data)
{
  static const struct ProbeCase {
    uint64_t rx[3]; /* at 99, 105, 110 s */
    uint64_t tx[3];
    SysvpnCause trouble;
  } rows[] = {
    { { 5, 5, 5 }, { 5, 500, 500 }, TRAFFIC },               /* sent, nothing came back */
    { { 5, 5, 5 }, { 5, 5, 500 }, TRAFFIC },                 /* the same, seen late */
    { { 5, 5, 5 }, { 5, 5, 5 }, SYSVPN_CAUSE_NONE },         /* no probe: it sent nothing */
    { { 5, 900, 900 }, { 5, 500, 900 }, SYSVPN_CAUSE_NONE }, /* refused, or others' replies */
    { { 5, 5, 900 }, { 5, 500, 900 }, SYSVPN_CAUSE_NONE },
  };
  static const int at_s[] = { 99, 105, 110 };
  const struct ProbeCase *c = &rows[GPOINTER_TO_SIZE (data)];
  SysvpnLiveness liveness = { 0 };

  g_assert_cmpuint (GPOINTER_TO_SIZE (data), <, G_N_ELEMENTS (rows));
  for (size_t i = 0; i < G_N_ELEMENTS (at_s); i++)
    sysvpn_liveness_sample (
        &liveness, &(SysvpnLivenessSample){ .rx_bytes = c->rx[i], .tx_bytes = c->tx[i] },
        (int64_t) at_s[i] * G_USEC_PER_SEC);
  sysvpn_liveness_probe_failed (&liveness, (int64_t) 100 * G_USEC_PER_SEC);
  g_assert_cmpint (liveness.trouble, ==, c->trouble);
}

enum { N_PROBE_CASES = 5 };

/* What is asked for, and when: soon while something is sent or amiss, seldom while idle. */
static void
test_pace (void)
{
  static const struct {
    int at_s;
    uint64_t rx;
    uint64_t tx;
    int next_s;
    bool is_doubtful;
  } steps[] = {
    { 10, 5, 5, 20 },
    { 20, 5, 5, 30 },
    { 30, 500, 500, 35 },
    { 35, 500, 500, 45 },
    { 45, 500, 900, 50, true },
    { 50, 500, 900, 55, true },
    { 60, 500, 1400, 65 },
    { 65, 500, 1400, 70 },
    { 70, 900, 1400, 80 },
    { 80, 900, 1900, 85, true }, /* a packet that nobody answers, and then none */
    { 140, 900, 1900, 145, true },
    { 141, 900, 1900, 151 },
  };
  SysvpnLiveness liveness = { 0 };

  g_assert_cmpint (sysvpn_liveness_next_sample_at (&liveness), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++) {
    sysvpn_liveness_sample (
        &liveness, &(SysvpnLivenessSample){ .rx_bytes = steps[i].rx, .tx_bytes = steps[i].tx },
        (int64_t) steps[i].at_s * G_USEC_PER_SEC);
    g_test_message ("at %d s", steps[i].at_s);
    g_assert_cmpint (sysvpn_liveness_next_sample_at (&liveness), ==,
                     (int64_t) steps[i].next_s * G_USEC_PER_SEC);
    g_assert_cmpint (sysvpn_liveness_is_doubtful (&liveness), ==, steps[i].is_doubtful);
  }
}

/* Under traffic, sampled as it asks to be, at whatever moment between two samples the peer
 * dies: found within 30 seconds, and not while anything still comes back. */
static void
test_dead_within_30_s (void)
{
  for (int dies_at_s = 21; dies_at_s <= 40; dies_at_s++) {
    SysvpnLiveness liveness = { 0 };

    for (int at_s = 1; !sysvpn_liveness_is_dead (&liveness); at_s++) {
      const SysvpnLivenessSample sample = { .rx_bytes = (uint64_t) MIN (at_s, dies_at_s) * 100,
                                            .tx_bytes = (uint64_t) at_s * 100 };

      if ((int64_t) at_s * G_USEC_PER_SEC < sysvpn_liveness_next_sample_at (&liveness))
        continue;
      sysvpn_liveness_sample (&liveness, &sample, (int64_t) at_s * G_USEC_PER_SEC);
      g_assert_cmpint (at_s, <=, dies_at_s + 30);
      if (sysvpn_liveness_is_dead (&liveness))
        g_assert_cmpint (at_s, >=, dies_at_s + SYSVPN_LIVENESS_DEAD_AFTER_S);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/liveness/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_samples);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (handshake_cases); i++) {
    g_autofree char *path = g_strconcat ("/liveness/handshake/", handshake_cases[i].name, NULL);

    g_test_add_data_func (path, &handshake_cases[i], test_handshakes);
  }
  for (size_t i = 0; i < N_PROBE_CASES; i++) {
    g_autofree char *path = g_strdup_printf ("/liveness/probe-failed/%zu", i);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_probe);
  }
  g_test_add_func ("/liveness/wall-clock-is-set", test_wall_clock);
  g_test_add_func ("/liveness/pace", test_pace);
  g_test_add_func ("/liveness/dead-within-30-s-of-traffic", test_dead_within_30_s);
  return g_test_run ();
}

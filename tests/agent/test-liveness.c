/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the counters of a tunnel device say, sample by sample. */
#include "agent/liveness.h"

enum { STEPS_MAX = 8 };

static const struct LivenessCase {
  const char *name;
  struct {
    int at_s;
    uint64_t rx;
    uint64_t tx;
    bool dead;        /* afterwards */
  } steps[STEPS_MAX]; /* ends with at_s 0 */
} cases[] = {
  { "idle", { { 10, 5, 5 }, { 20, 5, 5 }, { 3600, 5, 5 } } },
  { "traffic-both-ways", { { 10, 5, 5 }, { 20, 500, 500 }, { 40, 900, 900 } } },
  { "receiving-alone", { { 10, 5, 5 }, { 20, 500, 5 }, { 40, 900, 5 } } },
  { "sent-and-nothing-back", { { 10, 5, 5 }, { 20, 5, 500 }, { 30, 5, 900, true } } },
  { "at-the-bound", { { 10, 5, 5 }, { 20, 5, 500 }, { 25, 5, 900, true } } },
  { "just-below-the-bound", { { 10, 5, 5 }, { 20, 5, 500 }, { 24, 5, 900 } } },
  { "counted-from-the-sample-before", { { 10, 5, 5 }, { 12, 5, 500 }, { 24, 5, 900 } } },
  { "counted-from-the-sample-before-at-the-bound",
    { { 10, 5, 5 }, { 12, 5, 500 }, { 25, 5, 900, true } } },
  { "counted-from-ten-seconds-before-at-most", /* samples were missed: the qube slept */
    { { 10, 5, 5 }, { 1000, 5, 500 }, { 1004, 5, 900 }, { 1005, 5, 1400, true } } },
  { "sent-once-alone", { { 10, 5, 5 }, { 20, 5, 500 }, { 40, 5, 500 }, { 60, 5, 500 } } },
  { "sent-with-a-pause", /* as a connection does that tries again after 1, 2, 4, 8 ... s */
    { { 10, 5, 5 }, { 20, 5, 500 }, { 30, 5, 500 }, { 40, 5, 900, true } } },
  { "sent-long-ago-and-again", /* one lost packet an hour is no evidence */
    { { 10, 5, 5 }, { 20, 5, 500 }, { 3600, 5, 900 }, { 3610, 5, 900 } } },
  { "sent-long-ago-and-dead-now",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 3600, 5, 900 }, { 3610, 5, 1400, true } } },
  { "sent-after-the-longest-pause-that-counts",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 80, 5, 900, true } } },
  { "sent-after-a-pause-too-long", { { 10, 5, 5 }, { 20, 5, 500 }, { 81, 5, 900 } } },
  { "too-little-to-count", { { 10, 5, 5 }, { 20, 5, 68 }, { 40, 5, 131 }, { 60, 5, 194 } } },
  { "enough-to-count", { { 10, 5, 5 }, { 20, 5, 69 }, { 40, 5, 133, true } } },
  { "received-after-all",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 24, 6, 900 }, { 30, 6, 1400 }, { 38, 6, 1900 } } },
  { "back-at-once",
    { { 10, 5, 5 }, { 20, 5, 500 }, { 40, 5, 900, true }, { 50, 6, 1400 }, { 60, 6, 1400 } } },
  { "stays-dead-while-idle",
    { { 10, 5, 5 },
      { 20, 5, 500 },
      { 40, 5, 900, true },
      { 50, 5, 900, true },
      { 3600, 5, 900, true } } },
  { "first-sample-is-no-evidence", { { 100, 0, 100000 }, { 110, 0, 200000 } } },
  { "counters-begin-again", { { 10, 5000, 5000 }, { 20, 5, 5 }, { 40, 5, 5 } } },
};

static void
test_samples (gconstpointer data)
{
  const struct LivenessCase *c = data;
  SysvpnLiveness liveness = { 0 };

  for (size_t i = 0; i < STEPS_MAX && c->steps[i].at_s != 0; i++) {
    sysvpn_liveness_sample (&liveness, c->steps[i].rx, c->steps[i].tx,
                            (int64_t) c->steps[i].at_s * G_USEC_PER_SEC);
    g_test_message ("at %d s", c->steps[i].at_s);
    g_assert_cmpint (liveness.dead, ==, c->steps[i].dead);
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
  return g_test_run ();
}

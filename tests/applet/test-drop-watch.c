/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "applet/drop-watch.h"

enum { THRESHOLD = 100, NOT_SEEN = -1, PAUSE = -2, N_CLIENTS = 2 };

/* What the counters of two clients are when, and of whom is told. */
typedef struct {
  int at_s;
  int packets[N_CLIENTS]; /* NOT_SEEN: not in the report; PAUSE as the first: no report */
  int told;               /* of which client; -1: of none */
  int told_packets;
} Step;

static const struct {
  const char *name;
  Step steps[8];
} cases[] = {
  { "one-below", { { 0, { 0, NOT_SEEN }, -1 }, { 10, { 99, NOT_SEEN }, -1 } } },
  { "exactly", { { 0, { 0, NOT_SEEN }, -1 }, { 10, { 100, NOT_SEEN }, 0, 100 } } },
  { "what-was-before-does-not-count",
    { { 0, { 5000, NOT_SEEN }, -1 }, { 10, { 5099, NOT_SEEN }, -1 } } },
  { "a-new-client-starts-at-nothing",
    { { 0, { NOT_SEEN, NOT_SEEN }, -1 }, { 10, { NOT_SEEN, 200 }, 1, 200 } } },
  { "the-worst-of-two", { { 0, { 0, 0 }, -1 }, { 10, { 150, 300 }, 1, 300 } } },
  { "the-other-not-before-its-time",
    { { 1, { 0, 0 }, -1 },
      { 10, { 150, 300 }, 1, 300 },
      { 20, { 200, 300 }, -1 },
      { 309, { 400, 300 }, -1 },
      { 310, { 500, 300 }, 0, 100 } } },
  { "a-counter-that-began-anew",
    { { 0, { 5000, NOT_SEEN }, -1 },
      { 10, { 20, NOT_SEEN }, -1 },
      { 20, { 120, NOT_SEEN }, 0, 120 } } },
  { "a-pause-forgets-what-was-counted",
    { { 0, { 0, NOT_SEEN }, -1 },
      { 10, { 99, NOT_SEEN }, -1 },
      { 20, { PAUSE }, -1 },
      { 30, { 500, NOT_SEEN }, -1 },
      { 40, { 599, NOT_SEEN }, -1 },
      { 50, { 600, NOT_SEEN }, 0, 100 } } },
  { "a-pause-does-not-make-it-new",
    { { 1, { 0, NOT_SEEN }, -1 },
      { 10, { 100, NOT_SEEN }, 0, 100 },
      { 301, { 100, NOT_SEEN }, -1 },
      { 320, { PAUSE }, -1 },
      { 330, { 150, NOT_SEEN }, -1 },
      { 340, { 260, NOT_SEEN }, -1 } } },
  { "the-time-ends",
    { { 1, { 0, NOT_SEEN }, -1 },
      { 290, { 60, NOT_SEEN }, -1 },
      { 301, { 90, NOT_SEEN }, -1 },
      { 310, { 160, NOT_SEEN }, -1 },
      { 320, { 190, NOT_SEEN }, 0, 100 } } },
};

static SysvpnStatus
make_report (const int packets[static N_CLIENTS])
{
  static const char *const addresses[N_CLIENTS] = { "10.137.0.20", "fd09:24ef:4179::a89:15" };
  SysvpnStatus report;

  sysvpn_status_init (&report);
  for (size_t i = 0; i < N_CLIENTS; i++) {
    SysvpnClient *client = &report.clients[report.n_clients];

    if (packets[i] == NOT_SEEN)
      continue;
    g_strlcpy (client->address, addresses[i], sizeof client->address);
    client->packets = (uint64_t) packets[i];
    report.n_clients++;
  }
  return report;
}

static void
test_case (gconstpointer data)
{
  const Step *steps = data;
  SysvpnDropWatch watch = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (cases[0].steps); i++) {
    const Step *step = &steps[i];
    SysvpnStatus report;
    char address[SYSVPN_ADDRESS_MAX + 1] = "untouched";
    uint64_t packets = 1;
    bool told;

    if (i > 0 && step->at_s == 0)
      return; /* the rest of the table is not filled */
    if (step->packets[0] == PAUSE) {
      sysvpn_drop_watch_pause (&watch);
      continue;
    }
    report = make_report (step->packets);
    told = sysvpn_drop_watch_see (&watch, &report, THRESHOLD, (step->at_s + 1) * 1000, address,
                                  &packets);
    g_assert_cmpint (told, ==, step->told >= 0);
    g_assert_cmpstr (address, ==,
                     !told             ? "untouched"
                     : step->told == 0 ? "10.137.0.20"
                                       : "fd09:24ef:4179::a89:15");
    g_assert_cmpuint (packets, ==, told ? (uint64_t) step->told_packets : 1);
  }
}

/* A list that is full may have held a client back: it is not new when it comes. */
static void
test_full (void)
{
  SysvpnDropWatch watch = { 0 };
  SysvpnStatus report;
  char address[SYSVPN_ADDRESS_MAX + 1];
  uint64_t packets;

  sysvpn_status_init (&report);
  for (report.n_clients = 0; report.n_clients < SYSVPN_STATUS_CLIENTS_MAX; report.n_clients++)
    g_snprintf (report.clients[report.n_clients].address, sizeof report.clients[0].address,
                "10.137.0.%u", (unsigned) report.n_clients);
  g_assert_false (sysvpn_drop_watch_see (&watch, &report, THRESHOLD, 1000, address, &packets));
  g_strlcpy (report.clients[0].address, "10.137.0.200", sizeof report.clients[0].address);
  report.clients[0].packets = 100000;
  g_assert_false (sysvpn_drop_watch_see (&watch, &report, THRESHOLD, 2000, address, &packets));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/drop-watch/", cases[i].name, NULL);

    g_test_add_data_func (path, cases[i].steps, test_case);
  }
  g_test_add_func ("/drop-watch/full-list", test_full);
  return g_test_run ();
}

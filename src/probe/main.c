/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-egress-probe: answers one question for the egress address on its standard input and
 * output, which systemd makes a connection of /run/sysvpn/probe.socket, and ends. The only
 * program of sysvpn that speaks to the internet, so it has nothing to lose: no capability, no
 * secret, no file to write. */
#include "probe/config.h"
#include "probe/confine.h"
#include "probe/failure.h"
#include "probe/fetch.h"
#include "probe/question.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LAST_RESORT_S = 25 };
static_assert (SYSVPN_REQUEST_TIMEOUT_S + SYSVPN_ECHO_TIMEOUT_MAX_S < LAST_RESORT_S,
               "the alarm comes after everything that has a deadline of its own");

/* The user's own file wins over the package's; one that is there but bad is never passed over,
 * for then the question would go to a service that the user took out. */
static SysvpnProbeConfig *
load_config (const char *root, GError **error)
{
  static const char *const paths[] = { "rw/config/vpn/egress.conf", "etc/sysvpn/egress.conf" };
  g_autofree char *text = NULL;
  size_t len = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *path = g_build_filename (root, paths[i], NULL);
    g_autoptr (GError) failure = NULL;

    if (g_file_get_contents (path, &text, &len, &failure))
      return sysvpn_probe_config_parse (text, len, error);
    if (!g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      break;
  }
  g_set_error_literal (error, SYSVPN_PROBE_FAILURE, SYSVPN_PROBE_FAILURE_NO_SERVICE,
                       "expected a readable egress.conf");
  return NULL;
}

static bool
read_question (SysvpnQuestion *ret_question, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) SYSVPN_REQUEST_TIMEOUT_S * G_USEC_PER_SEC;
  char bytes[SYSVPN_REQUEST_MAX];
  size_t len = 0;

  while (len < sizeof bytes && !sysvpn_question_is_whole (bytes, len)) {
    struct pollfd stdin_poll = { .fd = STDIN_FILENO, .events = POLLIN };
    int left_ms = (int) ((end_us - g_get_monotonic_time ()) / 1000);
    ssize_t n;

    if (left_ms <= 0 || poll (&stdin_poll, 1, left_ms) <= 0)
      break;
    n = read (STDIN_FILENO, bytes + len, sizeof bytes - len);
    if (n <= 0)
      break;
    len += (size_t) n;
  }
  /* cut off by time, by its end or by its size, it is not whole, and refused as such */
  return sysvpn_question_parse (bytes, len, ret_question, error);
}

static bool
find_address (const char *root, char ret_address[static INET6_ADDRSTRLEN], GError **error)
{
  SysvpnQuestion question;
  g_autoptr (SysvpnProbeConfig) config = NULL;

  if (!read_question (&question, error))
    return false;
  config = load_config (root, error);
  return config != NULL && sysvpn_fetch_egress_address (config, &question, ret_address, error);
}

int
main (int argc, char **argv)
{
  bool has_root = argc == 3 && g_str_equal (argv[1], "--root");
  char address[INET6_ADDRSTRLEN];
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  bool found;

  if (argc != 1 && !has_root) {
    fputs ("usage: sysvpn-egress-probe [--root DIR] < QUESTION\n", stderr);
    return EXIT_FAILURE;
  }
  if (getuid () == 0 || geteuid () == 0) {
    fputs ("expected an ordinary user: run me through sysvpn-egress-probe.socket\n", stderr);
    return EXIT_FAILURE;
  }
  if (!sysvpn_confine (LAST_RESORT_S) || curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    fputs ("cannot limit myself, or libcurl cannot start\n", stderr);
    return EXIT_FAILURE;
  }

  found = find_address (has_root ? argv[2] : "/", address, &error);
  if (!found)
    fprintf (stderr, "%s\n", error->message);
  answer = sysvpn_question_answer (found ? address : NULL, error);
  if (write (STDOUT_FILENO, answer, strlen (answer)) < 0) {
    /* the agent hung up; there is nobody left to tell */
  }
  return EXIT_SUCCESS;
}

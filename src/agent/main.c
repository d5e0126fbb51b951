/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysvpn-agent: arguments, sockets, signals. */
#include "agent/agent.h"
#include "agent/recent-log.h"
#include "agent/service-socket.h"
#include "base/parse-number.h"

#include <glib-unix.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

static char *socket_path;
static char *root = NULL;
static char **allow_uids;
static gboolean show_version;
static gboolean verbose;

static const GOptionEntry options[] = {
  { "socket", 0, 0, G_OPTION_ARG_FILENAME, &socket_path,
    "Listen on PATH instead of the sockets that systemd passes", "PATH" },
  { "allow-uid", 0, 0, G_OPTION_ARG_STRING_ARRAY, &allow_uids,
    "Let a user besides root call; for development", "UID" },
  { "root", 0, 0, G_OPTION_ARG_FILENAME, &root, "Use the files below DIR; for tests", "DIR" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Log every decision", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Print the version", NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static gboolean
on_stop (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static bool
read_uids (GArray *uids)
{
  for (unsigned i = 0; allow_uids != NULL && allow_uids[i] != NULL; i++) {
    uint64_t uid;

    if (!sysvpn_parse_u64 (allow_uids[i], G_MAXUINT32 - 1, &uid)) {
      fprintf (stderr, "sysvpn-agent: --allow-uid wants a number\n");
      return false;
    }
    g_array_append_vals (uids, &(uid_t){ (uid_t) uid }, 1);
  }
  return true;
}

static SysvpnCallers *
read_callers (void)
{
  g_autofree char *path = g_build_filename (root, "etc/sysvpn/callers", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  SysvpnCallers *callers;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    text = g_strdup (""); /* dom0 alone, as everywhere but behind a GUI domain */
  callers = sysvpn_callers_parse (text, &error);
  if (callers == NULL)
    fprintf (stderr, "sysvpn-agent: %s: %s\n", path, error->message);
  return callers;
}

/* Either our own socket or the ones that systemd holds for us. */
static bool
listen_on_sockets (SysvpnAgent *agent, const GArray *uids)
{
  g_autoptr (GError) error = NULL;
  int n_passed = sd_listen_fds (1);

  if (socket_path != NULL) {
    int fd = sysvpn_service_socket_listen (socket_path, &error);

    if (fd < 0) {
      fprintf (stderr, "sysvpn-agent: %s\n", error->message);
      return false;
    }
    sysvpn_agent_serve (agent, fd, uids);
    return true;
  }
  for (int i = 0; i < n_passed; i++)
    sysvpn_agent_serve (agent, SD_LISTEN_FDS_START + i, uids);
  if (n_passed < 1)
    fprintf (stderr, "sysvpn-agent: systemd passed no socket: start sysvpn-agent.socket, or "
                     "name one with --socket PATH\n");
  return n_passed > 0;
}

static int
run (void)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (uid_t));
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SysvpnAgent) agent = NULL;
  SysvpnCallers *callers = read_callers ();

  if (callers == NULL || !read_uids (uids)) {
    g_clear_pointer (&callers, sysvpn_callers_free);
    return EXIT_FAILURE;
  }
  agent = sysvpn_agent_new (root, callers);
  if (!listen_on_sockets (agent, uids))
    return EXIT_FAILURE;
  g_unix_signal_add (SIGTERM, on_stop, loop);
  g_unix_signal_add (SIGINT, on_stop, loop);
  sd_notify (0, "READY=1");
  g_main_loop_run (loop);
  sd_notify (0, "STOPPING=1");
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  sysvpn_recent_log_install ();
  g_option_context_set_summary (
      context,
      "Watches and controls the VPN tunnel of this qube; dom0 calls it through qrexec.");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 1) {
    fprintf (stderr, "sysvpn-agent: %s\n",
             error != NULL ? error->message : "too many arguments");
    return EXIT_FAILURE;
  }
  if (show_version) {
    puts ("sysvpn-agent " SYSVPN_VERSION);
    return EXIT_SUCCESS;
  }
  if (root == NULL)
    root = g_strdup ("/");
  if (verbose) /* ours only: GLib's own would bury them */
    g_setenv ("G_MESSAGES_DEBUG", "sysvpn-agent sysvpn-killswitch", TRUE);
  return run ();
}

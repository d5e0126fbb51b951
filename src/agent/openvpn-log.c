/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows OpenVPN's log while a tunnel comes up. The journal is not the agent's to read: a unit
 * of ours has a journalctl hand out the lines of that one program, and ends with the
 * connection. Where it is not there the cause stays what NetworkManager says. */
#include "agent/openvpn-log.h"

#include "agent/openvpn-words.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#define SOCKET "run/sysvpn/openvpn-log.socket"

enum {
  LINE_MAX_BYTES = 1024, /* more of a line tells nothing */
  TOTAL_MAX_BYTES = 1 << 20,
};

struct SysvpnOpenvpnLog {
  char *path;
  GCancellable *following; /* NULL: not */
  SysvpnCause cause;
  int64_t since_us; /* of the clock on the wall, as the journal's */
};

/* One connection. It outlives the log that began it until its last callback. */
typedef struct {
  SysvpnOpenvpnLog *log; /* not to be touched once cancelled */
  GCancellable *cancellable;
  GSocketConnection *connection;
  char line[LINE_MAX_BYTES + 1];
  size_t length;
  size_t total;
  char bytes[4096];
} Reading;

static void read_more (Reading *reading);

static void
reading_free (Reading *reading)
{
  g_clear_object (&reading->connection);
  g_object_unref (reading->cancellable);
  g_free (reading);
}

static void
take_line (Reading *reading)
{
  SysvpnCause cause = SYSVPN_CAUSE_NONE;
  const char *text;

  reading->line[reading->length] = '\0';
  reading->length = 0;
  text = sysvpn_openvpn_text_since (reading->line, reading->log->since_us);
  if (text != NULL)
    cause = sysvpn_openvpn_cause_of_text (text);
  if (cause != SYSVPN_CAUSE_NONE)
    reading->log->cause = cause;
}

static void
take_bytes (Reading *reading, size_t n_bytes)
{
  reading->total += n_bytes;
  for (size_t i = 0; i < n_bytes; i++)
    if (reading->bytes[i] == '\n')
      take_line (reading);
    else if (reading->length < LINE_MAX_BYTES)
      reading->line[reading->length++] = reading->bytes[i];
}

static void
on_bytes (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;
  gssize n_bytes = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n_bytes <= 0 || g_cancellable_is_cancelled (reading->cancellable)) {
    reading_free (reading);
    return;
  }
  take_bytes (reading, (size_t) n_bytes);
  if (reading->total < TOTAL_MAX_BYTES)
    read_more (reading);
  else
    reading_free (reading);
}

static void
read_more (Reading *reading)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (reading->connection)),
                             reading->bytes, sizeof reading->bytes, G_PRIORITY_DEFAULT,
                             reading->cancellable, on_bytes, reading);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;
  g_autoptr (GError) error = NULL;

  reading->connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (reading->connection == NULL || g_cancellable_is_cancelled (reading->cancellable)) {
    if (error != NULL)
      g_debug ("OpenVPN's log is not to be had: %s", error->message);
    reading_free (reading);
    return;
  }
  read_more (reading);
}

/**
 * sysvpn_openvpn_log_new:
 * @root: where the file system starts
 *
 * Returns: (transfer full): a log that is not followed
 */
SysvpnOpenvpnLog *
sysvpn_openvpn_log_new (const char *root)
{
  SysvpnOpenvpnLog *log = g_new0 (SysvpnOpenvpnLog, 1);

  log->path = g_build_filename (root, SOCKET, NULL);
  log->cause = SYSVPN_CAUSE_NONE;
  return log;
}

/**
 * sysvpn_openvpn_log_free:
 * @log: (transfer full): a log
 */
void
sysvpn_openvpn_log_free (SysvpnOpenvpnLog *log)
{
  sysvpn_openvpn_log_end (log);
  g_free (log->path);
  g_free (log);
}

/**
 * sysvpn_openvpn_log_begin:
 * @log: a log
 *
 * Follows what is logged from now on; what was known is forgotten.
 */
void
sysvpn_openvpn_log_begin (SysvpnOpenvpnLog *log)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (log->path);
  Reading *reading = g_new0 (Reading, 1);

  sysvpn_openvpn_log_end (log);
  log->cause = SYSVPN_CAUSE_NONE;
  log->since_us = g_get_real_time ();
  log->following = g_cancellable_new ();
  reading->log = log;
  reading->cancellable = g_object_ref (log->following);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), log->following,
                                 on_connected, reading);
}

/**
 * sysvpn_openvpn_log_end:
 * @log: a log
 *
 * What was found out is still known.
 */
void
sysvpn_openvpn_log_end (SysvpnOpenvpnLog *log)
{
  g_cancellable_cancel (log->following);
  g_clear_object (&log->following);
}

/**
 * sysvpn_openvpn_log_get_cause:
 * @log: a log
 *
 * Returns: why there is no tunnel, by what was logged since sysvpn_openvpn_log_begin();
 * %SYSVPN_CAUSE_NONE where that does not tell
 */
SysvpnCause
sysvpn_openvpn_log_get_cause (const SysvpnOpenvpnLog *log)
{
  return log->cause;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request to qubesd and its whole answer, within the time that the method has. */
#include "client/qubesd-call.h"

#include "client/qubesd-stream.h"

#include <glib/gi18n.h>

enum { ANSWER_BYTES_MAX = 1024 * 1024 };

typedef struct {
  SysvpnQubesdStream *stream;
  GByteArray *answer;
  guint timeout_id; /* or that of a cancelled call */
  gulong cancelled_id;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_object (&call->stream);
  g_byte_array_unref (call->answer);
  g_free (call);
}

/* Ends the call, once; the task is let go of here. */
static void
finish (GTask *task, GBytes *data, GError *error)
{
  Call *call = g_task_get_task_data (task);

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (call->stream, task);
  sysvpn_qubesd_stream_close (call->stream);
  if (call->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), call->cancelled_id);
  call->cancelled_id = 0;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, data, (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static void
on_bytes (GTask *task, const char *bytes, guint len)
{
  Call *call = g_task_get_task_data (task);

  if (call->answer->len + len > ANSWER_BYTES_MAX) {
    finish (task, NULL,
            g_error_new_literal (SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_GARBAGE,
                                 _ ("dom0's answer is longer than any")));
    return;
  }
  g_byte_array_append (call->answer, (const guint8 *) bytes, len);
}

static void
on_ended (GTask *task, const GError *reason)
{
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  const char *data = NULL;
  size_t len = 0;

  if (reason != NULL)
    error = g_error_copy (reason);
  else
    sysvpn_qubesd_answer_decode ((const char *) call->answer->data, call->answer->len, &data,
                                 &len, &error);
  finish (task, error == NULL ? g_bytes_new (data, len) : NULL, error);
}

static gboolean
on_timeout (gpointer data)
{
  Call *call = g_task_get_task_data (data);

  call->timeout_id = 0;
  /* GTask itself returns G_IO_ERROR_CANCELLED where that is the reason */
  finish (data, NULL,
          g_error_new_literal (SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_ABSENT,
                               _ ("dom0's qubesd did not answer in time; see journalctl -u "
                                  "qubesd there")));
  return G_SOURCE_REMOVE;
}

static void
set_timeout (GTask *task, unsigned timeout_ms)
{
  Call *call = g_task_get_task_data (task);

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  call->timeout_id = g_timeout_add (timeout_ms, on_timeout, task);
  g_source_set_name_by_id (call->timeout_id, "sysvpn: time limit of a call to qubesd");
}

/* Not from within g_cancellable_cancel(), where the handler cannot be disconnected. */
static void
on_cancel (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  set_timeout (data, 0);
}

/**
 * sysvpn_qubesd_call_async:
 * @transport: how qubes are reached from here
 * @query: what to ask, any but events
 * @cancellable: (nullable): hangs up; what was asked for may be done all the same
 * @callback: called when the answer is there, or will not come
 * @data: passed to @callback
 */
void
sysvpn_qubesd_call_async (const SysvpnTransport *transport,
                          const SysvpnQubesdQuery *query,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Call *call = g_new0 (Call, 1);

  g_task_set_name (task, "sysvpn_qubesd_call_async");
  g_task_set_task_data (task, call, call_free);
  call->answer = g_byte_array_new ();
  call->stream = sysvpn_qubesd_stream_open (transport, query);
  g_signal_connect_swapped (call->stream, "bytes", G_CALLBACK (on_bytes), task);
  g_signal_connect_swapped (call->stream, "ended", G_CALLBACK (on_ended), task);
  set_timeout (task, sysvpn_qubesd_timeout_s (query->method) * 1000);
  if (cancellable != NULL)
    call->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancel), task, NULL);
}

/**
 * sysvpn_qubesd_call_finish:
 * @result: what the callback was given
 * @error: return location for a #SysvpnQubesdError or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what the answer holds; %NULL when it was not done
 */
GBytes *
sysvpn_qubesd_call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request, one answer, within the time that its service has. */
#include "client/call.h"

#include "client/stream.h"

#include <assert.h>
#include <glib/gi18n.h>

G_DEFINE_QUARK (sysvpn_call_error, sysvpn_call_error)

/* How long an agent that has answered may take to hang up before we do. */
enum { HANG_UP_MS = 1000 };

typedef struct {
  SysvpnStream *stream;
  SysvpnBlock *answer;
  guint timeout_id;
  gulong cancelled_id;
  SysvpnSilence silence;
} Call;

static const struct {
  SysvpnCallError error;
  const char *message;
} replies[] = {
  [SYSVPN_CODE_UNKNOWN] = { SYSVPN_CALL_ERROR_FAILED,
                            N_ ("the VPN qube's agent could not do it "
                                "and gave no reason that is known here") },
  [SYSVPN_CODE_NONE] = { SYSVPN_CALL_ERROR_FAILED,
                         N_ ("the VPN qube's agent could not do it") },
  [SYSVPN_CODE_BAD_REQUEST] = { SYSVPN_CALL_ERROR_FAILED,
                                N_ ("the VPN qube's agent does not know the request; install "
                                    "the "
                                    "same version of sysvpn on both sides") },
  [SYSVPN_CODE_REFUSED] = { SYSVPN_CALL_ERROR_REFUSED, N_ ("the VPN qube's agent does not take "
                                                           "this from here; name this qube "
                                                           "in its /etc/sysvpn/callers") },
  [SYSVPN_CODE_BUSY] = { SYSVPN_CALL_ERROR_BUSY,
                         N_ ("another connect or reconnect is under way; "
                             "wait for it, or disconnect") },
  [SYSVPN_CODE_CANCELLED] = { SYSVPN_CALL_ERROR_CANCELLED,
                              N_ ("a later request took the place of this one") },
  [SYSVPN_CODE_KILLSWITCH_BROKEN] = { SYSVPN_CALL_ERROR_EXPOSED,
                                      N_ ("refused, because the killswitch is broken and only "
                                          "the "
                                          "tunnel protects; reload sysvpn-killswitch.service "
                                          "in "
                                          "the VPN qube first") },
  [SYSVPN_CODE_UNKNOWN_PROFILE] = { SYSVPN_CALL_ERROR_PROFILE,
                                    N_ ("the VPN qube has no such profile; see sysvpn "
                                        "profiles") },
  [SYSVPN_CODE_NO_PROFILE] = { SYSVPN_CALL_ERROR_PROFILE,
                               N_ ("no profile was named and none was used before; name one of "
                                   "sysvpn profiles") },
  [SYSVPN_CODE_NO_NETWORK_MANAGER] = { SYSVPN_CALL_ERROR_FAILED,
                                       N_ ("NetworkManager does not run in the VPN qube; "
                                           "enable "
                                           "its service network-manager and restart it") },
  [SYSVPN_CODE_TIMEOUT] = { SYSVPN_CALL_ERROR_FAILED,
                            N_ ("the tunnel did not come up in time; try another profile") },
  [SYSVPN_CODE_FAILED] = { SYSVPN_CALL_ERROR_FAILED,
                           N_ ("the VPN qube's agent could not do it; "
                               "see journalctl -u sysvpn-agent there") },
};
static_assert (G_N_ELEMENTS (replies) == SYSVPN_N_CODES, "an error for each code");

/* Why a tunnel did not come up; causes that do not say more are left out. */
static const char *const causes[SYSVPN_N_CAUSES] = {
  [SYSVPN_CAUSE_NO_PROFILE] =
      N_ ("there is no VPN profile; put one in /rw/config/vpn of the VPN "
          "qube and run sysvpn-import there"),
  [SYSVPN_CAUSE_NO_NETWORK_MANAGER] =
      N_ ("NetworkManager does not run in the VPN qube; enable its "
          "service network-manager and restart it"),
  [SYSVPN_CAUSE_TIMEOUT] = N_ ("the VPN server did not answer in time; try another profile"),
  [SYSVPN_CAUSE_NO_HANDSHAKE] =
      N_ ("the VPN server did not answer the handshake; are the keys still "
          "valid? try another profile"),
  [SYSVPN_CAUSE_CREDENTIALS] = N_ ("the VPN server refused the credentials; correct them in "
                                   "/rw/config/vpn/credentials of the VPN qube"),
  [SYSVPN_CAUSE_SECRET_MISSING] = N_ ("a password or key of the profile is missing; put it in "
                                      "/rw/config/vpn/credentials of the VPN qube"),
  [SYSVPN_CAUSE_CERTIFICATE] =
      N_ ("a certificate is expired or not trusted; get a new profile from the provider"),
  [SYSVPN_CAUSE_PLUGIN_MISSING] = N_ (
      "NetworkManager lacks the plugin for the profile; install it in the VPN qube's template"),
  [SYSVPN_CAUSE_ENDPOINT_BLOCKED] = N_ (
      "the profile's server is not in endpoints.txt; add the line that is shown as Server, or "
      "run sysvpn-import --load in the VPN qube"),
  [SYSVPN_CAUSE_ENDPOINT_MOVED] = N_ (
      "the VPN server moved to an address that is not in endpoints.txt; try another profile"),
  [SYSVPN_CAUSE_UPLINK_DOWN] = N_ ("the VPN qube has no network; check its net qube"),
};

/**
 * sysvpn_call_error_of_silence:
 * @silence: why there is no answer
 *
 * Returns: (transfer full): a #SysvpnCallError
 */
GError *
sysvpn_call_error_of_silence (SysvpnSilence silence)
{
  static const SysvpnCallError errors[SYSVPN_N_SILENCES] = {
    /* the rest is SYSVPN_CALL_ERROR_FAILED */
    [SYSVPN_SILENCE_HUNG_UP] = SYSVPN_CALL_ERROR_SILENT,
    [SYSVPN_SILENCE_CUT] = SYSVPN_CALL_ERROR_SILENT,
    [SYSVPN_SILENCE_DIED] = SYSVPN_CALL_ERROR_SILENT,
    [SYSVPN_SILENCE_TIMEOUT] = SYSVPN_CALL_ERROR_SILENT,
    [SYSVPN_SILENCE_REFUSED] = SYSVPN_CALL_ERROR_REFUSED,
    [SYSVPN_SILENCE_NO_SERVICE] = SYSVPN_CALL_ERROR_NO_QUBE,
    [SYSVPN_SILENCE_NO_QUBE] = SYSVPN_CALL_ERROR_NO_QUBE,
    [SYSVPN_SILENCE_NO_CLIENT] = SYSVPN_CALL_ERROR_NO_TRANSPORT,
  };

  return g_error_new_literal (SYSVPN_CALL_ERROR, (int) errors[silence],
                              sysvpn_silence_clause (silence));
}

/**
 * sysvpn_call_error_of_reply:
 * @reply: an answer whose result is an error
 *
 * Returns: (transfer full): a #SysvpnCallError
 */
GError *
sysvpn_call_error_of_reply (SysvpnReply reply)
{
  const char *cause = causes[reply.cause];

  return g_error_new_literal (SYSVPN_CALL_ERROR, (int) replies[reply.code].error,
                              _ (cause != NULL ? cause : replies[reply.code].message));
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  g_clear_object (&call->stream);
  g_clear_pointer (&call->answer, sysvpn_block_free);
  g_free (call);
}

/* Ends the call, once; the task owns @call and is let go of here. */
static void
finish (GTask *task, SysvpnSilence silence)
{
  Call *call = g_task_get_task_data (task);

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (call->stream, task);
  sysvpn_stream_close (call->stream);
  if (call->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), call->cancelled_id);
  call->cancelled_id = 0;

  if (call->answer != NULL) {
    g_task_return_pointer (task, g_steal_pointer (&call->answer),
                           (GDestroyNotify) sysvpn_block_free);
  } else {
    call->silence = silence;
    g_task_return_error (task, sysvpn_call_error_of_silence (silence));
  }
  g_object_unref (task);
}

static gboolean
on_timeout (gpointer data)
{
  Call *call = g_task_get_task_data (data);

  call->timeout_id = 0;
  finish (data, SYSVPN_SILENCE_TIMEOUT);
  return G_SOURCE_REMOVE;
}

static void
set_timeout (GTask *task, unsigned timeout_ms)
{
  Call *call = g_task_get_task_data (task);

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  call->timeout_id = g_timeout_add (timeout_ms, on_timeout, task);
  g_source_set_name_by_id (call->timeout_id, "sysvpn: time limit of a call");
}

static void
on_block (GTask *task, const SysvpnBlock *block)
{
  Call *call = g_task_get_task_data (task);

  if (call->answer != NULL) { /* a second answer to one request: believe neither */
    g_clear_pointer (&call->answer, sysvpn_block_free);
    finish (task, SYSVPN_SILENCE_GARBAGE);
    return;
  }
  call->answer = g_new (SysvpnBlock, 1);
  *call->answer = *block;
  call->answer->fields = g_memdup2 (block->fields, block->n_fields * sizeof *block->fields);
  set_timeout (task, HANG_UP_MS);
}

static void
on_ended (GTask *task, guint silence)
{
  Call *call = g_task_get_task_data (task);

  /* a half of a second block, or a child that failed after the answer: the answer is doubtful
   */
  if (silence != SYSVPN_SILENCE_HUNG_UP)
    g_clear_pointer (&call->answer, sysvpn_block_free);
  finish (task, (SysvpnSilence) silence);
}

static gboolean
on_cancelled (gpointer data)
{
  GTask *task = data;
  Call *call = g_task_get_task_data (task);

  call->timeout_id = 0;
  g_clear_pointer (&call->answer, sysvpn_block_free);
  finish (task, SYSVPN_SILENCE_NONE); /* GTask itself returns G_IO_ERROR_CANCELLED */
  return G_SOURCE_REMOVE;
}

/* Not from within g_cancellable_cancel(), where the handler cannot be disconnected. */
static void
on_cancel (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  GTask *task = data;
  Call *call = g_task_get_task_data (task);

  g_clear_handle_id (&call->timeout_id, g_source_remove);
  call->timeout_id = g_idle_add (on_cancelled, task);
  g_source_set_name_by_id (call->timeout_id, "sysvpn: cancelled call");
}

/**
 * sysvpn_call_async:
 * @transport: how to reach agents
 * @qube: the name of the VPN qube, valid; ignored for a socket
 * @query: what to ask
 * @cancellable: (nullable): hangs up; what was asked for may be done all the same
 * @callback: called when the answer is there, or will not come
 * @data: passed to @callback
 */
void
sysvpn_call_async (SysvpnTransport *transport,
                   const char *qube,
                   SysvpnQuery query,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Call *call = g_new0 (Call, 1);

  g_task_set_name (task, "sysvpn_call_async");
  g_task_set_task_data (task, call, call_free);
  call->stream = sysvpn_stream_open (transport, qube, query.service, query.uuid);
  g_signal_connect_swapped (call->stream, "block", G_CALLBACK (on_block), task);
  g_signal_connect_swapped (call->stream, "ended", G_CALLBACK (on_ended), task);
  set_timeout (task, sysvpn_service_timeout_s (query.service) * 1000);
  if (cancellable != NULL)
    call->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancel), task, NULL);
}

/**
 * sysvpn_call_finish:
 * @result: what the callback was given
 * @ret_silence: (out) (optional): why there is no answer; written only on failure
 * @error: return location for a #SysvpnCallError or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): the answer, whatever its result; %NULL when there is none
 */
SysvpnBlock *
sysvpn_call_finish (GAsyncResult *result, SysvpnSilence *ret_silence, GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));
  SysvpnBlock *block = g_task_propagate_pointer (G_TASK (result), error);

  if (block == NULL && ret_silence != NULL)
    *ret_silence = call->silence;
  return block;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at the chain: those who watch are at their places before anybody asks, and tell
 * what they saw when all have asked. */
#include "check/look.h"

enum { COMMAND_CLIENT, COMMAND_OWN, COMMAND_AT_VPN, COMMAND_AT_RESOLVER, N_COMMANDS };

typedef enum { STAGE_PLACE, STAGE_ASK, STAGE_COLLECT, STAGE_DONE } Stage;

typedef struct {
  char *client, *vpn, *resolver;
  SysvpnScript script;
  Stage stage;
  SysvpnQubeCommand *commands[N_COMMANDS];
  bool is_awaited[N_COMMANDS];
  unsigned n_open; /* what the stage still waits for, and one while it starts */
  gulong cancelled_id;
  guint cancel_id;
} Look;

static void next_stage (GTask *task);

static void
look_free (gpointer data)
{
  Look *look = data;

  for (unsigned i = 0; i < N_COMMANDS; i++)
    g_clear_object (&look->commands[i]);
  g_free (look->client);
  g_free (look->vpn);
  g_free (look->resolver);
  g_free (look);
}

static void
close_one (GTask *task)
{
  Look *look = g_task_get_task_data (task);

  look->n_open--;
  if (look->n_open == 0)
    next_stage (task);
}

/* A watcher that is at its place, or a command that has ended. */
static void
on_command (GTask *task, SysvpnQubeCommand *command)
{
  Look *look = g_task_get_task_data (task);

  for (unsigned i = 0; i < N_COMMANDS; i++)
    if (look->commands[i] == command && look->is_awaited[i]) {
      look->is_awaited[i] = false;
      close_one (task);
      return;
    }
}

static void
run (GTask *task, unsigned which, const char *qube, SysvpnScript script)
{
  Look *look = g_task_get_task_data (task);
  SysvpnQubeCommand *command;

  if (qube == NULL)
    return;
  command = sysvpn_qube_command_start (qube, script);
  look->commands[which] = command;
  look->is_awaited[which] = true;
  look->n_open++;
  if (script == SYSVPN_SCRIPT_OBSERVE)
    g_signal_connect_swapped (command, "ready", G_CALLBACK (on_command), task);
  g_signal_connect_swapped (command, "ended", G_CALLBACK (on_command), task);
}

static void
collect (Look *look)
{
  for (unsigned i = COMMAND_AT_VPN; i < N_COMMANDS; i++)
    if (look->commands[i] != NULL &&
        sysvpn_qube_command_get_end (look->commands[i]) == SYSVPN_COMMAND_WAITING) {
      look->is_awaited[i] = true;
      look->n_open++;
      sysvpn_qube_command_end_input (look->commands[i]);
    }
}

static SysvpnTold
take_told (SysvpnQubeCommand *command)
{
  SysvpnTold told = { .end = SYSVPN_COMMAND_NOT_RUN };
  g_autoptr (GBytes) output = NULL;
  const char *bytes;
  gsize len;

  if (command == NULL)
    return told;
  output = sysvpn_qube_command_dup_output (command);
  bytes = g_bytes_get_data (output, &len);
  told.end = sysvpn_qube_command_get_end (command);
  told.is_told = sysvpn_answers_parse (bytes, len, &told.answers);
  return told;
}

static SysvpnSeen
take_seen (SysvpnQubeCommand *command)
{
  SysvpnSeen seen = { .end = SYSVPN_COMMAND_NOT_RUN };
  g_autoptr (GBytes) output = NULL;
  const char *bytes;
  gsize len;

  if (command == NULL)
    return seen;
  output = sysvpn_qube_command_dup_output (command);
  bytes = g_bytes_get_data (output, &len);
  seen.end = sysvpn_qube_command_get_end (command);
  seen.is_seen = sysvpn_sighting_parse (bytes, len, &seen.sighting);
  return seen;
}

static void
finish (GTask *task)
{
  Look *look = g_task_get_task_data (task);
  SysvpnLook *result = g_new0 (SysvpnLook, 1);

  result->client = take_told (look->commands[COMMAND_CLIENT]);
  result->own = take_told (look->commands[COMMAND_OWN]);
  result->at_vpn = take_seen (look->commands[COMMAND_AT_VPN]);
  result->at_resolver = take_seen (look->commands[COMMAND_AT_RESOLVER]);
  for (unsigned i = 0; i < N_COMMANDS; i++)
    if (look->commands[i] != NULL)
      g_signal_handlers_disconnect_by_data (look->commands[i], task);
  g_clear_handle_id (&look->cancel_id, g_source_remove);
  if (look->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), look->cancelled_id);
  look->cancelled_id = 0;
  g_task_return_pointer (task, result, g_free);
  g_object_unref (task);
}

static void
next_stage (GTask *task)
{
  Look *look = g_task_get_task_data (task);
  bool is_cancelled = g_cancellable_is_cancelled (g_task_get_cancellable (task));

  look->stage = is_cancelled ? STAGE_DONE : look->stage + 1;
  look->n_open = 1;
  switch (look->stage) {
  case STAGE_ASK:
    run (task, COMMAND_CLIENT, look->client, look->script);
    run (task, COMMAND_OWN, look->vpn, look->script);
    break;
  case STAGE_COLLECT:
    collect (look);
    break;
  case STAGE_PLACE:
  case STAGE_DONE:
  default:
    finish (task);
    return;
  }
  close_one (task);
}

static gboolean
on_cancelled (gpointer data)
{
  GTask *task = data;
  Look *look = g_task_get_task_data (task);

  look->cancel_id = 0;
  for (unsigned i = 0; i < N_COMMANDS; i++)
    if (look->commands[i] != NULL)
      sysvpn_qube_command_kill (look->commands[i]);
  return G_SOURCE_REMOVE;
}

/* Not from within g_cancellable_cancel(), where the handler cannot be disconnected. */
static void
on_cancel (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  Look *look = g_task_get_task_data (data);

  look->cancel_id = g_idle_add (on_cancelled, data);
  g_source_set_name_by_id (look->cancel_id, "sysvpn: cancelled look");
}

/**
 * sysvpn_look_async:
 * @plan: where to look, names of qubes that run
 * @cancellable: (nullable): ends what runs in the qubes, and then the look
 * @callback: called when all have told what they will tell
 * @data: passed to @callback
 */
void
sysvpn_look_async (const SysvpnLookPlan *plan,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Look *look = g_new0 (Look, 1);

  g_task_set_name (task, "sysvpn_look_async");
  g_task_set_task_data (task, look, look_free);
  look->client = g_strdup (plan->client);
  look->vpn = g_strdup (plan->vpn);
  look->resolver = g_strdup (plan->resolver);
  look->script = plan->script;
  look->n_open = 1;
  if (cancellable != NULL)
    look->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancel), task, NULL);
  run (task, COMMAND_AT_VPN, look->vpn, SYSVPN_SCRIPT_OBSERVE);
  run (task, COMMAND_AT_RESOLVER, look->resolver, SYSVPN_SCRIPT_OBSERVE);
  close_one (task);
}

/**
 * sysvpn_look_finish:
 * @result: what the callback was given
 * @error: return location for %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what was told and seen; %NULL if it was cancelled
 */
SysvpnLook *
sysvpn_look_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one of the check's scripts in a qube, by dom0's qvm-run, and keeps what it says within
 * bounds. python3 is what every qube has: Qubes' own agent needs it, in minimal templates, too;
 * curl and dig it does not need. A halted qube is never started. */
#include "check/qube-command.h"

#include "check/evidence.h"

#include <assert.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

enum { READ_BYTES = 4096, KILL_MS = 2000 };

struct _SysvpnQubeCommand {
  GObject parent_instance;

  GSubprocess *process;
  GInputStream *output;
  GByteArray *bytes;
  char *buffer;
  GCancellable *cancellable;
  guint timeout_id;
  guint kill_id;
  SysvpnCommandEnd end;
  bool is_ready;
  bool has_output_ended;
};

G_DEFINE_FINAL_TYPE (SysvpnQubeCommand, sysvpn_qube_command, G_TYPE_OBJECT)

enum { SIGNAL_READY, SIGNAL_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct {
  const char *resource;
  const char *arguments;
  bool is_root;
  unsigned timeout_s; /* of which the scripts themselves take 10 at most; 140 to observe */
} scripts[] = {
  [SYSVPN_SCRIPT_ASK] = { "/org/sysvpn/check/ask.py", "all", false, 30 },
  [SYSVPN_SCRIPT_ASK_ADDRESS] = { "/org/sysvpn/check/ask.py", "address", false, 30 },
  [SYSVPN_SCRIPT_OBSERVE] = { "/org/sysvpn/check/observe.py", "", true, 140 },
};
static_assert (G_N_ELEMENTS (scripts) == SYSVPN_N_SCRIPTS, "each script");

static const char *const clauses[] = {
  [SYSVPN_COMMAND_DONE] = N_ ("it said nothing that makes sense"),
  [SYSVPN_COMMAND_WAITING] = N_ ("it has not answered"),
  [SYSVPN_COMMAND_NO_QVM_RUN] = N_ ("qvm-run cannot be run in dom0"),
  [SYSVPN_COMMAND_NOT_RUN] = N_ ("it does not run, or takes no commands"),
  [SYSVPN_COMMAND_NO_PYTHON] = N_ ("it has no python3"),
  [SYSVPN_COMMAND_DIED] = N_ ("the connection to it broke"),
  [SYSVPN_COMMAND_TIMEOUT] = N_ ("it did not answer in time"),
  [SYSVPN_COMMAND_FLOOD] = N_ ("it said far too much"),
};
static_assert (G_N_ELEMENTS (clauses) == SYSVPN_N_COMMAND_ENDS, "a clause for each end");

/**
 * sysvpn_command_end_clause:
 * @end: why a qube has nothing to say that counts
 *
 * Returns: the same in words, of which "it" is the qube
 */
const char *
sysvpn_command_end_clause (SysvpnCommandEnd end)
{
  return _ (clauses[end]);
}

/**
 * sysvpn_command_end_of_exit_code:
 * @exit_code: of qvm-run
 *
 * qvm-run with -n ends with 1 where the qube does not run; 127 is the shell's for a program
 * that is not there, others from 125 on are qrexec's.
 *
 * Returns: what it means; other codes are the script's own, which has said all it can
 */
SysvpnCommandEnd
sysvpn_command_end_of_exit_code (int exit_code)
{
  static const struct {
    int exit_code;
    SysvpnCommandEnd end;
  } codes[] = {
    { 1, SYSVPN_COMMAND_NOT_RUN },   { 125, SYSVPN_COMMAND_NOT_RUN },
    { 126, SYSVPN_COMMAND_NOT_RUN }, { 127, SYSVPN_COMMAND_NO_PYTHON },
    { 255, SYSVPN_COMMAND_DIED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].exit_code == exit_code)
      return codes[i].end;
  return SYSVPN_COMMAND_DONE;
}

/**
 * sysvpn_script_command:
 * @script: a script
 *
 * Returns: (transfer full): the command line for the qube's shell. Always the same for a script
 */
char *
sysvpn_script_command (SysvpnScript script)
{
  g_autoptr (GBytes) text = g_resources_lookup_data (scripts[script].resource, 0, NULL);
  g_autofree char *copy = NULL;

  g_assert (text != NULL);
  copy = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  return g_strdup_printf ("exec python3 -IS -c '%s' %s", copy, scripts[script].arguments);
}

static void
signal_group (SysvpnQubeCommand *self, int number)
{
  const char *pid = g_subprocess_get_identifier (self->process);

  if (pid != NULL) /* NULL once it has been waited for */
    kill (-(pid_t) g_ascii_strtoll (pid, NULL, 10), number);
}

static gboolean
on_kill (gpointer data)
{
  SysvpnQubeCommand *self = data;

  self->kill_id = 0;
  signal_group (self, SIGKILL);
  return G_SOURCE_REMOVE;
}

/**
 * sysvpn_qube_command_kill:
 * @self: a command
 *
 * Ends it here. What runs in the qube notices that nobody reads, or that its own time is over.
 */
void
sysvpn_qube_command_kill (SysvpnQubeCommand *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE_COMMAND (self));

  if (self->end != SYSVPN_COMMAND_WAITING || self->process == NULL)
    return;
  sysvpn_qube_command_end_input (self);
  signal_group (self, SIGTERM);
  if (self->kill_id == 0) {
    self->kill_id = g_timeout_add (KILL_MS, on_kill, self);
    g_source_set_name_by_id (self->kill_id, "sysvpn: kill qvm-run");
  }
}

static void
sysvpn_qube_command_dispose (GObject *object)
{
  SysvpnQubeCommand *self = SYSVPN_QUBE_COMMAND (object);

  if (self->process != NULL && self->end == SYSVPN_COMMAND_WAITING)
    signal_group (self, SIGTERM);
  self->end = SYSVPN_COMMAND_DIED;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  g_clear_object (&self->process);
  G_OBJECT_CLASS (sysvpn_qube_command_parent_class)->dispose (object);
}

static void
sysvpn_qube_command_finalize (GObject *object)
{
  SysvpnQubeCommand *self = SYSVPN_QUBE_COMMAND (object);

  g_byte_array_unref (self->bytes);
  g_free (self->buffer);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (sysvpn_qube_command_parent_class)->finalize (object);
}

static void
sysvpn_qube_command_class_init (SysvpnQubeCommandClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_qube_command_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_qube_command_finalize;
  signals[SIGNAL_READY] = g_signal_new ("ready", SYSVPN_TYPE_QUBE_COMMAND, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", SYSVPN_TYPE_QUBE_COMMAND, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_qube_command_init (SysvpnQubeCommand *self)
{
  self->bytes = g_byte_array_new ();
  self->buffer = g_malloc (READ_BYTES);
  self->cancellable = g_cancellable_new ();
  self->end = SYSVPN_COMMAND_WAITING;
}

static void
finish (SysvpnQubeCommand *self, SysvpnCommandEnd end)
{
  if (self->end != SYSVPN_COMMAND_WAITING)
    return;
  self->end = end;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0);
}

/* Where it has to be killed, why; that it was killed is known. */
static void
give_up (SysvpnQubeCommand *self, SysvpnCommandEnd end)
{
  signal_group (self, SIGKILL);
  finish (self, end);
}

static void
finish_if_over (SysvpnQubeCommand *self)
{
  if (!self->has_output_ended || g_subprocess_get_identifier (self->process) != NULL)
    return;
  finish (self,
          g_subprocess_get_if_exited (self->process)
              ? sysvpn_command_end_of_exit_code (g_subprocess_get_exit_status (self->process))
              : SYSVPN_COMMAND_DIED);
}

static void
on_exited (GObject *process, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubeCommand) self = data;

  if (g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL) && self->process != NULL)
    finish_if_over (self);
}

static void read_on (SysvpnQubeCommand *self);

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (SysvpnQubeCommand) self = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);

  if (self->end != SYSVPN_COMMAND_WAITING || self->process == NULL)
    return;
  if (n <= 0) {
    self->has_output_ended = true;
    finish_if_over (self);
    return;
  }
  g_byte_array_append (self->bytes, (const guint8 *) self->buffer, (guint) n);
  if (self->bytes->len > SYSVPN_EVIDENCE_BYTES_MAX) {
    give_up (self, SYSVPN_COMMAND_FLOOD);
    return;
  }
  if (!self->is_ready &&
      sysvpn_evidence_is_ready ((const char *) self->bytes->data, self->bytes->len)) {
    self->is_ready = true;
    g_signal_emit (self, signals[SIGNAL_READY], 0);
  }
  read_on (self);
}

static void
read_on (SysvpnQubeCommand *self)
{
  g_input_stream_read_async (self->output, self->buffer, READ_BYTES, G_PRIORITY_DEFAULT,
                             self->cancellable, on_read, g_object_ref (self));
}

static gboolean
on_timeout (gpointer data)
{
  SysvpnQubeCommand *self = data;

  self->timeout_id = 0;
  give_up (self, SYSVPN_COMMAND_TIMEOUT);
  return G_SOURCE_REMOVE;
}

static gboolean
on_no_qvm_run (gpointer data)
{
  SysvpnQubeCommand *self = data;

  self->timeout_id = 0;
  finish (self, SYSVPN_COMMAND_NO_QVM_RUN);
  return G_SOURCE_REMOVE;
}

/* Ctrl-C is for us, who have to bring the tunnel back: qvm-run and its children get a process
 * group of their own, by which they can also all be ended. */
static void
leave_group (gpointer data G_GNUC_UNUSED)
{
  setpgid (0, 0);
}

static GSubprocess *
spawn (const char *qube, SysvpnScript script)
{
  /* what qvm-run says on stderr may be the qube's words */
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
      G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *command = sysvpn_script_command (script);
  const char *argv[] = { "qvm-run",     "--pass-io", "--no-autostart", "--no-gui",
                         "--user=root", qube,        command,          NULL };

  if (!scripts[script].is_root) { /* without that option */
    argv[4] = qube;
    argv[5] = command;
    argv[6] = NULL;
  }

  g_subprocess_launcher_set_child_setup (launcher, leave_group, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, argv, NULL);
}

/**
 * sysvpn_qube_command_start:
 * @qube: a valid name
 * @script: what to run there
 *
 * Every failure, that of starting included, comes as the signal "ended", and none before this
 * returns.
 *
 * Returns: (transfer full): a command that runs
 */
SysvpnQubeCommand *
sysvpn_qube_command_start (const char *qube, SysvpnScript script)
{
  SysvpnQubeCommand *self = g_object_new (SYSVPN_TYPE_QUBE_COMMAND, NULL);

  self->process = spawn (qube, script);
  if (self->process == NULL) {
    self->timeout_id = g_idle_add (on_no_qvm_run, self);
    g_source_set_name_by_id (self->timeout_id, "sysvpn: no qvm-run");
    return self;
  }
  self->output = g_subprocess_get_stdout_pipe (self->process);
  self->timeout_id = g_timeout_add_seconds (scripts[script].timeout_s, on_timeout, self);
  g_source_set_name_by_id (self->timeout_id, "sysvpn: time limit of a command in a qube");
  read_on (self);
  g_subprocess_wait_async (self->process, self->cancellable, on_exited, g_object_ref (self));
  return self;
}

/**
 * sysvpn_qube_command_end_input:
 * @self: a command
 *
 * Has an observer tell what it saw.
 */
void
sysvpn_qube_command_end_input (SysvpnQubeCommand *self)
{
  g_return_if_fail (SYSVPN_IS_QUBE_COMMAND (self));

  if (self->process != NULL)
    g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
}

/**
 * sysvpn_qube_command_get_end:
 * @self: a command
 *
 * Returns: how it ended
 */
SysvpnCommandEnd
sysvpn_qube_command_get_end (SysvpnQubeCommand *self)
{
  return self->end;
}

/**
 * sysvpn_qube_command_dup_output:
 * @self: a command
 *
 * Returns: (transfer full): what the qube has said: its own bytes, for nobody but a parser
 */
GBytes *
sysvpn_qube_command_dup_output (SysvpnQubeCommand *self)
{
  return g_bytes_new (self->bytes->data, self->bytes->len);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of one VPN qube: the history of its states, in a file that outlives us,
 * and the tunnel's traffic of the last minutes. Written in a thread, seconds apart at the least
 * however often the state changes. That it cannot be kept is told, and is no reason to stop. */
#include "client/logbook.h"

#include "client/alarm.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_GAP_MS = 5000 };

struct _SysvpnLogbook {
  GObject parent_instance;

  SysvpnQube *qube;
  SysvpnHistory *history;
  SysvpnTraffic traffic;

  char *path;
  char *read_problem;  /* NULL: none */
  char *write_problem; /* NULL: none */
  SysvpnAlarm *alarm;
  int64_t written_ms; /* when the last writing began */
  bool is_dirty;
  bool is_writing;
  GMutex file_mutex; /* of the file, and of the next */
  unsigned newest;   /* page: one that waited for the file must not overwrite a newer one */
};

G_DEFINE_FINAL_TYPE (SysvpnLogbook, sysvpn_logbook, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A regular file of a size that we write, whole; what else is there is not read. */
static char *
read_file (const char *path, GError **error)
{
  g_autofree char *text = g_malloc (SYSVPN_HISTORY_FILE_MAX + 1);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  ssize_t len = -1;

  if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode) &&
      status.st_size <= SYSVPN_HISTORY_FILE_MAX)
    len = read (fd, text, SYSVPN_HISTORY_FILE_MAX);
  else if (fd >= 0)
    errno = EFBIG;
  if (len < 0)
    g_set_error_literal (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno),
                         g_strerror (errno));
  if (fd >= 0)
    close (fd);
  if (len < 0)
    return NULL;
  text[len] = '\0';
  return g_steal_pointer (&text);
}

/* A history that cannot be read is put aside, not overwritten: it may be of a later version. */
static void
load (SysvpnLogbook *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = read_file (self->path, &error);
  g_autofree char *aside = g_strconcat (self->path, ".unreadable", NULL);

  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR) ||
      (text != NULL && sysvpn_history_decode (self->history, text)))
    return;
  self->read_problem =
      g_rename (self->path, aside) == 0
          ? g_strdup_printf (_ ("The old history cannot be read, and is now %s"), aside)
          : g_strdup_printf (_ ("The history %s cannot be read: %s"), self->path,
                             error != NULL ? error->message : g_strerror (errno));
  g_message ("%s", self->read_problem);
}

static bool
write_file (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) != 0) {
    g_set_error_literal (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno),
                         g_strerror (errno));
    return false;
  }
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

typedef struct {
  unsigned number;
  char *path;
  char *text;
} Page;

static void
page_free (Page *page)
{
  g_free (page->path);
  g_free (page->text);
  g_free (page);
}

static Page *
new_page (SysvpnLogbook *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->file_mutex);
  Page *page = g_new0 (Page, 1);

  page->number = ++self->newest;
  page->path = g_strdup (self->path);
  page->text = sysvpn_history_encode (self->history);
  return page;
}

static bool
write_page (SysvpnLogbook *self, const Page *page, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->file_mutex);

  return page->number != self->newest || write_file (page->path, page->text, error);
}

static void
write_in_thread (GTask *task,
                 gpointer source,
                 gpointer data,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  GError *error = NULL;

  if (write_page (source, data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void write_soon (SysvpnLogbook *self);

static void
on_written (GObject *source, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  SysvpnLogbook *self = SYSVPN_LOGBOOK (source);
  g_autoptr (GError) error = NULL;
  char *problem = g_task_propagate_boolean (G_TASK (result), &error)
                      ? NULL
                      : g_strdup_printf (_ ("The history cannot be kept: %s"), error->message);
  bool is_news = g_strcmp0 (problem, self->write_problem) != 0;

  if (is_news && problem != NULL)
    g_message ("%s", problem);
  g_free (self->write_problem);
  self->write_problem = problem;
  self->is_writing = false;
  if (self->alarm == NULL)
    return; /* closed */
  if (is_news)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (self->is_dirty)
    write_soon (self);
}

static void
write_now (gpointer data)
{
  SysvpnLogbook *self = data;
  g_autoptr (GTask) task = g_task_new (self, NULL, on_written, NULL);

  self->is_dirty = false;
  self->is_writing = true;
  self->written_ms = sysvpn_alarm_now_ms ();
  g_task_set_task_data (task, new_page (self), (GDestroyNotify) page_free);
  g_task_run_in_thread (task, write_in_thread);
}

static void
write_soon (SysvpnLogbook *self)
{
  int64_t now_ms = sysvpn_alarm_now_ms ();

  self->is_dirty = true;
  if (self->is_writing)
    return;
  if (self->written_ms == 0 || now_ms - self->written_ms >= WRITE_GAP_MS)
    write_now (self);
  else
    sysvpn_alarm_set (self->alarm, self->written_ms + WRITE_GAP_MS);
}

static void
on_changed (SysvpnLogbook *self)
{
  SysvpnView view = sysvpn_qube_get_view (self->qube);

  sysvpn_traffic_take (&self->traffic, sysvpn_qube_get_believed (self->qube));
  /* that an answer is not due yet is no event */
  if (view.shown == SYSVPN_SHOWN_UNKNOWN &&
      sysvpn_qube_get_silence (self->qube) == SYSVPN_SILENCE_WAITING)
    return;
  if (!sysvpn_history_take (self->history, view, g_get_real_time () / G_USEC_PER_SEC,
                            sysvpn_alarm_now_ms ()))
    return;
  write_soon (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
sysvpn_logbook_dispose (GObject *object)
{
  SysvpnLogbook *self = SYSVPN_LOGBOOK (object);

  if (self->qube != NULL)
    g_signal_handlers_disconnect_by_data (self->qube, self);
  g_clear_object (&self->qube);
  g_clear_pointer (&self->alarm, sysvpn_alarm_free);
  G_OBJECT_CLASS (sysvpn_logbook_parent_class)->dispose (object);
}

static void
sysvpn_logbook_finalize (GObject *object)
{
  SysvpnLogbook *self = SYSVPN_LOGBOOK (object);

  sysvpn_history_free (self->history);
  g_free (self->path);
  g_free (self->read_problem);
  g_free (self->write_problem);
  g_mutex_clear (&self->file_mutex);
  G_OBJECT_CLASS (sysvpn_logbook_parent_class)->finalize (object);
}

static void
sysvpn_logbook_class_init (SysvpnLogbookClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_logbook_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_logbook_finalize;

  /**
   * SysvpnLogbook::changed:
   *
   * The history has a new event, its newest, for which an older one may be gone; or the
   * problem is another.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", SYSVPN_TYPE_LOGBOOK, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_logbook_init (SysvpnLogbook *self)
{
  g_mutex_init (&self->file_mutex);
  self->history = sysvpn_history_new ();
  self->alarm = sysvpn_alarm_new ("sysvpn: history", write_now, self);
}

/**
 * sysvpn_logbook_new:
 * @qube: a VPN qube
 * @folder: where its history is kept, see sysvpn_logbook_dup_folder(); need not exist
 *
 * Returns: (transfer full): a logbook that follows @qube until sysvpn_logbook_close()
 */
SysvpnLogbook *
sysvpn_logbook_new (SysvpnQube *qube, const char *folder)
{
  SysvpnLogbook *self = g_object_new (SYSVPN_TYPE_LOGBOOK, NULL);
  g_autofree char *name = g_strconcat ("history-", sysvpn_qube_get_name (qube), NULL);

  self->qube = g_object_ref (qube);
  self->path = g_build_filename (folder, name, NULL);
  load (self);
  sysvpn_history_start (self->history, g_get_real_time () / G_USEC_PER_SEC);
  g_signal_connect_swapped (qube, "changed", G_CALLBACK (on_changed), self);
  return self;
}

/**
 * sysvpn_logbook_close:
 * @self: a logbook
 *
 * Writes what is not written yet, at once, and stops.
 */
void
sysvpn_logbook_close (SysvpnLogbook *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (SYSVPN_IS_LOGBOOK (self));

  if (self->is_dirty || self->is_writing) {
    Page *page = new_page (self);

    if (!write_page (self, page, &error))
      g_message ("the history cannot be kept: %s", error->message);
    page_free (page);
  }
  g_object_run_dispose (G_OBJECT (self));
}

/**
 * sysvpn_logbook_get_history:
 * @self: a logbook
 *
 * Returns: (transfer none): what has happened
 */
const SysvpnHistory *
sysvpn_logbook_get_history (SysvpnLogbook *self)
{
  return self->history;
}

/**
 * sysvpn_logbook_get_traffic:
 * @self: a logbook
 *
 * Returns: (transfer none): what went through the tunnel in the last minutes
 */
const SysvpnTraffic *
sysvpn_logbook_get_traffic (SysvpnLogbook *self)
{
  return &self->traffic;
}

/**
 * sysvpn_logbook_get_problem:
 * @self: a logbook
 *
 * Returns: (nullable): why the history is not kept, or not whole, a sentence for the user
 */
const char *
sysvpn_logbook_get_problem (SysvpnLogbook *self)
{
  return self->write_problem != NULL ? self->write_problem : self->read_problem;
}

/**
 * sysvpn_logbook_dup_folder:
 *
 * Returns: (transfer full): where the user's programs keep such files
 */
char *
sysvpn_logbook_dup_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "sysvpn", NULL);
}

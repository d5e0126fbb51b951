/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many small questions to qubesd, some at a time: it has others to serve, and in a GUI domain
 * each is a process. What waits already is not asked twice, and what is asked again while it is
 * under way waits for that, so that the last answer is the newest. */
#include "client/qubesd-queue.h"

#include "client/qubesd-call.h"

enum { AT_ONCE = 8 };

typedef struct {
  SysvpnQubesdQueue *queue; /* a reference */
  SysvpnQubesdQuery query;
  char qube[SYSVPN_QUBE_NAME_SIZE]; /* what query points to */
} Question;

struct _SysvpnQubesdQueue {
  SysvpnTransport *transport;
  GCancellable *cancellable; /* of the owner */
  GCancellable *hang_up;     /* of ours, which follows it */
  gulong cancelled_id;
  SysvpnQubesdQueueFunc func; /* NULL: freed, and kept for the calls that are under way */
  gpointer data;
  GQueue waiting; /* of Question */
  GQueue open;    /* too */
};

static void
queue_clear (gpointer data)
{
  SysvpnQubesdQueue *queue = data;

  sysvpn_transport_unref (queue->transport);
  g_object_unref (queue->hang_up);
}

static void
queue_unref (SysvpnQubesdQueue *queue)
{
  g_rc_box_release_full (queue, queue_clear);
}

static void
question_free (gpointer data)
{
  Question *question = data;

  queue_unref (question->queue);
  g_free (question);
}

static bool
is_same (const SysvpnQubesdQuery *a, const SysvpnQubesdQuery *b)
{
  return a->method == b->method && g_strcmp0 (a->argument, b->argument) == 0 &&
         g_str_equal (a->qube, b->qube);
}

static bool
holds (const GQueue *questions, const SysvpnQubesdQuery *query)
{
  for (const GList *link = questions->head; link != NULL; link = link->next)
    if (is_same (&((const Question *) link->data)->query, query))
      return true;
  return false;
}

static void ask_on (SysvpnQubesdQueue *queue);

static void
on_answer (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  SysvpnQubesdQueue *queue = g_rc_box_acquire (question->queue);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = sysvpn_qubesd_call_finish (result, &error);

  g_queue_remove (&queue->open, question);
  if (queue->func != NULL)
    queue->func (&question->query, answer, error, queue->data);
  question_free (question);
  ask_on (queue);
  queue_unref (queue);
}

static void
ask_on (SysvpnQubesdQueue *queue)
{
  GList *link = queue->waiting.head;

  while (link != NULL && queue->open.length < AT_ONCE) {
    GList *next = link->next;
    Question *question = link->data;

    if (!holds (&queue->open, &question->query)) {
      g_queue_delete_link (&queue->waiting, link);
      g_queue_push_tail (&queue->open, question);
      sysvpn_qubesd_call_async (queue->transport, &question->query, queue->hang_up, on_answer,
                                question);
    }
    link = next;
  }
}

static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  g_cancellable_cancel (data);
}

/**
 * sysvpn_qubesd_queue_new:
 * @transport: how qubesd is reached
 * @cancellable: (nullable): hangs up; what was asked is answered with that, and more can be
 *   asked in vain
 * @func: called with each answer, never before sysvpn_qubesd_queue_ask() returns
 * @data: passed to @func
 *
 * Returns: (transfer full): a queue with nothing in it
 */
SysvpnQubesdQueue *
sysvpn_qubesd_queue_new (SysvpnTransport *transport,
                         GCancellable *cancellable,
                         SysvpnQubesdQueueFunc func,
                         gpointer data)
{
  SysvpnQubesdQueue *queue = g_rc_box_new0 (SysvpnQubesdQueue);

  queue->transport = sysvpn_transport_ref (transport);
  queue->hang_up = g_cancellable_new ();
  queue->func = func;
  queue->data = data;
  if (cancellable != NULL) {
    queue->cancellable = g_object_ref (cancellable);
    queue->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), queue->hang_up, NULL);
  }
  return queue;
}

/**
 * sysvpn_qubesd_queue_free:
 * @queue: (transfer full): a queue
 *
 * Forgets what it was asked; nothing is answered any more.
 */
void
sysvpn_qubesd_queue_free (SysvpnQubesdQueue *queue)
{
  queue->func = NULL;
  g_queue_clear_full (&queue->waiting, question_free);
  if (queue->cancelled_id != 0)
    g_cancellable_disconnect (queue->cancellable, queue->cancelled_id);
  g_clear_object (&queue->cancellable);
  g_cancellable_cancel (queue->hang_up);
  queue_unref (queue);
}

/**
 * sysvpn_qubesd_queue_ask:
 * @queue: a queue
 * @query: what to ask, any but events; its argument is a static string
 */
void
sysvpn_qubesd_queue_ask (SysvpnQubesdQueue *queue, const SysvpnQubesdQuery *query)
{
  Question *question;

  if (holds (&queue->waiting, query))
    return;
  question = g_new0 (Question, 1);
  question->queue = g_rc_box_acquire (queue);
  g_strlcpy (question->qube, query->qube, sizeof question->qube);
  question->query = *query;
  question->query.qube = question->qube;
  g_queue_push_tail (&queue->waiting, question);
  ask_on (queue);
}

/**
 * sysvpn_qubesd_queue_is_idle:
 * @queue: a queue
 *
 * Returns: %TRUE if everything it was asked is answered
 */
bool
sysvpn_qubesd_queue_is_idle (const SysvpnQubesdQueue *queue)
{
  return queue->waiting.length == 0 && queue->open.length == 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From which address does the world see us? Asks the egress probe, a process of its own without
 * any capability, because the answer comes from the internet; decides only when to ask. */
#include "agent/egress-checker.h"

#include "agent/clock.h"
#include "base/backoff.h"
#include "proto/block.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

enum {
  INTERVAL_S = 15 * 60, /* and up to a quarter less, so that it is no clock for anybody */
  RETRY_FIRST_MS = 5000,
  ANSWER_MAX = 512, /* bytes of an answer */
  TIMEOUT_S = 25,   /* the probe gives up earlier */
  MIN_GAP_S = 10,   /* between two questions, however urgent */
  HALF_MAX = 3,     /* times that a family is waited for in vain while the other answers */
};

typedef enum { FAMILY_4, FAMILY_6, N_FAMILIES } Family;

struct _SysvpnEgressChecker {
  GObject parent_instance;

  char *path;
  char interface[SYSVPN_INTERFACE_MAX + 1]; /* empty: nothing may be asked now */
  char address[N_FAMILIES][SYSVPN_ADDRESS_MAX + 1];
  unsigned n_open;        /* questions without an answer */
  int64_t asked_at_us;    /* the latest */
  bool has_timed_out;     /* the probe waited for one of its answers in vain */
  GCancellable *asking;   /* of the current tunnel; replaced with it */
  int64_t answered_at_us; /* 0: not yet */
  unsigned n_failures;
  unsigned n_half; /* answers in a row of one family, while the other's time ran out */
  guint timer_id;
};

G_DEFINE_FINAL_TYPE (SysvpnEgressChecker, sysvpn_egress_checker, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct {
  SysvpnEgressChecker *self;
  Family family;
  GCancellable *cancellable; /* cancelled when its tunnel is gone */
  GSocketConnection *connection;
  SysvpnBlockReader *reader;
  char bytes[ANSWER_MAX];
} Question;

static void ask (SysvpnEgressChecker *self);

static gboolean
on_timer (gpointer data)
{
  SysvpnEgressChecker *self = data;

  self->timer_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

/* A provider without IPv6 answers at once that it cannot be reached. A question that nobody
 * answered may have come too early instead, before all routes of a new tunnel were there. */
static unsigned
delay_ms (SysvpnEgressChecker *self, bool ok)
{
  uint32_t random = g_random_int ();

  self->n_failures = ok ? 0 : self->n_failures + 1;
  self->n_half = ok && self->has_timed_out ? self->n_half + 1 : 0;
  if (!ok)
    return sysvpn_backoff_delay_ms (self->n_failures, RETRY_FIRST_MS, INTERVAL_S * 1000,
                                    random);
  if (self->n_half > 0 && self->n_half <= HALF_MAX)
    return sysvpn_backoff_delay_ms (self->n_half, RETRY_FIRST_MS, INTERVAL_S * 1000, random);
  return sysvpn_backoff_delay_ms (1, INTERVAL_S * 1000, INTERVAL_S * 1000, random);
}

static void
plan (SysvpnEgressChecker *self, bool ok)
{
  self->timer_id = g_timeout_add (delay_ms (self, ok), on_timer, self);
  g_source_set_name_by_id (self->timer_id, "sysvpn: egress");
}

/* The end of one question; @address is NULL when it had no answer. */
static void
end_question (Question *question, const char *address)
{
  SysvpnEgressChecker *self = question->self;

  g_strlcpy (self->address[question->family], address != NULL ? address : "",
             sizeof self->address[0]);
  if (--self->n_open == 0) {
    bool ok = self->address[FAMILY_4][0] != '\0' || self->address[FAMILY_6][0] != '\0';

    self->answered_at_us = sysvpn_clock_us ();
    plan (self, ok);
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  }
}

static void
free_question (Question *question)
{
  g_clear_object (&question->connection);
  g_object_unref (question->cancellable);
  sysvpn_block_reader_free (question->reader);
  g_object_unref (question->self);
  g_free (question);
}

/* The probe's words are as foreign as the internet's: an address is one only when it parses. */
static bool
read_address (const Question *question, const SysvpnBlock *block, char ret_address[])
{
  int family = question->family == FAMILY_4 ? AF_INET : AF_INET6;
  const char *text = sysvpn_block_get (block, "address");
  struct in6_addr address;

  return block->ok && text != NULL && inet_pton (family, text, &address) == 1 &&
         inet_ntop (family, &address, ret_address, SYSVPN_ADDRESS_MAX + 1) != NULL;
}

/* Any other failure, that the probe itself is not there included, says nothing of the tunnel.
 */
static bool
is_timeout (const SysvpnBlock *block)
{
  return !block->ok && g_strcmp0 (sysvpn_block_get (block, "code"), "timeout") == 0;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  g_autoptr (SysvpnBlock) block = NULL;
  char address[SYSVPN_ADDRESS_MAX + 1];
  gssize len = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  size_t used;

  if (g_cancellable_is_cancelled (question->cancellable)) {
    free_question (question);
    return;
  }
  if (len > 0 && sysvpn_block_reader_push (question->reader, question->bytes, (size_t) len,
                                           &used, &block, NULL)) {
    if (block == NULL) {
      g_input_stream_read_async (G_INPUT_STREAM (source), question->bytes, ANSWER_MAX,
                                 G_PRIORITY_DEFAULT, question->cancellable, on_answer,
                                 question);
      return;
    }
    question->self->has_timed_out |= is_timeout (block);
    end_question (question, read_address (question, block, address) ? address : NULL);
  } else {
    end_question (question, NULL);
  }
  free_question (question);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  SysvpnEgressChecker *self = question->self;
  g_autofree char *text = NULL;

  question->connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);
  if (g_cancellable_is_cancelled (question->cancellable)) {
    free_question (question);
    return;
  }
  text = g_strdup_printf ("interface=%s\nfamily=%c\n\n", self->interface,
                          question->family == FAMILY_4 ? '4' : '6');
  /* so few bytes always fit into a fresh socket's buffer: this does not wait */
  if (question->connection == NULL ||
      !g_output_stream_write_all (
          g_io_stream_get_output_stream (G_IO_STREAM (question->connection)), text,
          strlen (text), NULL, NULL, NULL)) {
    g_debug ("the egress probe cannot be asked");
    end_question (question, NULL);
    free_question (question);
    return;
  }
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (question->connection)),
                             question->bytes, ANSWER_MAX, G_PRIORITY_DEFAULT,
                             question->cancellable, on_answer, question);
}

static void
ask_family (SysvpnEgressChecker *self, Family family)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->path);
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->family = family;
  question->cancellable = g_object_ref (self->asking);
  question->reader = sysvpn_block_reader_new (SYSVPN_REPLY_LINES_MAX);
  self->n_open++;
  g_socket_client_set_timeout (client, TIMEOUT_S);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), self->asking,
                                 on_connected, question);
}

static void
ask (SysvpnEgressChecker *self)
{
  self->asked_at_us = sysvpn_clock_us ();
  self->has_timed_out = false;
  for (unsigned family = 0; family < N_FAMILIES; family++)
    ask_family (self, (Family) family);
}

static void
forget (SysvpnEgressChecker *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  self->asking = g_cancellable_new ();
  g_clear_handle_id (&self->timer_id, g_source_remove);
  memset (self->address, 0, sizeof self->address);
  self->n_open = 0;
  self->n_failures = 0;
  self->n_half = 0;
  self->has_timed_out = false;
  self->answered_at_us = 0;
}

static void
sysvpn_egress_checker_dispose (GObject *object)
{
  SysvpnEgressChecker *self = SYSVPN_EGRESS_CHECKER (object);

  g_cancellable_cancel (self->asking);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  G_OBJECT_CLASS (sysvpn_egress_checker_parent_class)->dispose (object);
}

static void
sysvpn_egress_checker_finalize (GObject *object)
{
  SysvpnEgressChecker *self = SYSVPN_EGRESS_CHECKER (object);

  g_clear_object (&self->asking);
  g_free (self->path);
  G_OBJECT_CLASS (sysvpn_egress_checker_parent_class)->finalize (object);
}

static void
sysvpn_egress_checker_class_init (SysvpnEgressCheckerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_egress_checker_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_egress_checker_finalize;

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_EGRESS_CHECKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
sysvpn_egress_checker_init (SysvpnEgressChecker *self)
{
  self->asking = g_cancellable_new ();
}

/**
 * sysvpn_egress_checker_new:
 * @root: where the file system starts
 *
 * Returns: (transfer full): a checker that has nothing to ask yet
 */
SysvpnEgressChecker *
sysvpn_egress_checker_new (const char *root)
{
  SysvpnEgressChecker *self = g_object_new (SYSVPN_TYPE_EGRESS_CHECKER, NULL);

  self->path = g_build_filename (root, "run/sysvpn/probe.socket", NULL);
  return self;
}

/**
 * sysvpn_egress_checker_set_tunnel:
 * @self: the checker
 * @interface: (nullable): the tunnel's device, while the tunnel is up and the killswitch armed;
 *   %NULL while nothing may be asked
 *
 * Another tunnel makes what is known worthless: it is forgotten and asked for again.
 */
void
sysvpn_egress_checker_set_tunnel (SysvpnEgressChecker *self, const char *interface)
{
  if (g_str_equal (self->interface, interface != NULL ? interface : ""))
    return;
  forget (self);
  g_strlcpy (self->interface, interface != NULL ? interface : "", sizeof self->interface);
  if (interface != NULL)
    ask (self);
}

/**
 * sysvpn_egress_checker_ask_now:
 * @self: the checker
 *
 * Asks ahead of time, unless it just did, is about to hear, or may not. "changed" tells of the
 * end.
 */
void
sysvpn_egress_checker_ask_now (SysvpnEgressChecker *self)
{
  if (self->interface[0] == '\0' || self->n_open > 0 ||
      sysvpn_clock_us () - self->asked_at_us < (int64_t) MIN_GAP_S * G_USEC_PER_SEC)
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  ask (self);
}

/**
 * sysvpn_egress_checker_get_failure:
 * @self: the checker
 *
 * Returns: when the latest question was asked, if nothing answered it in all its time, by our
 * clock; else 0
 */
int64_t
sysvpn_egress_checker_get_failure (SysvpnEgressChecker *self)
{
  bool is_over = self->interface[0] != '\0' && self->n_open == 0;

  return is_over && self->n_failures > 0 && self->has_timed_out ? self->asked_at_us : 0;
}

/**
 * sysvpn_egress_checker_fill:
 * @self: the checker
 * @status: its egress part is written
 */
void
sysvpn_egress_checker_fill (SysvpnEgressChecker *self, SysvpnStatus *status)
{
  const char *address4 = self->address[FAMILY_4], *address6 = self->address[FAMILY_6];

  if (self->interface[0] == '\0') {
    status->egress = SYSVPN_EGRESS_OFF;
    return;
  }
  if (self->answered_at_us == 0)
    return;
  status->egress =
      address4[0] != '\0' || address6[0] != '\0' ? SYSVPN_EGRESS_OK : SYSVPN_EGRESS_FAILED;
  g_strlcpy (status->egress4, address4, sizeof status->egress4);
  g_strlcpy (status->egress6, address6, sizeof status->egress6);
  status->egress_age_s =
      (uint64_t) ((sysvpn_clock_us () - self->answered_at_us) / G_USEC_PER_SEC);
}

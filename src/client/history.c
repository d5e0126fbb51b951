/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has been shown of one VPN qube, and since when: a bounded list of transitions. An event
 * that comes back within some minutes is counted where it stands and moved to the end, so that
 * a tunnel that flaps, or a qube that lies a thousand times a second, cannot push everything
 * else out. Pure: the logbook tells the time, and keeps the text in a file. */
#include "client/history.h"

#include "base/parse-number.h"
#include "base/safe-text.h"

#include <glib/gi18n.h>
#include <string.h>

#define FIRST_LINE "sysvpn-history=1"

/* The end of the year 9999, as GDateTime's. */
static const uint64_t time_max_s = 253402300799;

struct _SysvpnHistory {
  GArray *events;           /* of SysvpnHistoryEvent, the oldest first */
  GStringChunk *sentences;  /* there are not many different ones */
  int64_t unprotected_ms;   /* since when; 0: it is, or nobody saw it */
  int64_t exposed_since_ms; /* 0: it is not */
  int64_t exposed_ms;       /* since then, what is over */
};

/**
 * sysvpn_history_new:
 *
 * Returns: (transfer full): a history without events
 */
SysvpnHistory *
sysvpn_history_new (void)
{
  SysvpnHistory *history = g_new0 (SysvpnHistory, 1);

  history->events = g_array_new (FALSE, FALSE, sizeof (SysvpnHistoryEvent));
  history->sentences = g_string_chunk_new (1024);
  return history;
}

/**
 * sysvpn_history_free:
 * @history: (transfer full): a history
 */
void
sysvpn_history_free (SysvpnHistory *history)
{
  g_array_unref (history->events);
  g_string_chunk_free (history->sentences);
  g_free (history);
}

static SysvpnHistoryEvent *
at (const SysvpnHistory *history, unsigned index)
{
  return &g_array_index (history->events, SysvpnHistoryEvent, index);
}

/* What @event repeats, taken out of the list; %FALSE if it is new. */
static bool
take_out_repeated (SysvpnHistory *history,
                   const SysvpnHistoryEvent *event,
                   SysvpnHistoryEvent *ret_repeated)
{
  for (unsigned i = history->events->len; i-- > 0;) {
    const SysvpnHistoryEvent *other = at (history, i);

    if (event->at_s - other->at_s > SYSVPN_HISTORY_REPEAT_S || event->at_s < other->at_s)
      return false; /* so are those before; or the clock was set back */
    if (other->shown == event->shown && g_str_equal (other->sentence, event->sentence)) {
      *ret_repeated = *other;
      g_array_remove_index (history->events, i);
      return true;
    }
  }
  return false;
}

static uint64_t
sum (uint64_t a, uint64_t b)
{
  return a == SYSVPN_ABSENT ? b : b == SYSVPN_ABSENT ? a : a + b;
}

static void
add (SysvpnHistory *history, SysvpnHistoryEvent event)
{
  SysvpnHistoryEvent before;

  if (take_out_repeated (history, &event, &before)) {
    event.first_s = before.first_s;
    event.times = before.times < G_MAXUINT ? before.times + 1 : before.times;
    event.outage_s = sum (before.outage_s, event.outage_s);
    event.exposed_s = sum (before.exposed_s, event.exposed_s);
  }
  event.sentence = g_string_chunk_insert_const (history->sentences, event.sentence);
  g_array_append_val (history->events, event);
  if (history->events->len > SYSVPN_HISTORY_MAX)
    g_array_remove_index (history->events, 0);
}

/**
 * sysvpn_history_start:
 * @history: a history
 * @wall_s: the time, seconds of the wall clock since 1970
 *
 * Notes that nobody watched until now.
 */
void
sysvpn_history_start (SysvpnHistory *history, int64_t wall_s)
{
  add (history,
       (SysvpnHistoryEvent){ .at_s = wall_s,
                             .first_s = wall_s,
                             .times = 1,
                             .shown = SYSVPN_SHOWN_UNKNOWN,
                             .sentence = N_ ("Unknown: the applet starts, and nobody watched "
                                             "before"),
                             .outage_s = SYSVPN_ABSENT,
                             .exposed_s = SYSVPN_ABSENT });
}

/* Follows how long it is not protected; the answer is for an event that says it is again. */
static void
measure (SysvpnHistory *history, SysvpnHistoryEvent *event, int64_t now_ms)
{
  bool was_protected = history->events->len > 0 &&
                       at (history, history->events->len - 1)->shown == SYSVPN_SHOWN_PROTECTED;

  if (history->exposed_since_ms != 0) {
    history->exposed_ms += now_ms - history->exposed_since_ms;
    history->exposed_since_ms = 0;
  }
  if (event->shown == SYSVPN_SHOWN_EXPOSED)
    history->exposed_since_ms = now_ms;
  if (event->shown != SYSVPN_SHOWN_PROTECTED) {
    if (was_protected)
      history->unprotected_ms = now_ms;
    return;
  }
  if (history->unprotected_ms != 0) {
    event->outage_s = (uint64_t) (now_ms - history->unprotected_ms) / 1000;
    event->exposed_s = (uint64_t) history->exposed_ms / 1000;
  }
  history->unprotected_ms = 0;
  history->exposed_ms = 0;
}

/**
 * sysvpn_history_take:
 * @history: a history
 * @view: what is shown now
 * @wall_s: the time, seconds of the wall clock since 1970
 * @now_ms: the time, milliseconds of one clock that goes on during suspend
 *
 * Returns: %TRUE if that is an event: not what was shown before
 */
bool
sysvpn_history_take (SysvpnHistory *history, SysvpnView view, int64_t wall_s, int64_t now_ms)
{
  SysvpnHistoryEvent event = { .at_s = wall_s,
                               .first_s = wall_s,
                               .times = 1,
                               .shown = view.shown,
                               .sentence = view.sentence,
                               .outage_s = SYSVPN_ABSENT,
                               .exposed_s = SYSVPN_ABSENT };
  const SysvpnHistoryEvent *last =
      history->events->len > 0 ? at (history, history->events->len - 1) : NULL;

  if (last != NULL && last->shown == view.shown && g_str_equal (last->sentence, view.sentence))
    return false;
  measure (history, &event, now_ms);
  add (history, event);
  return true;
}

/**
 * sysvpn_history_get_n_events:
 * @history: a history
 *
 * Returns: how many events it has
 */
unsigned
sysvpn_history_get_n_events (const SysvpnHistory *history)
{
  return history->events->len;
}

/**
 * sysvpn_history_get:
 * @history: a history
 * @n: which event; 0 for the newest
 *
 * Returns: the event. Valid until the history changes
 */
const SysvpnHistoryEvent *
sysvpn_history_get (const SysvpnHistory *history, unsigned n)
{
  return at (history, history->events->len - 1 - n);
}

static void
append_number (GString *out, uint64_t number)
{
  if (number == SYSVPN_ABSENT)
    g_string_append (out, "- ");
  else
    g_string_append_printf (out, "%" G_GUINT64_FORMAT " ", (guint64) number);
}

/**
 * sysvpn_history_encode:
 * @history: a history
 *
 * Returns: (transfer full): it as text, printable ASCII, for sysvpn_history_decode()
 */
char *
sysvpn_history_encode (const SysvpnHistory *history)
{
  GString *out = g_string_new (FIRST_LINE "\n");

  for (unsigned i = 0; i < history->events->len; i++) {
    const SysvpnHistoryEvent *event = at (history, i);

    append_number (out, (uint64_t) event->at_s);
    append_number (out, (uint64_t) event->first_s);
    append_number (out, event->times);
    append_number (out, event->outage_s);
    append_number (out, event->exposed_s);
    g_string_append_printf (
        out, "%s %s\n", sysvpn_words_get (&sysvpn_shown_words, event->shown), event->sentence);
  }
  return g_string_free (out, FALSE);
}

static bool
parse_optional (const char *word, uint64_t *ret_number)
{
  if (!g_str_equal (word, "-"))
    return sysvpn_parse_u64 (word, G_MAXUINT32, ret_number);
  *ret_number = SYSVPN_ABSENT;
  return true;
}

static bool
parse_event (SysvpnHistory *history, const char *line, SysvpnHistoryEvent *ret_event)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 7);
  uint64_t at_s, first_s, times;

  if (g_strv_length (words) != 7 || strstr (words[6], ": ") == NULL ||
      strlen (words[6]) > SYSVPN_HISTORY_SENTENCE_MAX ||
      !sysvpn_text_is_printable (words[6], strlen (words[6])) ||
      !sysvpn_parse_u64 (words[0], time_max_s, &at_s) ||
      !sysvpn_parse_u64 (words[1], at_s, &first_s) ||
      !sysvpn_parse_u64 (words[2], G_MAXUINT, &times) ||
      !parse_optional (words[3], &ret_event->outage_s) ||
      !parse_optional (words[4], &ret_event->exposed_s))
    return false;
  ret_event->at_s = (int64_t) at_s;
  ret_event->first_s = (int64_t) first_s;
  ret_event->times = (unsigned) times;
  /* a word of a later version is Unknown */
  ret_event->shown = (SysvpnShown) sysvpn_words_find (&sysvpn_shown_words, words[5]);
  ret_event->sentence = g_string_chunk_insert_const (history->sentences, words[6]);
  return true;
}

/**
 * sysvpn_history_decode:
 * @history: a history without events
 * @text: what sysvpn_history_encode() returned, or anything else
 *
 * Returns: %FALSE, and no events, if @text is not a whole history
 */
bool
sysvpn_history_decode (SysvpnHistory *history, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  unsigned n = g_strv_length (lines);

  if (n < 2 || !g_str_equal (lines[0], FIRST_LINE) || lines[n - 1][0] != '\0' ||
      n - 2 > SYSVPN_HISTORY_MAX)
    return false;
  for (unsigned i = 1; i < n - 1; i++) {
    SysvpnHistoryEvent event = { 0 };

    if (!parse_event (history, lines[i], &event)) {
      g_array_set_size (history->events, 0);
      return false;
    }
    g_array_append_val (history->events, event);
  }
  return true;
}

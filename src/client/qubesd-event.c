/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads admin.Events: 1 NUL SUBJECT NUL EVENT NUL (KEY NUL VALUE NUL)* NUL, again and again.
 * Pure. Keeps one field of a bounded size and nothing of the values, which a qube can make long
 * (its features are events too): a qube must not be able to cut off the news of the others. */
#include "client/qubesd-event.h"

#include "client/transport.h"

#include <string.h>

enum {
  FIELD_SIZE = 64,
  EVENT_BYTES_MAX = 1024 * 1024, /* requests to qubesd end at 64 KiB: no event comes near */
};

typedef enum { FIELD_MARK, FIELD_SUBJECT, FIELD_NAME, FIELD_KEY, FIELD_VALUE } Field;

struct _SysvpnQubesdReader {
  Field field;
  char text[FIELD_SIZE]; /* of the field that is being read */
  size_t len;            /* of the whole field, also where it is longer than text */
  size_t event_bytes;

  char subject[SYSVPN_QUBE_NAME_SIZE]; /* empty for an event of the whole system */
  char vm[SYSVPN_QUBE_NAME_SIZE];      /* the value of that key; such an event has no subject */
  bool is_vm;                          /* the value that is being read is that one */
  int known;                           /* index in events; -1 for one that is not there */
  bool is_odd;                         /* a name in it is none of a qube */
};

static const struct {
  const char *name;
  SysvpnQubesdEventKind kind;
  SysvpnPower power;
} events[] = {
  { "connection-established", SYSVPN_QUBESD_EVENT_ESTABLISHED, SYSVPN_POWER_UNKNOWN },
  { "domain-pre-start", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_STARTING },
  { "domain-start", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_RUNNING },
  { "domain-start-failed", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_HALTED },
  { "domain-paused", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_PAUSED },
  { "domain-unpaused", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_RUNNING },
  /* it answers while it shuts down, and need not succeed in that */
  { "domain-pre-shutdown", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_RUNNING },
  { "domain-shutdown-failed", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_RUNNING },
  { "domain-shutdown", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_HALTED },
  { "domain-stopped", SYSVPN_QUBESD_EVENT_POWER, SYSVPN_POWER_HALTED },
  { "domain-add", SYSVPN_QUBESD_EVENT_QUBES, SYSVPN_POWER_UNKNOWN },
  { "domain-delete", SYSVPN_QUBESD_EVENT_QUBES, SYSVPN_POWER_UNKNOWN },
  { "property-set:netvm", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  { "property-reset:netvm", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  { "property-set:ip", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  { "property-reset:ip", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  /* the default is another one for qubes that are net qubes themselves */
  { "property-set:provides_network", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  { "property-reset:provides_network", SYSVPN_QUBESD_EVENT_NETWORK, SYSVPN_POWER_UNKNOWN },
  { "property-set:default_netvm", SYSVPN_QUBESD_EVENT_DEFAULTS, SYSVPN_POWER_UNKNOWN },
  { "property-reset:default_netvm", SYSVPN_QUBESD_EVENT_DEFAULTS, SYSVPN_POWER_UNKNOWN },
  { "property-set:default_fw_netvm", SYSVPN_QUBESD_EVENT_DEFAULTS, SYSVPN_POWER_UNKNOWN },
  { "property-reset:default_fw_netvm", SYSVPN_QUBESD_EVENT_DEFAULTS, SYSVPN_POWER_UNKNOWN },
  { "domain-tag-add:vpn-only", SYSVPN_QUBESD_EVENT_TAG, SYSVPN_POWER_UNKNOWN },
  { "domain-tag-delete:vpn-only", SYSVPN_QUBESD_EVENT_TAG, SYSVPN_POWER_UNKNOWN },
  { "domain-feature-set:supported-rpc.sysvpn.Status", SYSVPN_QUBESD_EVENT_FEATURE,
    SYSVPN_POWER_UNKNOWN },
  { "domain-feature-delete:supported-rpc.sysvpn.Status", SYSVPN_QUBESD_EVENT_FEATURE,
    SYSVPN_POWER_UNKNOWN },
  { "domain-feature-set:service.sysvpn", SYSVPN_QUBESD_EVENT_FEATURE, SYSVPN_POWER_UNKNOWN },
  { "domain-feature-delete:service.sysvpn", SYSVPN_QUBESD_EVENT_FEATURE, SYSVPN_POWER_UNKNOWN },
};

static int
find_event (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (events); i++)
    if (g_str_equal (events[i].name, name))
      return (int) i;
  return -1;
}

/* Returns: %FALSE if the text is neither empty nor the name of a qube */
static bool
take_name (const SysvpnQubesdReader *reader, char ret_name[static SYSVPN_QUBE_NAME_SIZE])
{
  if (reader->len >= SYSVPN_QUBE_NAME_SIZE ||
      (reader->len > 0 && !sysvpn_qube_name_is_valid (reader->text)))
    return false;
  memcpy (ret_name, reader->text, reader->len + 1);
  return true;
}

/* The whole event was read. Returns: it, if it is of interest */
static SysvpnQubesdEvent
make_event (const SysvpnQubesdReader *reader)
{
  SysvpnQubesdEvent event = { .kind = SYSVPN_QUBESD_EVENT_NONE };
  const char *qube = reader->subject[0] != '\0' ? reader->subject : reader->vm;
  bool is_of_all;

  if (reader->known < 0 || reader->is_odd)
    return event;
  event.kind = events[reader->known].kind;
  event.power = events[reader->known].power;
  g_strlcpy (event.qube, qube, sizeof event.qube);
  /* a qube has no say in when the connection is there, nor is one without a name of interest */
  is_of_all = event.kind == SYSVPN_QUBESD_EVENT_ESTABLISHED ||
              event.kind == SYSVPN_QUBESD_EVENT_DEFAULTS;
  if (is_of_all != (qube[0] == '\0'))
    event.kind = SYSVPN_QUBESD_EVENT_NONE;
  return event;
}

/* Takes the field that has just ended. Returns: %FALSE if the event is broken */
static bool
take_field (SysvpnQubesdReader *reader, bool *ret_is_whole)
{
  bool fits = reader->len < FIELD_SIZE;

  *ret_is_whole = false;
  switch (reader->field) {
  case FIELD_MARK:
    reader->field = FIELD_SUBJECT;
    return g_str_equal (reader->text, "1");
  case FIELD_SUBJECT:
    reader->field = FIELD_NAME;
    reader->is_odd = !take_name (reader, reader->subject);
    return true;
  case FIELD_NAME:
    reader->field = FIELD_KEY;
    reader->known = fits ? find_event (reader->text) : -1;
    return reader->len > 0;
  case FIELD_KEY:
    *ret_is_whole = reader->len == 0;
    reader->field = FIELD_VALUE;
    reader->is_vm = fits && g_str_equal (reader->text, "vm");
    return true;
  case FIELD_VALUE:
  default:
    reader->field = FIELD_KEY;
    reader->is_odd = reader->is_odd || (reader->is_vm && !take_name (reader, reader->vm));
    return true;
  }
}

/**
 * sysvpn_qubesd_reader_new:
 *
 * Returns: (transfer full): a reader of a new stream of events
 */
SysvpnQubesdReader *
sysvpn_qubesd_reader_new (void)
{
  return g_new0 (SysvpnQubesdReader, 1);
}

/**
 * sysvpn_qubesd_reader_free:
 * @reader: (transfer full): a reader
 */
void
sysvpn_qubesd_reader_free (SysvpnQubesdReader *reader)
{
  g_free (reader);
}

/**
 * sysvpn_qubesd_reader_push:
 * @reader: a reader
 * @bytes: what came
 * @len: how many
 * @ret_used: (out): how many of them were read: up to the end of an event that is told, else
 * all
 * @ret_event: (out): an event of interest, or none; the others are passed over
 * @error: return location for %SYSVPN_QUBESD_ERROR_GARBAGE
 *
 * Returns: %FALSE if these are no events, after which nothing more can be read
 */
bool
sysvpn_qubesd_reader_push (SysvpnQubesdReader *reader,
                           const char *bytes,
                           size_t len,
                           size_t *ret_used,
                           SysvpnQubesdEvent *ret_event,
                           GError **error)
{
  SysvpnQubesdEvent event = { .kind = SYSVPN_QUBESD_EVENT_NONE };

  for (size_t i = 0; i < len; i++) {
    bool is_whole = false, is_sound = ++reader->event_bytes <= EVENT_BYTES_MAX;

    if (bytes[i] != '\0') {
      if (reader->len < FIELD_SIZE - 1)
        reader->text[reader->len] = bytes[i];
      reader->len++;
    } else if (is_sound) {
      reader->text[MIN (reader->len, FIELD_SIZE - 1)] = '\0';
      is_sound = take_field (reader, &is_whole);
      reader->len = 0;
    }
    if (!is_sound) {
      g_set_error_literal (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_GARBAGE,
                           "expected events of qubesd");
      return false;
    }
    if (is_whole) {
      event = make_event (reader);
      *reader = (SysvpnQubesdReader){ .field = FIELD_MARK };
    }
    if (event.kind != SYSVPN_QUBESD_EVENT_NONE)
      len = i + 1; /* the rest is for the next call */
  }
  *ret_used = len;
  *ret_event = event;
  return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What qubesd is asked and what it answers: bytes in, structs out, no I/O. Its socket's
 * protocol is not a documented interface of Qubes OS, so it is known to the files qubesd*.c
 * alone. qubesd is dom0's own, but what it passes on may have come from any qube: everything is
 * checked, and none of its words is ever shown. */
#include "client/qubesd.h"

#include "client/transport.h"

#include <assert.h>
#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_QUARK (sysvpn_qubesd_error, sysvpn_qubesd_error)

enum { QUBES_MAX = 4096 /* of one list */ };

static const struct {
  const char *name;
  unsigned timeout_s; /* from the request to the whole answer; 0 for none */
} methods[] = {
  [SYSVPN_QUBESD_EVENTS] = { "admin.Events", 0 },
  [SYSVPN_QUBESD_LIST] = { "admin.vm.List", 10 },
  /* answers when the qube has started, for which qubesd itself gives up after a minute or so */
  [SYSVPN_QUBESD_START] = { "admin.vm.Start", 300 },
  [SYSVPN_QUBESD_PROPERTY_GET] = { "admin.vm.property.Get", 10 },
  [SYSVPN_QUBESD_FEATURE_GET] = { "admin.vm.feature.Get", 10 },
  [SYSVPN_QUBESD_TAG_GET] = { "admin.vm.tag.Get", 10 },
};
static_assert (G_N_ELEMENTS (methods) == SYSVPN_N_QUBESD_METHODS, "a name for each method");

/* The exceptions that are worth words of their own. */
static const struct {
  const char *type;
  SysvpnQubesdError error;
  const char *message;
} exceptions[] = {
  { "QubesVMNotFoundError", SYSVPN_QUBESD_ERROR_FAILED, N_ ("there is no qube of that name") },
  { "QubesVMNotHaltedError", SYSVPN_QUBESD_ERROR_NOT_HALTED,
    N_ ("the VPN qube is not halted") },
  { "QubesMemoryError", SYSVPN_QUBESD_ERROR_FAILED,
    N_ ("there is not enough memory to start the VPN qube; shut another qube down first") },
  { "QubesFeatureNotFoundError", SYSVPN_QUBESD_ERROR_NOT_SET, N_ ("the feature is not set") },
  { "QubesNoSuchPropertyError", SYSVPN_QUBESD_ERROR_NOT_SET, N_ ("there is no such property") },
};

/* A qube that shuts down still runs, and can change its mind; one whose state has no name here
 * is not known to be off. */
static const struct {
  const char *word;
  SysvpnPower power;
} states[] = {
  { "Halted", SYSVPN_POWER_HALTED },   { "Transient", SYSVPN_POWER_STARTING },
  { "Running", SYSVPN_POWER_RUNNING }, { "Paused", SYSVPN_POWER_PAUSED },
  { "Halting", SYSVPN_POWER_RUNNING }, { "Suspended", SYSVPN_POWER_PAUSED },
  { "Dying", SYSVPN_POWER_HALTED },    { "Crashed", SYSVPN_POWER_HALTED },
};

static bool
argument_is_valid (const char *argument)
{
  for (const char *c = argument; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("_.-", *c) == NULL)
      return false;
  return true;
}

/**
 * sysvpn_qubesd_service:
 * @query: what to ask
 *
 * Returns: (transfer full): `METHOD+ARGUMENT`, the name under which qrexec knows it
 */
char *
sysvpn_qubesd_service (const SysvpnQubesdQuery *query)
{
  const char *argument = query->argument != NULL ? query->argument : "";

  g_return_val_if_fail (query->method < SYSVPN_N_QUBESD_METHODS, NULL);
  g_return_val_if_fail (argument_is_valid (argument), NULL);
  g_return_val_if_fail (sysvpn_qube_name_is_valid (query->qube), NULL);

  return g_strconcat (methods[query->method].name, "+", argument, NULL);
}

/**
 * sysvpn_qubesd_request:
 * @query: what to ask
 *
 * Returns: (transfer full): what is written to qubesd's socket before the end of the input
 */
GBytes *
sysvpn_qubesd_request (const SysvpnQubesdQuery *query)
{
  g_autofree char *service = sysvpn_qubesd_service (query);
  char *request = g_strconcat (service, " dom0 name ", query->qube, NULL);

  return g_bytes_new_take (request, strlen (request) + 1); /* the NUL belongs to it */
}

/**
 * sysvpn_qubesd_timeout_s:
 * @method: what is asked
 *
 * Returns: how long the answer may take, in seconds; 0 for a method that does not end
 */
unsigned
sysvpn_qubesd_timeout_s (SysvpnQubesdMethod method)
{
  return methods[method].timeout_s;
}

static bool
is_word (const char *bytes, size_t len, const char *word)
{
  return strlen (word) == len && strncmp (bytes, word, len) == 0;
}

static GError *
error_of_exception (const char *type, size_t len)
{
  for (size_t i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (is_word (type, len, exceptions[i].type))
      return g_error_new_literal (SYSVPN_QUBESD_ERROR, (int) exceptions[i].error,
                                  _ (exceptions[i].message));
  return g_error_new_literal (SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_FAILED,
                              _ ("dom0 could not do it; see journalctl -u qubesd there"));
}

/**
 * sysvpn_qubesd_answer_decode:
 * @bytes: a whole answer, from the request to the end of the output
 * @len: how many
 * @ret_data: (out): what it holds, within @bytes
 * @ret_len: (out): how many bytes that is
 * @error: return location for a #SysvpnQubesdError
 *
 * Returns: %TRUE if it was done
 */
bool
sysvpn_qubesd_answer_decode (
    const char *bytes, size_t len, const char **ret_data, size_t *ret_len, GError **error)
{
  const char *end;

  if (len == 0) { /* all that qubesd says to what it does not allow */
    g_set_error_literal (error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_DENIED,
                         _ ("dom0 does not allow it; see /etc/qubes/policy.d there"));
    return false;
  }
  if (len >= 2 && memcmp (bytes, "0\0", 2) == 0) {
    *ret_data = bytes + 2;
    *ret_len = len - 2;
    return true;
  }
  end = len > 2 && memcmp (bytes, "2\0", 2) == 0 ? memchr (bytes + 2, '\0', len - 2) : NULL;
  if (end == NULL)
    g_set_error_literal (
        error, SYSVPN_QUBESD_ERROR, SYSVPN_QUBESD_ERROR_GARBAGE,
        _ ("dom0's answer cannot be understood; see journalctl -u qubesd there"));
  else
    g_propagate_error (error, error_of_exception (bytes + 2, (size_t) (end - bytes - 2)));
  return false;
}

/* Splits what is left of a text at @separator. Returns: %FALSE when nothing is left */
static bool
next_part (const char **rest, size_t *rest_len, char separator, const char **part, size_t *len)
{
  const char *end;

  if (*rest_len == 0)
    return false;
  end = memchr (*rest, separator, *rest_len);
  *part = *rest;
  *len = end != NULL ? (size_t) (end - *rest) : *rest_len;
  *rest += *len + (end != NULL);
  *rest_len -= *len + (end != NULL);
  return true;
}

static SysvpnPower
power_of_word (const char *word, size_t len)
{
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++)
    if (is_word (word, len, states[i].word))
      return states[i].power;
  return SYSVPN_POWER_UNKNOWN;
}

/* `NAME class=CLASS state=STATE`, and since 4.3 `uuid=UUID`. */
static bool
decode_qube (const char *line, size_t len, SysvpnQubesdQube *ret_qube)
{
  const char *token;
  size_t token_len;

  *ret_qube = (SysvpnQubesdQube){ 0 };
  if (!next_part (&line, &len, ' ', &token, &token_len) || token_len >= sizeof ret_qube->name ||
      memchr (token, '\0', token_len) != NULL)
    return false;
  memcpy (ret_qube->name, token, token_len);
  if (!sysvpn_qube_name_is_valid (ret_qube->name))
    return false;
  while (next_part (&line, &len, ' ', &token, &token_len)) {
    if (is_word (token, token_len, "class=TemplateVM"))
      ret_qube->is_template = true;
    if (token_len > strlen ("state=") && strncmp (token, "state=", strlen ("state=")) == 0)
      ret_qube->power =
          power_of_word (token + strlen ("state="), token_len - strlen ("state="));
  }
  return true;
}

/**
 * sysvpn_qubesd_list_decode:
 * @data: what admin.vm.List answered
 * @len: how many bytes
 *
 * Lines that are none, and tokens that are not known, are passed over: later versions add some.
 *
 * Returns: (transfer full) (element-type SysvpnQubesdQube): the qubes, at most 4096
 */
GArray *
sysvpn_qubesd_list_decode (const char *data, size_t len)
{
  GArray *qubes = g_array_new (FALSE, FALSE, sizeof (SysvpnQubesdQube));
  SysvpnQubesdQube qube;
  const char *line;
  size_t line_len;

  while (qubes->len < QUBES_MAX && next_part (&data, &len, '\n', &line, &line_len))
    if (decode_qube (line, line_len, &qube))
      g_array_append_val (qubes, qube);
  return qubes;
}

/**
 * sysvpn_qubesd_list_find:
 * @qubes: (element-type SysvpnQubesdQube): a list
 * @name: the name of a qube
 *
 * Returns: its state; %SYSVPN_POWER_UNKNOWN if it is not there
 */
SysvpnPower
sysvpn_qubesd_list_find (const GArray *qubes, const char *name)
{
  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnQubesdQube *qube = &g_array_index (qubes, SysvpnQubesdQube, i);

    if (g_str_equal (qube->name, name))
      return qube->power;
  }
  return SYSVPN_POWER_UNKNOWN;
}

/**
 * sysvpn_qubesd_feature_decode:
 * @data: what admin.vm.feature.Get answered
 * @len: how many bytes
 * @ret_value: (out): the value
 *
 * Returns: %TRUE if it is printable ASCII of at most 255 bytes, which all that is of use here
 * is
 */
bool
sysvpn_qubesd_feature_decode (const char *data,
                              size_t len,
                              char ret_value[static SYSVPN_QUBESD_VALUE_SIZE])
{
  if (len >= SYSVPN_QUBESD_VALUE_SIZE)
    return false;
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isprint (data[i]))
      return false;
  memcpy (ret_value, data, len);
  ret_value[len] = '\0';
  return true;
}

/**
 * sysvpn_qubesd_property_decode:
 * @data: what admin.vm.property.Get answered
 * @len: how many bytes
 * @ret_property: (out): the property
 *
 * `default=True|False type=TYPE VALUE`, where a net qube that is none has an empty value.
 *
 * Returns: %TRUE if it reads so
 */
bool
sysvpn_qubesd_property_decode (const char *data, size_t len, SysvpnQubesdProperty *ret_property)
{
  SysvpnQubesdProperty property = { 0 };
  const char *is_default, *type;
  size_t is_default_len, type_len;

  if (!next_part (&data, &len, ' ', &is_default, &is_default_len) ||
      !next_part (&data, &len, ' ', &type, &type_len) || type_len <= strlen ("type=") ||
      strncmp (type, "type=", strlen ("type=")) != 0 ||
      !sysvpn_qubesd_feature_decode (data, len, property.value))
    return false;
  property.is_default = is_word (is_default, is_default_len, "default=True");
  if (!property.is_default && !is_word (is_default, is_default_len, "default=False"))
    return false;
  *ret_property = property;
  return true;
}

/**
 * sysvpn_qubesd_is_set:
 * @data: what admin.vm.feature.Get or admin.vm.tag.Get answered
 *
 * Returns: %TRUE if it is on: neither 0, nor empty as `qvm-service off` leaves it
 */
bool
sysvpn_qubesd_is_set (GBytes *data)
{
  gsize len;
  const char *text = g_bytes_get_data (data, &len);

  return len > 0 && !is_word (text, len, "0");
}

/**
 * sysvpn_qubesd_netvm_decode:
 * @data: what admin.vm.property.Get+netvm answered
 * @ret_netvm: (out): the property; its value is a valid name, or empty for no net qube
 *
 * Returns: %TRUE if it reads so
 */
bool
sysvpn_qubesd_netvm_decode (GBytes *data, SysvpnQubesdProperty *ret_netvm)
{
  gsize len;
  const char *text = g_bytes_get_data (data, &len);
  SysvpnQubesdProperty property;

  if (!sysvpn_qubesd_property_decode (text, len, &property) ||
      (property.value[0] != '\0' && !sysvpn_qube_name_is_valid (property.value)))
    return false;
  *ret_netvm = property;
  return true;
}

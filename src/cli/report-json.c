/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report for programs: the wire's own keys, and what dom0 makes of them. */
#include "cli/report-json.h"

#include "base/safe-text.h"

/**
 * sysvpn_json_text:
 * @builder: a builder whose outermost object or array has ended
 * @pretty: for people, over several lines
 *
 * Returns: (transfer full): the JSON text with a newline
 */
char *
sysvpn_json_text (JsonBuilder *builder, bool pretty)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, pretty);

  return g_strconcat (text, "\n", NULL);
}

static void
add_field (const char *key, const char *value, bool is_number, gpointer data)
{
  JsonBuilder *builder = data;

  json_builder_set_member_name (builder, key);
  if (value == NULL) {
    json_builder_add_null_value (builder);
  } else if (is_number) { /* at most 56 bits, the wire sees to it */
    json_builder_add_int_value (builder, g_ascii_strtoll (value, NULL, 10));
  } else {
    g_autofree char *safe = sysvpn_text_sanitize (value, SYSVPN_VALUE_MAX);

    json_builder_add_string_value (builder, safe);
  }
}

static void
add_clients (JsonBuilder *builder, const SysvpnStatus *report)
{
  json_builder_set_member_name (builder, "clients");
  json_builder_begin_array (builder);
  for (size_t i = 0; i < report->n_clients; i++) {
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "address");
    json_builder_add_string_value (builder, report->clients[i].address);
    json_builder_set_member_name (builder, "packets");
    json_builder_add_int_value (builder, (gint64) report->clients[i].packets);
    json_builder_set_member_name (builder, "bytes");
    json_builder_add_int_value (builder, (gint64) report->clients[i].bytes);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/**
 * sysvpn_report_json:
 * @qube: the name of the VPN qube
 * @view: what to show
 * @report: (nullable): the last report; a state of "unknown" may come with an old one
 * @age_ms: how old it is; %SYSVPN_ABSENT without one
 * @pretty: for people, over several lines
 *
 * Returns: (transfer full): an object with a newline; what is not known is null
 */
char *
sysvpn_report_json (
    const char *qube, SysvpnView view, const SysvpnStatus *report, uint64_t age_ms, bool pretty)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "qube");
  json_builder_add_string_value (builder, qube);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, sysvpn_words_get (&sysvpn_shown_words, view.shown));
  json_builder_set_member_name (builder, "sentence");
  json_builder_add_string_value (builder, view.sentence);
  json_builder_set_member_name (builder, "age_s");
  if (age_ms == SYSVPN_ABSENT)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, (gint64) (age_ms / 1000));
  if (report != NULL) {
    sysvpn_status_foreach (report, add_field, builder);
    add_clients (builder, report);
  }
  json_builder_end_object (builder);
  return sysvpn_json_text (builder, pretty);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of sysvpn.Diagnose: what somebody who looks into a bug report asks for first. It
 * goes to strangers, so nothing in it tells who the user is, which provider they have, or a
 * secret: the agent has no secret to tell, names and addresses are left out here. */
#include "agent/diagnosis.h"

#include "proto/profile-list.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/utsname.h>

enum { DEVICES_MAX = 40, FLAGS_MAX = 40 };

static bool
is_address (const char *text)
{
  unsigned char bytes[sizeof (struct in6_addr)];

  return inet_pton (AF_INET, text, bytes) == 1 || inet_pton (AF_INET6, text, bytes) == 1;
}

/* An address alone, or before the colon of a port or the full stop of a sentence. */
static bool
begins_with_address (const char *token)
{
  g_autofree char *text = g_strdup (token);

  for (size_t len = strlen (text); len > 0; len--) {
    if (text[len] != '\0' && text[len] != ':' && text[len] != '.')
      continue;
    text[len] = '\0';
    if (is_address (text))
      return true;
  }
  return false;
}

/**
 * sysvpn_diagnosis_redact:
 * @line: any text
 *
 * Returns: (transfer full): the same with "(address)" for each IP address, a port included
 */
char *
sysvpn_diagnosis_redact (const char *line)
{
  static const char address_bytes[] = "0123456789abcdefABCDEF:.";
  GString *out = g_string_new (NULL);

  while (*line != '\0') {
    size_t len = strspn (line, address_bytes);
    g_autofree char *token = g_strndup (line, len);

    if (len > 0 && begins_with_address (token))
      g_string_append (out, "(address)");
    else
      g_string_append (out, token);
    line += len;
    len = strcspn (line, address_bytes);
    g_string_append_len (out, line, (gssize) len);
    line += len;
  }
  return g_string_free (out, FALSE);
}

static void
add_field (const char *key, const char *value, bool is_number G_GNUC_UNUSED, gpointer data)
{
  static const char *const private_fields[] = { "profile_uuid", "profile_name", "interface",
                                                "endpoint",     "egress4",      "egress6" };
  GString *out = data;

  if (value == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (private_fields); i++)
    if (g_str_equal (key, private_fields[i]))
      value = "(left out)";
  g_string_append_printf (out, "%s=%s\n", key, value);
}

static void
add_report (GString *out, const SysvpnStatus *status)
{
  g_string_append (out, "\nReport\n");
  sysvpn_status_foreach (status, add_field, out);
  for (size_t i = 0; i < status->n_clients; i++)
    g_string_append_printf (out, "client=%s %" G_GUINT64_FORMAT "\n",
                            status->clients[i].address, (guint64) status->clients[i].packets);
}

static void
add_profiles (GString *out, const GArray *profiles)
{
  unsigned of_type[SYSVPN_N_PROFILE_TYPES] = { 0 };
  unsigned n_pinned = 0;

  if (profiles == NULL)
    return;
  for (unsigned i = 0; i < profiles->len; i++) {
    const SysvpnProfile *profile = &g_array_index (profiles, SysvpnProfile, i);

    of_type[profile->type]++;
    if (profile->pinned)
      n_pinned++;
  }
  g_string_append_printf (out, "profiles: %u", profiles->len);
  for (unsigned type = 0; type < SYSVPN_N_PROFILE_TYPES; type++)
    if (of_type[type] > 0)
      g_string_append_printf (out, ", %u %s", of_type[type],
                              sysvpn_words_get (&sysvpn_profile_type_words, type));
  g_string_append_printf (out, ", %u of them with their server in the endpoints\n", n_pinned);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The names in a folder in order, the first @max of them; none where it cannot be read. */
static GPtrArray *
list_names (const char *path, unsigned max)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && names->len < max && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
add_flags (GString *out, const char *root)
{
  g_autofree char *path = g_build_filename (root, "run/qubes-service", NULL);
  g_autoptr (GPtrArray) flags = list_names (path, FLAGS_MAX);

  g_string_append (out, "services of the qube:");
  for (unsigned i = 0; i < flags->len; i++)
    g_string_append_printf (out, " %s", (const char *) flags->pdata[i]);
  g_string_append (out, flags->len > 0 ? "\n" : " none\n");
}

static char *
read_word (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("?");
  return g_strstrip (text);
}

/* A WireGuard device has its profile's name, so tunnels are told by their kind. */
static const char *
kind_of_tunnel (const char *folder)
{
  g_autofree char *uevent = read_word (folder, "uevent");
  g_autofree char *tun_flags = g_build_filename (folder, "tun_flags", NULL);

  if (strstr (uevent, "DEVTYPE=wireguard") != NULL)
    return "(wireguard)";
  return g_file_test (tun_flags, G_FILE_TEST_EXISTS) ? "(tun)" : NULL;
}

static void
add_devices (GString *out, const char *root)
{
  g_autofree char *path = g_build_filename (root, "sys/class/net", NULL);
  g_autoptr (GPtrArray) devices = list_names (path, DEVICES_MAX);

  g_string_append (out, "\nDevices\n");
  for (unsigned i = 0; i < devices->len; i++) {
    const char *name = devices->pdata[i];
    g_autofree char *folder = g_build_filename (path, name, NULL);
    g_autofree char *group = read_word (folder, "netdev_group");
    g_autofree char *state = read_word (folder, "operstate");
    const char *tunnel = kind_of_tunnel (folder);

    g_string_append_printf (out, "%s: group %s, %s\n", tunnel != NULL ? tunnel : name, group,
                            state);
  }
}

static void
add_log (GString *out, const char *const *log)
{
  g_string_append (out, "\nLog of the agent\n");
  for (size_t i = 0; log[i] != NULL; i++) {
    g_autofree char *line = sysvpn_diagnosis_redact (log[i]);

    g_string_append_printf (out, "%s\n", g_strdelimit (line, "\n", ' '));
  }
}

/**
 * sysvpn_diagnosis_text:
 * @diagnosis: what is known
 * @root: where the file system starts
 *
 * Returns: (transfer full): the lines of a bug report, less than
 * %SYSVPN_DIAGNOSIS_LINES_MAX of them
 */
char *
sysvpn_diagnosis_text (const SysvpnDiagnosis *diagnosis, const char *root)
{
  GString *out = g_string_new (NULL);
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  struct utsname kernel = { 0 };

  uname (&kernel); /* cannot fail for a valid address */
  g_string_append_printf (
      out, "sysvpn-agent " SYSVPN_VERSION ", running for %" G_GUINT64_FORMAT " s\n",
      (guint64) diagnosis->uptime_s);
  g_string_append_printf (out, "system: %s, Linux %s\n", system != NULL ? system : "unknown",
                          kernel.release);
  add_flags (out, root);
  add_profiles (out, diagnosis->profiles);
  add_report (out, diagnosis->status);
  add_devices (out, root);
  add_log (out, diagnosis->log);
  return g_string_free (out, FALSE);
}

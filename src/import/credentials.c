/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a profile needs besides its file: /rw/config/vpn/credentials/STEM.*, and the files that
 * its lines name. All of it goes into the digest, so that a new password is a change. */
#include "import/credentials.h"

#include <string.h>

#include "import/error.h"
#include "import/private-file.h"

/* Files that replace what the configuration says, and the option they stand for. */
static const struct {
  const char *ending;
  const char *option;
} overrides[] = { { "key", "key" }, { "crt", "cert" }, { "p12", "pkcs12" } };

static void
wipe (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

/**
 * sysvpn_credentials_free:
 * @credentials: (transfer full): wiped
 */
void
sysvpn_credentials_free (SysvpnCredentials *credentials)
{
  g_free (credentials->user);
  wipe (credentials->password);
  wipe (credentials->passphrase);
  g_free (credentials);
}

static void
add_to_digest (GChecksum *digest, const char *name, const char *text, size_t len)
{
  g_autofree char *head = g_strdup_printf ("%s %zu\n", name, len);

  g_checksum_update (digest, (const guchar *) head, -1);
  g_checksum_update (digest, (const guchar *) text, (gssize) len);
}

static char *
path_of (const char *folder, const char *stem, const char *ending)
{
  g_autofree char *name = g_strconcat (stem, ".", ending, NULL);

  return g_build_filename (folder, "credentials", name, NULL);
}

static bool
read_lines (const char *path, char ***ret_lines, GChecksum *digest, GError **error)
{
  g_autofree char *text = NULL;
  size_t len = 0;
  bool is_text;

  if (!sysvpn_file_read (path, SYSVPN_FILE_PRIVATE, 4096, &text, &len, error))
    return false;
  add_to_digest (digest, path, text, len);
  is_text = sysvpn_config_split (text, len, ret_lines, error);
  explicit_bzero (text, len);
  if (!is_text)
    g_prefix_error (error, "%s: ", path);
  return is_text;
}

static bool
load_login (SysvpnCredentials *credentials, const char *path, GChecksum *digest, GError **error)
{
  g_auto (GStrv) lines = NULL;

  if (!read_lines (path, &lines, digest, error))
    return false;
  if (lines[0][0] == '\0' || lines[1] == NULL || lines[1][0] == '\0' ||
      (lines[2] != NULL && lines[2][0] != '\0'))
    return sysvpn_import_refuse (
        error, 0, "%s: expected two lines, the user name and the password", path);
  credentials->user = g_strdup (lines[0]);
  credentials->password = g_strdup (lines[1]);
  explicit_bzero (lines[1], strlen (lines[1]));
  return true;
}

/* The file that `auth-user-pass FILE` means; NULL if it is not one of the credentials. */
static char *
named_login (const char *folder, const char *written)
{
  g_autofree char *credentials = g_build_filename (folder, "credentials/", NULL);
  g_autofree char *path = g_path_is_absolute (written)
                              ? g_strdup (written)
                              : g_build_filename (folder, written, NULL);
  g_autofree char *base = g_path_get_basename (written);
  g_autofree char *beside = g_build_filename (folder, "credentials", base, NULL);
  bool is_bare = g_str_equal (base, written);

  if (is_bare && g_file_test (beside, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&beside);
  if (!g_str_has_prefix (path, credentials) || strstr (path, "/..") != NULL)
    return NULL;
  return g_steal_pointer (&path);
}

static bool
find_login (SysvpnCredentials *credentials,
            const char *folder,
            const char *stem,
            const SysvpnConfig *config,
            GChecksum *digest,
            GError **error)
{
  g_autofree char *own = path_of (folder, stem, "userpass");
  g_autofree char *named =
      config->password_file != NULL ? named_login (folder, config->password_file) : NULL;

  if (g_file_test (own, G_FILE_TEST_EXISTS))
    return load_login (credentials, own, digest, error);
  if (config->password != NULL) {
    credentials->user = g_strdup (config->user);
    credentials->password = g_strdup (config->password);
    return true;
  }
  if (named != NULL)
    return load_login (credentials, named, digest, error);
  return sysvpn_import_refuse (
      error, 0,
      "it needs a user name and a password: write them as two lines into "
      "'%s' and chmod 0600 it",
      own);
}

/* The absolute path of a file that a line names: beside the configuration or in credentials. */
static char *
find_file (const char *folder, const char *written, bool *ret_is_credential)
{
  const char *places[] = { "credentials", "" };

  if (strstr (written, "..") != NULL || strpbrk (written, "\"\\") != NULL)
    return NULL;
  if (g_path_is_absolute (written)) {
    g_autofree char *inside = g_strconcat (folder, "/", NULL);
    g_autofree char *credentials = g_strconcat (folder, "/credentials/", NULL);

    *ret_is_credential = g_str_has_prefix (written, credentials);
    return g_str_has_prefix (written, inside) ? g_strdup (written) : NULL;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *path = g_build_filename (folder, places[i], written, NULL);

    *ret_is_credential = i == 0 || g_str_has_prefix (written, "credentials/");
    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&path);
  }
  return NULL;
}

static bool
is_secret (const char *option)
{
  return !g_str_equal (option, "ca") && !g_str_equal (option, "cert") &&
         !g_str_equal (option, "extra-certs") && !g_str_equal (option, "crl-verify");
}

static bool
load_file (SysvpnConfig *config,
           SysvpnConfigLine *line,
           const char *folder,
           GChecksum *digest,
           GError **error)
{
  bool is_credential = false;
  g_autofree char *path = find_file (folder, line->text, &is_credential);
  g_autofree char *text = NULL;
  size_t len = 0;

  if (path == NULL)
    return sysvpn_import_refuse (error, line->number,
                                 "%s names a file that is not in %s/credentials", line->option,
                                 folder);
  if (!sysvpn_file_check_way (folder, path, error))
    return false;
  if (!sysvpn_file_read (path,
                         is_credential || is_secret (line->option) ? SYSVPN_FILE_PRIVATE
                                                                   : SYSVPN_FILE_OURS,
                         SYSVPN_CONFIG_MAX, &text, &len, error))
    return false;
  if (g_str_equal (line->option, "key") && strstr (text, "ENCRYPTED") != NULL)
    config->wants_passphrase = true;
  add_to_digest (digest, path, text, len);
  explicit_bzero (text, len);
  g_free (line->text);
  line->text = g_steal_pointer (&path);
  return true;
}

static void
apply_overrides (SysvpnConfig *config, const char *folder, const char *stem)
{
  for (size_t i = 0; i < G_N_ELEMENTS (overrides); i++) {
    g_autofree char *path = path_of (folder, stem, overrides[i].ending);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    sysvpn_config_drop_option (config, overrides[i].option);
    sysvpn_config_add (config, SYSVPN_CONFIG_LINE_FILE, 0, path)->option =
        g_strdup (overrides[i].option);
  }
}

static bool
load_passphrase (SysvpnCredentials *credentials,
                 const char *folder,
                 const char *stem,
                 const SysvpnConfig *config,
                 GChecksum *digest,
                 GError **error)
{
  g_autofree char *path = path_of (folder, stem, "passphrase");
  g_auto (GStrv) lines = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    if (config->wants_passphrase)
      return sysvpn_import_refuse (
          error, 0, "its key has a passphrase: write it into '%s' and chmod 0600 it", path);
    return true;
  }
  if (!read_lines (path, &lines, digest, error))
    return false;
  credentials->passphrase = g_strdup (lines[0]);
  explicit_bzero (lines[0], strlen (lines[0]));
  return true;
}

/**
 * sysvpn_credentials_load:
 * @folder: /rw/config/vpn, below the root
 * @stem: the profile's name
 * @config: its file; paths become absolute, and files of the credentials replace lines
 * @digest: everything read is added
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Returns: (transfer full) (nullable): the secrets, of which there may be none
 */
SysvpnCredentials *
sysvpn_credentials_load (const char *folder,
                         const char *stem,
                         SysvpnConfig *config,
                         GChecksum *digest,
                         GError **error)
{
  g_autoptr (SysvpnCredentials) credentials = g_new0 (SysvpnCredentials, 1);
  g_autofree char *secrets = g_build_filename (folder, "credentials", NULL);

  if (g_file_test (secrets, G_FILE_TEST_EXISTS) && !sysvpn_file_check_folder (secrets, error))
    return NULL;
  if (config->kind == SYSVPN_CONFIG_WIREGUARD)
    return g_steal_pointer (&credentials);
  apply_overrides (config, folder, stem);
  for (unsigned i = 0; i < config->lines->len; i++) {
    SysvpnConfigLine *line = config->lines->pdata[i];

    if (line->type == SYSVPN_CONFIG_LINE_FILE &&
        !load_file (config, line, folder, digest, error))
      return NULL;
  }
  if (config->wants_password && !find_login (credentials, folder, stem, config, digest, error))
    return NULL;
  if (!load_passphrase (credentials, folder, stem, config, digest, error))
    return NULL;
  return g_steal_pointer (&credentials);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A provider's file as a list of lines, of which some are servers and some name other files.
 * Pure. */
#include "import/config.h"

#include <string.h>

#include "import/error.h"

static void
line_free (gpointer data)
{
  SysvpnConfigLine *line = data;

  g_free (line->text);
  g_free (line->option);
  g_free (line->rest);
  g_free (line);
}

/**
 * sysvpn_config_new:
 * @kind: what kind of file it is
 *
 * Returns: (transfer full): a config without lines
 */
SysvpnConfig *
sysvpn_config_new (SysvpnConfigKind kind)
{
  SysvpnConfig *config = g_new0 (SysvpnConfig, 1);

  config->kind = kind;
  config->lines = g_ptr_array_new_with_free_func (line_free);
  config->notes = g_ptr_array_new_with_free_func (g_free);
  return config;
}

/**
 * sysvpn_config_free:
 * @config: (transfer full): a config
 */
void
sysvpn_config_free (SysvpnConfig *config)
{
  g_ptr_array_unref (config->lines);
  g_ptr_array_unref (config->notes);
  g_free (config->password_file);
  g_free (config->user);
  g_free (config->password);
  g_free (config);
}

/**
 * sysvpn_config_add:
 * @config: a config
 * @type: what the line is
 * @number: its number in the user's file
 * @text: its text as of #SysvpnConfigLine
 *
 * Returns: (transfer none): the new line, the rest of it empty
 */
SysvpnConfigLine *
sysvpn_config_add (SysvpnConfig *config,
                   SysvpnConfigLineType type,
                   unsigned number,
                   const char *text)
{
  SysvpnConfigLine *line = g_new0 (SysvpnConfigLine, 1);

  line->type = type;
  line->number = number;
  line->text = g_strdup (text);
  g_ptr_array_add (config->lines, line);
  return line;
}

/**
 * sysvpn_config_note:
 * @config: a config
 * @number: the line's number
 * @word: the option that is left out
 * @why: the reason
 */
void
sysvpn_config_note (SysvpnConfig *config, unsigned number, const char *word, const char *why)
{
  g_ptr_array_add (config->notes,
                   g_strdup_printf ("line %u: %s left out: %s", number, word, why));
}

/* A byte that others might take for the end of a line would hide what comes after it. */
static bool
check_lines (char **lines, GError **error)
{
  for (unsigned i = 0; lines[i] != NULL; i++)
    for (const char *c = lines[i]; *c != '\0'; c++)
      if (g_ascii_iscntrl (*c) && *c != '\t')
        return sysvpn_import_refuse (error, i + 1, "a byte is not plain text");
  return true;
}

/**
 * sysvpn_config_split:
 * @text: (array length=len): a whole file
 * @len: its length in bytes
 * @ret_lines: (out) (transfer full): its lines without line ends; only on success
 * @error: return location for a %SYSVPN_IMPORT_ERROR_REFUSED
 *
 * Such files come from web pages and from other people's computers: a byte order mark and CRLF
 * are taken away.
 *
 * Returns: %TRUE if it is text of a sensible size
 */
bool
sysvpn_config_split (const char *text, size_t len, char ***ret_lines, GError **error)
{
  g_autofree char *whole = NULL;
  char **lines;

  if (len > SYSVPN_CONFIG_MAX)
    return sysvpn_import_refuse (error, 0, "larger than %d KiB", SYSVPN_CONFIG_MAX / 1024);
  if (len == 0)
    return sysvpn_import_refuse (error, 0, "the file is empty");
  if (!g_utf8_validate_len (text, len, NULL))
    return sysvpn_import_refuse (error, 0, "not a text in UTF-8");
  if (len >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    len -= 3;
  }
  whole = g_strndup (text, len);
  lines = g_strsplit (whole, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    size_t line_len = strlen (*line);

    if (line_len > 0 && (*line)[line_len - 1] == '\r')
      (*line)[line_len - 1] = '\0';
  }
  if (!check_lines (lines, error)) {
    g_strfreev (lines);
    return false;
  }
  *ret_lines = lines;
  return true;
}

/**
 * sysvpn_config_has_option:
 * @config: a config
 * @option: `key`, `cert` ...
 *
 * Returns: %TRUE if it is there, as a block or naming a file
 */
bool
sysvpn_config_has_option (const SysvpnConfig *config, const char *option)
{
  for (unsigned i = 0; i < config->lines->len; i++) {
    const SysvpnConfigLine *line = config->lines->pdata[i];

    if (g_strcmp0 (line->option, option) == 0)
      return true;
  }
  return false;
}

/**
 * sysvpn_config_drop_option:
 * @config: a config
 * @option: `key`, `cert` ...: its block and the line that names its file are taken out
 */
void
sysvpn_config_drop_option (SysvpnConfig *config, const char *option)
{
  for (unsigned i = config->lines->len; i > 0; i--) {
    const SysvpnConfigLine *line = config->lines->pdata[i - 1];

    if (g_strcmp0 (line->option, option) == 0)
      g_ptr_array_remove_index (config->lines, i - 1);
  }
}

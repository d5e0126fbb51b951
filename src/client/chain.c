/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way that a qube's traffic takes, by the net qubes that dom0 gave each. No I/O. */
#include "client/chain.h"

/**
 * sysvpn_wired_qubes_decode:
 * @list: what admin.vm.List answered
 *
 * Returns: (transfer full) (element-type SysvpnWiredQube): all qubes but dom0, of which nothing
 * is known yet but whether they run and are templates
 */
GArray *
sysvpn_wired_qubes_decode (GBytes *list)
{
  GArray *qubes = g_array_new (FALSE, TRUE, sizeof (SysvpnWiredQube));
  gsize len;
  const char *text = g_bytes_get_data (list, &len);
  g_autoptr (GArray) listed = sysvpn_qubesd_list_decode (text, len);

  for (unsigned i = 0; i < listed->len; i++) {
    const SysvpnQubesdQube *one = &g_array_index (listed, SysvpnQubesdQube, i);
    SysvpnWiredQube qube = { .power = one->power, .is_template = one->is_template };

    if (g_str_equal (one->name, "dom0"))
      continue;
    g_strlcpy (qube.name, one->name, sizeof qube.name);
    g_array_append_val (qubes, qube);
  }
  return qubes;
}

/**
 * sysvpn_wired_qube_find:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @name: one's name
 *
 * Returns: (nullable): it, borrowed from @qubes
 */
const SysvpnWiredQube *
sysvpn_wired_qube_find (const GArray *qubes, const char *name)
{
  for (unsigned i = 0; i < qubes->len; i++) {
    const SysvpnWiredQube *qube = &g_array_index (qubes, SysvpnWiredQube, i);

    if (g_str_equal (qube->name, name))
      return qube;
  }
  return NULL;
}

/**
 * sysvpn_wired_qube_is_net_qube:
 * @qubes: (element-type SysvpnWiredQube): all qubes
 * @name: one's name
 *
 * Returns: %TRUE if others send through it
 */
bool
sysvpn_wired_qube_is_net_qube (const GArray *qubes, const char *name)
{
  for (unsigned i = 0; i < qubes->len; i++)
    if (g_str_equal (g_array_index (qubes, SysvpnWiredQube, i).netvm, name))
      return true;
  return false;
}

/**
 * sysvpn_chain_walk:
 * @qubes: (element-type SysvpnWiredQube): all qubes; outlives the chain
 * @client: where to start
 *
 * Of qubes that are wired in a ring, which dom0 refuses, it is as long as can be and not whole.
 *
 * Returns: from @client by each net qube to the last that can be found
 */
SysvpnChain
sysvpn_chain_walk (const GArray *qubes, const char *client)
{
  SysvpnChain chain = { .n = 0 };
  const char *name = client;

  while (chain.n < SYSVPN_CHAIN_MAX) {
    const SysvpnWiredQube *qube = sysvpn_wired_qube_find (qubes, name);

    if (qube == NULL)
      return chain;
    chain.hops[chain.n++] = qube;
    if (!qube->netvm_known)
      return chain;
    if (qube->netvm[0] == '\0') {
      chain.is_whole = true;
      return chain;
    }
    name = qube->netvm;
  }
  return chain;
}

/**
 * sysvpn_chain_find:
 * @chain: a chain
 * @name: (nullable): a qube's name
 *
 * Returns: how many hops it is from the client; -1 if it is not there
 */
int
sysvpn_chain_find (const SysvpnChain *chain, const char *name)
{
  for (unsigned i = 0; name != NULL && i < chain->n; i++)
    if (g_str_equal (chain->hops[i]->name, name))
      return (int) i;
  return -1;
}

/**
 * sysvpn_chain_text:
 * @chain: a chain
 * @arrow: what stands between two qubes
 *
 * Returns: (transfer full): its names with arrows, and a question mark where the rest is not
 * known
 */
char *
sysvpn_chain_text (const SysvpnChain *chain, const char *arrow)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned i = 0; i < chain->n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? arrow : "", chain->hops[i]->name);
  if (!chain->is_whole)
    g_string_append_printf (text, "%s?", arrow);
  return g_strdup (text->str);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns nf_tables' netlink messages into SysvpnNftTable. Rules are kept as all the bytes of all
 * their expressions, not as a library's rendering of them: what the library does not know would
 * be missing there, and a change in it would go unnoticed. */
#include "killswitch/table-message.h"

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "killswitch/netlink.h"

/* Their data changes with every packet; that they are there is what counts. */
static const char *const volatile_expressions[] = { "counter", "quota", "last", NULL };

static void
append_hex (GString *text, const void *data, size_t len)
{
  static const char digits[] = "0123456789abcdef";
  const uint8_t *bytes = data;

  for (size_t i = 0; i < len; i++) {
    g_string_append_c (text, digits[bytes[i] >> 4]);
    g_string_append_c (text, digits[bytes[i] & 15]);
  }
}

static void
chain_free (void *data)
{
  SysvpnNftChain *chain = data;

  g_free (chain->name);
  g_free (chain->type);
  g_ptr_array_unref (chain->rules);
  g_free (chain);
}

static void
set_free (void *data)
{
  SysvpnNftSet *set = data;

  g_free (set->name);
  g_free (set->shape);
  g_ptr_array_unref (set->elements);
  g_free (set);
}

static void
object_free (void *data)
{
  SysvpnNftObject *object = data;

  g_free (object->name);
  g_free (object);
}

/**
 * sysvpn_table_messages_new_sets:
 *
 * Returns: (transfer full): an empty table for #SysvpnTableMessages.anonymous
 */
GHashTable *
sysvpn_table_messages_new_sets (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, set_free);
}

/**
 * sysvpn_table_message_take_table:
 * @message: an NFT_MSG_NEWTABLE
 * @messages: the #SysvpnTableMessages it belongs to
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the message cannot be read
 */
int
sysvpn_table_message_take_table (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;
  struct nftnl_table *nl = nftnl_table_alloc ();
  int run = nftnl_table_nlmsg_parse (message, nl) < 0 ? MNL_CB_ERROR : MNL_CB_OK;

  if (run == MNL_CB_OK && self->table == NULL) {
    self->table = g_new0 (SysvpnNftTable, 1);
    self->table->flags = nftnl_table_get_u32 (nl, NFTNL_TABLE_FLAGS);
    self->table->n_uses = nftnl_table_get_u32 (nl, NFTNL_TABLE_USE);
    self->table->chains = g_ptr_array_new_with_free_func (chain_free);
    self->table->sets = g_ptr_array_new_with_free_func (set_free);
    self->table->objects = g_ptr_array_new_with_free_func (object_free);
    self->table->clients = g_array_new (FALSE, TRUE, sizeof (SysvpnNftClient));
  }
  nftnl_table_free (nl);
  return run;
}

static SysvpnNftSet *
set_new (const struct nftnl_set *nl)
{
  SysvpnNftSet *set = g_new0 (SysvpnNftSet, 1);
  g_autoptr (GString) shape = g_string_new (NULL);
  uint32_t concat_len = 0;
  const void *concat = nftnl_set_get_data (nl, NFTNL_SET_DESC_CONCAT, &concat_len);

  set->name = g_strdup (nftnl_set_get_str (nl, NFTNL_SET_NAME));
  set->flags = nftnl_set_get_u32 (nl, NFTNL_SET_FLAGS);
  set->key_type = nftnl_set_get_u32 (nl, NFTNL_SET_KEY_TYPE);
  set->key_len = nftnl_set_get_u32 (nl, NFTNL_SET_KEY_LEN);
  set->size = nftnl_set_get_u32 (nl, NFTNL_SET_DESC_SIZE);
  set->timeout_ms =
      nftnl_set_is_set (nl, NFTNL_SET_TIMEOUT) ? nftnl_set_get_u64 (nl, NFTNL_SET_TIMEOUT) : 0;
  g_string_append_printf (
      shape, "data %u/%u object %u fields ", nftnl_set_get_u32 (nl, NFTNL_SET_DATA_TYPE),
      nftnl_set_get_u32 (nl, NFTNL_SET_DATA_LEN), nftnl_set_get_u32 (nl, NFTNL_SET_OBJ_TYPE));
  append_hex (shape, concat, concat != NULL ? concat_len : 0);
  set->shape = g_string_free (g_steal_pointer (&shape), FALSE);
  set->elements = g_ptr_array_new_with_free_func (g_free);
  return set;
}

/**
 * sysvpn_table_message_take_set:
 * @message: an NFT_MSG_NEWSET
 * @messages: the #SysvpnTableMessages it belongs to
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the message cannot be read
 */
int
sysvpn_table_message_take_set (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;
  struct nftnl_set *nl = nftnl_set_alloc ();
  int run = nftnl_set_nlmsg_parse (message, nl) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
  SysvpnNftSet *set;

  if (run == MNL_CB_OK) {
    set = set_new (nl);
    if (set->flags & NFT_SET_ANONYMOUS)
      g_hash_table_replace (self->anonymous, set->name, set);
    else
      g_ptr_array_add (self->table->sets, set);
  }
  nftnl_set_free (nl);
  return run;
}

/**
 * sysvpn_table_message_take_elements:
 * @message: an NFT_MSG_NEWSETELEM
 * @messages: the #SysvpnTableMessages it belongs to, with dump set
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the message cannot be read
 */
int
sysvpn_table_message_take_elements (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;

  return nftnl_set_elems_nlmsg_parse (message, self->dump) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static void
append_element_attribute (GString *text,
                          struct nftnl_set_elem *nl,
                          uint16_t attribute,
                          const char *before)
{
  uint32_t len = 0;
  const void *data = nftnl_set_elem_get (nl, attribute, &len);

  if (data == NULL)
    return;
  g_string_append (text, before);
  append_hex (text, data, len);
}

static char *
element_text (struct nftnl_set_elem *nl)
{
  GString *text = g_string_new (NULL);

  append_element_attribute (text, nl, NFTNL_SET_ELEM_KEY, "");
  append_element_attribute (text, nl, NFTNL_SET_ELEM_KEY_END, "-");
  append_element_attribute (text, nl, NFTNL_SET_ELEM_DATA, "=");
  append_element_attribute (text, nl, NFTNL_SET_ELEM_TIMEOUT, "t");
  if (nftnl_set_elem_is_set (nl, NFTNL_SET_ELEM_FLAGS) &&
      nftnl_set_elem_get_u32 (nl, NFTNL_SET_ELEM_FLAGS) != 0)
    g_string_append_printf (text, "f%u", nftnl_set_elem_get_u32 (nl, NFTNL_SET_ELEM_FLAGS));
  if (nftnl_set_elem_is_set (nl, NFTNL_SET_ELEM_VERDICT))
    g_string_append_printf (text, "v%u", nftnl_set_elem_get_u32 (nl, NFTNL_SET_ELEM_VERDICT));
  return g_string_free (text, FALSE);
}

static int
take_counter (struct nftnl_expr *expression, void *data)
{
  SysvpnNftClient *client = data;

  if (g_strcmp0 (nftnl_expr_get_str (expression, NFTNL_EXPR_NAME), "counter") == 0) {
    client->packets = nftnl_expr_get_u64 (expression, NFTNL_EXPR_CTR_PACKETS);
    client->bytes = nftnl_expr_get_u64 (expression, NFTNL_EXPR_CTR_BYTES);
  }
  return 0;
}

static void
keep_client (struct nftnl_set_elem *nl, GArray *clients)
{
  SysvpnNftClient client = { 0 };
  uint32_t len = 0;
  const void *key = nftnl_set_elem_get (nl, NFTNL_SET_ELEM_KEY, &len);

  if (key == NULL || (len != 4 && len != sizeof client.address))
    return;
  memcpy (client.address, key, len);
  client.is_v6 = len != 4;
  nftnl_set_elem_expr_foreach (nl, take_counter, &client);
  g_array_append_val (clients, client);
}

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * sysvpn_table_messages_keep_elements:
 * @self: messages of a table, with dump set and filled
 * @set: the set it is
 *
 * Moves the elements into @set, or into the table's clients if @set is a dynamic one.
 */
void
sysvpn_table_messages_keep_elements (SysvpnTableMessages *self, SysvpnNftSet *set)
{
  struct nftnl_set_elems_iter *iter = nftnl_set_elems_iter_create (self->dump);
  struct nftnl_set_elem *nl;

  while ((nl = nftnl_set_elems_iter_next (iter)) != NULL) {
    if (set->flags & NFT_SET_EVAL)
      keep_client (nl, self->table->clients);
    else
      g_ptr_array_add (set->elements, element_text (nl));
  }
  nftnl_set_elems_iter_destroy (iter);
  g_ptr_array_sort (set->elements, compare_texts);
}

/**
 * sysvpn_table_message_take_chain:
 * @message: an NFT_MSG_NEWCHAIN of any table of the family
 * @messages: the #SysvpnTableMessages it may belong to
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the message cannot be read
 */
int
sysvpn_table_message_take_chain (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;
  struct nftnl_chain *nl = nftnl_chain_alloc ();
  int run = nftnl_chain_nlmsg_parse (message, nl) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
  SysvpnNftChain *chain;

  if (run == MNL_CB_OK &&
      g_strcmp0 (nftnl_chain_get_str (nl, NFTNL_CHAIN_TABLE), SYSVPN_KILLSWITCH_TABLE) == 0) {
    const char *type = nftnl_chain_get_str (nl, NFTNL_CHAIN_TYPE);

    chain = g_new0 (SysvpnNftChain, 1);
    chain->name = g_strdup (nftnl_chain_get_str (nl, NFTNL_CHAIN_NAME));
    chain->type = g_strdup (type != NULL ? type : "");
    chain->hook = nftnl_chain_get_u32 (nl, NFTNL_CHAIN_HOOKNUM);
    chain->priority = nftnl_chain_get_s32 (nl, NFTNL_CHAIN_PRIO);
    chain->policy = nftnl_chain_get_u32 (nl, NFTNL_CHAIN_POLICY);
    chain->flags = nftnl_chain_get_u32 (nl, NFTNL_CHAIN_FLAGS);
    chain->rules = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (self->table->chains, chain);
  }
  nftnl_chain_free (nl);
  return run;
}

static const struct nlattr *
find_attribute (const struct nlattr *nest, uint16_t type)
{
  SysvpnAttributes walk = sysvpn_attributes_of_nest (nest);
  const struct nlattr *attribute;

  while ((attribute = sysvpn_attributes_next (&walk)) != NULL)
    if (mnl_attr_get_type (attribute) == type)
      return attribute;
  return NULL;
}

/* The kernel numbers anonymous sets anew at every load: what is in them stands for them. */
static bool
append_anonymous_set (GString *text, const struct nlattr *name, GHashTable *anonymous)
{
  const SysvpnNftSet *set = g_hash_table_lookup (anonymous, sysvpn_attribute_string (name));

  if (set == NULL)
    return false;
  g_string_append_printf (text, "{%u %s", set->key_len, set->shape);
  for (unsigned i = 0; i < set->elements->len; i++)
    g_string_append_printf (text, " %s", (const char *) g_ptr_array_index (set->elements, i));
  g_string_append_c (text, '}');
  return true;
}

static void
append_expression (GString *text, const struct nlattr *expression, GHashTable *anonymous)
{
  const char *name = sysvpn_attribute_string (find_attribute (expression, NFTA_EXPR_NAME));
  const struct nlattr *data = find_attribute (expression, NFTA_EXPR_DATA);
  const struct nlattr *attribute;

  g_string_append_printf (text, "%s%s(", text->len > 0 ? " " : "", name);
  if (data != NULL && !g_strv_contains (volatile_expressions, name)) {
    bool is_lookup = g_str_equal (name, "lookup");
    SysvpnAttributes walk = sysvpn_attributes_of_nest (data);

    while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
      uint16_t type = mnl_attr_get_type (attribute);

      g_string_append_printf (text, ",%u:", type);
      if (!is_lookup || type != NFTA_LOOKUP_SET ||
          !append_anonymous_set (text, attribute, anonymous))
        append_hex (text, mnl_attr_get_payload (attribute),
                    mnl_attr_get_payload_len (attribute));
    }
  }
  g_string_append_c (text, ')');
}

/**
 * sysvpn_table_message_take_rule:
 * @message: an NFT_MSG_NEWRULE; rules come in the order in which they are evaluated
 * @messages: the #SysvpnTableMessages it belongs to, its chains and sets complete
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the rule belongs to no chain that was read
 */
int
sysvpn_table_message_take_rule (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;
  SysvpnAttributes walk = sysvpn_attributes_of_message (message, sizeof (struct nfgenmsg));
  g_autoptr (GString) text = g_string_new (NULL);
  const SysvpnNftChain *chain = NULL;
  const struct nlattr *expressions = NULL;
  const struct nlattr *attribute;

  while ((attribute = sysvpn_attributes_next (&walk)) != NULL) {
    uint16_t type = mnl_attr_get_type (attribute);

    if (type == NFTA_RULE_TABLE &&
        !g_str_equal (sysvpn_attribute_string (attribute), SYSVPN_KILLSWITCH_TABLE))
      return MNL_CB_OK;
    if (type == NFTA_RULE_CHAIN)
      chain = sysvpn_nft_table_find_chain (self->table, sysvpn_attribute_string (attribute));
    if (type == NFTA_RULE_EXPRESSIONS)
      expressions = attribute;
  }
  if (chain == NULL)
    return MNL_CB_ERROR;
  if (expressions != NULL)
    walk = sysvpn_attributes_of_nest (expressions);
  while (expressions != NULL && (attribute = sysvpn_attributes_next (&walk)) != NULL)
    append_expression (text, attribute, self->anonymous);
  g_ptr_array_add (chain->rules, g_string_free (g_steal_pointer (&text), FALSE));
  return MNL_CB_OK;
}

/**
 * sysvpn_table_message_take_object:
 * @message: an NFT_MSG_NEWOBJ
 * @messages: the #SysvpnTableMessages it belongs to
 *
 * Returns: %MNL_CB_OK, or %MNL_CB_ERROR if the message cannot be read
 */
int
sysvpn_table_message_take_object (const struct nlmsghdr *message, void *messages)
{
  SysvpnTableMessages *self = messages;
  struct nftnl_obj *nl = nftnl_obj_alloc ();
  int run = nftnl_obj_nlmsg_parse (message, nl) < 0 ? MNL_CB_ERROR : MNL_CB_OK;

  if (run == MNL_CB_OK) {
    SysvpnNftObject *object = g_new0 (SysvpnNftObject, 1);

    object->name = g_strdup (nftnl_obj_get_str (nl, NFTNL_OBJ_NAME));
    object->type = nftnl_obj_get_u32 (nl, NFTNL_OBJ_TYPE);
    if (object->type == NFT_OBJECT_COUNTER) {
      object->packets = nftnl_obj_get_u64 (nl, NFTNL_OBJ_CTR_PKTS);
      object->bytes = nftnl_obj_get_u64 (nl, NFTNL_OBJ_CTR_BYTES);
    }
    g_ptr_array_add (self->table->objects, object);
  }
  nftnl_obj_free (nl);
  return run;
}

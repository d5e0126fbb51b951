/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the kernel by netlink and their answers, one after the other. Synchronous: the
 * kernel makes the answer within the system call, so there is nothing to wait for. */
#include "killswitch/netlink.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { ANSWER_MAX = 64 * 1024, TIMEOUT_S = 1 };

/**
 * sysvpn_netlink_clear:
 * @self: a conversation
 *
 * Closes the socket and frees the buffer; @self can be used again.
 */
void
sysvpn_netlink_clear (SysvpnNetlink *self)
{
  if (self->socket != NULL)
    mnl_socket_close (self->socket);
  self->socket = NULL;
  g_clear_pointer (&self->buffer, g_free);
}

static int
open_socket (SysvpnNetlink *self)
{
  struct timeval timeout = { .tv_sec = TIMEOUT_S };

  if (self->socket != NULL)
    return 0;
  self->socket = mnl_socket_open2 (self->bus, SOCK_CLOEXEC);
  if (self->socket == NULL || mnl_socket_bind (self->socket, 0, MNL_SOCKET_AUTOPID) < 0)
    return errno;
  if (setsockopt (mnl_socket_get_fd (self->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
                  sizeof timeout) < 0)
    return errno;
  self->buffer = g_malloc (ANSWER_MAX);
  return 0;
}

static int
ask (SysvpnNetlink *self, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
  int run = open_socket (self);

  if (run != 0)
    return run;
  request->nlmsg_seq = ++self->sequence;
  if (mnl_socket_sendto (self->socket, request, request->nlmsg_len) < 0)
    return errno;
  do {
    ssize_t n = mnl_socket_recvfrom (self->socket, self->buffer, ANSWER_MAX);

    if (n < 0)
      return errno;
    errno = 0; /* a callback that gives up need not set it */
    run = mnl_cb_run (self->buffer, (size_t) n, self->sequence,
                      mnl_socket_get_portid (self->socket), callback, data);
    if (run < 0)
      return errno != 0 ? errno : EBADMSG;
  } while (run > 0);
  return 0;
}

/**
 * sysvpn_netlink_ask:
 * @self: a conversation
 * @request: the question; must have NLM_F_DUMP or NLM_F_ACK, so that the answer has an end
 * @callback: (nullable): called for every message of the answer; %MNL_CB_ERROR gives up
 * @data: for @callback
 *
 * After any failure the socket is closed, so that no late answer is taken for a later one's.
 *
 * Returns: 0 or an errno value; %EINTR if what was dumped changed meanwhile
 */
int
sysvpn_netlink_ask (SysvpnNetlink *self,
                    struct nlmsghdr *request,
                    mnl_cb_t callback,
                    void *data)
{
  int failure = ask (self, request, callback, data);

  if (failure != 0)
    sysvpn_netlink_clear (self);
  return failure;
}

/**
 * sysvpn_attributes_of_message:
 * @message: a netlink message
 * @header_len: size of the structure that its attributes follow
 *
 * Returns: a walk over them; over none if @message is too short
 */
SysvpnAttributes
sysvpn_attributes_of_message (const struct nlmsghdr *message, size_t header_len)
{
  size_t len = mnl_nlmsg_get_payload_len (message);
  size_t skipped = (header_len + 3) & ~(size_t) 3;

  return (SysvpnAttributes){
    .at = mnl_nlmsg_get_payload_offset (message, header_len),
    .left = len > skipped ? len - skipped : 0,
  };
}

/**
 * sysvpn_attributes_of_nest:
 * @nest: an attribute that contains attributes
 *
 * Returns: a walk over them
 */
SysvpnAttributes
sysvpn_attributes_of_nest (const struct nlattr *nest)
{
  return (SysvpnAttributes){
    .at = mnl_attr_get_payload (nest),
    .left = mnl_attr_get_payload_len (nest),
  };
}

/**
 * sysvpn_attributes_next:
 * @self: a walk
 *
 * Returns: (nullable): the next attribute, wholly within what is walked over
 */
const struct nlattr *
sysvpn_attributes_next (SysvpnAttributes *self)
{
  const struct nlattr *attribute = self->at;
  size_t step;

  if (self->left > INT_MAX || !mnl_attr_ok (attribute, (int) self->left))
    return NULL;
  step = ((size_t) attribute->nla_len + 3) & ~(size_t) 3;
  self->left = step < self->left ? self->left - step : 0;
  self->at = mnl_attr_next (attribute);
  return attribute;
}

/**
 * sysvpn_attribute_string:
 * @attribute: (nullable): an attribute
 *
 * Returns: (transfer none): its text if it is a NUL-terminated string, else ""
 */
const char *
sysvpn_attribute_string (const struct nlattr *attribute)
{
  if (attribute == NULL || mnl_attr_validate (attribute, MNL_TYPE_NUL_STRING) < 0)
    return "";
  return mnl_attr_get_str (attribute);
}

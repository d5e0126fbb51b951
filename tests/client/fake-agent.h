/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/transport.h"
#include "proto/status.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* An agent on a socket of its own, in the test's main loop. It does nothing by itself but note
 * what it is asked, and pass it to the test. */
typedef struct _FakeAgent FakeAgent;

/* @request is the descriptor without a " dom0" at its end; @connection is kept open until the
 * caller or fake_agent_hang_up() closes it. */
typedef void (*FakeAgentFunc) (FakeAgent *agent,
                               GSocketConnection *connection,
                               const char *request,
                               gpointer data);

FakeAgent *fake_agent_new (FakeAgentFunc func, gpointer data);
void fake_agent_free (FakeAgent *agent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeAgent, fake_agent_free)

SysvpnTransport *fake_agent_transport (FakeAgent *agent);
unsigned fake_agent_n_requests (FakeAgent *agent, const char *request);
bool fake_agent_was_hung_up_on (GSocketConnection *connection);

gssize fake_agent_send (GSocketConnection *connection, const char *text, gssize len);
void fake_agent_hang_up (GSocketConnection *connection);

SysvpnStatus fake_report (uint64_t seq, SysvpnTunnel tunnel);
char *fake_report_text (const SysvpnStatus *report);

/* Runs the main loop until @done(@data) or a time limit, whichever is first. */
bool run_until (bool (*done) (gpointer data), gpointer data, unsigned timeout_ms);
void run_for (unsigned ms);

G_END_DECLS

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What is run in a qube: constant texts, never anything that is put together. */
typedef enum {
  SYSVPN_SCRIPT_ASK,         /* all that the qube reaches */
  SYSVPN_SCRIPT_ASK_ADDRESS, /* by which addresses the internet sees it */
  SYSVPN_SCRIPT_OBSERVE,     /* as root, what passes, until its input ends */
  SYSVPN_N_SCRIPTS
} SysvpnScript;

/* Why a command has nothing to say. */
typedef enum {
  SYSVPN_COMMAND_DONE,
  SYSVPN_COMMAND_WAITING,    /* it runs */
  SYSVPN_COMMAND_NO_QVM_RUN, /* dom0's qvm-run cannot be run */
  SYSVPN_COMMAND_NOT_RUN,    /* the qube does not run, or takes no commands */
  SYSVPN_COMMAND_NO_PYTHON,  /* it has no python3 */
  SYSVPN_COMMAND_DIED,       /* the qube or its qrexec went away */
  SYSVPN_COMMAND_TIMEOUT,
  SYSVPN_COMMAND_FLOOD, /* it says more than anybody needs */
  SYSVPN_N_COMMAND_ENDS
} SysvpnCommandEnd;

const char *sysvpn_command_end_clause (SysvpnCommandEnd end);
SysvpnCommandEnd sysvpn_command_end_of_exit_code (int exit_code);
char *sysvpn_script_command (SysvpnScript script);

/* Signals:
 * "ready" (): an observer looks on
 * "ended" (): there is no more to come; the last signal */
#define SYSVPN_TYPE_QUBE_COMMAND (sysvpn_qube_command_get_type ())
G_DECLARE_FINAL_TYPE (SysvpnQubeCommand, sysvpn_qube_command, SYSVPN, QUBE_COMMAND, GObject)

SysvpnQubeCommand *sysvpn_qube_command_start (const char *qube, SysvpnScript script);
void sysvpn_qube_command_end_input (SysvpnQubeCommand *self);
void sysvpn_qube_command_kill (SysvpnQubeCommand *self);
SysvpnCommandEnd sysvpn_qube_command_get_end (SysvpnQubeCommand *self);
GBytes *sysvpn_qube_command_dup_output (SysvpnQubeCommand *self);

G_END_DECLS

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Run in the template when packages change: tells dom0 what qubes of this template can do, so that
# the applet finds them without starting them. The platform lists services by itself, but only those
# whose socket exists in the template, and the agent does not run there.
qvm-features-request \
  supported-service.sysvpn=1 \
  supported-service.sysvpn-dns=1 \
  supported-service.sysvpn-resolver=1 \
  supported-rpc.sysvpn.Status=1 \
  supported-rpc.sysvpn.Watch=1 \
  supported-rpc.sysvpn.Profiles=1 \
  supported-rpc.sysvpn.Diagnose=1 \
  supported-rpc.sysvpn.Connect=1 \
  supported-rpc.sysvpn.Disconnect=1 \
  supported-rpc.sysvpn.Reconnect=1

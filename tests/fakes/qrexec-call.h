/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qrexec-qube.h"

/* One running call: the bytes of the caller and of the service, to and fro. */
typedef struct {
  Qube qube;
  int in, out; /* the caller's side */
  int service; /* non-blocking */
  bool filter; /* -t */
  ServiceConfig config;
} Call;

int call_shuttle (const Call *call);

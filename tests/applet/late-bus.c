/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With SYSVPN_TEST_LATE_BUS=N in the environment, the N first questions for the bus are
 * answered late, after the tray's name is known: the race of threads that
 * libayatana-appindicator loses now and then. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <stdlib.h>

enum { LATE_MS = 200 };

typedef void (*BusGet) (GBusType, GCancellable *, GAsyncReadyCallback, gpointer);

typedef struct {
  GBusType type;
  GCancellable *cancellable;
  GAsyncReadyCallback callback;
  gpointer data;
} LateCall;

static gboolean
on_late (gpointer data)
{
  g_autofree LateCall *call = data;
  union {
    void *symbol;
    BusGet bus_get;
  } real = { .symbol = dlsym (RTLD_NEXT, "g_bus_get") };

  real.bus_get (call->type, call->cancellable, call->callback, call->data);
  return G_SOURCE_REMOVE;
}

/* In GIO's place for this program and its libraries; GIO itself does not come by here. */
void
g_bus_get (GBusType type,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer data)
{
  static int n_calls;
  const char *text = g_getenv ("SYSVPN_TEST_LATE_BUS");
  LateCall *call = g_new (LateCall, 1);

  *call = (LateCall){ type, cancellable, callback, data };
  if (text != NULL && n_calls++ < atoi (text)) {
    g_print ("late\n");
    g_timeout_add (LATE_MS, on_late, call);
  } else {
    on_late (call);
  }
}

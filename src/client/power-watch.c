/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of some qubes run, as qubesd tells. Where there is no qubesd all stay unknown, quietly.
 */
#include "client/power-watch.h"

enum {
  /* How long the last known state outlives the connection: qubesd restarts within that, and
   * while it does nothing is started. */
  FORGET_MS = 5000,
};

typedef struct {
  SysvpnPowerWatch *watch;
  SysvpnPower power;
  bool told;         /* the first state is told whatever it is */
  bool is_late;      /* it has been starting for too long: that is not believed any more */
  guint starting_id; /* its time limit */
  char name[SYSVPN_QUBE_NAME_SIZE];
} Qube;

struct _SysvpnPowerWatch {
  GObject parent_instance;

  SysvpnQubesdWatch *qubesd;
  GHashTable *qubes; /* of Qube, by name */
  bool is_lost;
  guint forget_id;
  unsigned start_limit_ms;
};

G_DEFINE_FINAL_TYPE (SysvpnPowerWatch, sysvpn_power_watch, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sysvpn_power_watch_dispose (GObject *object)
{
  SysvpnPowerWatch *self = SYSVPN_POWER_WATCH (object);

  if (self->qubesd != NULL)
    g_signal_handlers_disconnect_by_data (self->qubesd, self);
  g_clear_object (&self->qubesd);
  g_clear_handle_id (&self->forget_id, g_source_remove);
  g_hash_table_remove_all (self->qubes);
  G_OBJECT_CLASS (sysvpn_power_watch_parent_class)->dispose (object);
}

static void
sysvpn_power_watch_finalize (GObject *object)
{
  g_hash_table_unref (SYSVPN_POWER_WATCH (object)->qubes);
  G_OBJECT_CLASS (sysvpn_power_watch_parent_class)->finalize (object);
}

static void
sysvpn_power_watch_class_init (SysvpnPowerWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sysvpn_power_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = sysvpn_power_watch_finalize;

  /**
   * SysvpnPowerWatch::changed:
   * @qube: its name
   * @power: a #SysvpnPower
   *
   * The first one of a qube comes soon after the start in any case, with
   * %SYSVPN_POWER_UNKNOWN where nothing can be learnt: until then it is not to be called.
   */
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SYSVPN_TYPE_POWER_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
qube_free (gpointer data)
{
  Qube *qube = data;

  g_clear_handle_id (&qube->starting_id, g_source_remove);
  g_free (qube);
}

static void
sysvpn_power_watch_init (SysvpnPowerWatch *self)
{
  self->qubes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, qube_free);
  self->start_limit_ms = sysvpn_qubesd_timeout_s (SYSVPN_QUBESD_START) * 1000;
}

static void set_power (SysvpnPowerWatch *self, const char *name, SysvpnPower power);

static gboolean
on_late (gpointer data)
{
  Qube *qube = data;

  qube->starting_id = 0;
  qube->is_late = true;
  set_power (qube->watch, qube->name, SYSVPN_POWER_STARTING);
  return G_SOURCE_REMOVE;
}

/* A start takes its time, and is off for no longer: a qube that would be starting for ever may
 * as well run, with nobody looking. Returns: what to believe */
static SysvpnPower
limit_start (SysvpnPowerWatch *self, Qube *qube, SysvpnPower power)
{
  if (power != SYSVPN_POWER_STARTING) {
    g_clear_handle_id (&qube->starting_id, g_source_remove);
    qube->is_late = false;
    return power;
  }
  if (qube->is_late)
    return SYSVPN_POWER_UNKNOWN;
  if (qube->starting_id == 0) {
    qube->starting_id = g_timeout_add (self->start_limit_ms, on_late, qube);
    g_source_set_name_by_id (qube->starting_id, "sysvpn: time limit of a qube's start");
  }
  return power;
}

static void
set_power (SysvpnPowerWatch *self, const char *name, SysvpnPower power)
{
  Qube *qube = g_hash_table_lookup (self->qubes, name);

  if (qube == NULL)
    return;
  power = limit_start (self, qube, power);
  if (qube->told && qube->power == power)
    return;
  qube->power = power;
  qube->told = true;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, name, (guint) power);
}

/* Gives each qube the state that it has in @list; without one that of each is unknown. */
static void
set_all (SysvpnPowerWatch *self, const GArray *list)
{
  g_autoptr (SysvpnPowerWatch) alive = g_object_ref (self);
  g_autofree char **keys = (char **) g_hash_table_get_keys_as_array (self->qubes, NULL);
  g_auto (GStrv) names = g_strdupv (keys); /* a handler may remove some */

  for (size_t i = 0; names[i] != NULL; i++)
    set_power (alive, names[i],
               list != NULL ? sysvpn_qubesd_list_find (list, names[i]) : SYSVPN_POWER_UNKNOWN);
}

static gboolean
on_forget (gpointer data)
{
  SysvpnPowerWatch *self = data;

  self->forget_id = 0;
  set_all (self, NULL);
  return G_SOURCE_REMOVE;
}

/* Returns: whether any qube waits for its first state */
static bool
owes_first (SysvpnPowerWatch *self)
{
  GHashTableIter iter;
  gpointer qube;

  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &qube))
    if (!((Qube *) qube)->told)
      return true;
  return false;
}

static void
on_lost (SysvpnPowerWatch *self)
{
  self->is_lost = true;
  if (self->forget_id != 0)
    return;
  self->forget_id = g_timeout_add (owes_first (self) ? 0 : FORGET_MS, on_forget, self);
  g_source_set_name_by_id (self->forget_id, "sysvpn: power no longer known");
}

static void
on_listed (SysvpnPowerWatch *self, const GArray *list)
{
  self->is_lost = false;
  g_clear_handle_id (&self->forget_id, g_source_remove);
  set_all (self, list);
}

static void
on_event (SysvpnPowerWatch *self, const SysvpnQubesdEvent *event)
{
  if (!g_hash_table_contains (self->qubes, event->qube))
    return;
  if (event->kind == SYSVPN_QUBESD_EVENT_QUBES)
    sysvpn_qubesd_watch_ask_list (self->qubesd);
  else if (event->kind == SYSVPN_QUBESD_EVENT_POWER)
    set_power (self, event->qube, event->power);
}

/**
 * sysvpn_power_watch_new:
 * @qubesd: tells it, once it is started
 *
 * Returns: (transfer full): a watch of nothing yet
 */
SysvpnPowerWatch *
sysvpn_power_watch_new (SysvpnQubesdWatch *qubesd)
{
  SysvpnPowerWatch *self = g_object_new (SYSVPN_TYPE_POWER_WATCH, NULL);

  self->qubesd = g_object_ref (qubesd);
  g_signal_connect_swapped (qubesd, "listed", G_CALLBACK (on_listed), self);
  g_signal_connect_swapped (qubesd, "event", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (qubesd, "lost", G_CALLBACK (on_lost), self);
  return self;
}

/**
 * sysvpn_power_watch_add:
 * @self: a watch
 * @qube: a valid name
 *
 * Watches that qube too.
 */
void
sysvpn_power_watch_add (SysvpnPowerWatch *self, const char *qube)
{
  Qube *added;

  g_return_if_fail (SYSVPN_IS_POWER_WATCH (self));

  if (g_hash_table_contains (self->qubes, qube))
    return;
  added = g_new0 (Qube, 1);
  added->watch = self;
  g_strlcpy (added->name, qube, sizeof added->name);
  g_hash_table_insert (self->qubes, g_strdup (qube), added);
  if (self->is_lost)
    on_lost (self);
  else
    sysvpn_qubesd_watch_ask_list (self->qubesd);
}

/**
 * sysvpn_power_watch_remove:
 * @self: a watch
 * @qube: a name
 *
 * Watches that qube no longer.
 */
void
sysvpn_power_watch_remove (SysvpnPowerWatch *self, const char *qube)
{
  g_return_if_fail (SYSVPN_IS_POWER_WATCH (self));

  g_hash_table_remove (self->qubes, qube);
}

/**
 * sysvpn_power_watch_set_start_limit:
 * @self: a watch
 * @limit_ms: for how long a qube may be starting before its state is unknown; as long as qubesd
 *   has for a start if this is not called
 */
void
sysvpn_power_watch_set_start_limit (SysvpnPowerWatch *self, unsigned limit_ms)
{
  g_return_if_fail (SYSVPN_IS_POWER_WATCH (self));

  self->start_limit_ms = limit_ms;
}

/**
 * sysvpn_power_watch_get:
 * @self: a watch
 * @qube: a name
 *
 * Returns: what was told last of it
 */
SysvpnPower
sysvpn_power_watch_get (SysvpnPowerWatch *self, const char *qube)
{
  const Qube *known;

  g_return_val_if_fail (SYSVPN_IS_POWER_WATCH (self), SYSVPN_POWER_UNKNOWN);

  known = g_hash_table_lookup (self->qubes, qube);
  return known != NULL ? known->power : SYSVPN_POWER_UNKNOWN;
}

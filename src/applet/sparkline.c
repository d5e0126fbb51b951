/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic of the last minutes as a picture: received filled, sent as a line, so that they
 * are told apart without colours, which are the theme's. Moves when it is given something new,
 * and never by itself. What it shows stands in text beside it. */
#include "applet/sparkline.h"

enum { HEIGHT = 48 };

/* What fills the picture is at least that, bytes a second: an idle tunnel looks idle. */
static const double rate_min = 1024;

struct _SysvpnSparkline {
  GtkDrawingArea parent_instance;

  SysvpnTraffic traffic; /* a copy: drawing comes later */
};

G_DEFINE_FINAL_TYPE (SysvpnSparkline, sysvpn_sparkline, GTK_TYPE_DRAWING_AREA)

typedef struct {
  double width;
  double height;
  uint64_t end_ms;
  double peak;
} Frame;

static double
x_of (const Frame *frame, uint64_t ms)
{
  double age_ms = (double) (frame->end_ms - ms);

  return frame->width * (1 - age_ms / SYSVPN_TRAFFIC_SPAN_MS);
}

static double
y_of (const Frame *frame, uint64_t rate)
{
  return frame->height * (1 - (double) rate / frame->peak);
}

static uint64_t
rate_of (const SysvpnTrafficSample *sample, bool received)
{
  return received ? sample->rx_rate : sample->tx_rate;
}

/* One line through samples that follow each other without a gap; @n is where the next begins.
 */
static void
trace (
    cairo_t *cr, const Frame *frame, const SysvpnTraffic *traffic, unsigned *n, bool received)
{
  const SysvpnTrafficSample *sample = sysvpn_traffic_get (traffic, *n);
  uint64_t end_ms = sample->begin_ms;

  cairo_move_to (cr, x_of (frame, sample->begin_ms), frame->height);
  for (; *n < traffic->n_samples; (*n)++) {
    sample = sysvpn_traffic_get (traffic, *n);
    if (sample->begin_ms != end_ms)
      break;
    cairo_line_to (cr, x_of (frame, sample->begin_ms),
                   y_of (frame, rate_of (sample, received)));
    cairo_line_to (cr, x_of (frame, sample->end_ms), y_of (frame, rate_of (sample, received)));
    end_ms = sample->end_ms;
  }
  cairo_line_to (cr, x_of (frame, end_ms), frame->height);
}

static void
draw_direction (cairo_t *cr, const Frame *frame, const SysvpnTraffic *traffic, bool received)
{
  unsigned n = 0;

  while (n < traffic->n_samples)
    trace (cr, frame, traffic, &n, received);
  if (received) {
    cairo_fill (cr);
  } else {
    cairo_set_line_width (cr, 1.5);
    cairo_stroke (cr);
  }
}

static gboolean
sysvpn_sparkline_draw (GtkWidget *widget, cairo_t *cr)
{
  SysvpnSparkline *self = SYSVPN_SPARKLINE (widget);
  const SysvpnTraffic *traffic = &self->traffic;
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  Frame frame = {
    .width = gtk_widget_get_allocated_width (widget),
    .height = gtk_widget_get_allocated_height (widget) - 1,
    .peak = MAX ((double) sysvpn_traffic_peak (traffic), rate_min),
  };
  GdkRGBA text, filled;

  gtk_style_context_get_color (context, gtk_style_context_get_state (context), &text);
  if (!gtk_style_context_lookup_color (context, "theme_selected_bg_color", &filled))
    filled = text;
  gdk_cairo_set_source_rgba (cr, &text);
  cairo_rectangle (cr, 0, frame.height, frame.width, 1);
  cairo_fill (cr);
  if (traffic->n_samples == 0)
    return GDK_EVENT_PROPAGATE;
  frame.end_ms = sysvpn_traffic_get (traffic, traffic->n_samples - 1)->end_ms;
  filled.alpha *= 0.6;
  gdk_cairo_set_source_rgba (cr, &filled);
  draw_direction (cr, &frame, traffic, true);
  gdk_cairo_set_source_rgba (cr, &text);
  draw_direction (cr, &frame, traffic, false);
  return GDK_EVENT_PROPAGATE;
}

static void
sysvpn_sparkline_class_init (SysvpnSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->draw = sysvpn_sparkline_draw;
  gtk_widget_class_set_accessible_role (widget_class, ATK_ROLE_IMAGE);
}

static void
sysvpn_sparkline_init (SysvpnSparkline *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, HEIGHT);
}

/**
 * sysvpn_sparkline_set_traffic:
 * @self: a sparkline
 * @traffic: what to show
 */
void
sysvpn_sparkline_set_traffic (SysvpnSparkline *self, const SysvpnTraffic *traffic)
{
  g_return_if_fail (SYSVPN_IS_SPARKLINE (self));

  if (traffic->n_samples == self->traffic.n_samples &&
      (traffic->n_samples == 0 ||
       sysvpn_traffic_get (traffic, traffic->n_samples - 1)->end_ms ==
           sysvpn_traffic_get (&self->traffic, traffic->n_samples - 1)->end_ms))
    return;
  self->traffic = *traffic;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""draw_icons.py FOLDER: the state icons for README, coloured as a panel colours them, each on a
piece of a light panel, so that they can be read on a dark page too."""
import pathlib
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GdkPixbuf, Gtk  # noqa: E402

ICONS = pathlib.Path(__file__).resolve().parents[2] / "icons"
STATES = ("protected", "connecting", "degraded", "blocked", "exposed", "unknown", "off")
PANEL = 0xf6f5f4ff
COLOURS = ("#2e3436", "#4e9a06", "#c17d11", "#cc0000")  # foreground, success, warning, error
SIZE, MARGIN = 32, 8


def colour(text):
    rgba = Gdk.RGBA()
    rgba.parse(text)
    return rgba


def draw(theme, state):
    """One icon in the middle of a square."""
    side = SIZE + 2 * MARGIN
    tile = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, side, side)
    tile.fill(PANEL)
    info = theme.lookup_icon(f"sysvpn-{state}-symbolic", SIZE, Gtk.IconLookupFlags.FORCE_SIZE)
    icon = info.load_symbolic(*map(colour, COLOURS))[0]
    icon.composite(tile, MARGIN, MARGIN, SIZE, SIZE, MARGIN, MARGIN, 1, 1,
                   GdkPixbuf.InterpType.NEAREST, 255)
    return tile


def main(folder):
    theme = Gtk.IconTheme()
    theme.prepend_search_path(str(ICONS))
    for state in STATES:
        draw(theme, state).savev(str(pathlib.Path(folder, f"icon-{state}.png")), "png", [], [])


if __name__ == "__main__":
    main(*sys.argv[1:])

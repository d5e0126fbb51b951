# SPDX-License-Identifier: GPL-2.0-or-later
"""What the widgets of Qubes' panel are made of, with nothing behind it: Gtk.Application, GtkStatusIcon
and a menu. Prints a line when its icon is in the tray."""
import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402


class Tray(Gtk.Application):
    def __init__(self):
        super().__init__(application_id="org.sysvpn.PythonTray")
        self.icon = self.menu = None

    def do_activate(self):
        self.icon = Gtk.StatusIcon.new_from_icon_name("network-vpn")
        self.icon.connect("notify::embedded", lambda *_: print("embedded", flush=True))
        self.menu = Gtk.Menu()
        for label in ("VPN is on", "Turn it off", "Details", "Quit"):
            self.menu.append(Gtk.MenuItem(label=label))
        self.menu.show_all()
        self.icon.connect("popup-menu", lambda *_: self.menu.popup_at_pointer(None))
        self.hold()


Tray().run([])

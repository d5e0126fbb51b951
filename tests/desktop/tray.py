# SPDX-License-Identifier: GPL-2.0-or-later
"""The tray as its host sees it: StatusNotifierItems and their menus over D-Bus, no pixels."""
import dataclasses

from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
CALL_TIMEOUT_MS = 5000


@dataclasses.dataclass
class Entry:
    """One line of a menu; a separator has an empty label."""
    number: int
    label: str
    enabled: bool
    visible: bool
    toggle_type: str   # "", "checkmark" or "radio"
    toggle_state: int  # 0 off, 1 on, -1 not a toggle
    is_separator: bool
    children: list

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def _entry(node):
    number, properties, children = node
    return Entry(
        number=number,
        label=properties.get("label", ""),
        enabled=properties.get("enabled", True),
        visible=properties.get("visible", True),
        toggle_type=properties.get("toggle-type", ""),
        toggle_state=properties.get("toggle-state", -1),
        is_separator=properties.get("type") == "separator",
        children=[_entry(child) for child in children],
    )


class Tray:
    def __init__(self, connection):
        self.connection = connection

    def call(self, name, path, interface, method, arguments=None):
        answer = self.connection.call_sync(name, path, interface, method, arguments, None,
                                           Gio.DBusCallFlags.NO_AUTO_START, CALL_TIMEOUT_MS, None)
        return answer.unpack()

    def property(self, name, path, interface, key):
        arguments = GLib.Variant("(ss)", (interface, key))
        return self.call(name, path, "org.freedesktop.DBus.Properties", "Get", arguments)[0]

    def host_present(self):
        try:
            return self.property(WATCHER, "/StatusNotifierWatcher", WATCHER, "IsStatusNotifierHostRegistered")
        except GLib.Error:
            return False

    def items(self):
        """The registered items as (bus name, path), in the order of registration; none without a watcher."""
        try:
            found = self.property(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")
        except GLib.Error:
            return []
        return [(text[:text.index("/")], text[text.index("/"):]) for text in found]

    def get(self, key, nth=0):
        """A property of an item, read like a host that does not know it: all of them at once."""
        name, path = self.items()[nth]
        arguments = GLib.Variant("(s)", (ITEM,))
        return self.call(name, path, "org.freedesktop.DBus.Properties", "GetAll", arguments)[0].get(key)

    def icon(self, nth=0):
        items = self.items()
        return self.get("IconName", nth) if nth < len(items) else None

    def tooltip(self, nth=0):
        """What XFCE shows for libayatana's items: title, then the icon's description, which is markup there."""
        tip = self.get("ToolTip", nth)
        if tip:
            return tip[2], tip[3]
        return self.get("Title", nth), self.get("IconAccessibleDesc", nth)

    def activate(self, method="Activate", nth=0):
        name, path = self.items()[nth]
        self.call(name, path, ITEM, method, GLib.Variant("(ii)", (0, 0)))

    def menu(self, nth=0):
        """The menu as a tree of Entry."""
        name, path = self.items()[nth]
        menu = self.property(name, path, ITEM, "Menu")
        self.call(name, menu, MENU, "AboutToShow", GLib.Variant("(i)", (0,)))
        return _entry(self.call(name, menu, MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))[1])

    def menu_labels(self, nth=0):
        return [entry.label for entry in self.menu(nth).walk() if entry.label and entry.visible]

    def menu_click(self, label, nth=0):
        """Clicks the one visible, enabled entry of that label (mnemonics' underscores not counted)."""
        name, path = self.items()[nth]
        wanted = label.replace("_", "")
        found = [entry for entry in self.menu(nth).walk()
                 if entry.label.replace("_", "") == wanted and entry.enabled and entry.visible]
        if len(found) != 1:
            raise LookupError(f"{len(found)} entries to click with label {label!r}: {self.menu_labels(nth)}")
        menu = self.property(name, path, ITEM, "Menu")
        event = GLib.Variant("(isvu)", (found[0].number, "clicked", GLib.Variant("s", ""), 0))
        self.call(name, menu, MENU, "Event", event)

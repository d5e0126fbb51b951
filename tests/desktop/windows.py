# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows of programs on a desktop, as a screen reader knows them (AT-SPI). One desktop per process: the
library keeps to the bus that it found first. The desktop must be accessible=True."""
import os

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from tap import wait_for  # noqa: E402


class Windows:
    def __init__(self, desktop, program):
        self.program = program
        for key in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME"):
            os.environ[key] = desktop.environment[key]
        os.environ.pop("AT_SPI_BUS_ADDRESS", None)
        Atspi.init()
        Atspi.set_timeout(5000, 5000)

    def _frames(self):
        root = Atspi.get_desktop(0)
        root.clear_cache()
        for application in children(root):
            if application.get_name() == self.program:
                yield from children(application)

    def open(self, title):
        """The window of that title that is on the screen, or None."""
        for frame in self._frames():
            if name(frame) == title and frame.get_state_set().contains(Atspi.StateType.SHOWING):
                return Window(frame)
        return None

    def all(self):
        """Those that are on the screen, whatever their titles are."""
        return (Window(frame) for frame in self._frames() if frame.get_state_set().contains(Atspi.StateType.SHOWING))

    def wait(self, title, timeout=20):
        return wait_for(f"window {title!r}", lambda: self.open(title), timeout)

    def count(self, title):
        return sum(name(frame) == title for frame in self._frames())

    def gone(self, title):
        wait_for(f"window {title!r} to close", lambda: not self.open(title))


def children(node):
    for index in range(node.get_child_count()):
        if (child := node.get_child_at_index(index)) is not None:
            yield child


def name(node):
    return node.get_name() or ""


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


class Window:
    def __init__(self, frame):
        self.frame = frame

    def nodes(self, role=None, of=None):
        """All that are shown; a page of a notebook that is not in front is not."""
        try:
            (of or self.frame).clear_cache()
            return [node for node in walk(of or self.frame) if (role is None or node.get_role_name() == role)
                    and node.get_state_set().contains(Atspi.StateType.SHOWING)]
        except GLib.Error:
            return []  # it was just closed, or built anew

    def texts(self):
        """What the labels say."""
        return [text for node in self.nodes("label") if (text := text_of(node))]

    def value(self, title):
        """The text that is labelled by `title`, by the relation that a screen reader follows."""
        for node in self.nodes("label"):
            for relation in node.get_relation_set():
                if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY and \
                        title in [text_of(relation.get_target(n)) for n in range(relation.get_n_targets())]:
                    return text_of(node)
        return None

    def buttons(self):
        """Name to whether it can be pressed."""
        return {name(node): node.get_state_set().contains(Atspi.StateType.SENSITIVE)
                for node in self.nodes("push button") if name(node)}

    def press(self, label):
        found = [node for node in self.nodes("push button") if name(node) == label]
        if len(found) != 1:
            raise LookupError(f"{len(found)} buttons {label!r}: {self.buttons()}")
        found[0].get_action_iface().do_action(0)

    def focus(self):
        """The name and role of what has the keyboard."""
        for node in self.nodes():
            if node.get_state_set().contains(Atspi.StateType.FOCUSED):
                return node.get_role_name(), name(node) or text_of(node)
        return None

    def table(self, title):
        """The rows of the table of that name, as lists of texts."""
        for table in self.nodes("table"):
            if name(table) == title:
                grid = table.get_table_iface()
                return [[cell_text(grid.get_accessible_at(row, column)) for column in range(grid.get_n_columns())]
                        for row in range(grid.get_n_rows())]
        return None

    def unnamed(self):
        """What a screen reader could not tell: widgets to act on, or pictures, that have no name."""
        wanted = ("push button", "page tab", "image", "table", "check box", "combo box", "entry", "table column header")
        return [node.get_role_name() for node in self.nodes() if node.get_role_name() in wanted and not name(node)
                and not node.get_description()]


def text_of(node):
    if (text := node.get_text_iface()) is not None and (length := text.get_character_count()):
        return text.get_text(0, length)
    return name(node)


def cell_text(cell):
    """Of a cell of a table; one with a picture has its text in a part."""
    return text_of(cell) or " ".join(filter(None, map(text_of, children(cell))))

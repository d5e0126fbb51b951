# SPDX-License-Identifier: GPL-2.0-or-later
"""The applet under test, on a desktop of desktop.session, as the suite "applet" needs it."""
import html
import os
import pathlib
import subprocess
import time

from desktop import session
from lab import qrexec
from tap import wait_for

IS_ASAN = os.environ.get("SYSVPN_VARIANT") == "asan"
SLOWER = 3 if IS_ASAN else 1  # the sanitizers make programs about that much slower

# libayatana-appindicator, when it hears of the tray before it has the bus: it holds the indicator for ever, which
# does nothing; src/applet/tray-host.c makes another
MISSED = "g_dbus_proxy_new: assertion 'G_IS_DBUS_CONNECTION"

# Warnings of libraries that no use of ours can avoid; any other one is a failure. Not by G_DEBUG,
# which knows no exceptions.
KNOWN = (
    "gdk_window_thaw_toplevel_updates",  # GTK, whenever a GtkStatusIcon is embedded
    # GTK, when a window with pages is closed while a screen reader listens: it asks a page for its tab that has none
    "gtk_notebook_get_tab_label: assertion 'list != NULL'",
    MISSED,
)


def without_leak_check(path, folder):
    """The qrexec stand-ins, built with the sanitizers like everything, would take seconds to end, which the
    applet takes for a call that broke."""
    place = pathlib.Path(path.split(":")[0])
    folder.mkdir(exist_ok=True)
    wrappers = folder / place.name
    wrappers.mkdir(exist_ok=True)
    for program in place.glob("qrexec-client*"):
        if program.is_file() and os.access(program, os.X_OK):
            wrapper = wrappers / program.name
            wrapper.write_text(f'#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec "{program}" "$@"\n')
            wrapper.chmod(0o755)
    return f"{wrappers}:{path}"


class Applet:
    """Started by the constructor; must_live() and quit() fail where it has warned."""

    def __init__(self, desktop, build, *arguments, path=None, env=None):
        self.desktop = desktop
        path = path or qrexec.path_for_dom0(build)
        self.process = desktop.start(
            [build / "src/applet/sysvpn-applet", "--verbose", *arguments],
            env={"PATH": without_leak_check(path, desktop.run / "bin") if IS_ASAN else path,
                 **(env or {})})

    def icon(self):
        """The state's word, or None while there is no icon."""
        name = self.desktop.tray.icon()
        return name[len("sysvpn-"):-len("-symbolic")] if name else None

    def shows(self, state, timeout=15):
        """Waits for the icon; the answer is the tooltip, so that both can be judged."""
        def asked():
            self.must_live()
            return self.icon() == state
        try:
            wait_for(f"icon {state}", asked, timeout * SLOWER)
        except TimeoutError as error:
            raise AssertionError(f"icon is {self.icon()}, not {state}\n{self.log()[-2000:]}") from error

    def must_live(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the applet ended with {self.process.returncode}\n{self.log()[-3000:]}")
        self.must_not_warn()

    def must_not_warn(self):
        warnings = [line for line in self.log().splitlines() if ("CRITICAL" in line or "WARNING" in line)
                    and not any(known in line for known in KNOWN)]
        if warnings:
            raise AssertionError("the applet warned:\n" + "\n".join(warnings))

    def log(self):
        return self.desktop.log("sysvpn-applet")

    def ready(self):
        """An action ends a little later than the icon changes; till then a click is ignored."""
        wait_for("the action's end", lambda: "Please wait…" not in self.labels(), 20 * SLOWER)

    def choose(self, label):
        """Clicks an entry of the menu."""
        self.ready()
        self.desktop.tray.menu_click(label)

    def click(self, button="left"):
        """One click that is not half of a double one."""
        self.ready()
        session.look_first()
        self.desktop.click(button)

    def double_click(self):
        self.ready()
        session.look_first()
        place = wait_for("an icon in the tray", self.desktop.icon_place)
        self.desktop.xdotool("mousemove", *place, "click", "--repeat", 2, "--delay", 60, 1)

    def hover(self):
        """Until the tooltip is on the screen: a panel that has just started takes a click for nothing."""
        def tips():
            return [place for place in self.desktop.windows("--class", "Wrapper-2.0")
                    if place not in before and place[3] > 20]

        def shown():
            self.desktop.park_pointer()
            self.desktop.hover()
            try:
                return wait_for("it", tips, timeout=2)
            except TimeoutError:
                return None
        before = self.desktop.windows("--class", "Wrapper-2.0")
        wait_for("the tooltip", shown)

    def tooltip(self):
        """As it is read on the screen; what does not come out of unescaping is markup that got through."""
        title, description = self.desktop.tray.tooltip()
        return f"{title}\n{html.unescape(description)}"

    def labels(self):
        return [label.replace("_", "") for label in self.desktop.tray.menu_labels()]

    def entry(self, label):
        """The menu's one visible entry of that label."""
        found = [entry for entry in self.desktop.tray.menu().walk()
                 if entry.visible and entry.label.replace("_", "") == label]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} entries {label!r}: {self.labels()}")
        return found[0]

    def dropped(self):
        """What the menu says of dropped packets; None when it says nothing."""
        for label in self.labels():
            if label.startswith("Dropped packets: "):
                return int(label.split(": ")[1])
        return None

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))

    def quit(self):
        """As the session does at its end; the exit status is to be 0."""
        self.must_live()
        session.end(self.process, timeout=10 * SLOWER)
        log = self.log()
        if self.process.returncode != 0 and not (MISSED in log and "LeakSanitizer" in log):
            raise AssertionError(f"exit status {self.process.returncode}\n{log[-3000:]}")
        self.must_not_warn()


class Notifications:
    """What the desktop's bus carried since the last mark()."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.since = 0

    def mark(self):
        self.since = len(self.desktop.recorder.all)

    def new(self):
        return self.desktop.recorder.all[self.since:]

    def wait(self, summary, timeout=20):
        """The next one that says `summary`, with the number that the daemon gave it."""
        shown = self.desktop.recorder.wait(lambda n: n.summary == summary, timeout * SLOWER, self.since)
        wait_for("the daemon's answer", lambda: shown.number)
        return shown

    def must_be_none(self):
        if self.new():
            raise AssertionError("announced: " + "; ".join(f"{n.summary} ({n.body})" for n in self.new()))

    def gone(self, shown):
        wait_for(f"{shown.summary!r} to be closed", lambda: shown.closed or shown.close_asked)

    def press(self, shown):
        """Presses the last button like a person: it is in the lower right corner. Again if the window was
        just being laid out anew."""
        def pressed():
            for x, y, width, height in self.desktop.windows("--class", "xfce4-notifyd")[:1]:
                if not shown.invoked:
                    self.desktop.click_at(x + width - 56, y + height - 24)
            return list(shown.actions)[-1] in shown.invoked
        wait_for(f"a button of {shown.summary!r} to be pressed", pressed, step=0.3)


class IconChanges:
    """Counts what the applet tells the panel about its icon, by a monitor that stamps the time."""

    def __init__(self, desktop):
        self.path = desktop.run / f"signals-{time.monotonic_ns()}"
        with open(self.path, "wb") as output:
            self.monitor = subprocess.Popen(
                ["dbus-monitor", "--session", "--profile",
                 "type='signal',interface='org.kde.StatusNotifierItem',member='NewIcon'"],
                env=desktop.environment, stdin=subprocess.DEVNULL, stdout=output)
        wait_for("the monitor", self.path.read_text)

    def times(self):
        lines = [line.split("\t") for line in self.path.read_text().splitlines()]
        return [float(line[1]) for line in lines if line[0] == "sig" and line[-1] == "NewIcon"]

    def most_in_a_second(self):
        times = self.times()
        return max((sum(begin <= other < begin + 1 for other in times) for begin in times), default=0)

    def close(self):
        self.monitor.terminate()
        self.monitor.wait()

# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole XFCE desktop in a throw-away home, or the programs of a test on a desktop that is there.

    with session.Desktop(theme="Greybird-dark") as desktop:
        applet = desktop.start(["sysvpn-applet"])
        wait_for("the icon", lambda: desktop.tray.icon() == "sysvpn-protected-symbolic")
        desktop.click("left")

Everything has its own home, bus and display, so several can run at once. In the network lab give
private_x11=True: two network namespaces would else hand out the same display number, and the second
X server takes the first one's socket away.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from desktop import notifications, settings, tray  # noqa: E402
from tap import wait_for  # noqa: E402

ICONS = pathlib.Path(__file__).resolve().parents[2] / "icons" / "hicolor"
X11_SOCKETS = pathlib.Path("/tmp/.X11-unix")
LOOK_S = 0.6  # longer than the applet's SYSVPN_CLICK_SETTLE_MS
BUTTONS = {"left": 1, "middle": 2, "right": 3, "up": 4, "down": 5}
# of whoever runs the tests; a program started here must not find another session through them
FOREIGN = ["WAYLAND_DISPLAY", "SESSION_MANAGER", "GTK_MODULES", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY",
           "XAUTHORITY", "GTK_THEME", "LANGUAGE", "AT_SPI_BUS_ADDRESS", "DBUS_STARTER_ADDRESS", "GNOTIFICATION_BACKEND"]
# a session bus lets nobody but its owner in; ours is watched by root also where a user owns it
BUS_CONFIGURATION = """<busconfig>
  <include>/usr/share/dbus-1/session.conf</include>
  <policy context="mandatory"><allow user="root"/></policy>
</busconfig>
"""


def look_first():
    """As who clicks does. A click just after a change is taken for one that was meant for what was there before."""
    time.sleep(LOOK_S)


class Desktop:
    def __init__(self, theme="Greybird", icon_theme="elementary-xfce", scale=1, panel_size=32,
                 geometry="1024x700", with_panel=True, with_notifyd=True, menu_is_primary=False,
                 accessible=False, private_x11=False, display=None, bus=None, user=None):
        """display, bus: use these (with XAUTHORITY from our environment) and start nothing that they
        have: a given display has its window manager and tray, a given bus its notification daemon.
        user: the number of the user as whom programs run, where that is not ours; a bus of his that
        is given does not let us in, so there is neither .tray nor .recorder then."""
        self.look = dict(theme=theme, icon_theme=icon_theme, scale=scale, panel_size=panel_size,
                         menu_is_primary=menu_is_primary)
        self.geometry = geometry
        self.with_panel, self.with_notifyd = with_panel, with_notifyd
        self.accessible, self.private_x11 = accessible, private_x11
        self.display, self.bus, self.user = display, bus, user
        self.own_display, self.own_bus = display is None, bus is None
        self.running = {}
        self.recorder = self.panel = self.connection = self.tray = None

    def __enter__(self):
        self.run = pathlib.Path(tempfile.mkdtemp(prefix="desktop-", dir=os.environ.get("LABDIR")))
        try:
            self._make_home()
            self._start_display()
            self._start_bus()
            self._start_desktop()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.recorder:
            self.recorder.close()
        if self.connection:
            self.connection.close_sync(None)
        for process in reversed(self.running.values()):
            end(process)
        for pid in self._left_over():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.private_x11:
            subprocess.run(["umount", "-l", X11_SOCKETS], check=False)
        shutil.rmtree(self.run, ignore_errors=True)

    def _make_home(self):
        for name in ("home", "config", "cache", "data/icons", "runtime", "logs"):
            (self.run / name).mkdir(parents=True)
        (self.run / "runtime").chmod(0o700)
        (self.run / "data/icons/hicolor").symlink_to(ICONS)  # so the panel treats them as installed ones
        settings.write(self.run / "config", **self.look)
        self.environment = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        self.environment.update(
            HOME=str(self.run / "home"), XDG_CONFIG_HOME=str(self.run / "config"),
            XDG_CACHE_HOME=str(self.run / "cache"), XDG_DATA_HOME=str(self.run / "data"),
            XDG_RUNTIME_DIR=str(self.run / "runtime"), XDG_CONFIG_DIRS="/etc/xdg",
            XDG_CURRENT_DESKTOP="XFCE", XDG_SESSION_TYPE="x11", DESKTOP_SESSION="xfce",
            GDK_BACKEND="x11", GDK_SCALE=str(self.look["scale"]), LC_ALL="C.UTF-8",
            NO_AT_BRIDGE="0" if self.accessible else "1", GIO_USE_VFS="local", GSETTINGS_BACKEND="keyfile")
        if self.user is not None:
            for path in [self.run, *self.run.rglob("*")]:
                os.chown(path, self.user, -1, follow_symlinks=False)

    def _start_display(self):
        if self.own_display:
            if self.private_x11:
                # the caller's mount namespace must be its own; the lab's is
                X11_SOCKETS.mkdir(exist_ok=True)
                subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", X11_SOCKETS], check=True)
            reader, writer = os.pipe()
            self.start(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{self.geometry}x24",
                        "-nolisten", "tcp", "-noreset", "+extension", "XTEST"], pass_fds=[writer])
            os.close(writer)
            with os.fdopen(reader) as answer:
                number = answer.readline().strip()
            if not number:
                raise RuntimeError(f"Xvfb did not start:\n{self.log('Xvfb')}")
            self.display = f":{number}"
        elif "XAUTHORITY" in os.environ:
            self.environment["XAUTHORITY"] = os.environ["XAUTHORITY"]
        self.environment["DISPLAY"] = self.display

    def _start_bus(self):
        if self.own_bus:
            self.bus = f"unix:path={self.run}/runtime/bus"
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus
            configuration = self.run / "bus.conf"
            configuration.write_text(BUS_CONFIGURATION)
            self.start(["dbus-daemon", f"--config-file={configuration}", "--nofork", f"--address={self.bus}"])
            wait_for("the bus", (self.run / "runtime/bus").exists)
        else:
            self.environment["SYSVPN_ICON_PATH"] = str(ICONS.parent)  # its panel does not look in our home
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus
        if self.own_bus or self.user in (None, os.getuid()):
            self.connection = wait_for("the bus to answer", self._connect)
            self.tray = tray.Tray(self.connection)

    def _connect(self):
        flags = Gio.DBusConnectionFlags
        try:
            return Gio.DBusConnection.new_for_address_sync(
                self.bus, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        except GLib.Error:
            return None

    def _start_desktop(self):
        if self.own_display:
            self.start(["xfwm4", "--compositor=off", "--sm-client-disable"])
            if self.own_bus:
                self.start(["xfsettingsd", "--no-daemon", "--disable-wm-check"])
            wait_for("the window manager", self._is_managed)
            self.park_pointer()
        if self.own_bus and self.with_notifyd:
            self.start_notifyd()
        if self.own_bus and self.own_display and self.with_panel:
            self.panel_start()
        if self.connection:
            self.recorder = notifications.Recorder(self.connection, self.environment)

    def _is_managed(self):
        answer = self._output("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
        return "#" in answer

    def _left_over(self):
        """Programs that the bus started for us: they have our home and nobody waits for them."""
        mark = f"HOME={self.run}/home".encode()
        for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    yield int(path.parent.name)
            except OSError:
                pass  # it ended, or is not ours to look at

    # programs

    def start(self, argv, env=None, name=None, pass_fds=(), cwd=None, stdin=subprocess.DEVNULL):
        """Starts a program on this desktop; its output is log(name). It is ended with the desktop."""
        name = name or pathlib.Path(argv[0]).name
        prefix = ["setpriv", "--pdeathsig", "TERM"]
        if self.user is not None:
            prefix += ["--reuid", str(self.user), "--regid", str(self.user), "--init-groups"]
        with open(self.run / "logs" / f"{name}.log", "ab") as log:
            process = subprocess.Popen([*prefix, *map(str, argv)], env={**self.environment, **(env or {})},
                                       stdin=stdin, stdout=log, stderr=log, cwd=cwd,
                                       pass_fds=pass_fds)
        self.running[process.pid] = process
        return process

    def log(self, name):
        try:
            return (self.run / "logs" / f"{name}.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def _output(self, *argv):
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, check=False).stdout

    def owns(self, name):
        """The process number of a bus name's owner, or None."""
        try:
            return self.tray.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                  "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))[0]
        except GLib.Error:
            return None

    def start_notifyd(self):
        paths = sorted(pathlib.Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd"))
        process = self.start([paths[0]])
        wait_for("the notification daemon", lambda: self.owns(notifications.NOTIFICATIONS))
        return process

    # the panel

    def panel_start(self):
        self.panel = self.start(["xfce4-panel", "--disable-wm-check", "--sm-client-disable"])
        wait_for("the tray's host", self.tray.host_present)

    def panel_stop(self):
        end(self.panel)
        wait_for("the tray's host to be gone", lambda: not self.owns(tray.WATCHER))

    def panel_kill(self):
        self.panel.kill()
        self.panel.wait()
        wait_for("the tray's host to be gone", lambda: not self.owns(tray.WATCHER))

    # pointer and screen

    def windows(self, *search):
        """The visible windows that xdotool finds, as (x, y, width, height), the outermost left first."""
        found = []
        for window in self._output("xdotool", "search", "--all", "--onlyvisible", *search).split():
            shell = self._output("xdotool", "getwindowgeometry", "--shell", window)
            values = dict(line.split("=") for line in shell.split())
            if values:
                found.append(tuple(int(values[key]) for key in ("X", "Y", "WIDTH", "HEIGHT")))
        return sorted(found)

    def icon_place(self, nth=0):
        """The middle of the tray's nth icon: they are squares from the left in the plug-in's window,
        which is half as wide when it is empty."""
        for x, y, width, height in self.windows("--class", "Wrapper-2.0"):
            if 12 < height <= 2 * self.look["panel_size"] and width >= height * (nth + 1) - height // 4:
                return x + height * nth + height // 2, y + height // 2
        return None

    def xembed_icons(self, process):
        """A program's icons of the old kind (windows of its own inside a tray), as (x, y, width, height)."""
        return [place for place in self.windows("--pid", str(process.pid)) if place[2] <= 64 >= place[3]]

    def click_at(self, x, y, button="left"):
        self.xdotool("mousemove", x, y, "click", BUTTONS[button])

    def click(self, button="left", nth=0):
        """Clicks the tray's nth icon like a person: the pointer goes there, the panel does the rest."""
        self.click_at(*wait_for("an icon in the tray", lambda: self.icon_place(nth)), button)

    def hover(self, nth=0):
        self.xdotool("mousemove", *wait_for("an icon in the tray", lambda: self.icon_place(nth)))

    def park_pointer(self):
        """Where it touches nothing, so that no tooltip or highlight is in a picture."""
        width, height = self.geometry.split("x")
        self.xdotool("mousemove", int(width) - 1, int(height) - 1)

    def key(self, *keys):
        self.xdotool("key", *keys)

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, check=True)

    def open_menus(self):
        """The menus that are open on the screen (of any program), as (x, y, width, height)."""
        found = []
        for line in self._output("xwininfo", "-root", "-tree").splitlines():
            words = line.split()
            if words and words[0].startswith("0x") and self._is_menu(words[0]):
                found.append(words[-1])
        return found

    def _is_menu(self, window):
        answer = self._output("xprop", "-id", window, "_NET_WM_WINDOW_TYPE")
        if "_MENU" not in answer:
            return False
        return "IsViewable" in self._output("xwininfo", "-id", window)

    def clipboard(self):
        """What another program would paste."""
        code = ("import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gdk, Gtk; "
                "print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or '', end='')")
        return subprocess.run(["/usr/bin/python3", "-c", code], env=self.environment | {"NO_AT_BRIDGE": "1"},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True).stdout

    def screenshot(self, path, crop=None, scale=None):
        """crop is WxH+X+Y, scale a percentage; without smoothing, so that single pixels can be judged."""
        arguments = ["import", "-silent", "-window", "root", path]
        if crop:
            arguments[-1:] = ["-crop", crop, "+repage", path]
        subprocess.run(arguments, env=self.environment, check=True)
        if scale:
            subprocess.run(["mogrify", "-scale", f"{scale}%", path], check=True)

    def wait_notification(self, predicate, timeout=20.0, since=0):
        return self.recorder.wait(predicate, timeout, since)


def end(process, timeout=5.0):
    """Asks a program to end and waits; kills it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

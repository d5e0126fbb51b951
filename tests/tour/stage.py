# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab with the product running in it and the applet on a screen, and what can be done to it."""
import ctypes
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import time

import lab
from desktop import session
from lab import addresses
from tap import wait_for

ENDPOINTS = [one.endpoint for one in addresses.PROVIDERS.values()]
# of the virtual screen: light, and wide enough for menu and notification side by side
GEOMETRY = "800x380"
LOOK = (("xfce4-panel", "/panels/dark-mode", "bool", "false"),
        ("xfce4-notifyd", "/notify-location", "uint", "0"),
        ("xfce4-notifyd", "/theme", "string", "Greybird-bright"))
WALLPAPER = 0x7f9db9


@dataclasses.dataclass
class Seen:
    """What traffic of a second came to."""
    sent: int        # packets that AppVM and sys-vpn itself sent
    upstream: int    # packets that came out of sys-vpn meanwhile
    leaks: list      # those of them that were not for a VPN server
    egress: str      # the address that the echo service saw AppVM under, or None


class Stage:
    """Everything but the killswitch, the agent and the applet runs when the `with` body begins."""

    def __init__(self, build, shots, screen=None):
        self.build, self.shots, self.screen = build, shots, screen
        self.world = lab.Lab()
        if screen:
            if screen.authority:
                os.environ["XAUTHORITY"] = screen.authority
            self.desktop = session.Desktop(display=screen.display, bus=screen.bus, user=screen.user)
        else:
            self.desktop = session.Desktop(theme="Adwaita", geometry=GEOMETRY)
        self.applet = None

    def __enter__(self):
        self.world.__enter__()
        self.desktop.__enter__()
        if not self.screen:
            self._decorate()
        self.tools = self._install_tools()
        return self

    def __exit__(self, *trouble):
        self.desktop.__exit__(*trouble)
        self.world.__exit__(*trouble)

    def _decorate(self):
        for channel, name, kind, value in LOOK:
            self._on_screen("xfconf-query", "-c", channel, "-p", name, "-n", "-t", kind, "-s", value)
        paint_root(self.desktop.display, WALLPAPER)

    def _on_screen(self, *command):
        subprocess.run(command, env=self.desktop.environment, check=True, capture_output=True)

    def _install_tools(self):
        """qrexec-client where a user may run it: the build may be where only root can look."""
        tools = self.world.folder / "dom0"
        tools.mkdir()
        shutil.copy(self.build / "tests/fakes/dom0/qrexec-client", tools)
        return tools

    def path(self):
        return f"{self.tools}:{os.environ['PATH']}"

    # --- starting

    def load_killswitch(self):
        return self.world.load_killswitch(self.build).stdout.strip()

    def start_agent(self):
        allowed = ["--allow-uid", self.screen.user] if self.screen else []
        self.world.start_agent(self.build, "--verbose", *allowed)
        if self.screen:
            os.chown(self.world.qrexec.agent_socket, self.screen.user, -1)

    def agent_runs(self):
        return self.world.product.agent is not None

    def stop_agent(self):
        self.world.product.stop_agent(signal.SIGKILL)

    def start(self):
        """All that a sys-vpn has, and the icon in dom0."""
        self.world.write_endpoints(ENDPOINTS)
        said = self.load_killswitch()
        self.world.start_probe(self.build)
        self.start_agent()
        program = self.world.product.install(self.build, "applet/sysvpn-applet")
        self.applet = self.desktop.start([program], env={"PATH": self.path()})
        return said

    # --- looking

    def icon(self):
        """The state that the icon shows, as a word; only on a screen of our own."""
        name = self.desktop.tray.icon() or ""
        return name.removeprefix("sysvpn-").removesuffix("-symbolic")

    def wait_icon(self, state, timeout=20):
        wait_for(f"the icon {state}", lambda: self.icon() == state, timeout)
        return self.desktop.tray.get("Title")

    def tooltip(self):
        title, text = self.desktop.tray.tooltip()
        return f"{title}\n{text}"

    def report(self):
        """sysvpn.Status as dom0 gets it, {key: value}; empty when nobody answers."""
        answer = self.world.qrexec.call(self.build, "sysvpn.Status").stdout.decode(errors="replace")
        lines = [line.partition("=") for line in answer.splitlines()]
        return {key: value for key, _, value in lines if key}

    def dropped(self):
        return sum(int(value) for key, value in self.report().items()
                   if key in ("forward_drop4", "forward_drop6", "output_drop4", "output_drop6"))

    def send(self, seconds=1.0):
        """Every kind of traffic, from AppVM and from sys-vpn itself, watched where it would reach
        sys-net."""
        with self.world.capture() as watcher:
            with self.world.traffic() as clients, self.world.traffic("sys-vpn") as own:
                time.sleep(seconds)
            upstream, leaks = watcher.seen(), watcher.leaks(ENDPOINTS)
        sent = sum(clients.sent.values()) + sum(own.sent.values())
        return Seen(sent, len(upstream), leaks, self.world.egress(timeout=1))

    # --- doing

    def kill_openvpn(self):
        """The client in sys-vpn, never a server; returns when it was, by the realtime clock."""
        home = os.readlink(f"/proc/{self.world.vpn.pid}/ns/net")
        killed = None
        for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
            try:
                if comm.read_text() == "openvpn\n" and os.readlink(comm.parent / "ns/net") == home:
                    killed = time.time()
                    os.kill(int(comm.parent.name), signal.SIGKILL)
            except OSError:
                pass  # it ended meanwhile
        return killed

    def delete_table(self):
        return self.world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"], check=False)

    def run_cli(self, *arguments):
        """The command line tool as in dom0, if this tree has it."""
        program = self.build / "src/cli/sysvpn"
        if not program.exists():
            return None
        return subprocess.run([program, *arguments], env=self.desktop.environment | {"PATH": self.path()},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False)

    def picture(self, name, menu=False):
        """A screenshot, with the icon's menu open if wanted; returns its path."""
        path = self.shots / f"{name}.png"
        if menu:
            self.desktop.click("right")
            wait_for("the menu", self.desktop.open_menus, timeout=5)
            time.sleep(0.3)  # the window is there before it is drawn
        self.desktop.screenshot(path)
        if menu:
            self.desktop.key("Escape")
            wait_for("no menu", lambda: not self.desktop.open_menus(), timeout=5)
        self.desktop.park_pointer()
        return path


def paint_root(display, colour):
    """What xsetroot -solid does; X's own programs for it are one more package."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
    if not connection:
        raise RuntimeError(f"no X server at {display}")
    root = ctypes.c_ulong(x.XDefaultRootWindow(connection))
    x.XSetWindowBackground(connection, root, ctypes.c_ulong(colour))
    x.XClearWindow(connection, root)
    x.XCloseDisplay(connection)

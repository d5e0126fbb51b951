# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of every state with tooltip, of menus, notifications and windows, in a light and a dark theme, in high
contrast and on a screen with twice the dots, for people to look at. What is tested is that each icon is there, and no two look the same."""
import os
import pathlib
import subprocess
import time

from desktop import session
from fake_agent import ASKED, CONNECTING, DEGRADED, DOWN, EXPOSED, UP, UUID, FakeAgent
from lab import qrexec
from running import Applet, Notifications
from tap import wait_for

THEMES = {"light": {"theme": "Greybird"}, "dark": {"theme": "Adwaita-dark", "icon_theme": "Adwaita"},
          "contrast": {"theme": "HighContrast", "icon_theme": "Adwaita"},
          "hidpi": {"theme": "Greybird", "scale": 2, "geometry": "2048x1400"}}
WINDOWS = {"details": "Details…", "preferences": "Preferences…", "check": "Check for leaks…"}
STATES = {"protected": UP, "connecting": CONNECTING, "blocked": ASKED, "degraded": DEGRADED, "exposed": EXPOSED,
          "unknown": UP | {"killswitch": "unknown"}}
LISTED = [(UUID, "active,pinned", "Provider A (Zurich)"),
          ("0b7f0f60-97d5-4c0f-8e8c-1d5b6a4f2c11", "pinned", "provider_b"),
          ("2f9d3a07-52c4-4be6-b1e5-7a3f0d9c6e55", "-", "Provider C, old")]


class Camera:
    def __init__(self, folder, look, desktop):
        self.folder, self.look, self.desktop = folder, look, desktop

    def shot(self, name, crop=None):
        crop = crop or "{}x{}+{}+0".format(*(number * self.desktop.look["scale"] for number in (520, 420, 504)))
        path = self.folder / f"{self.look}-{name}.png"
        self.desktop.screenshot(path, crop)
        return path

    def icon(self, state):
        """The icon alone, and what its pixels are."""
        x, y = wait_for("a place in the panel", self.desktop.icon_place)  # it may be on the move
        half = 16 * self.desktop.look["scale"]
        path = self.shot(f"icon-{state}", f"{2 * half}x{2 * half}+{x - half}+{y - half}")
        return subprocess.run(["convert", path, "rgb:-"], capture_output=True, check=True).stdout


def take(plan, build, folder, look, qube):
    with session.Desktop(**THEMES[look]) as desktop:
        camera, notes = Camera(folder, look, desktop), Notifications(desktop)
        agent = FakeAgent(qube, UP, LISTED)
        applet = Applet(desktop, build, env={"GSETTINGS_SCHEMA_DIR": str(build / "data/desktop")})
        seen = {}
        for state, fields in STATES.items():
            with plan.case(f"{look}: {state}, with tooltip and menu"):
                agent.tell(fields)
                applet.shows(state)
                desktop.park_pointer()
                wait_for("the icon to be drawn", lambda: camera.icon(state) not in seen.values(), timeout=5)
                seen[state] = camera.icon(state)
                applet.hover()
                camera.shot(f"{state}-tooltip")
                desktop.park_pointer()
                desktop.click("right")
                wait_for("the menu", desktop.open_menus)
                camera.shot(f"{state}-menu")
                desktop.key("Escape")
                wait_for("the menu to close", lambda: not desktop.open_menus())
                desktop.park_pointer()
                for shown in desktop.recorder.open():
                    wait_for("it on the screen", lambda: desktop.windows("--class", "xfce4-notifyd"))
                    camera.shot(f"notification-{state}")
        agent.tell(UP)
        applet.shows("protected")
        wait_for("the alarm to go", lambda: not desktop.recorder.open())
        for name, fields, summary in (("dropped", DOWN, "VPN tunnel is down"), ("back", UP, "VPN tunnel is back")):
            with plan.case(f"{look}: notification {summary!r}"):
                agent.tell(fields)
                notes.wait(summary)
                wait_for("it on the screen", lambda: desktop.windows("--class", "xfce4-notifyd"))
                camera.shot(f"notification-{name}")
        plan.equal(len(set(seen.values())), len(STATES), f"{look}: no two icons look the same")
        for name, entry in WINDOWS.items():
            with plan.case(f"{look}: window {name}"):
                applet.choose(entry)
                (_, _, width, height), = wait_for("it", lambda: desktop.windows("--class", "sysvpn-applet"))
                time.sleep(0.3)  # it is there before it is drawn
                # with its frame, in the corner below the panel, where the window manager puts it
                camera.shot(f"window-{name}", f"{width + 4}x{height + 32}+0+{32 * desktop.look['scale']}")
                desktop.key("Escape")
                wait_for("it to close", lambda: not desktop.windows("--class", "sysvpn-applet"))
        applet.quit()
        agent.close()


def sheet(folder, look):
    """All of one look on one picture."""
    files = sorted(str(path) for path in folder.glob(f"{look}-*.png") if "-icon-" not in path.name
                   and "sheet" not in path.name)
    subprocess.run(["montage", *files, "-tile", "3x", "-geometry", "+4+4", folder / f"{look}-sheet.png"], check=True)


def run(plan, build):
    os.environ["LABDIR"] += "/pictures"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    folder = build / "shots"
    folder.mkdir(exist_ok=True)
    qube = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn")
    for look in THEMES:
        take(plan, build, folder, look, qube)
        sheet(folder, look)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Check for leaks…: the applet's window over the real `sysvpn check` in the lab's chain of qubes, through AT-SPI.
However it ends, the tunnel is as it was found."""
import pathlib
import subprocess

import lab
from chain import A, Chain
from desktop import session, windows
from lab import qrexec
from running import IS_ASAN, SLOWER, Applet
from tap import wait_for

TITLE = "Check for leaks: sys-vpn"
FOUND = "What was found"
DROP = "Take the tunnel down for some seconds, to see that nothing gets out without it"
SHOT = "650x553+0+34"  # the window
LONG = 180 * SLOWER


class Scene:
    def __init__(self, plan, build, chain, desktop):
        self.plan, self.build, self.chain, self.desktop = plan, build, chain, desktop
        self.windows = windows.Windows(desktop, "sysvpn-applet")
        self.applet = self.start(f"{build / 'src/cli'}:{chain.bin}")

    def start(self, more_path):
        applet = Applet(self.desktop, self.build, path=f"{qrexec.path_for_dom0(self.build)}:{more_path}",
                        env={name: self.chain.environment[name] for name in ("SYSVPN_QUBESD_SOCKET", "LABDIR")})
        applet.shows("protected")
        return applet

    def open(self):
        self.desktop.tray.menu_click("Check for leaks…")
        return self.windows.wait(TITLE)

    def headline(self, window, text, timeout=20):
        wait_for(f"{text!r}", lambda: text in window.texts(), timeout * SLOWER)

    def rows(self, window):
        """Also those that one has to scroll to."""
        return [row.get_name() for row in windows.walk(window.frame) if row.get_role_name() == "list item"]

    def close(self, window):
        window.press("Close")
        self.windows.gone(TITLE)

    def is_down(self):
        wait_for("the tunnel to be down", lambda: self.chain.agent.status()["tunnel"] == "down", LONG)

    def is_back(self):
        self.chain.agent.wait_status(timeout=LONG, tunnel="up", profile_name=A.profile)
        self.applet.shows("protected", 30)


def healthy(scene):
    plan = scene.plan
    with plan.case("the menu's Check for leaks… opens a window that has begun nothing"):
        window = scene.open()
        wait_for("the focus on Start", lambda: window.focus() == ("push button", "Start"))
        assert not window.unnamed(), window.unnamed()
        assert not scene.rows(window)
    with plan.case("Start: it goes on visibly, and can be stopped"):
        window.press("Start")
        wait_for("progress", lambda: window.nodes("progress bar") and window.buttons().get("Stop"))
        wait_for("a finding", lambda: scene.rows(window), LONG)
    with plan.case("the healthy chain: every step is told, and passed"):
        scene.headline(window, "No leak was found", LONG)
        rows = scene.rows(window)
        assert len(rows) == 22 and all(": passed; " in row or row.startswith("Not your own") for row in rows), rows
        scene.desktop.screenshot(scene.build / "shots/check-passed.png", SHOT)
        assert "Stop" not in window.buttons() and window.buttons()["Check again"], window.buttons()
    with plan.case("Copy: the same as sysvpn check prints"):
        window.press("Copy")
        text = scene.desktop.clipboard()
        assert "ok 1 - wiring: " in text and " - restore: " in text and " passed" in text.splitlines()[-1], text
    with plan.case("and the tunnel is back"):
        scene.is_back()
    scene.close(window)


def quick(scene):
    plan = scene.plan
    window = scene.open()
    with plan.case("without taking the tunnel down: that is said, and what is wrong comes with its remedy"):
        scene.chain.tell("property sys-firewall netvm vm sys-vpn")
        try:
            box, = [node for node in window.nodes("check box") if node.get_name() == DROP]
            box.get_action_iface().do_action(0)
            window.press("Start")
            scene.headline(window, "Something is wrong", LONG)
        finally:
            scene.chain.tell("property sys-firewall netvm vm sys-dns")
        rows = scene.rows(window)
        assert any(row.startswith("How the qubes are wired: failed; ") and "qvm-prefs" in row for row in rows), rows
        assert any(row.startswith("Tunnel taken down: skipped; ") for row in rows), rows
        role, name = wait_for("the focus", window.focus)
        assert role == "list item" and name.startswith("How the qubes are wired: failed"), (role, name)
        scene.desktop.screenshot(scene.build / "shots/check-failed.png", SHOT)
        assert scene.chain.agent.status()["tunnel"] == "up"
    scene.close(window)


def stopped(scene):
    """While the tunnel is down for the check."""
    plan = scene.plan
    with plan.case("Stop brings the tunnel back, and says that it was not checked to its end"):
        window = scene.open()
        window.press("Start")
        scene.is_down()
        window.press("Stop")
        scene.headline(window, "Stopped, as you asked", LONG)
        assert "No leak was found" not in window.texts()
        left_out = "Without the tunnel: "
        assert not any(row.startswith(left_out) for row in scene.rows(window)), scene.rows(window)
        scene.is_back()
    with plan.case("ended by somebody else, which is no user's wish: it broke off, and the tunnel is back"):
        window.press("Check again")
        scene.is_down()
        subprocess.run(["pkill", "-TERM", "-P", str(scene.applet.process.pid), "-x", "sysvpn"], check=True)
        scene.headline(window, "The check broke off", LONG)
        scene.is_back()
    with plan.case("a window that is closed meanwhile: the tunnel comes back"):
        window.press("Check again")
        scene.is_down()
        scene.desktop.key("Escape")
        scene.windows.gone(TITLE)
        scene.is_back()
        scene.applet.must_live()
    with plan.case("an applet that ends meanwhile: the tunnel comes back"):
        window = scene.open()
        window.press("Start")
        scene.is_down()
        scene.applet.quit()
        scene.chain.agent.wait_status(timeout=LONG, tunnel="up", profile_name=A.profile)
    with plan.case("no program to run: one clear error"):
        scene.applet = scene.start(scene.chain.bin)
        window = scene.open()
        window.press("Start")
        scene.headline(window, "The check broke off")
        assert any("install its package again" in text for text in window.texts()), window.texts()
        scene.close(window)
    with plan.case("the details window has it, too"):
        scene.desktop.click("middle")
        scene.windows.wait("VPN: sys-vpn").press("Check for leaks…")
        scene.windows.wait(TITLE)
    scene.applet.quit()


def run(plan, build):
    shots = pathlib.Path(build, "shots")
    shots.mkdir(exist_ok=True)
    with lab.Lab(resolver=True) as world, session.Desktop(accessible=True, geometry="1024x768") as desktop:
        scene = Scene(plan, build, Chain(world, build), desktop)
        for step in (healthy, quick) if IS_ASAN else (healthy, quick, stopped):
            step(scene)
        if IS_ASAN:
            scene.applet.quit()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Which qubes go through the VPN qube: found by itself, listed, counted, live; and the warning of one that must not go
past it and does. Real panel, notification daemon and AT-SPI; tests/fakes/qubesd for dom0."""
import os
import pathlib
import tempfile
import time

import part_pictures
from desktop import session, windows
from fake_agent import UP, FakeAgent
from lab import qrexec
from lab.qubesd import Qubesd
from running import SLOWER, Applet, Notifications
from tap import wait_for

TITLE = "VPN: sys-vpn"
QUBES = "Qubes, and whether they go through the VPN"
CLIENTS = "Dropped packets of each client qube"
WARNING = "1 qube tagged vpn-only goes past the VPN"
NOTICE = "A qube goes past the VPN"
STATES = {"sys-net": "Running", "sys-vpn": "Running", "sys-dns": "Running", "sys-firewall": "Running",
          "personal": "Running", "work": "Running", "untrusted": "Halted", "vault": "Running", "debian-12": "Halted"}
NETVMS = {"sys-net": "none", "sys-vpn": "sys-net", "sys-dns": "sys-vpn", "sys-firewall": "sys-dns", "vault": "none",
          "debian-12": "none"}
# as dom0 is set up before the applet is
SET_UP = ["class debian-12 TemplateVM", "feature debian-12 supported-rpc.sysvpn.Status 1", "default-netvm sys-firewall",
          *(f"netvm {qube} {netvm}" for qube, netvm in NETVMS.items()),
          "property sys-dns ip str 10.137.0.12", "tag work vpn-only"]
LASTING = UP | {"heartbeat_s": 60, "client_0": "10.137.0.12 1200 345678", "client_1": "10.137.0.99 3 180"}


class Scene:
    def __init__(self, plan, build, desktop, folder):
        self.plan, self.build, self.desktop = plan, build, desktop
        self.qube = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn")
        self.agent = FakeAgent(self.qube, LASTING)
        self.qubesd = Qubesd(folder, *(word for line in SET_UP for word in ("--do", line)))
        self.start_qubesd()
        self.notes = Notifications(desktop)
        self.applet = Applet(desktop, build, env={**self.qubesd.environment(), "XDG_STATE_HOME": str(folder / "state")})
        self.windows = windows.Windows(desktop, "sysvpn-applet") if desktop.accessible else None

    def start_qubesd(self):
        self.qubesd.start(*(f"{name}={state}" for name, state in STATES.items()))

    def tooltip_says(self, words, timeout=15):
        wait_for(f"tooltip {words!r}", lambda: words in self.applet.tooltip(), timeout * SLOWER)

    def warns(self, label=WARNING):
        wait_for("the menu to warn", lambda: label in self.applet.labels(), 15 * SLOWER)

    def warns_no_more(self):
        wait_for("the menu not to warn", lambda: not any("vpn-only" in label for label in self.applet.labels()),
                 15 * SLOWER)

    def open(self):
        self.applet.choose("Details…")
        window = self.windows.wait(TITLE)
        self.page("alt+q", "Qubes")
        return window

    def page(self, key, name):
        self.desktop.key(key)
        wait_for(f"page {name}", lambda: any(
            node.get_name() == name and node.get_state_set().contains(windows.Atspi.StateType.SELECTED)
            for node in self.windows.open(TITLE).nodes("page tab")))

    def rows(self, window):
        """By name: whether it runs, whether it goes through, and its way."""
        return {row[0]: tuple(row[1:]) for row in window.table(QUBES) or []}

    def row_is(self, window, name, *wanted):
        wait_for(f"{name}: {wanted}", lambda: self.rows(window).get(name) == (wanted or None), 15 * SLOWER)

    def says(self, window, text):
        wait_for(f"{text!r} in the window", lambda: any(text in label for label in window.texts()), 15 * SLOWER)

    def says_no_more(self, window, text):
        wait_for(f"no {text!r} in the window", lambda: not any(text in label for label in window.texts()), 15 * SLOWER)


def found(scene):
    plan, applet, qubesd = scene.plan, scene.applet, scene.qubesd
    with plan.case("no VPN qube is found: Unknown, and what to do about it; a template with the agent is none"):
        applet.shows("unknown")
        scene.tooltip_says("no VPN qube was found")
        scene.tooltip_says("Give yours the service sysvpn")
        assert "Unknown: no VPN qube was found" in applet.labels(), applet.labels()
        assert not scene.agent.asked
    with plan.case("and one that must not go past a VPN does: the warning is there all the same"):
        scene.warns()
        shown = scene.notes.wait(NOTICE)
    with plan.case("given the service it is found at once, and the warning is over"):
        qubesd.tell("feature sys-vpn service.sysvpn 1")
        applet.shows("protected")
        scene.warns_no_more()
        scene.notes.gone(shown)
    with plan.case("the service taken away, as nobody should: it is gone"):
        qubesd.tell("unfeature sys-vpn service.sysvpn")
        applet.shows("unknown")
    with plan.case("found by the agent's own feature, too"):
        qubesd.tell("feature sys-vpn supported-rpc.sysvpn.Status 1")
        applet.shows("protected")
    with plan.case("switched off it stays, so that the fault is seen"):
        qubesd.tell("feature sys-vpn service.sysvpn")
        qubesd.tell("unfeature sys-vpn supported-rpc.sysvpn.Status")
        time.sleep(0.5)
        applet.shows("protected")
    qubesd.tell("feature sys-vpn service.sysvpn 1")
    with plan.case("one more may be a VPN qube, and dom0 does not tell: nothing is called protected"):
        qubesd.tell("break vault")
        qubesd.tell("feature vault service.sysvpn 1")
        applet.shows("unknown")
        scene.tooltip_says("See journalctl -u qubesd in dom0")
        scene.tooltip_says("sys-vpn: Protected")
        assert "Unknown: dom0 does not tell of every qube whether it is a VPN qube" in applet.labels(), applet.labels()
    with plan.case("a click does not take the one down that is known"):
        session.look_first()
        scene.desktop.tray.activate("Activate")
        scene.windows.wait(TITLE)
        scene.desktop.key("Escape")
        scene.windows.gone(TITLE)
        assert "sysvpn.Disconnect" not in str(scene.agent.asked), scene.agent.asked
    with plan.case("it is asked again, and all is known"):
        qubesd.tell("unfeature vault service.sysvpn")
        qubesd.tell("mend vault")
        applet.shows("protected", 30)


def listed(scene):
    plan, qubesd = scene.plan, scene.qubesd
    with plan.case("the tooltip counts the qubes that run, without those that only pass on"):
        scene.tooltip_says("Protected: 2 qubes through sys-vpn\n")
    window = scene.open()
    with plan.case("the window lists each with its way; not templates, the uplink, and what has no network"):
        wait_for("the list", lambda: scene.rows(window), 15 * SLOWER)
        assert scene.rows(window) == {
            "personal": ("yes", "yes", "personal → sys-firewall → sys-dns → sys-vpn"),
            "work": ("yes", "yes", "work → sys-firewall → sys-dns → sys-vpn"),
            "sys-dns": ("yes", "yes", "sys-dns → sys-vpn"),
            "sys-firewall": ("yes", "yes", "sys-firewall → sys-dns → sys-vpn"),
            "untrusted": ("no", "yes", "untrusted → sys-firewall → sys-dns → sys-vpn")}, scene.rows(window)
        scene.says(window, "2 qubes that run go through sys-vpn. 2 more pass traffic on to it.")
        assert not window.unnamed(), window.unnamed()
    with plan.case("one starts: counted at once"):
        qubesd.tell("power untrusted Running")
        scene.tooltip_says("3 qubes through sys-vpn")
        scene.row_is(window, "untrusted", "yes", "yes", "untrusted → sys-firewall → sys-dns → sys-vpn")
    with plan.case("one is made, and removed"):
        qubesd.tell("add disp1 Running")
        scene.row_is(window, "disp1", "yes", "yes", "disp1 → sys-firewall → sys-dns → sys-vpn")
        scene.tooltip_says("4 qubes through sys-vpn")
        qubesd.tell("remove disp1")
        scene.row_is(window, "disp1")
        scene.tooltip_says("3 qubes through sys-vpn")
    with plan.case("one is given another net qube: it goes past, and is no longer counted"):
        qubesd.tell("netvm untrusted sys-net")
        scene.row_is(window, "untrusted", "yes", "no", "untrusted → sys-net")
        scene.tooltip_says("2 qubes through sys-vpn")
    with plan.case("a value that cannot be read: not known, and never counted"):
        qubesd.tell("netvm untrusted <b>")
        scene.row_is(window, "untrusted", "yes", "not known", "untrusted → ?")
        scene.says(window, "Of 1 it is not known where its traffic goes.")
    with plan.case("back to the default"):
        qubesd.tell("netvm untrusted default")
        scene.tooltip_says("3 qubes through sys-vpn")
    with plan.case("nobody was announced for that: none of them is tagged"):
        scene.notes.mark()
        qubesd.tell("netvm untrusted sys-net")
        scene.row_is(window, "untrusted", "yes", "no", "untrusted → sys-net")
        scene.notes.must_be_none()


def dropped(scene):
    window = scene.windows.open(TITLE)
    with scene.plan.case("dropped packets: the qube next to the VPN qube by its name, and that it sends for others"):
        scene.page("alt+k", "Killswitch")
        wait_for("its name", lambda: [row[0] for row in window.table(CLIENTS) or []] == [
            "sys-dns (10.137.0.12)", "10.137.0.99"], 15 * SLOWER)
        scene.says(window, "passes on for qubes behind it")
        scene.page("alt+q", "Qubes")


def strays(scene):
    plan, qubesd, desktop, notes = scene.plan, scene.qubesd, scene.desktop, scene.notes
    window = scene.windows.open(TITLE)
    notes.mark()
    qubesd.tell("tag personal vpn-only")
    with plan.case("tagged vpn-only and through: no warning"):
        time.sleep(0.5)
        scene.warns_no_more()
        notes.must_be_none()
    with plan.case("wired past the VPN: window, menu and tooltip warn, and one notification that stays"):
        qubesd.tell("netvm personal sys-net")
        shown = notes.wait(NOTICE)
        assert shown.urgency == "critical" and shown.body.startswith("personal is tagged vpn-only, runs, and sends past"), shown
        scene.warns()
        scene.tooltip_says(WARNING)
        scene.says(window, "personal is tagged vpn-only, runs, and sends past the VPN.")
        scene.row_is(window, "personal", "yes", "no", "personal → sys-net")
        assert next(iter(scene.rows(window))) == "personal", "not the first row"
        desktop.screenshot(scene.build / "shots/qubes-light.png")
    with plan.case("its button, and the menu's warning, open the page"):
        window.press("Close")
        scene.windows.gone(TITLE)
        scene.applet.choose(WARNING)
        window = scene.windows.wait(TITLE)
        wait_for("the list", lambda: scene.rows(window), 15 * SLOWER)
        window.press("Close")
        scene.windows.gone(TITLE)
        notes.press(shown)
        window = scene.windows.wait(TITLE)
        wait_for("the list", lambda: scene.rows(window), 15 * SLOWER)
    with plan.case("shut down: over, and the notification goes"):
        qubesd.tell("power personal Halted")
        scene.warns_no_more()
        scene.says_no_more(window, "vpn-only")
    with plan.case("started again so soon: the warning is there, and no further notification"):
        notes.mark()
        qubesd.tell("power personal Running")
        scene.warns()
        scene.says(window, "personal is tagged vpn-only")
        notes.must_be_none()
    with plan.case("the tag taken away: over"):
        qubesd.tell("untag personal vpn-only")
        scene.warns_no_more()
    with plan.case("dom0's default net qube leads past the VPN: all that follow it are seen, in one notification"):
        qubesd.tell("netvm untrusted default")
        qubesd.tell("tag untrusted vpn-only")
        scene.row_is(window, "untrusted", "yes", "yes", "untrusted → sys-firewall → sys-dns → sys-vpn")
        notes.mark()
        qubesd.tell("hold work")
        qubesd.tell("default-netvm sys-net")
        scene.row_is(window, "untrusted", "yes", "no", "untrusted → sys-net")
        time.sleep(1)
        notes.must_be_none()  # it would lack the one that dom0 has not told of yet
        qubesd.tell("release work")
        shown = notes.wait("Qubes go past the VPN")
        assert shown.body.startswith("untrusted, work are tagged vpn-only"), shown
        scene.tooltip_says("Protected: 1 qube through sys-vpn")  # sys-firewall, through which nobody sends now
        qubesd.tell("default-netvm sys-firewall")
        scene.warns_no_more()
        notes.gone(shown)
        assert len(notes.new()) == 1, notes.new()
        scene.tooltip_says("2 qubes through sys-vpn")
    qubesd.tell("netvm personal default")


def silent(scene):
    plan, qubesd = scene.plan, scene.qubesd
    window = scene.windows.open(TITLE)
    with plan.case("nothing was asked of a qube that no event was about"):
        asked = scene.qubesd.requests().count("admin.vm.property.Get+netvm dom0 vault")
        assert asked == 1, asked
    with plan.case("qubesd gone: what is not known any more is not shown; the VPN qube itself is heard all the same"):
        qubesd.stop()
        scene.says(window, "dom0 does not tell which qubes go through sys-vpn")
        assert window.table(QUBES) is None
        wait_for("no count", lambda: "through" not in scene.applet.tooltip(), 15 * SLOWER)
        scene.applet.shows("protected")
    with plan.case("and back"):
        scene.start_qubesd()
        qubesd.tell("feature sys-vpn service.sysvpn 1")
        scene.tooltip_says("2 qubes through sys-vpn", 60)
    window.press("Close")
    scene.applet.quit()


def refused(plan, build, desktop, folder):
    """As in a GUI domain that may only ask for states: it is not asked over and over."""
    qubesd = Qubesd(folder)
    qubesd.start("sys-vpn=Running", *(f"q{n}=Running" for n in range(20)))
    for method in ("property.Get", "tag.Get", "feature.Get"):
        qubesd.tell(f"deny admin.vm.{method}")
    applet = Applet(desktop, build, env=qubesd.environment())
    with plan.case("dom0 does not tell of its qubes: the usual VPN qube is shown, and nothing is claimed"):
        applet.shows("protected")
        assert "through" not in applet.tooltip(), applet.tooltip()
    with plan.case("and after a few refusals it is asked no more"):
        time.sleep(0.5)
        asked = [line for line in qubesd.requests() if ".Get+" in line]
        assert len(asked) <= 16, asked
        applet.quit()
    qubesd.stop()


def pictured(plan, build, folder):
    """The page in a dark theme, for people to look at."""
    with session.Desktop(**part_pictures.THEMES["dark"]) as desktop:
        scene = Scene(plan, build, desktop, folder)
        scene.qubesd.tell("feature sys-vpn service.sysvpn 1")
        scene.qubesd.tell("netvm work sys-net")
        with plan.case("a picture of the list in a dark theme"):
            scene.applet.shows("protected")
            scene.notes.wait(NOTICE)
            desktop.tray.menu_click("Details…")
            wait_for("the window", lambda: desktop.windows("--name", f"^{TITLE}$"))
            desktop.key("alt+q")
            desktop.click("right")
            wait_for("the menu", desktop.open_menus)
            desktop.screenshot(build / "shots/qubes-dark.png")
            desktop.key("Escape")
            scene.applet.quit()
        scene.qubesd.stop()
        scene.agent.close()


def run(plan, build):
    (build / "shots").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.environ["LABDIR"]) as folder, session.Desktop(accessible=True) as desktop:
        scene = Scene(plan, build, desktop, pathlib.Path(folder))
        for step in (found, listed, dropped, strays, silent):
            step(scene)
        other = pathlib.Path(folder, "refused")
        other.mkdir()
        refused(plan, build, desktop, other)
        scene.agent.close()
        dark = pathlib.Path(folder, "dark")
        dark.mkdir()
        pictured(plan, build, dark)

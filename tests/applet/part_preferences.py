# SPDX-License-Identifier: GPL-2.0-or-later
"""The preferences window, through AT-SPI and by the keyboard: what is changed there holds at once, is kept, and can be
changed from elsewhere."""
import os
import pathlib
import subprocess
import time

from desktop import session, windows
from fake_agent import DOWN, EXPOSED, UP, FakeAgent
from lab import qrexec
from running import Applet, Notifications
from tap import wait_for

TITLE = "VPN preferences"
DETAILS = "VPN: sys-vpn"
TUNNEL = "The tunnel drops, and is back"
SESSION = "Start with the session"
ENTRY = "[Desktop Entry]\nType=Application\nName=VPN\nExec=x\n"


class Scene:
    def __init__(self, plan, build, desktop, qube):
        self.plan, self.build, self.desktop, self.qube = plan, build, desktop, qube
        self.agent = FakeAgent(qube, UP)
        self.system = desktop.run / "xdg"
        (self.system / "autostart").mkdir(parents=True)
        (self.system / "autostart/sysvpn-applet.desktop").write_text(ENTRY)
        self.own_entry = desktop.run / "config/autostart/sysvpn-applet.desktop"
        self.notes = Notifications(desktop)
        self.start()
        self.windows = windows.Windows(desktop, "sysvpn-applet")

    def start(self, *arguments, schema=True):
        self.environment = {"XDG_CONFIG_DIRS": str(self.system), "XDG_STATE_HOME": str(self.desktop.run / "state"),
                            "GSETTINGS_SCHEMA_DIR": str(self.build / "data/desktop" if schema else "/nowhere")}
        self.applet = Applet(self.desktop, self.build, *arguments, env=self.environment)
        self.applet.shows("protected")

    def settings(self, *words):
        done = subprocess.run(["gsettings", words[0], "org.sysvpn.Applet", *words[1:]], check=True, text=True,
                              env=self.desktop.environment | self.environment, capture_output=True, timeout=20)
        return done.stdout.strip()

    def open(self):
        self.desktop.tray.menu_click("Preferences…")
        return self.windows.wait(TITLE)

    def close(self):
        self.desktop.key("Escape")
        self.windows.gone(TITLE)


def node(window, role, label):
    found = [each for each in window.nodes(role) if windows.name(each) == label]
    assert len(found) == 1, (role, label, [windows.name(each) for each in window.nodes(role)])
    return found[0]


def is_on(window, label):
    return node(window, "check box", label).get_state_set().contains(windows.Atspi.StateType.CHECKED)


def is_sensitive(widget):
    return widget.get_state_set().contains(windows.Atspi.StateType.SENSITIVE)


def focus(window):
    """A little after the key: there may be none to wait for."""
    time.sleep(0.2)
    return window.focus()


def press(window, label):
    node(window, "check box", label).get_action_iface().do_action(0)


def opened(scene):
    plan, desktop = scene.plan, scene.desktop
    with plan.case("the menu opens it, once, with everything as it is by default"):
        window = scene.open()
        scene.open()
        assert scene.windows.count(TITLE) == 1
        assert is_on(window, TUNNEL) and is_on(window, "Nothing passes for half a minute") and is_on(window, SESSION)
        assert node(window, "spin button", "Dropped packets within five minutes").get_value_iface() \
            .get_current_value() == 100
    with plan.case("nothing in it is without a name, and all can be reached by the keyboard"):
        assert not window.unnamed(), window.unnamed()
        seen = set()
        for _ in range(14):
            desktop.key("Tab")
            seen.add(focus(window))
        # GTK gives a combo box's focus to a button in it that it does not show to a screen reader: None
        assert {None, "text", "check box", "spin button", "push button"} == {role and role[0] for role in seen}, seen
    desktop.screenshot(scene.build / "shots/preferences.png")
    with plan.case("what tells of a leak is there, and cannot be switched off"):
        leak = node(window, "check box", "The killswitch is broken, or your address is seen")
        assert not is_sensitive(leak) and is_on(window, windows.name(leak))
    scene.close()


def notifications(scene):
    plan, agent, applet, notes = scene.plan, scene.agent, scene.applet, scene.notes
    with plan.case("switched off by its mnemonic: a drop is not announced, a broken killswitch is"):
        window = scene.open()
        scene.desktop.key("alt+t")
        wait_for("it to be kept", lambda: scene.settings("get", "notify-tunnel") == "false")
        assert not is_on(window, TUNNEL)
        agent.tell(DOWN)
        applet.shows("blocked")
        agent.tell(EXPOSED)
        alarm = notes.wait("VPN killswitch is broken")
        assert notes.new() == [alarm], notes.new()
        agent.tell(UP)
        applet.shows("protected")
        notes.gone(alarm)
        notes.mark()
    with plan.case("switched on from elsewhere: the window follows, and the next drop is announced"):
        scene.settings("set", "notify-tunnel", "true")
        wait_for("the window", lambda: is_on(window, TUNNEL))
        agent.tell(DOWN)
        notes.wait("VPN tunnel is down")
        agent.tell(UP)
        notes.wait("VPN tunnel is back")
        notes.mark()
    with plan.case("the threshold of dropped packets holds at once"):
        scene.settings("set", "dropped-packets-threshold", "7")
        agent.tell(UP | {"client_0": "10.137.0.20 6 300", "output_drop4": 1})
        wait_for("it to be taken", lambda: "Dropped packets: 4" in applet.tooltip())
        notes.must_be_none()
        agent.tell(UP | {"client_0": "10.137.0.20 7 350", "output_drop4": 2})
        assert "7 packets of 10.137.0.20" in notes.wait("Packets of a qube are dropped").body
        notes.mark()
    scene.close()


def clicks(scene):
    plan, agent, applet, desktop = scene.plan, scene.agent, scene.applet, scene.desktop
    with plan.case("a click can open the menu"):
        scene.settings("set", "click-action", "menu")
        before = list(agent.asked)
        applet.click()
        wait_for("a menu", desktop.open_menus)
        desktop.key("Escape")
        wait_for("it to close", lambda: not desktop.open_menus())
        assert agent.asked == before, agent.asked
    with plan.case("or the details"):
        scene.settings("set", "click-action", "window")
        applet.click()
        scene.windows.wait(DETAILS)
        desktop.key("Escape")
        scene.windows.gone(DETAILS)
        assert not any("Disconnect" in request for request in agent.asked), agent.asked
    with plan.case("and by default it toggles"):
        scene.settings("reset", "click-action")
        applet.click()
        wait_for("the call", lambda: "sysvpn.Disconnect dom0" in agent.asked)
        applet.ready()


def qubes(scene):
    plan, desktop, applet = scene.plan, scene.desktop, scene.applet
    other = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn2")
    agent = FakeAgent(other, DOWN)
    window = scene.open()
    with plan.case("half a name changes nothing"):
        desktop.key("alt+n")
        desktop.xdotool("type", "sys-vpn <b>")
        wait_for("why", lambda: any("so nothing is changed" in text for text in window.texts()))
        desktop.key("Return")
        assert scene.settings("get", "vpn-qubes") == "@as []"
        assert applet.icon() == "protected"
    with plan.case("two names: the icon is the worst of both, and each has its part of the menu"):
        desktop.key("ctrl+a")
        desktop.xdotool("type", "sys-vpn, sys-vpn2")
        desktop.key("Return")
        wait_for("them to be kept", lambda: scene.settings("get", "vpn-qubes") == "['sys-vpn', 'sys-vpn2']")
        applet.shows("blocked")
        assert len([label for label in applet.labels() if label == "Details…"]) == 2, applet.labels()
    with plan.case("closed with Escape, it is as it was set"):
        scene.close()
        window = scene.open()
        assert windows.text_of(window.nodes("text")[0]) == "sys-vpn sys-vpn2"
    with plan.case("nothing named: sys-vpn alone"):
        desktop.key("alt+n", "ctrl+a", "Delete")
        scene.close()
        applet.shows("protected")
        assert scene.settings("get", "vpn-qubes") == "@as []"
    with plan.case("named by --qube: the window says so, and preferences do not count"):
        applet.quit()
        scene.settings("set", "vpn-qubes", "['sys-vpn2']")
        scene.start("--qube", "sys-vpn")
        window = scene.open()
        assert not is_sensitive(window.nodes("text")[0])
        assert "Named by --qube when the applet was started." in window.texts()
        scene.close()
        scene.settings("reset", "vpn-qubes")
    agent.close()


def autostart(scene):
    plan = scene.plan
    window = scene.open()
    with plan.case("switched off, the user's own entry hides the package's"):
        press(window, SESSION)
        wait_for("the entry", lambda: scene.own_entry.exists())
        text = scene.own_entry.read_text()
        assert text.startswith(ENTRY) and "Hidden=true\n" in text, text
    with plan.case("and on again"):
        press(window, SESSION)
        wait_for("it", lambda: "Hidden=false\n" in scene.own_entry.read_text())
        assert is_on(window, SESSION)
    with plan.case("a place that cannot be written: said there"):
        scene.own_entry.unlink()
        scene.own_entry.parent.rmdir()
        scene.own_entry.parent.write_text("")
        press(window, SESSION)
        wait_for("why", lambda: any(text.startswith("That could not be written: ") for text in window.texts()))
    scene.close()


def without_schema(scene):
    plan = scene.plan
    with plan.case("without the schema it runs, and the window says what is missing"):
        scene.applet.quit()
        scene.start(schema=False)
        window = scene.open()
        assert any(text.startswith("Preferences cannot be changed") for text in window.texts()), window.texts()
        assert is_on(window, TUNNEL) and not is_sensitive(node(window, "check box", TUNNEL))
        assert is_sensitive(node(window, "check box", SESSION))
        scene.close()
    with plan.case("and it ends with status 0"):
        scene.applet.quit()


def run(plan, build):
    os.environ["LABDIR"] += "/preferences"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    qube = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn")
    (build / "shots").mkdir(exist_ok=True)
    with session.Desktop(accessible=True, geometry="800x600") as desktop:
        scene = Scene(plan, build, desktop, qube)
        for step in (opened, notifications, clicks, qubes, autostart, without_schema):
            step(scene)
        scene.agent.close()

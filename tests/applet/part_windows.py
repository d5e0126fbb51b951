# SPDX-License-Identifier: GPL-2.0-or-later
"""The details window, through AT-SPI as a screen reader knows it and by the keyboard alone: what it says in each
state, what its buttons do, what it does with a hostile qube, and the history over restarts."""
import contextlib
import os
import pathlib
import stat
import subprocess
import time

from desktop import session, windows
from fake_agent import ASKED, DEGRADED, DOWN, EXPOSED, UP, FakeAgent, block, report
from lab import qrexec
from running import IS_ASAN, SLOWER, Applet, Notifications
from tap import wait_for

TITLE = "VPN: sys-vpn"
HISTORY = "History, the newest first"
CLIENTS = "Dropped packets of each client qube"
MOST = 72057594037927935
FULL = UP | {"handshake_age_s": 12, "profile_type": "wireguard", "rx_bytes": 1048576, "tx_bytes": 2048,
             "egress6": "2001:db8:a::10", "egress_age_s": 60, "endpoints": 3, "endpoints_any_port": 1,
             "dns_drop": 2, "inject_drop": 1, "client_0": "10.137.0.12 1200 345678", "client_1": "10.137.0.13 3 180"}
PAGES = {"Tunnel": "alt+t", "Killswitch": "alt+k", "History": "alt+h"}


class Scene:
    def __init__(self, plan, build, desktop, qube):
        self.plan, self.build, self.desktop, self.qube = plan, build, desktop, qube
        self.state = desktop.run / "state"
        self.history = self.state / "sysvpn/history-sys-vpn"
        self.notes = Notifications(desktop)
        self.agent = FakeAgent(qube, FULL)
        self.start()
        self.windows = windows.Windows(desktop, "sysvpn-applet")

    def start(self, **env):
        self.applet = Applet(self.desktop, self.build, env={"XDG_STATE_HOME": str(self.state), **env})
        self.applet.shows("protected")

    def open(self):
        """By the middle button, as a person would; once more where the panel's button takes none yet, as it may when
        its icon has come this moment."""
        for timeout in (10, 20 * SLOWER):
            self.desktop.click("middle")
            try:
                return self.windows.wait(TITLE, timeout)
            except TimeoutError:
                continue
        raise TimeoutError(f"two clicks, and no window {TITLE!r}")

    def page(self, window, name):
        self.desktop.key(PAGES[name])
        wait_for(f"page {name}", lambda: any(
            node.get_name() == name and node.get_state_set().contains(windows.Atspi.StateType.SELECTED)
            for node in window.nodes("page tab")))

    def tell(self, fields, state):
        self.agent.tell(fields)
        self.applet.shows(state)

    def says(self, window, text):
        wait_for(f"{text!r} in the window", lambda: any(text in label for label in window.texts()))


def opened(scene):
    plan, desktop, applet = scene.plan, scene.desktop, scene.applet
    with plan.case("the first start opens no window"):
        assert not scene.windows.open(TITLE)
    with plan.case("middle click opens it, and the qube is asked at once"):
        before = len(scene.agent.asked)
        window = scene.open()
        wait_for("a question", lambda: len(scene.agent.asked) > before)
    with plan.case("the keyboard is at a button, and all of the window can be reached with it"):
        assert wait_for("the focus", window.focus) == ("push button", "Close"), window.focus()
        seen = set()
        for _ in range(40):
            desktop.key("Tab")
            seen.add(wait_for("the focus", window.focus))
        assert {("push button", "Disconnect"), ("push button", "Reconnect"), ("push button", "Copy diagnostics"),
                ("push button", "Close")} <= seen and any(role == "page tab list" for role, _ in seen), seen
    with plan.case("nothing in it is without a name"):
        for page in PAGES:
            scene.page(window, page)
            assert not window.unnamed(), (page, window.unnamed())
        scene.page(window, "Tunnel")
    with plan.case("Escape closes it"):
        desktop.key("Escape")
        scene.windows.gone(TITLE)
    for name, open_it in (("the menu", lambda: desktop.tray.menu_click("Details…")),
                          ("a second start of the program", lambda: second_start(scene))):
        with plan.case(f"{name} opens it, and raises the one that is open"):
            open_it()
            scene.windows.wait(TITLE)
            open_it()
            time.sleep(0.3)
            assert scene.windows.count(TITLE) == 1
            scene.windows.open(TITLE).press("Close")
            scene.windows.gone(TITLE)
            applet.must_live()


def second_start(scene):
    program = scene.build / "src/applet/sysvpn-applet"
    done = subprocess.run([program], env=scene.desktop.environment | {"PATH": qrexec.path_for_dom0(scene.build)},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done


def facts(scene):
    plan = scene.plan
    window = scene.open()
    with plan.case("Protected: each fact, read by its label"):
        scene.page(window, "Tunnel")
        wanted = {"Profile": "“Provider A”, WireGuard", "Server": "198.51.100.10:1194/udp", "Interface": "tun0"}
        for title, text in wanted.items():
            wait_for(f"{title}: {text}", lambda: window.value(title) == text)
        assert window.value("Tunnel").startswith("up for "), window.value("Tunnel")
        assert window.value("Last handshake").startswith("12 s ago ("), window.value("Last handshake")
        assert window.value("Egress, IPv4").startswith("198.51.100.10, seen 1 min 0 s ago ("), window.texts()
        assert window.value("Egress, IPv6").startswith("2001:db8:a::10, seen "), window.texts()
        assert window.value("Received").startswith("1.0 MiB"), window.texts()
    with plan.case("the killswitch, and its drops by chain and by client qube"):
        scene.page(window, "Killswitch")
        assert window.value("Verdict") == "armed: it is what was shipped and loaded", window.texts()
        assert window.value("Dropped of client qubes") == "IPv4 3, IPv6 0", window.texts()
        assert window.value("DNS among them") == "2" and window.value("Injected from outside") == "1"
        rows = window.table(CLIENTS)
        assert rows == [["10.137.0.12", "1200", "337.5 KiB"], ["10.137.0.13", "3", "180 B"]], rows
    with plan.case("a rate, once there are two reports"):
        scene.page(window, "Tunnel")
        scene.agent.tell(FULL)
        time.sleep(1.1)  # what a rate is of is time
        scene.tell(FULL | {"rx_bytes": 99 * 1048576}, "protected")
        wait_for("it", lambda: ", now " in (window.value("Received") or ""))
        scene.says(window, "The last 10 minutes, at most ")
    with plan.case("nothing dropped: that is said, and there is no empty table"):
        scene.tell(UP, "protected")
        scene.page(window, "Killswitch")
        scene.says(window, "No packet of a client qube was dropped yet.")
        assert window.table(CLIENTS) is None
        scene.page(window, "Tunnel")
    cases = [
        (EXPOSED, "exposed", "Exposed: the killswitch is not loaded", "Reload sysvpn-killswitch.service", "Ask again"),
        (DOWN, "blocked", "Blocked: the tunnel was lost", None, "Connect"),
        (ASKED, "blocked", "Blocked: disconnected as you asked", None, "Connect"),
        (DEGRADED, "degraded", "Degraded: nothing comes back", "Reconnect or try another profile", "Reconnect"),
        (UP | {"killswitch": "unknown"}, "unknown", "Unknown: the VPN qube cannot tell", "See journalctl",
         "Ask again"),
        (UP | {"cause": "lost"}, "degraded", "Degraded: the tunnel is being lost", None, "Reconnect"),
        (UP | {"killswitch_break": "policy"}, "exposed", "Exposed: the killswitch does not drop by default", "Reload",
         "Ask again"),
    ]
    for fields, state, sentence, remedy, button in cases:
        with plan.case(f"{sentence}: with remedy and the button that helps"):
            scene.tell(fields, state)
            scene.says(window, sentence)
            if remedy:
                scene.says(window, remedy)
            wait_for("the button", lambda: window.buttons().get(button))
    with plan.case("armed and broken at once: the verdict is the worse"):
        scene.page(window, "Killswitch")
        assert window.value("Verdict") == "broken: it does not drop by default", window.value("Verdict")
        scene.page(window, "Tunnel")
    with plan.case("silence: nothing that was true before is still told"):
        scene.agent.watch = b""
        scene.agent.hang_up()
        scene.applet.shows("unknown")
        wait_for("not known", lambda: window.value("Egress, IPv4") == "not known")
        assert window.value("Profile") == window.value("Tunnel") == "not known"
        scene.page(window, "Killswitch")
        assert window.value("Verdict") == "not known" and window.table(CLIENTS) is None
        scene.page(window, "Tunnel")
    with plan.case("Ask again asks, and what is true is back"):
        scene.agent.watch = FULL
        with contextlib.suppress(LookupError):  # slow, and it asked by itself meanwhile
            window.press("Ask again")
        scene.applet.shows("protected", 5)
        wait_for("the profile", lambda: window.value("Profile") == "“Provider A”, WireGuard")
    window.press("Close")
    scene.windows.gone(TITLE)


def buttons(scene):
    plan, agent, notes = scene.plan, scene.agent, scene.notes
    window = scene.open()
    for label, service, fields, state in (("Disconnect", "Disconnect", ASKED, "blocked"),
                                          ("Connect", "Connect", FULL, "protected"),
                                          ("Reconnect", "Reconnect", FULL, "protected")):
        with plan.case(f"{label} does it"):
            scene.applet.ready()
            session.look_first()
            before = agent.asked.count(f"sysvpn.{service} dom0")
            wait_for("the button", lambda: window.buttons().get(label))
            window.press(label)
            wait_for("the call", lambda: agent.asked.count(f"sysvpn.{service} dom0") == before + 1)
            scene.tell(fields, state)
    with plan.case("Copy diagnostics: what the VPN qube says is marked as its own, and nothing is told of its name"):
        lines = {f"line_{n}": text for n, text in enumerate(("state: fine", "sysvpn: I am dom0"))}
        agent.replies["sysvpn.Diagnose"] = block(lines)
        window.press("Copy diagnostics")
        scene.says(window, "Copied. What the VPN qube says in it cannot be verified")
        text = scene.desktop.clipboard()
        assert "| sysvpn: I am dom0" in text.splitlines() and "Protected: " in text, text
        assert "Provider A" not in text and "198.51.100" not in text, text
    with plan.case("no answer: copied without it, and that is said"):
        agent.replies["sysvpn.Diagnose"] = b"garbage\n\n"
        window.press("Copy diagnostics")
        scene.says(window, "Copied, without what the VPN qube says: ")
        assert "|" not in scene.desktop.clipboard()
    window.press("Close")
    scene.windows.gone(TITLE)
    with plan.case("a notification's Details opens it"):
        wait_for("older ones to go", lambda: not scene.desktop.recorder.open())
        notes.mark()
        scene.tell(EXPOSED, "exposed")
        alarm = notes.wait("VPN killswitch is broken")
        assert list(alarm.actions) == ["details"], alarm.actions
        notes.press(alarm)
        scene.windows.wait(TITLE).press("Close")
        scene.windows.gone(TITLE)
        scene.tell(FULL, "protected")


def hostile(scene):
    plan, agent, applet = scene.plan, scene.agent, scene.applet
    extreme = UP | {
        "profile_name": "<b>Protected: all is well</b> _x_ & \"y\"", "agent": "<" * 20, "interface": "<i>&'\"",
        "endpoint": "<" * 60, "tunnel_age_s": 4294967295, "handshake_age_s": 4294967295, "egress_age_s": 4294967295,
        "killswitch_age_s": 0, "exposed_s": 4294967295, "endpoints": MOST, "endpoints_any_port": MOST,
        "rx_bytes": MOST, "tx_bytes": MOST, "next_try_s": 4294967295, "dns_drop": MOST, "inject_drop": MOST,
        "egress6": "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    } | {key: MOST for key in ("forward_drop4", "forward_drop6", "output_drop4", "output_drop6")} \
      | {f"client_{n}": f"10.137.0.{n} {MOST} {MOST}" for n in range(64)}
    window = scene.open()
    place = scene.desktop.windows("--name", f"^{TITLE}$")
    with plan.case("every field at its limit and hostile: safe text, and the window keeps its size"):
        scene.tell(extreme, "protected")
        wait_for("it", lambda: (window.value("Profile") or "").startswith("“_b_Protected: all is well_/b_ _x_ "))
        assert window.value("Profile").endswith("”, OpenVPN"), window.value("Profile")
        for page in PAGES:
            scene.page(window, page)
            said = "".join(window.texts())
            assert not set("<>&\"") & set(said), said
            if page == "Killswitch":
                assert len(window.table(CLIENTS)) == 64
        assert scene.desktop.windows("--name", f"^{TITLE}$") == place
        scene.page(window, "Tunnel")
    with plan.case("changes as fast as it can: the window can be used, memory flat"):
        scene.page(window, "History")
        states = (extreme, DOWN, EXPOSED, DEGRADED)

        def change(seconds):
            end = time.monotonic() + seconds
            sent = 0
            while time.monotonic() < end:
                agent.tell(b"".join(report(states[sent % 4]) for _ in range(3)))
                sent += 1
                time.sleep(0.02)
            return sent
        change(2)  # what is made once
        before = applet.rss_kib()
        assert change(6) > 50
        applet.must_live()
        assert IS_ASAN or applet.rss_kib() < before + 3072, (before, applet.rss_kib())
        scene.page(window, "Tunnel")
    with plan.case("in the end the true state, and the history is short"):
        agent.watch = FULL
        agent.hang_up()
        scene.desktop.tray.activate("SecondaryActivate")
        applet.shows("protected", 20)
        scene.page(window, "History")
        wait_for("few rows", lambda: 3 < len(window.table(HISTORY)) < 40)
    window.press("Close")
    scene.windows.gone(TITLE)
    applet.must_live()


def lines(scene):
    return scene.history.read_text().splitlines() if scene.history.exists() else []


def history(scene):
    plan, agent = scene.plan, scene.agent
    scene.applet.quit()
    scene.history.unlink()
    scene.start()
    window = scene.open()
    scene.page(window, "History")
    with plan.case("a drop and its end are in the history, with cause and measured outage"):
        scene.tell(DOWN, "blocked")
        scene.tell(FULL, "protected")
        rows = wait_for("the rows", lambda: (rows := window.table(HISTORY)) and len(rows) == 3 and rows)
        assert [row[1] for row in rows] == ["Protected", "Blocked", "Unknown"], rows
        assert rows[1][2] == "the tunnel was lost, nothing leaves" and "away for " in rows[0][3], rows
    window.press("Close")
    with plan.case("it is in a file of the user's alone, with no word of the VPN qube"):
        scene.applet.quit()
        assert stat.S_IMODE(scene.history.stat().st_mode) == 0o600
        text = scene.history.read_text()
        assert len(text.splitlines()) == 4 and "Provider" not in text and "Blocked: the tunnel was lost" in text, text
    with plan.case("the next start has it still"):
        scene.start()
        window = scene.open()
        scene.page(window, "History")
        assert len(window.table(HISTORY)) >= 3, window.table(HISTORY)
        window.press("Close")
        scene.applet.quit()
    with plan.case("a file that cannot be read is put aside, which the window says"):
        scene.history.write_bytes(os.urandom(4000))
        scene.start()
        window = scene.open()
        scene.page(window, "History")
        scene.says(window, "The old history cannot be read, and is now ")
        assert scene.history.with_name("history-sys-vpn.unreadable").exists()
        window.press("Close")
        scene.applet.quit()
    with plan.case("a place that cannot be written: said in the window, and nothing else happens"):
        scene.start(XDG_STATE_HOME="/proc/nowhere")
        window = scene.open()
        scene.page(window, "History")
        scene.says(window, "The history cannot be kept: ")
        window.press("Close")
        scene.applet.quit()
    with plan.case("no HOME at all: it runs"):
        environment = scene.desktop.environment
        home = environment.pop("HOME")
        try:
            scene.start()
            scene.applet.quit()
        finally:
            environment["HOME"] = home
    with plan.case("halted and never on: a window that says so, and nothing is started by looking"):
        scene.start()
        before = len(agent.asked)
        scene.qube.set_state("halted")
        scene.applet.shows("unknown")
        window = scene.open()
        scene.says(window, "Unknown: ")
        assert len(agent.asked) == before
        scene.qube.set_state("running")


def end(scene):
    with scene.plan.case("it ends with status 0 while the window is open"):
        assert scene.windows.open(TITLE)
        scene.applet.quit()


def run(plan, build):
    os.environ["LABDIR"] += "/windows"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    qube = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn")
    with session.Desktop(accessible=True, geometry="800x600") as desktop:
        scene = Scene(plan, build, desktop, qube)
        for step in (opened, facts, buttons, hostile, history, end):
            step(scene)
        scene.agent.close()

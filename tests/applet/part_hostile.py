# SPDX-License-Identifier: GPL-2.0-or-later
"""What the VPN qube can say, and not say: an agent of the test's own behind the qrexec stand-in. Whatever
comes, Protected is shown for nothing but a whole, fresh report that says so, and the applet lives."""
import contextlib
import itertools
import os
import pathlib
import time

from desktop import session
from fake_agent import (ASKED, CONNECTING, DEGRADED, DOWN, EXPOSED, UP, UUID, FakeAgent, block, report)
from lab import qrexec
from running import IS_ASAN, Applet, IconChanges, Notifications
from tap import wait_for

SHORT = {"heartbeat_s": 1}  # so silence is noticed after 6 s
FLOOD_S = 3
RIGHT_TO_LEFT = "\u202e"


class Scene:
    def __init__(self, plan, build, desktop, qube):
        self.plan, self.build, self.desktop, self.qube = plan, build, desktop, qube
        self.notes = Notifications(desktop)
        self.agent = FakeAgent(qube, UP)
        self.applet = Applet(desktop, build)
        self.applet.shows("protected")


def states(scene):
    cases = [
        ("down, lost", DOWN, "blocked"), ("down, asked for", ASKED, "blocked"),
        ("connecting", CONNECTING, "connecting"), ("degraded", DEGRADED, "degraded"),
        ("exposed", EXPOSED, "exposed"), ("up", UP, "protected"),
        ("killswitch being loaded", UP | {"killswitch": "loading"}, "connecting"),
        ("a word of a later version", UP | {"tunnel": "hibernating"}, "unknown"),
        ("up without a device", UP | {"interface": None}, "unknown"),
        ("up with a cause why it is not", UP | {"cause": "lost"}, "degraded"),
        ("armed and broken at once", UP | {"killswitch_break": "policy"}, "exposed"),
        ("killswitch never looked at", UP | {"killswitch_age_s": None}, "unknown"),
        ("killswitch looked at an hour ago", UP | {"killswitch_age_s": 3600}, "unknown"),
        ("down and exposed", DOWN | {"killswitch": "broken", "killswitch_break": "changed"}, "exposed"),
    ]
    for name, fields, state in cases:
        with scene.plan.case(f"{name}: {state}"):
            scene.agent.tell(fields)
            scene.applet.shows(state, 5)
            assert scene.applet.tooltip().lower().startswith(f"{state}: "), scene.applet.tooltip()
            scene.agent.tell(UP)
            scene.applet.shows("protected", 5)


def no_report(scene):
    plan, agent, applet = scene.plan, scene.agent, scene.applet
    cases = [
        ("garbage", os.urandom(3000)), ("an endless line", b"a" * 40000), ("zeros", bytes(5000)),
        ("another version", report(UP, version=2)), ("no result", report(UP).replace(b"result=ok\n", b"")),
        ("a field twice", report(UP | {"tunnel": "down\ntunnel=up"})),
        ("a bad number", report(UP | {"killswitch_age_s": "-1"})),
        ("bytes that are not ASCII", report(UP | {"profile_name": f"a{RIGHT_TO_LEFT}b"})),
        ("an error", block({"code": "failed"}, result="error")),
    ]
    for name, data in cases:
        with plan.case(f"{name}: Unknown, and Protected again after it"):
            agent.tell(data)
            applet.shows("unknown", 5)
            assert applet.tooltip().startswith("Unknown: "), applet.tooltip()
            agent.watch = UP
            applet.desktop.tray.activate()  # explains, and asks at once
            applet.shows("protected", 5)
    with plan.case("half a report and the end: Unknown at once"):
        agent.tell(report(UP)[:-12])
        agent.watch = b""
        agent.hang_up()
        applet.shows("unknown", 5)
        agent.watch = UP
        applet.desktop.tray.activate()
        applet.shows("protected", 5)
    with plan.case("half a report and silence: the last whole one is not believed for ever"):
        agent.tell(UP | SHORT)
        agent.tell(report(UP)[:-12])
        applet.shows("unknown", 10)
        agent.hang_up()
    agent.tell(UP)
    applet.desktop.tray.activate()
    applet.shows("protected", 10)


def no_agent(scene):
    plan, qube, applet = scene.plan, scene.qube, scene.applet

    def again(state="protected"):
        applet.desktop.tray.activate()
        applet.shows(state, 10)
    with plan.case("the qube is halted: Unknown at once, and nothing starts it"):
        qube.set_state("halted")
        applet.shows("unknown", 5)
        assert "heck that it runs" in applet.tooltip(), applet.tooltip()
    with plan.case("it runs again: the true state"):
        qube.set_state("running")
        again()
    with plan.case("the service is missing: Unknown, with the remedy"):
        qube.remove_service("sysvpn.Watch")
        qube.remove_service("sysvpn.Status")
        scene.agent.hang_up()
        applet.shows("unknown", 5)
        wait_for("why", lambda: applet.desktop.tray.activate() or "nstall the agent's package" in applet.tooltip(),
                 step=0.2)
    qube.install_services()
    again()
    with plan.case("Watch alone is missing: Status is asked instead"):
        qube.remove_service("sysvpn.Watch")
        scene.agent.hang_up()  # Unknown is too short to be waited for
        wait_for("Status", lambda: any(request.startswith("sysvpn.Status") for request in scene.agent.asked), 20)
        applet.shows("protected", 10)
    qube.install_services()
    again()
    with plan.case("the qube is paused: Unknown as soon as its last report is too old"):
        scene.agent.tell(UP | SHORT | {"forward_drop4": 4})
        wait_for("it to be taken", lambda: "Dropped packets: 4" in applet.tooltip())
        qube.set_state("paused")
        applet.shows("unknown", 10)
    qube.set_state("running")
    scene.agent.tell(UP)
    again()


def flood(scene):
    """Tens of thousands of reports a second, each another state, for some seconds."""
    plan, agent, applet = scene.plan, scene.agent, scene.applet
    sent = []

    def pour(caller):
        with contextlib.suppress(OSError):
            for fields in itertools.cycle((UP, DOWN, CONNECTING, EXPOSED)):
                caller.sendall(report(fields))
                sent.append(1)
    scene.desktop.tray.activate("SecondaryActivate")  # the window, which clicks would open later
    wait_for("the window", lambda: scene.desktop.windows("--name", "^VPN: sys-vpn$"))
    before = applet.rss_kib()
    changes = IconChanges(scene.desktop)
    scene.notes.mark()
    agent.watch = pour
    agent.hang_up()

    def begun():
        if not sent and applet.icon() == "unknown":
            scene.desktop.tray.activate()  # which asks again: a Watch that failed often is not tried at once
        return sent
    with plan.case("a flood of reports: the menu can still be used"):
        wait_for("the flood", begun, 40, step=0.5)
        end = time.monotonic() + FLOOD_S
        while time.monotonic() < end:
            began = time.monotonic()
            applet.labels()
            assert IS_ASAN or time.monotonic() - began < 1
            if time.monotonic() < end - 1 and applet.icon() == "unknown":
                scene.desktop.tray.activate()  # which asks again: another flood
            time.sleep(0.02)
        applet.must_live()
        assert sum(sent) > 100, sent
    with plan.case("at most ten icons a second of it, memory as before"):
        assert changes.most_in_a_second() <= 11, changes.times()  # a second that is cut anywhere
        assert IS_ASAN or applet.rss_kib() < before + 4096, (before, applet.rss_kib())
    with plan.case("at most a handful of notifications of it"):
        assert len(scene.notes.new()) <= 12, [n.summary for n in scene.notes.new()]
    with plan.case("in the end it is cut off, which the tooltip says"):
        wait_for("the cut", lambda: "was cut off" in applet.tooltip() or "ended the call" in applet.tooltip())
    changes.close()
    agent.watch = UP
    agent.hang_up()
    applet.desktop.tray.activate()
    with plan.case("and after it the true state"):
        applet.shows("protected", 15)


HOSTILE_NAMES = (
    "<b>bold</b> & <a href='http://x'>x</a>", "under_score __ _x", "Protected: all is well",
    "<span size='999999'>" + "A" * 79, "\\n%s%n$(reboot)`x`", "x" * 100, "", " ", "_" * 100,
)


def hostile_words(scene):
    plan, agent, applet, desktop = scene.plan, scene.agent, scene.applet, scene.desktop
    most = 72057594037927935
    extreme = UP | {
        "profile_name": HOSTILE_NAMES[3], "agent": "<" * 20, "interface": "<i>&'\"", "tunnel_age_s": 4294967295,
        "endpoint": "<" * 60, "handshake_age_s": 4294967295, "rx_bytes": most, "forward_drop4": most,
        "forward_drop6": most, "output_drop4": most, "output_drop6": most,
        "egress6": "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    } | {f"client_{n}": f"10.137.0.{n} {most} {most}" for n in range(64)}
    with plan.case("every field at its limit and hostile: tooltip and menu have safe text only"):
        agent.listed = [(f"00000000-0000-4000-8000-{n:012}", "pinned", name)
                        for n, name in enumerate(HOSTILE_NAMES)]
        agent.tell(extreme)
        wait_for("it to be told", lambda: str(4 * most) in applet.tooltip())
        text = applet.tooltip()
        assert not set("<>&\"'") & set(text) and desktop.tray.tooltip()[1] in text, text
        assert "“_span size=_999999__" in text and len(text) < 500, text
        agent.hang_up()  # a new call fetches the profiles again only if the active one changed
        agent.tell(extreme | {"profile_uuid": "00000000-0000-4000-8000-000000000001"})
        applet.desktop.tray.activate()
        wait_for("the profiles", lambda: any("under" in label for label in applet.labels()))
    with plan.case("underscores of names reach the panel doubled, so that they are seen"):
        entries = [entry.label for entry in desktop.tray.menu().walk()]
        assert "“under__score ____ __x”" in entries, entries
        assert all(len(label.replace("__", "_")) < 60 for label in entries if label.startswith("“x")), entries
        assert not set("<>&\"'") & set("".join(entries)), entries
    with plan.case("the panel's tooltip is not blank"):
        applet.hover()
        desktop.park_pointer()
    with plan.case("notifications have none of the qube's words"):
        applet.quit()  # all the states before are a tunnel that keeps dropping
        scene.applet = applet = Applet(desktop, scene.build)
        applet.shows("exposed" if extreme["killswitch"] == "broken" else "protected")
        wait_for("earlier notifications to go", lambda: not desktop.recorder.open())
        scene.notes.mark()
        agent.tell(extreme | {"killswitch": "broken", "killswitch_break": "missing"})
        alarm = scene.notes.wait("VPN killswitch is broken")
        assert not set("<>&\"'") & set(alarm.body.replace("&apos;", "").replace("&#39;", "")), alarm.body
        agent.tell(extreme | GONE_BY_ITSELF)
        lost = scene.notes.wait("VPN tunnel is down")
        assert lost.body == "sys-vpn: the tunnel was lost, nothing leaves", lost.body
        agent.tell(UP)
        applet.shows("protected")


GONE_BY_ITSELF = {"tunnel": "down", "cause": "lost"}


def many_profiles(scene):
    plan, agent, applet = scene.plan, scene.agent, scene.applet
    with plan.case("1,000 profiles: a submenu, and the applet answers"):
        agent.listed = [(f"00000000-0000-4000-8000-{n:012}", "pinned", f"Profile {n}") for n in range(1000)]
        agent.tell(UP | {"profile_uuid": "00000000-0000-4000-8000-000000000999"})
        wait_for("the submenu", lambda: "Profiles" in applet.labels())
        assert len(applet.entry("Profiles").children) == 1000
        wait_for("the mark", lambda: applet.entry("“Profile 999”").toggle_state == 1)
        began = time.monotonic()
        agent.tell(DOWN)
        applet.shows("blocked", 5)
        assert IS_ASAN or time.monotonic() - began < 3
    with plan.case("one of them is chosen by its UUID"):
        scene.desktop.tray.menu_click("“Profile 500”")
        wait_for("the call", lambda: f"sysvpn.Connect+00000000-0000-4000-8000-{500:012} dom0" in agent.asked)
    with plan.case("15 again: no submenu"):
        agent.listed = [(UUID, "pinned", "Provider A")]
        agent.tell(UP)
        wait_for("one", lambda: "“Provider A”" in applet.labels() and "Profiles" not in applet.labels())


def failure(scene):
    plan, agent, applet, notes = scene.plan, scene.agent, scene.applet, scene.notes
    with plan.case("a connect that fails is announced, in dom0's words"):
        agent.tell(ASKED)
        applet.shows("blocked")
        notes.mark()
        agent.replies["sysvpn.Connect"] = block({"code": "failed", "cause": "credentials"}, result="error")
        applet.click()
        shown = notes.wait("VPN: that did not work")
        assert "credentials" in shown.body, shown.body


def end(scene):
    with scene.plan.case("after all this it ends with status 0"):
        scene.applet.quit()


def run(plan, build):
    os.environ["LABDIR"] += "/hostile"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    with session.Desktop() as desktop:
        scene = Scene(plan, build, desktop, qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn"))
        for step in (states, no_report, no_agent, hostile_words, many_profiles, failure, flood, end):
            step(scene)

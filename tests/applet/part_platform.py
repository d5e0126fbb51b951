# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to reach the qube, ways to start and not to start, and trays of every kind."""
import contextlib
import os
import pathlib
import subprocess

from desktop import session
from fake_agent import DOWN, UP, FakeAgent
from lab import qrexec
from running import SLOWER, Applet, Notifications
from tap import wait_for


def transports(plan, build, qube):
    with session.Desktop() as desktop:
        agent = FakeAgent(qube, UP)
        ways = [
            ("dom0: qrexec-client", {}, []),
            ("a GUI domain: qrexec-client-vm", {"path": qrexec.path_for_gui_domain(build)}, []),
            ("the agent's socket, without qrexec", {"path": os.environ["PATH"]},
             ["--connect", f"unix:{qube.agent_socket}"]),
        ]
        for name, options, arguments in ways:
            with plan.case(f"{name}: the state, and a click arrives"):
                applet = Applet(desktop, build, *arguments, **options)
                agent.tell(UP)
                applet.shows("protected")
                before = len(agent.asked)
                applet.click()
                wait_for("the call", lambda: any(request.startswith("sysvpn.Disconnect")
                                                 for request in agent.asked[before:]))
                applet.quit()
                wait_for("no icon", lambda: not desktop.tray.items())
        with plan.case("refused by policy: Unknown, and it says what may be the matter"):
            qube.refuse("*")
            applet = Applet(desktop, build, path=qrexec.path_for_gui_domain(build))
            wait_for("why", lambda: "are refused" in applet.tooltip() if applet.icon() else False)
            applet.shows("unknown")
            applet.quit()
            qube.refuse()
        with plan.case("a second start ends with status 0 and leaves one icon"):
            first = Applet(desktop, build)
            first.shows("protected")
            second = Applet(desktop, build)
            assert second.process.wait(10) == 0
            first.must_live()
            assert len(desktop.tray.items()) == 1
        with plan.case("Quit in the menu quits"):
            desktop.tray.menu_click("Quit (protection stays)")
            assert first.process.wait(10) == 0
        agent.close()


def refusals(plan, build):
    """What cannot work ends at once with one line that says why."""
    def start(*arguments, **env):
        return subprocess.run([build / "src/applet/sysvpn-applet", *arguments], env=os.environ | env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    dom0 = {"PATH": qrexec.path_for_dom0(build)}
    cases = [
        ("no qrexec and no socket", [], {}, "neither qrexec-client"),
        ("a qube's name that is an option", ["--qube=-x"], dom0, "--qube"),
        ("a qube's name with a blank", ["--qube", "a b"], dom0, "--qube"),
        ("an empty name of a qube", ["--qube", ""], dom0, "--qube"),
        ("a name that is too long", ["--qube", "a" * 32], dom0, "--qube"),
        ("an address that is no socket", ["--connect", "tcp:1"], dom0, "unix:PATH"),
        ("an unknown option", ["--bogus"], dom0, "bogus"),
        ("an argument", ["sys-vpn"], dom0, "too many arguments"),
        ("no display", [], dom0 | {"DISPLAY": ""}, "display"),
        ("a display that is not there", [], dom0 | {"DISPLAY": ":77"}, "display"),
    ]
    for name, arguments, env, word in cases:
        with plan.case(f"{name}: status 1 and one clear line"):
            done = start(*arguments, **env)
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            assert done.returncode == 1, (done.returncode, lines)
            assert len(lines) == 1 and lines[0].startswith("sysvpn-applet: ") and word in lines[0], lines
    with plan.case("--version and --help need neither display nor qrexec"):
        assert start("--version", DISPLAY="").stdout.startswith("sysvpn-applet ")
        assert "--connect" in start("--help", DISPLAY="").stdout


def start_old_tray(desktop):
    return desktop.start(["trayer", "--edge", "bottom", "--align", "left", "--width", "64", "--widthtype", "pixel",
                          "--height", "32"])


def without_host(plan, build, qube):
    """With the sanitizers, leaks are not looked for here: what fontconfig keeps for ever cannot be told from
    ours where the old tray's icon has loaded it."""
    with session.Desktop(with_panel=False) as desktop:
        agent = FakeAgent(qube, DOWN)
        applet = Applet(desktop, build, env={"ASAN_OPTIONS": "detect_leaks=0:halt_on_error=1"})
        notes = Notifications(desktop)
        start_old_tray(desktop)
        with plan.case("no StatusNotifier host: an icon of the old kind, and its click arrives"):
            wait_for("the icon", lambda: desktop.xembed_icons(applet.process))
            x, y, width, height = desktop.xembed_icons(applet.process)[0]
            wait_for("the qube to be asked", lambda: agent.asked)
            session.look_first()
            desktop.click_at(x + width // 2, y + height // 2)
            wait_for("the call", lambda: "sysvpn.Connect dom0" in agent.asked)
        with plan.case("right click opens the menu there"):
            desktop.click_at(x + width // 2, y + height // 2, "right")
            wait_for("an open menu", desktop.open_menus, timeout=5)
            desktop.key("Escape")
            wait_for("the menu to close", lambda: not desktop.open_menus(), timeout=5)
        with plan.case("notifications work without a panel"):
            agent.tell(UP)
            agent.tell(DOWN)
            wait_for("a drop", lambda: agent.tell(UP) or agent.tell(DOWN)
                     or any(n.summary == "VPN tunnel is down" for n in notes.new()), step=0.5)
        with plan.case("a panel that comes later gets the icon, and the old one goes"):
            desktop.panel_start()
            applet.shows("blocked")
            wait_for("the old icon to go", lambda: not desktop.xembed_icons(applet.process), timeout=5)
            before = agent.asked.count("sysvpn.Connect dom0")
            # the first click on a panel that has just started is sometimes not passed on by it
            wait_for("the call", lambda: applet.click() or agent.asked.count("sysvpn.Connect dom0") > before)
        with plan.case("it ends with status 0, and its only warnings are GTK's own"):
            applet.quit()
        agent.close()


def daemon_comes_late(plan, build, qube):
    with session.Desktop() as desktop:
        with plan.case("started before the agent: Unknown, then the true state without a click"):
            with contextlib.suppress(FileNotFoundError):
                qube.agent_socket.unlink()
            applet = Applet(desktop, build)
            wait_for("why", lambda: applet.icon() == "unknown" and "asked and has not" not in applet.tooltip(),
                     20 * SLOWER)
            agent = FakeAgent(qube, UP)
            applet.shows("protected", 40)
        with plan.case("and it ends with status 0"):
            applet.quit()
        agent.close()


def run(plan, build):
    os.environ["LABDIR"] += "/platform"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    qube = qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn")
    refusals(plan, build)
    transports(plan, build, qube)
    without_host(plan, build, qube)
    daemon_comes_late(plan, build, qube)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The applet beside nm-applet, on a real NetworkManager, and a tray program in Python, all on one panel.
Then a flood of reports."""
import contextlib
import itertools
import pathlib
import statistics
import time

import lab
from calls import Agent
from desktop import session
from fake_agent import CONNECTING, DOWN, EXPOSED, UP, FakeAgent, report
from figures import memory_mib, row, wakeups
from lab import qrexec
from lab.qubesd import Qubesd
from running import IconChanges
from tap import wait_for

STARTS = 11
SETTLE_S, IDLE_S = 10, 40
FLOOD_S = 5
REPORTS_PER_S = 10_000
PYTHON_TRAY = pathlib.Path(__file__).with_name("python_tray.py")


def start_applet(desktop, build, env=None):
    return desktop.start([build / "src/applet/sysvpn-applet"], env={"PATH": qrexec.path_for_dom0(build), **(env or {})})


def start_python(desktop):
    return desktop.start(["/usr/bin/python3", PYTHON_TRAY], name="python-tray")


def time_applet(desktop, build):
    began = time.monotonic()
    process = start_applet(desktop, build)
    wait_for("the icon", desktop.tray.icon, step=0.001)
    took = (time.monotonic() - began) * 1000
    session.end(process)
    wait_for("no icon", lambda: not desktop.tray.items())
    return took


def time_python(desktop):
    log = desktop.run / "logs/python-tray.log"
    log.unlink(missing_ok=True)
    began = time.monotonic()
    process = start_python(desktop)
    wait_for("the icon", lambda: "embedded" in desktop.log("python-tray"), step=0.001)
    took = (time.monotonic() - began) * 1000
    session.end(process)
    return took


def measure_starts(desktop, build):
    """In turn, so that what else the machine does meets both."""
    pairs = [(time_applet(desktop, build), time_python(desktop)) for _ in range(STARTS)]
    applet, python = (statistics.median(took) for took in zip(*pairs))
    row("applet: start to icon", applet, "ms", 150, "tray in Python", python)


def measure_idle(desktop, build, bus):
    """Behind the real agent with its heartbeats, and before a qubesd, while nothing happens."""
    qubesd = Qubesd(desktop.run)
    qubesd.start("sys-vpn=Running", "sys-firewall=Running")
    applet, python = start_applet(desktop, build, qubesd.environment()), start_python(desktop)
    manager = desktop.start(["nm-applet", "--indicator"], env={"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"})
    wait_for("three icons", lambda: len(desktop.tray.items()) == 2 and "embedded" in desktop.log("python-tray"))
    time.sleep(SETTLE_S)
    woken = wakeups([applet.pid, python.pid, manager.pid], IDLE_S)
    for name, other in (("nm-applet", manager), ("tray in Python", python)):
        row("applet: PSS", memory_mib(applet.pid)[0], "MiB", 10, name, memory_mib(other.pid)[0])
        row("applet: RSS", memory_mib(applet.pid)[1], "MiB", 30, name, memory_mib(other.pid)[1])
        row("applet: wakeups a second", woken[applet.pid], "/s", 0.2, name, woken[other.pid])
    for process in (applet, python, manager):
        session.end(process)
    qubesd.stop()


def pour(caller, sent):
    """The rate of the budget, each report another state than the one before."""
    began = time.monotonic()
    with contextlib.suppress(OSError):
        for number, fields in enumerate(itertools.cycle((UP, DOWN, CONNECTING, EXPOSED))):
            caller.sendall(report(fields))
            sent.append(time.monotonic())
            ahead = number / REPORTS_PER_S - (time.monotonic() - began)
            if ahead > 0.002:
                time.sleep(ahead)


def measure_flood(desktop, build, agent):
    """The applet hangs up on it and calls again: what is poured counts, and what it does to the panel."""
    sent, menus = [], []
    applet = start_applet(desktop, build)
    wait_for("the icon", lambda: desktop.tray.icon() == "sysvpn-protected-symbolic")
    before = memory_mib(applet.pid)[1]
    changes = IconChanges(desktop)
    agent.watch = lambda caller: pour(caller, sent)
    agent.hang_up()
    end = time.monotonic() + FLOOD_S
    while time.monotonic() < end:
        began = time.monotonic()
        desktop.tray.menu_labels()
        menus.append((time.monotonic() - began) * 1000)
        desktop.tray.activate()  # asks again, so that the flood goes on
        time.sleep(0.05)
    row("flood: reports that were taken", len(sent) / FLOOD_S, "/s")
    row("flood: icons in the busiest second", changes.most_in_a_second(), "/s", 10)
    row("flood: RSS grown by", max(memory_mib(applet.pid)[1] - before, 0), "MiB", 4)
    row("flood: the menu answers in, at the worst", max(menus), "ms")
    changes.close()
    session.end(applet)


def run(build):
    with lab.Lab() as world, session.Desktop() as desktop:
        agent = Agent(world, build)
        assert agent.connect("A") == "ok"
        agent.wait_status(tunnel="up", egress="ok")
        measure_starts(desktop, build)
        measure_idle(desktop, build, f"/proc/{world.vpn.pid}/root/run/dbus/system_bus_socket")
        world.product.stop_agent()
        measure_flood(desktop, build, FakeAgent(world.qrexec, UP))

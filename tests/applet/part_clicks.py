# SPDX-License-Identifier: GPL-2.0-or-later
"""Clicks whose meaning is not plain: just after the state has changed, and with several VPN qubes."""
import os
import pathlib
import time

from desktop import session
from fake_agent import ASKED, DEGRADED, UP, FakeAgent
from lab import qrexec
from running import Applet, Notifications
from tap import wait_for

JUST_S = 0.4  # less than the applet's SYSVPN_CLICK_SETTLE_MS
ACTIONS = ("sysvpn.Connect", "sysvpn.Disconnect", "sysvpn.Reconnect")
LASTING = {"heartbeat_s": 60}


def actions(agent):
    return [request for request in agent.asked if request.startswith(ACTIONS)]


def click_just_after(applet, agent, fields, state):
    """Whether the click was soon enough after the change, from before it was told, to tell anything."""
    began = time.monotonic()
    agent.tell(fields | LASTING)
    applet.shows(state)
    applet.desktop.tray.activate()
    return time.monotonic() - began < JUST_S


def just_after(plan, build, qube):
    with session.Desktop() as desktop:
        agent = FakeAgent(qube, ASKED | LASTING)
        applet = Applet(desktop, build)
        applet.shows("blocked")
        session.look_first()
        with plan.case("a click that comes just after the tunnel came up does not take it down"):
            for _ in range(20):
                before = actions(agent)
                if click_just_after(applet, agent, UP, "protected"):
                    break
                applet.ready()  # this machine was too slow; once more
                agent.tell(ASKED | LASTING)
                applet.shows("blocked")
                session.look_first()
            else:
                raise AssertionError("no click came soon enough")
            applet.labels()  # the applet has answered since, so it has taken the click
            assert actions(agent) == before, agent.asked
        with plan.case("a little later it does"):
            applet.click()
            wait_for("the call", lambda: len(actions(agent)) == len(before) + 1)
            assert actions(agent)[-1].startswith("sysvpn.Disconnect"), agent.asked
        applet.quit()
        agent.close()


def several(plan, build, labdir):
    names = ("vpn-a", "vpn-b")
    with session.Desktop() as desktop:
        agents = [FakeAgent(qrexec.QrexecQube(labdir, name), UP | LASTING) for name in names]
        notes = Notifications(desktop)
        applet = Applet(desktop, build, "--qube", names[0], "--qube", names[1])

        def window(name):
            return desktop.windows("--name", f"^VPN: {name}$")
        for worst, name in ((1, names[1]), (0, names[0])):
            agents[worst].tell(DEGRADED | LASTING)
            agents[1 - worst].tell(UP | LASTING)
            with plan.case(f"{name} is the worst of two: the icon shows its state, the tooltip its name"):
                applet.shows("degraded")
                wait_for("its name", lambda: f"{name} is worst of 2 VPN qubes" in applet.tooltip())
            with plan.case("a left click opens its window, and toggles no tunnel"):
                applet.click()
                wait_for("the window", lambda: window(name))
                assert not window(names[1 - worst]) and not actions(agents[0]) + actions(agents[1])
                desktop.key("Escape")
                wait_for("it to close", lambda: not window(name))
        with plan.case("nothing of that was announced, and it ends with status 0"):
            notes.must_be_none()
            applet.quit()
        for agent in agents:
            agent.close()


def run(plan, build):
    os.environ["LABDIR"] += "/clicks"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    just_after(plan, build, qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn"))
    several(plan, build, os.environ["LABDIR"])

# SPDX-License-Identifier: GPL-2.0-or-later
"""From the event in the VPN qube to the Notify call on dom0's bus, beside a poll every 5 seconds that asks
the same agent. The applet starts anew for each event: a tunnel that is lost often is summed up."""
import json
import os
import pathlib
import signal
import statistics
import subprocess
import threading
import time

import lab
from calls import Agent
from desktop import session
from figures import row
from lab import qrexec
from tap import wait_for

EVENTS = 15
POLL_S = 5


class Poll(threading.Thread):
    """What a script in dom0 would do. seen() is when it first saw a state."""

    def __init__(self, build, environment):
        super().__init__(daemon=True)
        self.command = [build / "src/cli/sysvpn", "status", "--json"]
        self.environment = environment
        self.states = []
        self.start()

    def run(self):
        while True:
            done = subprocess.run(self.command, env=self.environment, capture_output=True, text=True, check=False)
            self.states.append((time.time(), json.loads(done.stdout)["state"] if done.stdout else ""))
            time.sleep(POLL_S)

    def seen(self, state, since):
        return next((when for when, was in self.states if when > since and was == state), None)


def kill_tunnel(agent):
    pids = agent.openvpn_pids()
    now = time.time()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert pids, "there was no tunnel to kill"
    return now


class Scene:
    def __init__(self, world, desktop, build):
        self.world, self.desktop, self.build = world, desktop, build
        self.agent = Agent(world, build)
        self.environment = desktop.environment | {"PATH": qrexec.path_for_dom0(build)}
        self.poll = Poll(build, self.environment)
        self.delays, self.polled = {}, {}

    def protected(self):
        if self.agent.status()["tunnel"] != "up":
            assert self.agent.connect("A") == "ok"
        self.agent.wait_status(tunnel="up", killswitch="armed")
        applet = self.desktop.start([self.build / "src/applet/sysvpn-applet"], env=self.environment)
        wait_for("Protected", lambda: self.desktop.tray.icon() == "sysvpn-protected-symbolic")
        time.sleep(1)  # a tunnel that was there: just after its start the applet has used up its turns to draw
        return applet

    def measure(self, name, event, summary, state):
        applet = self.protected()
        since = len(self.desktop.recorder.all)
        began = event()
        shown = self.desktop.recorder.wait(lambda n: n.summary == summary, 20, since)
        self.delays.setdefault(name, []).append((shown.time - began) * 1000)
        seen = wait_for("the poll", lambda: self.poll.seen(state, began), 3 * POLL_S)
        self.polled.setdefault(name, []).append((seen - began) * 1000)
        session.end(applet)

    def tell(self, name, figure, budget, budget_p99):
        delays = sorted(self.delays[name])
        row(f"{figure}, median", statistics.median(delays), "ms", budget, f"a poll every {POLL_S} s",
            statistics.median(self.polled[name]))
        row(f"{figure}, worst of {len(delays)}", delays[-1], "ms", budget_p99)


def run(build):
    with lab.Lab() as world, session.Desktop() as desktop:
        scene = Scene(world, desktop, pathlib.Path(build))

        def flush():
            began = time.time()
            world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"])
            return began
        for _ in range(EVENTS):
            scene.measure("drop", lambda: kill_tunnel(scene.agent), "VPN tunnel is down", "blocked")
            scene.measure("flush", flush, "VPN killswitch is broken", "exposed")
            world.load_killswitch(build)
        scene.tell("drop", "tunnel lost to notification", 100, 250)
        scene.tell("flush", "killswitch deleted to notification", 150, None)

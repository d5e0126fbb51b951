# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent beside the commands that a script would poll instead."""
import socket
import statistics
import time

import lab
from calls import Agent
from figures import memory_mib, row, wakeups

CALLS = 500
POLLS = 40
IDLE_S = 40


def time_calls(path):
    """Milliseconds from connect to the end of the answer."""
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))
            caller.sendall(b"sysvpn.Status dom0\0")
            while caller.recv(65536):
                pass
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def time_commands(vpn):
    """Milliseconds for the same knowledge by nmcli and nft, in the qube itself."""
    script = f"""import subprocess, time
took = []
for _ in range({POLLS}):
    began = time.perf_counter()
    subprocess.run(["nmcli", "-t", "connection", "show", "--active"], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["nft", "-j", "list", "counters"], stdout=subprocess.DEVNULL, check=True)
    took.append((time.perf_counter() - began) * 1000)
print(sorted(took)[len(took) // 2])"""
    return float(vpn.run(["/usr/bin/python3", "-c", script]).stdout)


def run(build):
    with lab.Lab() as world:
        agent = Agent(world, build)
        assert agent.connect("A") == "ok"
        agent.wait_status(tunnel="up", egress="ok")
        status_ms, commands_ms = time_calls(agent.path), time_commands(world.vpn)
        row("agent: one Status answer", status_ms, "ms", 1, "nmcli + nft", commands_ms)
        watch = agent.watch()  # as the applet does
        watch.wait(tunnel="up")
        pid, manager = world.product.agent.pid, world.nm.processes["manager"].pid
        woken = wakeups([pid, manager], IDLE_S)
        row("agent: wakeups a second, a tunnel up", woken[pid], "/s", 0.2, "NetworkManager", woken[manager])
        row("agent: PSS", memory_mib(pid)[0], "MiB", 8, "NetworkManager", memory_mib(manager)[0])
        watch.close()

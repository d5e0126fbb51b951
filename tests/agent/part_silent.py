# SPDX-License-Identifier: GPL-2.0-or-later
"""The server dies without a word: NetworkManager never notices, the counters do."""
import time

import lab
import tap
from calls import A, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build)
        watch = agent.watch()
        plan.equal(agent.connect("A"), "ok", "connected")
        watch.wait(egress="ok")
        idle(plan, world, agent, watch)
        dead(plan, world, agent, watch)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def is_quiet(watch):
    """The kernel itself sends a little when a device is new: router solicitations and the like."""
    return len(watch.reports) > 1 and watch.reports[-1][1]["tx_bytes"] == watch.reports[-2][1].get("tx_bytes")


def idle(plan, world, agent, watch):
    """The server is as dead, but nobody sends anything: silence alone is no evidence."""
    mark = watch.mark()
    tap.wait_for("two heartbeats without sending", lambda: watch.mark() >= mark + 2 and is_quiet(watch), timeout=90)
    world.servers["A"].freeze()
    mark = watch.mark()
    tap.wait_for("two heartbeats", lambda: watch.mark() >= mark + 2, timeout=40)
    plan.equal(watch.told("tunnel", mark), ["up"], "an idle tunnel stays up")
    world.servers["A"].thaw()
    # OpenVPN's client has been trying meanwhile, and may get another address: see part_ghost
    plan.equal(agent.result("Reconnect"), "ok", "Reconnect")


def dead(plan, world, agent, watch):
    with world.traffic(kinds=("udp4", "tcp4", "icmp6")):
        tap.wait_for("replies", lambda: world.egress() == A.egress4, timeout=30)
        mark = watch.mark()
        began = time.monotonic()
        world.servers["A"].kill()
        report = watch.wait(since=mark, tunnel="degraded", timeout=90)
        tap.note(f"degraded after {time.monotonic() - began:.1f} s")
        plan.ok(is_like(report, {"cause": "no-traffic", "wanted": "up", "killswitch": "armed"}),
                "the server dies under traffic: degraded, no-traffic", report)
        plan.equal(world.nm.active(), [A.profile], "NetworkManager has not noticed")
        world.servers["A"].start()
        report = watch.wait(since=watch.mark(), tunnel="up", timeout=120)
        plan.equal(world.egress(timeout=5), A.egress4, "the server is back: up, and it is true")
        told = watch.told("tunnel", mark)
        tap.note(f"told: {told}")

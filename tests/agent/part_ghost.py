# SPDX-License-Identifier: GPL-2.0-or-later
"""The server comes back with other addresses: NetworkManager says activated for ever, while packets
are routed past the tunnel. That must never look up, and must mend itself."""
import lab
import tap
from calls import A, ENDPOINTS, Agent, is_like
from lab import capture


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build, probe=False)
        watch = agent.watch()
        plan.equal(agent.connect("A"), "ok", "connected")
        with world.capture() as oracle, world.traffic() as clients:
            mark = watch.mark()
            world.servers["A"].restart(pool4="10.18.0")
            report = watch.wait(since=mark, tunnel={"degraded", "down"}, timeout=90)
            tap.note(f"told: {report['tunnel']}, {report['cause']}; "
                     f"NetworkManager: {world.nm.active()}")
            # no-traffic may come first, before OpenVPN itself notices
            report = watch.wait(since=mark, tunnel={"degraded", "down"}, timeout=90,
                                cause={"no-address", "no-route", "lost"})
            plan.ok(is_like(report, {"wanted": "up", "egress": {"off", "unknown", "failed"}}),
                    "the server is back with other addresses: not up", report)
            plan.equal(world.nm.active(), [A.profile], "though NetworkManager says activated")
            plan.equal(world.egress(timeout=0.5), None, "nothing reaches the internet")
            at = watch.mark()
            report = watch.wait(since=at, tunnel="up", timeout=120)
            plan.equal(world.egress(timeout=5), A.egress4, "the watchdog mends it")
            told = watch.told("tunnel", mark)
            plan.ok("up" not in told[1:-1], "it never looked up between", told)
            leaks = oracle.leaks(ENDPOINTS)
        plan.ok(sum(clients.sent.values()) > 100 and not leaks, "and no packet leaked",
                capture.summary(leaks))
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent without the egress probe."""
import lab
from calls import A, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build, probe=False)
        plan.equal(agent.connect("A"), "ok", "connected")
        report = agent.wait_status(egress="failed")
        plan.ok(is_like(report, {"tunnel": "up", "killswitch": "armed", "egress4": None}),
                "egress failed, no more", report)
        plan.equal(world.egress(timeout=5), A.egress4, "the tunnel carries traffic all the same")
        world.start_probe(build)
        agent.wait_status(egress="ok", timeout=60)
        plan.ok(True, "the probe comes later: it is asked again")
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")

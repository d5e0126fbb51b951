# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent without bus, NetworkManager, table and endpoints: it starts, says so, nothing hangs."""
import lab
from calls import Agent, is_like


def run(plan, build):
    with lab.Lab(manager=False, providers=()) as world:
        agent = Agent(world, build, endpoints=None, probe=False)
        report = agent.wait_status(tunnel="down")
        plan.ok(is_like(report, {"cause": "no-network-manager", "killswitch": "broken",
                                 "killswitch_break": "missing", "egress": "off", "endpoints": "0",
                                 "profile_uuid": None}),
                "no bus, no table, no endpoints: it says so", report)
        plan.equal({service: agent.result(service) for service in ("Connect", "Disconnect")},
                   {"Connect": "no-network-manager", "Disconnect": "no-network-manager"},
                   "and nothing can be done")
        world.nm = lab.machine.NetworkManager(world.vpn)
        world.load_killswitch(agent.build)
        agent.wait_status(killswitch="armed")
        plan.ok(True, "the table is loaded, with no endpoints: armed")
        log = [line for line in world.product.agent_log().splitlines() if "WARNING" in line]
        plan.ok(len(log) <= 12 and len(set(line.split(": ", 2)[-1] for line in log)) <= 3,
                "the log is not flooded", "\n".join(log))
        world.nm.prepare()
        world.nm.start_bus()
        world.nm.start_polkit()
        world.nm.start_manager()
        report = agent.wait_status(tunnel="down", cause="no-profile")
        plan.ok(True, "bus and NetworkManager come later: they are found")
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")

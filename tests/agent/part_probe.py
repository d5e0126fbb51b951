# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent without the egress probe, and with an internet that answers one family only."""
import lab
from calls import A, B, Agent, is_like


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
        agent.wait_status(egress6=A.egress6)
        late_family(plan, world, agent)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def late_family(plan, world, agent):
    """What was lost right after the tunnel came up is not missed until the next quarter of an hour."""
    internet = world.qubes["internet"]
    internet.run(["nft", "-f", "-"], input=f"""table ip6 hold {{
      chain x {{
        type filter hook prerouting priority -300; ip6 daddr {lab.addresses.ECHO6} tcp dport 443 drop
      }}
    }}""")
    plan.equal(agent.connect("B"), "ok", "connected while nobody answers over IPv6")
    report = agent.wait_status(egress="ok", egress4=B.egress4, timeout=60)
    plan.ok("egress6" not in report, "the one family is told without the other", report)
    internet.run(["nft", "delete", "table", "ip6", "hold"])
    agent.wait_status(egress6=B.egress6, timeout=60)
    plan.ok(True, "IPv6 answers later: it is asked again")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The tunnel is lost, and comes back by itself, unless the user wants it down."""
import os
import signal

import lab
import tap
from calls import A, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build)
        watch = agent.watch()
        plan.equal(agent.connect("A"), "ok", "connected")
        watch.wait(egress="ok")
        lost(plan, world, agent, watch)
        wanted_down(plan, world, agent, watch)
        uplink(plan, world, agent, watch)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def kill_openvpn(agent):
    for pid in agent.openvpn_pids():
        os.kill(pid, signal.SIGKILL)


def lost(plan, world, agent, watch):
    mark = watch.mark()
    kill_openvpn(agent)
    report = watch.wait(since=mark, tunnel="down", timeout=5)
    plan.ok(is_like(report, {"cause": "lost", "wanted": "up", "egress": "off", "interface": None,
                             "profile_uuid": agent.uuids["A"]}), "openvpn is killed: down, lost", report)
    plan.ok(25 <= int(report.get("next_try_s", 0)) <= 30, "the next try is told", report)
    plan.equal(world.egress(timeout=0.5), None, "nothing leaves meanwhile")
    report = watch.wait(since=mark, tunnel="up", timeout=60)
    plan.ok("next_try_s" not in report and report["wanted"] == "up", "the watchdog brings it back",
            report)
    told = watch.told("tunnel", mark)
    plan.equal(told[-3:], ["down", "connecting", "up"], "by one try")
    tap.wait_for("traffic", lambda: world.egress() == A.egress4)


def wanted_down(plan, world, agent, watch):
    mark = watch.mark()
    kill_openvpn(agent)
    watch.wait(since=mark, tunnel="down", cause="lost")
    plan.equal(agent.result("Disconnect"), "ok", "lost, and Disconnect")
    report = watch.wait(since=mark, wanted="down")
    plan.ok(is_like(report, {"tunnel": "down", "cause": "asked", "next_try_s": None}),
            "the watchdog has nothing to do any more", report)


def uplink(plan, world, agent, watch):
    """The uplink goes and comes: the tunnel is wanted, so it comes back too."""
    plan.equal(agent.connect("A"), "ok", "connected again")
    mark = watch.mark()
    world.chain.unplug("sys-vpn")
    report = watch.wait(since=mark, tunnel="down")
    plan.ok(is_like(report, {"cause": "uplink-down", "wanted": "up"}), "the uplink is gone", report)
    world.chain.plug("sys-vpn")
    watch.wait(since=mark, tunnel="up", timeout=90)
    plan.ok(True, "the uplink is back, and so is the tunnel")

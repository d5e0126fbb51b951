# SPDX-License-Identifier: GPL-2.0-or-later
"""NetworkManager, the bus and the agent itself die and come back."""
import signal

import lab
import tap
from calls import A, B, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build)
        watch = agent.watch()
        plan.equal(agent.connect("A"), "ok", "connected")
        watch.wait(egress="ok")
        manager_dies(plan, world, agent, watch)
        manager_ends(plan, world, agent, watch)
        bus_dies(plan, world, agent, watch)
        agent_dies(plan, world, agent)
        called_at_start(plan, world, agent)
        boot(plan, world, agent)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def manager_dies(plan, world, agent, watch):
    mark = watch.mark()
    world.nm.kill("manager")
    report = watch.wait(since=mark, cause="no-network-manager", timeout=10)
    plan.ok(is_like(report, {"tunnel": {"down", "unknown"}, "wanted": "up"}),
            "NetworkManager is killed: told at once", report)
    plan.equal({service: agent.result(service)
                for service in ("Connect", "Disconnect", "Reconnect", "Profiles")},
               dict.fromkeys(("Connect", "Disconnect", "Reconnect", "Profiles"), "no-network-manager"),
               "requests are answered no-network-manager")
    report = watch.wait(tunnel="down")
    plan.equal(report["wanted"], "up", "the wish stays")
    at = watch.mark()
    world.nm.start_manager()
    watch.wait(since=at, tunnel="up", egress="ok", timeout=60)
    plan.equal(world.egress(timeout=5), A.egress4, "it runs again: the tunnel comes back by itself")
    plan.ok(int(watch.last()["tunnel_age_s"]) < 30, "without the patience for a lost tunnel")


def manager_ends(plan, world, agent, watch):
    mark = watch.mark()
    world.nm.kill("manager", "TERM")
    report = watch.wait(since=mark, cause="no-network-manager", timeout=10)
    plan.equal(report["wanted"], "up", "NetworkManager ends politely: the wish stays")
    world.nm.start_manager()
    watch.wait(since=watch.mark(), tunnel="up", timeout=60)
    plan.ok(True, "and the tunnel comes back")


def bus_dies(plan, world, agent, watch):
    mark = watch.mark()
    world.nm.kill("bus")
    report = watch.wait(since=mark, cause="no-network-manager", timeout=20)
    plan.ok(report["wanted"] == "up", "the system bus is killed: told", report)
    for name in ("manager", "polkit"):
        if world.nm.processes[name].poll() is None:
            world.nm.kill(name)
        else:
            world.nm.processes.pop(name)
    world.nm.start()
    watch.wait(since=watch.mark(), tunnel="up", timeout=60)
    plan.equal(world.egress(timeout=5), A.egress4, "all of it runs again: the tunnel comes back")
    plan.equal(world.product.agent.poll(), None, "the agent lived through all of it")
    watch.close()
    watch.wait_end()


def agent_dies(plan, world, agent):
    watch = agent.watch()
    watch.wait(tunnel="up")
    agent.start()  # kills the old one first
    plan.ok(watch.wait_end(), "the agent is killed: the Watch ends")
    watch = agent.watch()
    report = watch.wait(tunnel="up", egress="ok")
    plan.ok(report["wanted"] == "up" and set(watch.told("tunnel")) <= {"unknown", "up"},
            "a new one finds the tunnel up and wanted, without a flap", watch.told("tunnel"))
    plan.equal(world.nm.active(), [A.profile], "and did nothing to it")
    world.product.stop_agent(signal.SIGKILL)
    world.nm.down(A.profile)
    agent.start()
    agent.wait_status(tunnel="up")
    plan.ok(True, "lost while there was no agent: the next one brings it back at once")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    agent.start()
    report = agent.wait_status(tunnel="down")
    plan.ok(is_like(report, {"wanted": "down", "cause": "asked", "next_try_s": None}),
            "wanted down stays down over a restart of the agent", report)
    plan.equal(agent.connect("B"), "ok", "Connect B")
    plan.equal(agent.result("Disconnect"), "ok", "and Disconnect")
    wanted = world.vpn.path("run/sysvpn/state/wanted")
    wanted.write_text("\0garbage")
    agent.start()
    report = agent.wait_status(tunnel="down")
    plan.equal((report["wanted"], agent.connect(), agent.status()["profile_name"]),
               ("unknown", "ok", B.profile), "with a garbled memory nothing is wanted; the last "
               "profile is still known")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def called_at_start(plan, world, agent):
    """Socket activation: the call is there before the agent is."""
    world.product.stop_agent(signal.SIGKILL)
    first, second = agent.later(agent.connect, "A"), agent.later(agent.ask, "Profiles")
    agent.start(wait=False)
    plan.equal(first.answer(), "ok", "a Connect that started the agent is done")
    plan.equal(sum(key.startswith("profile_") for key in second.answer()), 2,
               "Profiles that did so has them")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def boot(plan, world, agent):
    """No wish is remembered: the one profile with autoconnect is brought up, with nobody calling."""
    def start():
        world.product.stop_agent(signal.SIGKILL)
        world.vpn.path("run/sysvpn/state/wanted").unlink(missing_ok=True)
        agent.start()
    start()
    report = agent.wait_status(tunnel="down")
    plan.ok(report["wanted"] == "unknown" and "next_try_s" not in report,
            "boot with two autoconnect profiles: stays down", report)
    world.nm.nmcli("connection", "modify", B.profile, "connection.autoconnect", "no")
    start()
    tap.wait_for("the tunnel", lambda: world.nm.active() == [A.profile])
    report = agent.wait_status(tunnel="up")
    plan.ok(is_like(report, {"wanted": "up", "profile_name": A.profile}),
            "boot with one: comes up by itself, with no caller", report)
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    start()
    agent.wait_status(tunnel="up")
    plan.ok(True, "the wish to be down does not survive a boot")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    world.vpn.write("rw/config/vpn/imported/autoconnect", f"[tunnel]\nprofile={agent.uuids['B']}\n")
    world.vpn.path("rw/config/vpn/state/last-profile").unlink()
    start()
    agent.wait_status(tunnel="up", profile_name=B.profile)
    plan.ok(True, "what sysvpn-import recorded counts before NetworkManager's autoconnect")
    world.vpn.write("rw/config/vpn/imported/autoconnect", "[tunnel]\nprofile=\n")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    start()
    report = agent.wait_status(tunnel="down")
    plan.equal(report["wanted"], "unknown", "recorded that none is to start: none does")

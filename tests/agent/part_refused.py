# SPDX-License-Identifier: GPL-2.0-or-later
"""Connect that cannot succeed: each with its cause. NetworkManager's own patience is long, so the
profiles get a short vpn.timeout, and each kind of failure a lab of its own where it is not."""
import lab
import tap
from calls import A, B, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build, endpoints=[B.endpoint])
        watch = agent.watch()
        watch.wait(tunnel="down")
        for one in (A, B):
            world.nm.nmcli("connection", "modify", one.profile, "vpn.timeout", "6")
        blocked(plan, world, agent, watch)
        dead(plan, world, agent, watch)
        no_secret(plan, world, agent, watch)
        no_plugin(plan, world, agent, watch)
        gone(plan, world, agent, watch)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def failed(plan, agent, watch, key, wanted, name):
    mark = watch.mark()
    answer = agent.connect(key)
    tap.note(f"{name}: {answer}; then {watch.last()['tunnel']}, {watch.last()['cause']}")
    plan.ok(answer in wanted, name, answer)
    report = watch.wait(since=mark, tunnel="down", wanted="up")
    plan.ok("up" not in watch.told("tunnel", mark), f"{name}: it never looked up")
    return report


def blocked(plan, world, agent, watch):
    report = failed(plan, agent, watch, "A", {"failed endpoint-blocked", "timeout endpoint-blocked"},
                    "the profile's server is not among the endpoints")
    plan.ok(is_like(report, {"cause": "endpoint-blocked", "wanted": "up"}), "the report says so too",
            report)
    plan.ok(20 <= int(report.get("next_try_s", 0)) <= 30, "the next try has patience", report)
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def dead(plan, world, agent, watch):
    world.servers["B"].freeze()
    failed(plan, agent, watch, "B", {"failed timeout", "timeout timeout"}, "the server does not answer")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    world.servers["B"].thaw()
    plan.equal(agent.connect("B"), "ok", "it answers again: ok")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def no_secret(plan, world, agent, watch):
    """User name and password are wanted, and nobody is there to ask."""
    world.nm.nmcli("connection", "modify", B.profile, "+vpn.data",
                   "connection-type=password-tls, username=me, password-flags=1")
    report = failed(plan, agent, watch, "B", {"failed secret-missing"}, "a password is missing")
    plan.ok(is_like(report, {"cause": "secret-missing", "next_try_s": None}),
            "that needs the user: nothing is tried again", report)
    world.nm.nmcli("connection", "modify", B.profile, "+vpn.data", "connection-type=tls")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def no_plugin(plan, world, agent, watch):
    """NetworkManager without the part that knows OpenVPN."""
    world.vpn.run(["mount", "-t", "tmpfs", "none", "/usr/lib/NetworkManager/VPN"])
    restart_manager(world, agent, watch)
    report = failed(plan, agent, watch, "B", {"failed plugin-missing"}, "NetworkManager has no plugin for OpenVPN")
    plan.ok(is_like(report, {"cause": "plugin-missing", "next_try_s": None}), "nothing is tried again", report)
    world.vpn.run(["umount", "/usr/lib/NetworkManager/VPN"])
    restart_manager(world, agent, watch)
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def restart_manager(world, agent, watch):
    """Returns when the agent knows of the new one too: it hears of it from the bus, later than whoever asks it."""
    mark = watch.mark()
    world.nm.kill("manager")
    watch.wait(since=mark, cause="no-network-manager")
    world.nm.start_manager()
    world.nm.wait_online()
    tap.wait_for("the agent to see the profiles", lambda: agent.uuids["B"] in str(agent.ask("Profiles")))


def gone(plan, world, agent, watch):
    """The wanted profile is deleted."""
    world.nm.nmcli("connection", "delete", B.profile)
    tap.wait_for("the agent to hear of it", lambda: agent.uuids["B"] not in str(agent.ask("Profiles")))
    plan.equal(agent.connect("B"), "unknown-profile", "a profile that was deleted")
    world.nm.nmcli("connection", "delete", A.profile)
    plan.equal(agent.connect(), "no-profile", "no profile at all")
    plan.equal(agent.ask("Profiles"), {"sysvpn": "1", "result": "ok"}, "Profiles says so")
    report = watch.wait(profile_uuid=None)
    plan.equal(report["tunnel"], "down", "and the report names none")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever happens to the killswitch is told at once, and nothing may take a tunnel away meanwhile."""
import lab
import tap
from calls import A, B, ENDPOINTS, Agent, is_like


def run(plan, build):
    with lab.Lab() as world:
        agent = Agent(world, build, probe=False, start=False)
        agent.start()
        watch = agent.watch()
        watch.wait(tunnel="down", killswitch="armed")
        connect_from_down(plan, world, agent, watch)
        while_up(plan, world, agent, watch)
        each_break(plan, world, agent, watch)
        pinned(plan, world, agent)
        without_table(plan, world, agent)
        repaired(plan, world, agent)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def nft(world, text):
    world.vpn.run(["nft", "-f", "-"], input=text)


def rearm(world, agent, watch):
    mark = watch.mark()
    world.load_killswitch(agent.build)
    return watch.wait(since=mark, killswitch="armed", killswitch_break="none")


def connect_from_down(plan, world, agent, watch):
    mark = watch.mark()
    nft(world, "delete table inet sysvpn")
    report = watch.wait(since=mark, killswitch="broken", killswitch_break="missing")
    plan.equal(report["egress"], "off", "the table is deleted: told at once")
    plan.equal(agent.result("Disconnect"), "ok", "with no tunnel Disconnect takes nothing away")
    plan.equal(agent.connect("A"), "ok", "Connect from down is allowed")
    report = watch.wait(tunnel="up")
    plan.ok(is_like(report, {"killswitch": "broken", "egress": "off"}), "up, but exposed", report)


def while_up(plan, world, agent, watch):
    mark = watch.mark()
    for service, argument in (("Disconnect", None), ("Reconnect", None),
                              ("Connect", agent.uuids["B"])):
        plan.equal(agent.result(service, argument), "killswitch-broken",
                   f"{service} is refused while the killswitch is broken")
    plan.equal(agent.connect("A"), "ok", "Connect of what is up is ok")
    plan.ok(set(watch.told("tunnel", mark)) <= {"up"} and world.nm.active() == [A.profile],
            "the tunnel stayed", watch.told("tunnel", mark))
    plan.equal(agent.status()["wanted"], "up", "and is still wanted")
    report = rearm(world, agent, watch)
    plan.ok(int(report["exposed_s"]) >= 0 and report["tunnel"] == "up", "loaded again: armed", report)


def each_break(plan, world, agent, watch):
    vpn = world.vpn
    first = watch.mark()

    def rules(line):
        vpn.run(["ip", *line.split()])

    digest = vpn.path("run/sysvpn/killswitch.digest")
    flag = vpn.path("run/qubes-service/sysvpn")
    endpoints = vpn.path("rw/config/vpn/endpoints.txt")
    told = (
        ("a rule is added", "changed",
         lambda: nft(world, "insert rule inet sysvpn output accept")),
        ("a rule is deleted", "changed", lambda: delete_rule(world)),
        ("the endpoints' set is flushed", "changed", lambda: flush_endpoints(world)),
        ("a chain is added", "changed",
         lambda: nft(world, "add chain inet sysvpn more")),
        ("the policy is changed", "policy", lambda: nft(
            world, "add chain inet sysvpn output { policy accept; }")),
        ("a routing rule is deleted", "routing", lambda: delete_route_rule(world, rules)),
        ("all rules are flushed", "missing", lambda: nft(world, "flush ruleset")),
    )
    for name, reason, act in told:
        mark = watch.mark()
        act()
        report = watch.wait(since=mark, killswitch="broken", killswitch_break=reason, timeout=8)
        plan.ok(is_like(report, {"egress": "off"}), f"{name}: broken, {reason}, told by its event")
        rearm(world, agent, watch)
    # no event tells of these: the next heartbeat's comparison does, or a request that needs to know
    found = (
        ("the digest is removed", "unverified", digest.unlink),
        ("the endpoints' file is changed", "endpoints",
         lambda: endpoints.write_text(A.endpoint + "\n")),
        ("the endpoints' file is removed", "endpoints", endpoints.unlink),
    )
    for name, reason, act in found:
        mark = watch.mark()
        act()
        if reason != "unverified":
            plan.equal(agent.result("Disconnect"), "killswitch-broken", f"{name}: Disconnect is refused")
        watch.wait(since=mark, killswitch="broken", killswitch_break=reason)
        plan.ok(True, f"{name}: broken, {reason}")
        world.write_endpoints(ENDPOINTS)
        rearm(world, agent, watch)
    mark = watch.mark()
    flag.unlink()
    watch.wait(since=mark, killswitch="broken", killswitch_break="flag")
    plan.ok(True, "the service flag is removed: broken, flag")
    flag.write_text("")
    watch.wait(since=mark, killswitch="armed")
    plan.ok(world.nm.active() == [A.profile] and set(watch.told("tunnel", first)) == {"up"},
            "the tunnel stayed up through all of it", watch.told("tunnel", first))
    plan.ok(int(agent.status()["exposed_s"]) > 0, "the exposed seconds are counted", agent.status())


def delete_rule(world):
    listed = world.vpn.run(["nft", "-a", "list", "chain", "inet", "sysvpn", "output"]).stdout
    handle = [line.rsplit(" ", 1)[1] for line in listed.splitlines() if "handle" in line
              and "chain" not in line][-1]
    world.vpn.run(["nft", "delete", "rule", "inet", "sysvpn", "output", "handle", handle])


def flush_endpoints(world):
    listed = world.vpn.run(["nft", "list", "table", "inet", "sysvpn"]).stdout.splitlines()
    name = ""
    for line in listed:
        name = line.split()[1] if line.strip().startswith("set ") else name
        if A.egress4 in line:
            break
    nft(world, f"flush set inet sysvpn {name}")


def delete_route_rule(world, rules):
    listed = world.vpn.run(["ip", "rule"]).stdout.splitlines()
    line = [one for one in listed if "unreachable" in one][0]
    rules(f"rule del pref {line.split(':')[0]}")


def pinned(plan, world, agent):
    """Which profiles can be reached at all."""
    def flags():
        return {value.split(" ", 3)[3]: "pinned" in value.split(" ", 3)[2].split(",")
                for key, value in agent.ask("Profiles").items() if key.startswith("profile_")}
    for lines, wanted in (([A.endpoint], (True, False)), ([B.egress4], (False, True)),
                          ([f"{A.egress4} 1195 udp"], (False, False)),
                          ([f"{A.egress4} 1194 tcp"], (False, False)),
                          (["198.51.100.0/24"], (True, True)), ([], (False, False)),
                          (["garbage"], (False, False)), (ENDPOINTS, (True, True))):
        world.write_endpoints(lines)
        plan.equal(flags(), {A.profile: wanted[0], B.profile: wanted[1]},
                   f"pinned by {', '.join(lines) or 'nothing'}")
    world.load_killswitch(agent.build)
    active = [value for key, value in agent.ask("Profiles").items() if value.endswith(A.profile)]
    plan.ok("active" in active[0].split(" ")[2].split(","), "the active profile is flagged", active)


def without_table(plan, world, agent):
    nft(world, "delete table inet sysvpn")
    agent.start()
    report = agent.wait_status(killswitch="broken", tunnel="up")
    plan.ok(is_like(report, {"killswitch_break": "missing", "egress": "off", "wanted": "up"}),
            "an agent that starts without the table: exposed, and nothing is asked", report)


def loads_done(world):
    return world.vpn.log_path("systemd").read_text().count("done")


def repaired(plan, world, agent):
    """systemd is there now: the agent has it loaded again by itself."""
    watch = agent.watch()
    world.start_systemd_fake(agent.build)
    watch.wait(killswitch="armed", timeout=90)
    plan.ok(True, "with systemd the agent has it loaded again")
    before = int(agent.status()["exposed_s"])
    loads = loads_done(world)
    for _ in range(3):
        nft(world, "delete table inet sysvpn")  # mended so fast that a Watch need not hear of it
        loads += 1
        tap.wait_for("the next load", lambda: loads_done(world) >= loads)
        agent.wait_status(killswitch="armed")
    plan.ok(True, "three times again")
    plan.ok(before <= int(agent.status()["exposed_s"]) <= before + 60, "and was exposed for moments",
            agent.status())
    plan.ok("down" not in watch.told("tunnel"), "the tunnel stayed up")
    tap.note(f"{loads} loads")
    watch.close()

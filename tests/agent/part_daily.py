# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user does every day: connect, switch, disconnect, watch. And that nothing leaks."""
import time

import lab
import tap
from calls import A, B, ENDPOINTS, Agent, is_like
from lab import capture, traffic


def run(plan, build):
    with lab.Lab() as world:
        see_leaks(plan, world)
        agent = Agent(world, build)
        at_start(plan, world, agent)
        up_and_down(plan, world, agent)
        watchers(plan, agent)
        by_nmcli(plan, world, agent)
        cancel(plan, world, agent)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def see_leaks(plan, world):
    """The positive control: without the killswitch the oracle sees them."""
    with world.capture() as oracle, world.traffic(kinds=("udp4", "tcp6")):
        tap.wait_for("leaks", lambda: traffic.kinds_seen(oracle.leaks(ENDPOINTS)) >= {"udp4", "tcp6"})
    plan.ok(True, "without the killswitch the oracle sees leaks")


def at_start(plan, world, agent):
    report = agent.wait_status(tunnel="down")
    plan.ok(is_like(report, {"killswitch": "armed", "killswitch_break": "none", "egress": "off",
                             "wanted": "unknown", "endpoints": "2", "exposed_s": "0",
                             "interface": None, "heartbeat_s": "10"}),
            "at start: down, armed, nothing asked of the internet", report)
    profiles = agent.ask("Profiles")
    lines = sorted(value for key, value in profiles.items() if key.startswith("profile_"))
    plan.equal(lines, sorted(f"{agent.uuids[one.key]} vpn autoconnect,pinned {one.profile}"
                             for one in (A, B)), "two profiles, pinned; the uplink is none of them")
    uplink = world.nm.nmcli("-g", "UUID,TYPE", "connection", "show", "--active").stdout
    uuid = [line.split(":")[0] for line in uplink.splitlines() if line.endswith("ethernet")][0]
    plan.equal(agent.result("Connect", uuid), "unknown-profile", "the uplink cannot be connected")
    plan.ok(f"{uuid}:802-3-ethernet" in world.nm.nmcli(
        "-g", "UUID,TYPE,STATE", "connection", "show", "--active").stdout, "and stays as it was")
    plan.equal(agent.result("Connect", "0" * 8 + "-0000-4000-8000-" + "0" * 12), "unknown-profile",
               "a profile that is not there")
    done = world.qrexec.call(agent.build, "sysvpn.Status")
    plan.ok(done.stdout.startswith(b"sysvpn=1\n") and done.stdout.endswith(b"\nresult=ok\n\n"),
            "through the qrexec-client stand-in too", done)
    diagnosis = agent.ask("Diagnose")
    text = "\n".join(value for key, value in diagnosis.items() if key.startswith("line_"))
    plan.ok("\nkillswitch=armed\n" in text and "eth0: group 1" in text and "2 vpn" in text
            and "killswitch: armed" in text, "Diagnose tells the report, devices, profiles and log", text)
    plan.ok(diagnosis["result"] == "ok" and not any(
        secret in text for secret in (A.profile, A.egress4, B.egress4, *agent.uuids.values())),
            "and neither names nor addresses", text)
    done = world.qrexec.call(agent.build, "sysvpn.Disconnect")
    plan.equal(done.stdout, b"sysvpn=1\nresult=ok\n\n", "Disconnect with nothing to take down is ok")


def protected(plan, world, agent, watch, one, what):
    # each family is asked on its own, and on a slow machine one may be lost while the routes of the other are there
    report = watch.wait(tunnel="up", egress="ok", egress6=one.egress6, profile_uuid=agent.uuids[one.key])
    plan.ok(is_like(report, {"egress4": one.egress4, "egress6": one.egress6, "cause": "none",
                             "wanted": "up", "profile_name": one.profile, "profile_type": "vpn",
                             "endpoint": f"{one.egress4}:{one.port}/{one.proto}",
                             "killswitch": "armed"}), f"{what}: the report", report)
    tap.wait_for("the chain", lambda: world.egress() == one.egress4)
    plan.ok(True, f"{what}: appvm's packets leave at the provider, v4")
    plan.equal(world.egress(version=6), one.egress6, f"{what}: v6")
    plan.equal(world.nm.active(), [one.profile], f"{what}: one VPN is active")


def up_and_down(plan, world, agent):
    watch = agent.watch()
    with world.capture() as oracle, world.traffic() as clients, \
            world.traffic(qube="sys-vpn") as own:
        plan.equal(agent.connect("A"), "ok", "Connect A")
        protected(plan, world, agent, watch, A, "connected")
        mark = watch.mark()
        plan.equal(agent.connect("A"), "ok", "Connect A again is ok at once")
        plan.equal(agent.connect("B"), "ok", "Connect B switches")
        protected(plan, world, agent, watch, B, "switched")
        told = watch.told("tunnel", mark)
        plan.ok("connecting" in told and told[-1] == "up"
                and "up" not in told[told.index("connecting"):-1],
                "switched: first down, then up", told)
        mark = watch.mark()
        plan.equal(agent.result("Reconnect"), "ok", "Reconnect")
        protected(plan, world, agent, watch, B, "reconnected")
        plan.ok("connecting" in watch.told("tunnel", mark), "reconnected: it was down between")
        plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
        report = watch.wait(tunnel="down")
        plan.ok(is_like(report, {"cause": "asked", "wanted": "down", "egress": "off",
                                 "egress4": None, "interface": None, "next_try_s": None,
                                 "profile_uuid": agent.uuids["B"], "killswitch": "armed"}),
                "disconnected: the report", report)
        plan.equal(world.nm.active(), [], "disconnected: no VPN is active")
        plan.equal(world.egress(timeout=0.5), None, "disconnected: nothing reaches the internet")
        leaks = oracle.leaks(ENDPOINTS)
    plan.ok(sum(clients.sent.values()) > 100 and sum(own.sent.values()) > 100, "traffic all the time",
            (clients.sent, own.sent))
    plan.ok(not leaks, "no packet leaked at connect, switch, reconnect and disconnect",
            capture.summary(leaks))
    tap.wait_for("the counters", lambda: int(agent.status()["forward_drop4"]) > 0 and
                 int(agent.status()["output_drop4"]) > 0 and "client_0" in agent.status(), 30)
    plan.ok(True, "what was dropped is counted, by the next heartbeat")

    plan.equal(agent.connect(), "ok", "Connect without a profile")
    plan.equal(agent.status()["profile_name"], B.profile, "takes the one used last")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect again")
    world.nm.kill("manager", "TERM")
    watch.wait(cause="no-network-manager")
    world.nm.start_manager()
    world.nm.wait_online()
    report = watch.wait(tunnel="down", cause="asked")
    plan.ok(report["wanted"] == "down" and "next_try_s" not in report and world.nm.active() == [],
            "a restart of NetworkManager does not bring it back", report)
    watch.close()
    plan.ok(watch.wait_end() and not watch.complaint, "the end of a Watch's input ends it",
            watch.complaint)


def watchers(plan, agent):
    watch = agent.watch()
    watch.wait(tunnel="down")
    mark = watch.mark()
    began = watch.reports[-1][0]
    tap.wait_for("two heartbeats", lambda: len(watch.reports) >= mark + 2, timeout=40)
    gaps = [later[0] - one[0] for one, later in zip(watch.reports[mark - 1:], watch.reports[mark:])]
    plan.ok(max(gaps) < 15 and watch.reports[-1][0] - began < 30, "heartbeats come in time", gaps)
    numbers = [int(report["seq"]) for _, report in watch.reports]
    plan.ok(all(one < later for one, later in zip(numbers, numbers[1:])), "seq grows", numbers)
    stamps = [int(report["boottime_ms"]) for _, report in watch.reports]
    plan.ok(stamps == sorted(stamps), "so does boottime_ms", stamps)
    watch.drop()

    crowd = [agent.watch() for _ in range(40)]
    tap.wait_for("an end or a report for all", lambda: all(one.reports or one.ended for one in crowd))
    plan.equal(sum(1 for one in crowd if one.reports and not one.ended), 32,
               "of 40 watchers 32 are served")
    for one in crowd[:20]:
        one.close()
    for one in crowd[20:]:
        one.drop()
    tap.wait_for("room for the next", lambda: answers(agent))
    plan.ok(True, "they are let go, and the agent answers")
    began = time.monotonic()
    for _ in range(200):
        agent.status()
    tap.note(f"200 calls of Status in {time.monotonic() - began:.2f} s")
    plan.ok(True, "200 calls one after another")


def answers(agent):
    try:
        return agent.status()["result"] == "ok"
    except Exception:  # pylint: disable=broad-except
        return False  # hung up on: there is no room yet


def by_nmcli(plan, world, agent):
    watch = agent.watch()
    world.nm.up(B.profile)
    report = watch.wait(tunnel="up", wanted="up")
    plan.equal(report["profile_uuid"], agent.uuids["B"], "nmcli's up counts as wanted up")
    world.nm.down(B.profile)
    report = watch.wait(tunnel="down", wanted="down", cause="asked")
    plan.ok("next_try_s" not in report, "nmcli's down counts as asked", report)
    world.nm.up(A.profile)
    # NetworkManager lets both be active. B is reached through A at first, then not, so its OpenVPN
    # may begin again and lose its address for good
    world.nm.up(B.profile)
    plan.equal(sorted(world.nm.active()), sorted((A.profile, B.profile)), "two at once, by nmcli")
    used = {agent.uuids[one.key]: one.egress4 for one in (A, B)}
    tap.wait_for("the truth", lambda: watch.last()["tunnel"] == "degraded" or
                 (watch.last()["tunnel"] == "up" and
                  used[watch.last()["profile_uuid"]] == world.egress(timeout=5)))
    plan.ok(True, "the report is of the one that is used, or degraded")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
    plan.equal(world.nm.active(), [], "takes both down")
    refused = world.nm.up(A.profile, user="mallory", check=False)
    plan.ok(refused.returncode and "Not authorized" in refused.stderr,
            "another user may not activate", refused)
    refused = world.nm.nmcli("connection", "modify", A.profile, "connection.id", "other",
                             user="sysvpn", check=False)
    plan.ok(refused.returncode and "Insufficient privileges" in refused.stderr,
            "the agent's user may not change a profile", refused)
    watch.close()


def cancel(plan, world, agent):
    world.servers["A"].freeze()  # it neither answers nor refuses
    watch = agent.watch()
    first = agent.later(agent.connect, "A")
    watch.wait(tunnel="connecting")
    plan.equal(agent.connect("B"), "busy", "a second Connect is busy")
    plan.equal(agent.result("Reconnect"), "busy", "so is a Reconnect")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect meanwhile is done")
    plan.equal(first.answer(), "cancelled", "and the first is told so")
    report = watch.wait(tunnel="down")
    plan.ok(report["wanted"] == "down" and world.nm.active() == [], "nothing comes up", report)
    mark = watch.mark()
    first = agent.later(agent.connect, "A")
    watch.wait(since=mark, tunnel="connecting")
    world.nm.down(A.profile)
    plan.equal(first.answer(), "cancelled", "nmcli's down during a Connect cancels it")
    report = watch.wait(tunnel="down", wanted="down")
    plan.ok(is_like(report, {"cause": "asked", "next_try_s": None}), "and is what is wanted", report)
    world.servers["A"].thaw()

    answers_seen = set()
    for number in range(20):
        first = agent.later(agent.connect, "A")
        time.sleep(number * 0.008)  # from before NetworkManager's answer to after the activation
        second = agent.result("Disconnect")
        answers_seen.add((first.answer(), second))
    tap.note(f"answers: {sorted(answers_seen)}")
    # busy: it was overtaken, and came while the Disconnect ran
    plan.ok(answers_seen <= {("cancelled", "ok"), ("ok", "ok"), ("busy", "ok")},
            "20 times cancelled within milliseconds: both are answered", answers_seen)
    agent.wait_status(tunnel="down", wanted="down")
    mark = watch.mark()
    tap.wait_for("the clients' end", lambda: not agent.openvpn_pids(), timeout=30)
    plan.ok(world.nm.active() == [] and set(watch.told("tunnel", mark)) <= {"down"},
            "no tunnel comes up afterwards", watch.told("tunnel", mark))
    watch.close()

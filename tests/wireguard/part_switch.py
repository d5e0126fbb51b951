# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user does every day with profiles of both kinds; and that nothing leaks meanwhile."""
import lab
import tap
from calls import is_like
from lab import capture, traffic
from scene import BOUGHT, DEADLINE, ENDPOINTS, A, Scene, W

SWITCHES = 20


def run(plan, build):
    with lab.Lab(providers=("A",)) as world:
        scene = Scene(plan, world, build)
        see_leaks(scene)
        scene.begin()
        said = scene.agent.raw("sysvpn.Profiles")
        plan.ok(f"{scene.agent.uuids['W']} wireguard pinned {W.profile}" in said, "the profile is listed, pinned", said)
        connect(scene)
        switch(scene)
        scene.end()


def see_leaks(scene):
    """The positive control: without the killswitch the oracle sees every kind."""
    with scene.world.capture() as oracle, scene.flood():
        tap.wait_for("leaks", lambda: traffic.kinds_seen(oracle.leaks(ENDPOINTS)) >= set(traffic.KINDS), DEADLINE, 0.5)
    scene.plan.ok(True, "without the killswitch the oracle sees all kinds leak")


def connect(scene):
    plan, agent = scene.plan, scene.agent
    plan.equal(agent.connect("W"), "ok", "Connect")
    report = scene.wait(0, tunnel="up", egress="ok")
    plan.ok(is_like(report, {
        "cause": "none", "wanted": "up", "profile_type": "wireguard", "profile_name": W.profile,
        "interface": W.profile, "endpoint": f"{W.egress4}:{W.port}/udp", "killswitch": "armed",
        "egress4": W.egress4, "egress6": W.egress6}), "connected: the report", report)
    scene.uses(W, "connected")

    def goes_on():
        later = agent.status()
        return all(int(later[key]) > int(report[key]) for key in ("handshake_age_s", "rx_bytes", "tx_bytes"))
    with plan.case("the handshake's age and both counters are told, and grow"):
        tap.wait_for("a later report", goes_on, DEADLINE)


def switch(scene):
    """Each way ten times, and each time traffic is seen to go where it should."""
    plan, world, answers, told = scene.plan, scene.world, [], []
    wanted = [(A, W)[number % 2] for number in range(SWITCHES)]
    with world.capture() as oracle, scene.flood() as clients, scene.flood("sys-vpn") as own:
        for one in wanted:
            answers.append(scene.agent.connect(one.key))
            scene.wait_egress(one)
            told.append(scene.agent.status()["profile_name"])
        leaks, seen = oracle.leaks(ENDPOINTS), len(oracle.seen())
    plan.equal(answers, ["ok"] * SWITCHES, f"{SWITCHES} switches between OpenVPN and WireGuard, all ok")
    plan.equal(told, [BOUGHT[one.key] for one in wanted], "after each the client's packets leave where the report says")
    plan.equal(world.nm.active(), [W.profile], "one VPN is active after all of them")
    plan.ok(min(clients.rounds, own.rounds) >= SWITCHES, "traffic of all kinds ran all the time",
            (clients.sent, own.sent))
    plan.ok(not leaks, f"0 packets leaked, of {sum(clients.sent.values()) + sum(own.sent.values())} that were generated "
            f"and {seen} that the oracle saw", capture.summary(leaks))

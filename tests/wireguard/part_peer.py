# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong with a WireGuard server, of all which NetworkManager notices nothing."""
import time

import lab
import tap
from calls import is_like
from lab import capture, wireguard
from scene import DEADLINE, ENDPOINTS, Scene, W

ELSEWHERE, ELSEWHERE_PORT = "198.51.100.31", 51821
NOT_LISTED = "198.51.100.32"


def run(plan, build):
    with lab.Lab(providers=("A",)) as world:
        scene = Scene(plan, world, build)
        scene.begin()
        plan.equal(scene.agent.connect("W"), "ok", "Connect")
        for part in (silenced, deleted, roamed, wrong_key, not_listed):
            began = time.monotonic()
            part(scene)
            tap.note(f"{part.__name__}: {time.monotonic() - began:.0f} s")
        scene.end()


def silenced(scene):
    plan, watch = scene.plan, scene.watch
    with scene.flood():
        scene.uses(W, "under traffic", (4,))
        began, mark = time.clock_gettime(time.CLOCK_BOOTTIME), watch.mark()
        scene.server.silence()
        report = scene.wait(mark, tunnel="degraded")
        tap.note(f"degraded {int(report['boottime_ms']) / 1000 - began:.1f} s after the peer fell silent")
        plan.ok(is_like(report, {"cause": "no-traffic", "wanted": "up", "killswitch": "armed"})
                and "next_try_s" in report, "the peer falls silent: degraded, no-traffic", report)
        plan.equal(scene.world.nm.active(), [W.profile], "NetworkManager has not noticed")
        mark = watch.mark()
        scene.server.answer()
        scene.wait(mark, tunnel="up")
        told = watch.told("tunnel", mark)
        # whether "degraded" is told once more before is the heartbeat's chance
        plan.ok(told[-1] == "up" and set(told) <= {"degraded", "up"},
                "the peer is back: up, without a new connection", told)
        scene.uses(W, "the peer is back", (4,))


def deleted(scene):
    """The device is gone: the agent brings the profile up again, until the server answers."""
    plan, watch = scene.plan, scene.watch
    mark = watch.mark()
    scene.server.silence()
    scene.world.vpn.run(["ip", "link", "del", W.profile])
    report = scene.wait(mark, tunnel="down")
    plan.ok(report["wanted"] == "up" and int(report["next_try_s"]) > 0,
            "the device is deleted: down, and the next try is told", report)
    report = scene.wait(watch.mark(), tunnel="degraded")
    plan.ok(is_like(report, {"cause": "no-handshake", "handshake_age_s": None, "wanted": "up"}),
            "tried while nobody answers: degraded, no-handshake", report)
    mark = watch.mark()
    scene.server.answer()
    scene.wait(mark, tunnel="up")
    plan.ok(True, "the server answers: up, and nobody asked for it")
    scene.uses(W, "recovered")


def roamed(scene):
    """WireGuard follows its server to wherever it speaks from; the killswitch does not."""
    plan, world = scene.plan, scene.world
    port = world.vpn.run(["wg", "show", W.profile, "listen-port"]).stdout.strip()
    # the platform would not even let it in, at two places, but a user's rules may
    world.vpn.run(["nft", f"add rule ip qubes custom-input udp dport {port} accept"])
    world.net.run(["nft", f"""add rule ip qubes custom-forward udp dport {port} accept
        add table ip roam
        add chain ip roam prerouting {{ type nat hook prerouting priority dstnat; }}
        add rule ip roam prerouting iifname eth0 udp dport {port} dnat to {lab.addresses.own4('sys-vpn')}"""])
    mark = scene.watch.mark()
    with world.capture() as oracle, scene.flood():
        scene.server.roam(ELSEWHERE, ELSEWHERE_PORT, lab.addresses.NET4, port)
        report = scene.wait(mark, tunnel="degraded", cause="endpoint-moved")
        plan.equal(report["endpoint"], f"{ELSEWHERE}:{ELSEWHERE_PORT}/udp",
                   "the server speaks from another address: endpoint-moved, and to where")
        before = int(scene.agent.status()["output_drop4"])
        with plan.case("what goes there is dropped by the killswitch"):
            scene.agent.wait_status(DEADLINE, output_drop4={str(before + more) for more in range(1, 10000)})
        leaks = oracle.leaks(ENDPOINTS)
    plan.ok(not leaks, "and none of it is seen outside", capture.summary(leaks))
    scene.server.return_home(lab.addresses.NET4)
    plan.equal(scene.agent.result("Reconnect"), "ok", "Reconnect goes to where the profile says")
    scene.uses(W, "reconnected", (4,))


def wrong_key(scene):
    scene.add("wrong-key", server_key=wireguard.other_key())
    mark = scene.watch.mark()
    scene.plan.equal(scene.agent.connect("wrong-key"), "failed no-handshake", "a wrong key: no handshake")
    scene.wait(mark, tunnel="degraded", cause="no-handshake")
    told = scene.watch.told("tunnel", mark)
    scene.plan.ok("up" not in told, "it never looked up", told)


def not_listed(scene):
    """The user's own profile, past the importer, which would list its server."""
    scene.write("not-listed.conf", scene.server.profile(endpoint=f"{NOT_LISTED}:{W.port}"))
    scene.world.nm.nmcli("connection", "import", "type", "wireguard", "file", "/rw/config/vpn/not-listed.conf")
    scene.agent.uuids["not-listed"] = scene.world.nm.uuid("not-listed")
    mark = scene.watch.mark()
    scene.plan.equal(scene.agent.connect("not-listed"), "failed endpoint-blocked",
                     "a server that the killswitch was not told of")
    report = scene.wait(mark, cause="endpoint-blocked")
    scene.plan.equal(report["endpoint"], f"{NOT_LISTED}:{W.port}/udp", "is named, as a line of endpoints.txt")

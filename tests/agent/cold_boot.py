# SPDX-License-Identifier: GPL-2.0-or-later
"""A VPN qube is switched on, with a provider's file on its disk that NetworkManager does not know yet. Nobody calls
it: killswitch, NetworkManager, import and agent come one after another, and the tunnel is up in the end."""
from calls import Agent
from lab import capture, installed

UNITS = ("sysvpn-killswitch.service", "sysvpn-import.service", "sysvpn-agent.service", "sysvpn-agent.socket",
         "sysvpn-egress-probe.socket", "sysvpn-openvpn-log.socket")
ORDER = ("sysvpn-killswitch.service", "NetworkManager.service", "sysvpn-import.service", "sysvpn-agent.service")


def check(plan, world, build, root, file, provider, interval):
    """file: the name and text of the provider's; interval: seconds between two rounds of a client's traffic."""
    name, text = file
    installed.place(root, world.vpn)
    installed.ask_the_lab(world)
    world.vpn.write(f"rw/config/vpn/{name}", text, 0o600)
    with world.capture() as oracle, world.traffic("appvm", interval=interval) as clients:
        with installed.booted(world, UNITS, cold=True) as systemd:
            look(plan, world, systemd, provider)
            agent = Agent(world, build, endpoints=None, probe=False, start=False, profiles=False,
                          path=installed.service_socket(world.vpn, root))
            report = agent.wait_status(tunnel="up", killswitch="armed", egress4=provider.egress4)
        leaks = [one for one in oracle.leaks([provider.endpoint]) if not is_group_report(one)]
    plan.equal((report["profile_name"], report["endpoints"]), (name.rpartition(".")[0], "1"),
               "the report tells of the imported profile, and of its address")
    plan.ok(not leaks and min(clients.sent.values()) > 0, f"0 of {sum(clients.sent.values())} packets leaked",
            capture.summary(leaks) or clients.sent)


def look(plan, world, systemd, provider):
    with plan.case("switched on: the client's packets leave at the provider, and nobody called"):
        try:
            world.wait_egress(provider.egress4, timeout=60)
        except TimeoutError as error:
            journal = systemd.run(["journalctl", "--no-pager", "-o", "short-monotonic"]).stdout
            raise AssertionError(f"{error}\n{journal[-6000:]}") from None
    began = [systemd.began(unit) for unit in ORDER]
    done = [systemd.done(unit) for unit in ORDER]
    plan.ok(all(end <= begin for end, begin in zip(done, began[1:])), "each was done before the next began",
            [f"{unit}: {begin} to {end}" for unit, begin, end in zip(ORDER, began, done)])
    plan.equal(installed.killed_by_sandbox(systemd), [], "no sandbox killed anything")


def is_group_report(packet):
    """The kernel's own, to its neighbour. Here the uplink is up before the boot begins, and so before any rules."""
    return (packet.proto, packet.dport, packet.dst) == ("icmp6", 143, "ff02::16")

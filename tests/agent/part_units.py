# SPDX-License-Identifier: GPL-2.0-or-later
"""Agent, killswitch and probe as a real systemd starts them: by the units as they are shipped, under their
users and behind their system call filters. The other parts start the programs themselves."""
import os

import lab
import tap
from calls import A, Agent
from lab import installed

UNITS = ("sysvpn-killswitch.service", "sysvpn-import.service", "sysvpn-agent.service", "sysvpn-agent.socket",
         "sysvpn-egress-probe.socket", "sysvpn-openvpn-log.socket")


def run(plan, build):
    with lab.Lab() as world:
        root = installed.stage(build, os.environ["LABDIR"])
        installed.place(root, world.vpn)
        world.write_endpoints([A.endpoint])
        installed.ask_the_lab(world)
        with installed.booted(world, UNITS) as systemd:
            check(plan, world, build, systemd, root)


def check(plan, world, build, systemd, root):
    plan.equal({unit: systemd.state(unit) for unit in UNITS if "import" not in unit},
               {unit: "active" for unit in UNITS if "import" not in unit}, "after a boot our units are active")
    agent = Agent(world, build, endpoints=None, probe=False, start=False,
                  path=installed.service_socket(world.vpn, root))
    report = agent.wait_status(tunnel="down", killswitch="armed")
    plan.equal(report["endpoints"], "1", "the agent answers where qrexec asks it, and the killswitch is armed")
    plan.equal(agent.connect("A"), "ok", "it may control NetworkManager")
    with plan.case("the probe, started by its socket, finds the tunnel's address"):
        agent.wait_status(tunnel="up", egress="ok", egress4=A.egress4, egress6=A.egress6)
    plan.equal(world.egress(), A.egress4, "a client's traffic leaves by the tunnel")
    world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"])
    with plan.case("a deleted table is loaded again, by systemd, as the agent asks"):
        tap.wait_for("the table", lambda: not world.vpn.run(["nft", "list", "table", "inet", "sysvpn"],
                                                            check=False).returncode)
        agent.wait_status(killswitch="armed")
    plan.equal(agent.result("Disconnect"), "ok", "it disconnects")
    plan.ok(world.vpn.path("rw/config/vpn/state").stat().st_uid == world.vpn.user_id("sysvpn"),
            "what must outlive the qube's reboot is the agent's own")
    systemd.systemctl("restart", "sysvpn-agent.service", check=True)
    agent.wait_status(tunnel="down", wanted="down")
    plan.ok(True, "a restarted agent knows that it shall stay down")
    world.vpn.path("run/qubes-service/sysvpn").unlink()
    systemd.systemctl("stop", "sysvpn-agent.service", check=True)
    with plan.case("a call starts the agent, also in a qube that lost its service since its boot"):
        plan.equal(agent.ask("Status", timeout=20)["result"], "ok", "it is answered")
    plan.equal(installed.killed_by_sandbox(systemd), [], "no sandbox killed anything")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server refuses, or we refuse of it, is told by OpenVPN's log alone; under the real systemd, whose journal
it goes to. All that NetworkManager says is that it took too long."""
import os

import lab
import tap
from calls import Agent
from cold_boot import UNITS
from lab import installed

PROVIDERS = lab.addresses.PROVIDERS


def run(plan, build):
    with lab.Lab() as world:
        root = installed.stage(build, os.environ["LABDIR"])
        installed.place(root, world.vpn)
        prepare(world)
        with installed.booted(world, UNITS, cold=True) as systemd:
            agent = Agent(world, build, endpoints=None, probe=False, start=False, profiles=False,
                          path=installed.service_socket(world.vpn, root))
            for name in ("old-server", "old-customer", "password"):  # NetworkManager's own patience is long
                agent.uuids[name] = systemd.run(["nmcli", "-g", "connection.uuid", "connection", "show", name],
                                                check=True).stdout.strip()
                systemd.run(["nmcli", "connection", "modify", name, "vpn.timeout", "8"], check=True)
            certificates(plan, world, agent)
            password(plan, world, agent)
            with plan.case("nobody reads the log any more"):
                tap.wait_for("it", lambda: systemd.show("sysvpn-openvpn-log.socket", "NConnections") == "0")
            plan.equal(installed.killed_by_sandbox(systemd), [], "no sandbox killed anything")


def prepare(world):
    world.servers["A"].restart(credentials=world.authority.issue("old-server", "serverAuth", is_expired=True))
    for name, text in (("old-server.ovpn", world.servers["A"].profile()),
                       ("old-customer.ovpn", world.servers["B"].profile(is_expired=True)),
                       ("password.ovpn", world.servers["B"].profile().replace("verb 3\n", "verb 3\nauth-user-pass\n")),
                       ("credentials/password.userpass", "me\nnot it\n")):
        world.vpn.path("rw/config/vpn/credentials").mkdir(parents=True, exist_ok=True)
        world.vpn.write(f"rw/config/vpn/{name}", text, 0o600)


def certificates(plan, world, agent):
    plan.equal(agent.connect("old-server"), "failed certificate", "the server's certificate is expired")
    with plan.case("which the report says, and that it is tried again: a clock may have been wrong"):
        report = agent.wait_status(tunnel="down", cause="certificate", wanted="up")
        assert int(report["next_try_s"]) > 0, report
    plan.equal(agent.connect("old-customer"), "failed certificate", "the customer's certificate is expired")
    world.servers["A"].restart(credentials=world.authority.issue("server", "serverAuth"))
    plan.equal(agent.connect("old-server"), "ok", "a server with a new certificate: up")
    agent.wait_status(tunnel="up", cause="none")
    plan.equal(agent.result("Disconnect"), "ok", "Disconnect")


def password(plan, world, agent):
    world.servers["B"].restart(more="script-security 2\nauth-user-pass-verify /bin/false via-file")
    plan.equal(agent.connect("password"), "failed credentials", "the server refuses the password")
    report = agent.wait_status(tunnel="down", cause="credentials")
    plan.ok("next_try_s" not in report, "nothing is tried again: that may lock the account", report)

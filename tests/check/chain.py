# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's chain of qubes as dom0 sees it, so that the real `sysvpn check` can be run there. Stand-ins only
route: qvm-run, qubesd, qrexec."""
import json
import os
import pathlib
import subprocess

import lab
from calls import Agent
from lab import qrexec

A = lab.addresses.PROVIDERS["A"]
NAMES = ("appvm", "sys-firewall", "sys-dns", "sys-vpn", "sys-net")
FAKES = pathlib.Path(__file__).resolve().parents[1] / "fakes"


class Chain:
    def __init__(self, world, build):
        self.world, self.build = world, build
        world.internet.start_known_services()
        self.agent = Agent(world, build)
        self.states = world.folder / "qvm"
        self.states.mkdir()
        self.bin = world.folder / "dom0-bin"
        self.bin.mkdir()
        (self.bin / "qvm-run").symlink_to(FAKES / "qvm-run")
        for name in NAMES:
            self._prepare(world.qubes[name])
            self.state(name, "running")
        self.home = world.folder / "home"
        self.home.mkdir()
        self.environment = {**os.environ, "PATH": f"{self.bin}:{qrexec.path_for_dom0(build)}", "HOME": str(self.home),
                            "SYSVPN_QUBESD_SOCKET": str(world.folder / "qubesd.sock")}
        self.environment.pop("XDG_STATE_HOME", None)
        self.start_qubesd()
        self.up()

    def _prepare(self, qube):
        """As Qubes: everybody may ping. The lab's certificates are trusted like real ones."""
        bundle = qube.run(["cat", "/etc/ssl/certs/ca-certificates.crt"]).stdout
        qube.write("/etc/ssl/certs/ca-certificates.crt", bundle + pathlib.Path(self.world.ca_file).read_text())
        qube.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])

    def start_qubesd(self):
        self.qubesd = subprocess.Popen(
            [FAKES / "qubesd", self.environment["SYSVPN_QUBESD_SOCKET"], self.world.folder / "qubesd.log",
             "--qrexec", self.world.folder / "qrexec", *[f"{name}=Running" for name in NAMES]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.qubesd.stdout.readline()
        for name, netvm in zip(NAMES, (*NAMES[1:], "")):
            self.tell(f"property {name} netvm vm {netvm}".rstrip())
        for qube, service in (("sys-vpn", "sysvpn"), ("sys-vpn", "network-manager"), ("sys-dns", "sysvpn-resolver")):
            self.tell(f"feature {qube} service.{service} 1")

    def tell(self, command):
        self.qubesd.stdin.write(command + "\n")
        self.qubesd.stdin.flush()
        assert self.qubesd.stdout.readline() == "ok\n"

    def state(self, name, state):
        (self.states / name).write_text(f"{self.world.qubes[name].pid} {state}\n")

    def up(self):
        if self.agent.status()["tunnel"] != "up" and (said := self.agent.connect("A")) != "ok":
            raise AssertionError(said)
        self.agent.wait_status(tunnel="up", killswitch="armed", egress="ok")
        self.world.wait_egress(A.egress4)

    def command(self, *options):
        return [self.build / "src/cli/sysvpn", "check", *options]

    def check(self, *options):
        done = subprocess.run(self.command("--json", *options), env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=300)
        told = json.loads(done.stdout)
        told["exit"] = done.returncode
        told["steps"] = {one["step"]: one for one in told["findings"]}
        return told

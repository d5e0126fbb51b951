# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder that tests/fakes/qrexec-client takes for the qubes: power states, services, policy.

Needs no namespaces: suites without a network use it with a folder of their own and LABDIR set."""
import os
import pathlib
import subprocess

SERVICES = ("Status", "Watch", "Profiles", "Connect", "Disconnect", "Reconnect", "Diagnose")
CONFIG = pathlib.Path(__file__).resolve().parents[2] / "qrexec/config"


class QrexecQube:
    """One qube as dom0's qrexec sees it. Its services lead to the socket `agent_socket`, which is
    anybody's to listen on."""

    def __init__(self, labdir, name):
        self.name = name
        self.folder = pathlib.Path(labdir, "qrexec", name)
        self.agent_socket = self.folder / "agent.socket"
        for kind in ("rpc", "rpc-config"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True)
        self.install_services()
        self.set_state("running")

    def install_services(self):
        """As the package does: a symlink to the agent's socket, and the shipped configuration."""
        for service in SERVICES:
            name = f"sysvpn.{service}"
            shipped = CONFIG / name
            self.add_service(name, shipped.read_text() if shipped.exists()
                             else "exit-on-service-eof=true\n")

    def add_service(self, name, configuration="exit-on-service-eof=true\n", target=None):
        link = self.folder / "rpc" / name
        link.unlink(missing_ok=True)
        link.symlink_to(target or "../agent.socket")
        (self.folder / "rpc-config" / name).write_text(configuration)

    def remove_service(self, name):
        (self.folder / "rpc" / name).unlink()

    def set_state(self, state):
        """running, paused or halted. Halting ends the calls that run (255), pausing freezes them."""
        self._replace("state", state + "\n")

    def refuse(self, *services):
        """What policy denies to a GUI domain from now on; "*" is everything, nothing is nothing."""
        self._replace("refused", "".join(f"{name}\n" for name in services))

    def call(self, builddir, service, argument=None, input="", options=(), timeout=20):
        """One call from dom0, to its end; bytes out, as the service's are."""
        name = service if argument is None else f"{service}+{argument}"
        return subprocess.run(
            [pathlib.Path(builddir, "tests/fakes/dom0/qrexec-client"), "-d", self.name, *options,
             f"DEFAULT:QUBESRPC {name} dom0"], input=input.encode(), capture_output=True,
            timeout=timeout, check=False, env=self.environment())

    def environment(self):
        return os.environ | {"LABDIR": str(self.folder.parent.parent)}

    def _replace(self, name, text):
        """By rename: a reader never sees half of it."""
        scratch = self.folder / f".{name}"
        scratch.write_text(text)
        scratch.rename(self.folder / name)


def path_for_dom0(builddir):
    """PATH on which qrexec-client is found, as in dom0."""
    return f"{pathlib.Path(builddir, 'tests/fakes/dom0')}:{os.environ['PATH']}"


def path_for_gui_domain(builddir):
    """PATH on which qrexec-client-vm is found, as in a GUI domain."""
    return f"{pathlib.Path(builddir, 'tests/fakes/gui-domain')}:{os.environ['PATH']}"

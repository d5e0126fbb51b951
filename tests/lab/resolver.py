# SPDX-License-Identifier: GPL-2.0-or-later
"""sys-dns as the product sets it up: guard, redirect, and a resolver that asks encrypted. The
resolver is unbound with DNS over TLS in dnscrypt-proxy's place, which Debian 12 does not have; the
rest is the product's own. Without systemd: for its units see systemd.py and the suite sys-dns."""
import json
import pathlib
import time

from . import addresses
from .internet import unbound, unbound_config

DATA = pathlib.Path(__file__).resolve().parents[2] / "data/sys-dns"
TABLE = ("inet", "sysvpn-resolver")
ADDRESS6 = "fd09:24ef:4179::53"  # of data/sys-dns/resolver

_UNBOUND = """
  interface: 127.0.0.1
  interface: {address6}
  ip-freebind: yes
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
  do-not-query-localhost: no
  tls-cert-bundle: {ca}
"""

_FORWARD = """
forward-zone:
  name: "."
  forward-tls-upstream: yes
  forward-addr: {upstream}@853#{name}
"""


class Resolver:
    """Of sys-dns. start() and stop() are what its units do at boot and when the resolver dies; each
    step can be taken alone, to break a chain."""

    def __init__(self, qube, internet, labdir):
        self.qube = qube
        self.internet = internet
        self.libexec = pathlib.Path(labdir, "sys-dns-libexec")
        self.program = None

    def install(self):
        """The product's script at its place, self.libexec/sysvpn/resolver; the flag that dom0 sets."""
        script = self.libexec / "sysvpn/resolver"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(self.placed((DATA / "resolver.in").read_text()))
        script.chmod(0o755)
        self.qube.write("run/qubes-service/sysvpn-resolver", "")
        self.qube.write("etc/sysvpn/dnscrypt-proxy.toml", (DATA / "dnscrypt-proxy.toml").read_text())

    def placed(self, text):
        """A file of data/sys-dns as the build would place it."""
        return text.replace("@LIBEXECDIR@", str(self.libexec)).replace("@SYSCONFDIR@", "/etc")

    def call(self, command, **options):
        """`resolver COMMAND` in sys-dns."""
        return self.qube.run([self.libexec / "sysvpn/resolver", command], **options)

    def start(self, wait=True):
        """Everything in the order of a boot. With wait, returns when clients' DNS is answered."""
        self.install()
        self.call("guard")
        self.start_program()
        if wait:
            self.call("open", timeout=30)

    def start_program(self):
        self.internet.start_encrypted_dns()
        self.program = unbound(self.qube, "resolver", *self._configuration())

    def stand_in(self):
        """A folder for PATH in which the unit finds a program of dnscrypt-proxy's name. That is given
        the socket for IPv6 by systemd."""
        config = unbound_config(self.qube, "resolver", *self._configuration("use-systemd: yes"))
        program = self.libexec / "bin/dnscrypt-proxy"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nexec unbound -d -c {config}\n")
        program.chmod(0o755)
        return program.parent

    def _configuration(self, more=""):
        return (_UNBOUND.format(address6=ADDRESS6, ca=self.internet.ca_file) + f"  {more}\n",
                _FORWARD.format(upstream=addresses.ENCRYPTED_DNS4,
                                name=addresses.ENCRYPTED_DNS_NAME))

    def kill_program(self):
        """The resolver dies; nothing else happens."""
        program, self.program = self.program, None
        program.kill()
        program.wait()

    def stop(self):
        """The resolver dies and its unit takes the redirect back."""
        self.kill_program()
        self.call("close")

    def counters(self):
        """Packets: {"answered": ..., "missed": ..., "own": ...}."""
        listed = json.loads(self.qube.run(["nft", "-j", "list", "counters", "table", *TABLE]).stdout)
        return {one["counter"]["name"]: one["counter"]["packets"]
                for one in listed["nftables"] if "counter" in one}

    def wait_healthy(self, timeout=20.0):
        end = time.monotonic() + timeout
        while self.call("healthy", check=False).returncode:
            if time.monotonic() > end:
                raise TimeoutError("resolver: " + self.qube.log_path("resolver").read_text()[-2000:])
            time.sleep(0.05)

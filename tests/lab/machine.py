# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab as a whole: chain, internet, providers, NetworkManager, and short ways to ask and break."""
import os
import pathlib
import time

from . import addresses, questions
from .capture import Capture
from .certificates import Authority
from .chain import Chain
from .internet import Internet
from .network_manager import NetworkManager
from .openvpn import Server
from .product import Product
from .qrexec import QrexecQube
from .resolver import Resolver
from .traffic import KINDS, Traffic


class Lab:
    """Everything up when the `with` body begins: profiles imported, none active, no killswitch.

    manager=False leaves sys-vpn's uplink static and NetworkManager out (0.4 s instead of 1 s).
    resolver=True has sys-dns answer the clients' DNS by an encrypted way, as the product sets it up;
    otherwise it passes questions on. What it asks goes through sys-vpn: no tunnel, no answer, where
    the killswitch is loaded."""

    def __init__(self, manager=True, providers=("A", "B"), nm_level="INFO", resolver=False):
        if "LABDIR" not in os.environ:
            raise RuntimeError("not inside tests/lab/enter")
        self.folder = pathlib.Path(os.environ["LABDIR"])
        self.chain = Chain(self.folder, managed_uplink=manager)
        self.qubes = self.chain.qubes
        self.appvm, self.vpn, self.net = (self.qubes[name] for name in
                                          ("appvm", "sys-vpn", "sys-net"))
        self.authority = Authority(self.folder / "certificates")
        self.internet = Internet(self.qubes["internet"], self.authority)
        self.ca_file = self.authority.certificate
        credentials = self.authority.issue("server", "serverAuth")
        self.servers = {key: Server(self.qubes["vpn-server"], key, self.authority, credentials)
                        for key in providers}
        self.resolver = Resolver(self.qubes["sys-dns"], self.internet, self.folder)
        self._with_resolver = resolver
        self.qrexec = QrexecQube(self.folder, "sys-vpn")
        self.product = Product(self.vpn, self.qrexec, self.folder, self.ca_file)
        self.nm = NetworkManager(self.vpn, nm_level) if manager else None

    def __enter__(self):
        self.chain.raise_all()
        for server in self.servers.values():
            server.start(wait=False)
        self.internet.start()
        if self.nm:
            self.nm.prepare()
            self.nm.start()
        for server in self.servers.values():
            server.wait()
            server.start_dns()
            if self.nm:
                self.nm.import_openvpn(server.provider.profile, server.profile())
        if self._with_resolver:
            self.resolver.start()
        return self

    def __exit__(self, *_):
        pass  # the namespaces end with the suite, and everything with them

    # the product's programs: see product.py
    def start_agent(self, builddir, *arguments, **options):
        return self.product.start_agent(builddir, *arguments, **options)

    def start_probe(self, builddir, *arguments):
        return self.product.start_probe(builddir, *arguments)

    def start_systemd_fake(self, builddir, *arguments):
        return self.product.start_systemd(builddir, *arguments)

    def load_killswitch(self, builddir, *arguments, check=True):
        return self.product.load_killswitch(builddir, *arguments, check=check)

    def write_endpoints(self, lines):
        self.product.write_endpoints(lines)

    def capture(self):
        """The oracle at sys-net's interface for sys-vpn: a context, see capture.py."""
        return Capture(self.net, addresses.vif("sys-vpn"), self.vpn)

    def capture_at_isp(self):
        """One hop further up, for tests that take sys-vpn's uplink away."""
        return Capture(self.qubes["internet"], "isp", self.net)

    def traffic(self, qube="appvm", kinds=None, interval=0.02):
        """All kinds of traffic from a qube while the context lasts. Of sys-vpn's own, what goes to
        the VPN server is not a leak, so that kind is left out there."""
        if kinds is None:
            kinds = [kind for kind in KINDS if (qube, kind) != ("sys-vpn", "server")]
        return Traffic(self.qubes[qube], kinds, interval)

    def tunnel_device(self):
        """Name of sys-vpn's tunnel device that routes lead to, or None. Two exist for a second after
        a switch: OpenVPN takes its time to leave."""
        for line in pathlib.Path(f"/proc/{self.vpn.pid}/net/route").read_text().splitlines()[1:]:
            name, destination = line.split()[:2]
            if name.startswith("tun") and destination in ("00000000", "00000080"):
                return name
        return None

    def egress(self, qube="appvm", version=4, tls=False, timeout=2.0, path="/"):
        """The address the internet sees of a qube, or None."""
        host = addresses.ECHO4 if version == 4 else f"[{addresses.ECHO6}]"
        return self.probe(f"{'https' if tls else 'http'}://{host}{path}", qube, timeout)

    def wait_egress(self, wanted, timeout=20.0, **options):
        """Until egress() is wanted. Right after `nmcli up` a single question may be lost: a
        connection that begins before the tunnel has its IPv6 address keeps a wrong source."""
        end = time.monotonic() + timeout
        while (got := self.egress(timeout=0.5, **options)) != wanted:
            if time.monotonic() > end:
                raise TimeoutError(f"egress is {got}, not {wanted}, after {timeout:.0f} s")
            time.sleep(0.02)

    def probe(self, url, qube="appvm", timeout=2.0):
        return questions.egress(self.qubes[qube], url, timeout, self.ca_file)

    def resolve(self, name="dnsid.test", qube="appvm", server=addresses.DNS[0], **options):
        return questions.resolve(self.qubes[qube], name, server, **options)

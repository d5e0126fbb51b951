# SPDX-License-Identifier: GPL-2.0-or-later
"""A WireGuard provider beside OpenVPN's, made of the kernel's own: for the guest, see `guest`. And what
goes wrong with such a server."""
import subprocess

from . import addresses

_PROFILE = """[Interface]
PrivateKey = {own}
Address = {pool4}.2/32, {pool6}2/128

[Peer]
PublicKey = {server}
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = {endpoint}
"""

_NAT = """table {family} nat {{
  chain postrouting {{
    iifname "{tunnel}" oifname "eth0" snat to {egress}
  }}
}}
"""

_ROAMED = "roamed"


class Server:
    """One provider's server; the customer's file for it is profile()."""

    def __init__(self, qube):
        self.qube = qube
        self.provider = addresses.WIREGUARD
        self._key, self._customer_key = _wg("genkey"), _wg("genkey")
        self._customer = _wg("pubkey", self._customer_key)

    def start(self):
        one = self.provider
        self.qube.run(["ip", "-batch", "-"], input=(
            f"addr add {one.egress4}/24 dev eth0\naddr add {one.egress6}/64 dev eth0 nodad\n"
            f"link add {one.tunnel} type wireguard\n"
            f"addr add {one.pool4}.1/24 dev {one.tunnel}\naddr add {one.pool6}1/64 dev {one.tunnel} nodad\n"
            f"link set {one.tunnel} up\n"))
        self.qube.run(["nft", "-f", "-"], input="".join(
            _NAT.format(family=family, tunnel=one.tunnel, egress=egress)
            for family, egress in (("ip", one.egress4), ("ip6", one.egress6))))
        self._set(one.tunnel, "listen-port", one.port, "private-key", "/dev/stdin", input=self._key)
        self.answer()

    def answer(self):
        """Knows its customer, from now on."""
        one = self.provider
        self._set(one.tunnel, "peer", self._customer, "allowed-ips", f"{one.pool4}.2/32,{one.pool6}2/128")

    def silence(self):
        """Does not know its customer any more, and says nothing to strangers. Its port stays open."""
        self._set(self.provider.tunnel, "peer", self._customer, "remove")

    def roam(self, address, port, customer, customer_port):
        """The same server goes on from another address of its own, and speaks first. customer: the
        address that it sees its customer at."""
        one = self.provider
        self.silence()
        self.qube.run(["ip", "-batch", "-"], input=(
            f"addr add {address}/24 dev eth0\nlink add {_ROAMED} type wireguard\nlink set {_ROAMED} up\n"
            f"route add {customer} via {addresses.SERVER_GATEWAY4} src {address}\n"))
        self._set(_ROAMED, "listen-port", port, "private-key", "/dev/stdin", "peer", self._customer,
                  "allowed-ips", f"{one.pool4}.2/32", "endpoint", f"{customer}:{customer_port}",
                  "persistent-keepalive", 1, input=self._key)

    def return_home(self, customer):
        """What roam() did is undone."""
        self.qube.run(["ip", "-batch", "-"], input=f"link del {_ROAMED}\nroute del {customer}\n")
        self.answer()

    def profile(self, server_key=None, endpoint=None):
        """The text of the customer's .conf file; with another key than the server's, or another address."""
        one = self.provider
        return _PROFILE.format(own=self._customer_key, pool4=one.pool4, pool6=one.pool6,
                               server=_wg("pubkey", server_key or self._key),
                               endpoint=endpoint or f"{one.egress4}:{one.port}")

    def _set(self, *words, **options):
        self.qube.run(["wg", "set", *words], **options)


def other_key():
    """One that is nobody's."""
    return _wg("genkey")


def _wg(command, key=""):
    return subprocess.run(["wg", command], input=key, text=True, check=True, capture_output=True).stdout.strip()

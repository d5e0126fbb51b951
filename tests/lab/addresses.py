# SPDX-License-Identifier: GPL-2.0-or-later
"""Who has which address. Numbers as in Qubes: a qube's number shows in its own address
(10.137.0.N, fd09:24ef:4179::a89:N), in its gateway role (10.138.0.N, ...::a8a:N) and in the name of
the interface that its network qube has for it (vifN.0)."""
from typing import NamedTuple


class Hop(NamedTuple):
    """One link of the chain: client's eth0 <-> server's vifN.0."""
    client: str
    server: str


NUMBERS = {"sys-net-2": 4, "sys-net": 5, "sys-firewall": 6, "sys-dns": 8, "sys-vpn": 9, "appvm": 20}
HOPS = (Hop("sys-vpn", "sys-net"), Hop("sys-dns", "sys-vpn"), Hop("sys-firewall", "sys-dns"),
        Hop("appvm", "sys-firewall"))
ROUTERS = ("sys-net", "sys-vpn", "sys-dns", "sys-firewall")
GROUP_UPLINK, GROUP_DOWNSTREAM = 1, 2

PREFIX6 = "fd09:24ef:4179"
VIF_MAC = "fe:ff:ff:ff:ff:ff"
DNS = ("10.139.1.1", "10.139.1.2")  # what every qube has in resolv.conf

ECHO4, ECHO6 = "203.0.113.80", "2001:db8:80::80"
INTERNET_DNS4, INTERNET_DNS6 = "203.0.113.53", "2001:db8:80::53"
ENCRYPTED_DNS4, ENCRYPTED_DNS_NAME = "203.0.113.54", "dns.test"  # for sys-dns, see resolver.py
# asked by src/check/ask.py
KNOWN_ECHO = ("1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001")
KNOWN_DNS = ("9.9.9.9", "2620:fe::fe")
NET4, NET6 = "192.0.2.2", "2001:db8:1::2"      # sys-net's address on the internet
ISP4, ISP6 = "192.0.2.1", "2001:db8:1::1"
SERVER_GATEWAY4, SERVER_GATEWAY6 = "198.51.100.1", "2001:db8:a::1"


class Provider(NamedTuple):
    """One VPN provider: where its server listens and what the world sees behind it."""
    key: str            # A, B
    profile: str        # the profile's name in NetworkManager
    proto: str
    port: int
    egress4: str        # also the server's address
    egress6: str
    pool4: str          # first three octets
    pool6: str

    @property
    def endpoint(self):
        """As a line of endpoints.txt."""
        return f"{self.egress4} {self.port} {self.proto}"

    @property
    def tunnel(self):
        return f"tun{self.key}"


PROVIDERS = {
    "A": Provider("A", "Provider A", "udp", 1194, "198.51.100.10", "2001:db8:a::10",
                  "10.8.0", "fd00:a::"),
    "B": Provider("B", "Provider B", "tcp", 443, "198.51.100.20", "2001:db8:a::20",
                  "10.9.0", "fd00:b::"),
}
# a third one, whose server is the kernel's WireGuard: for the guest, see wireguard.py
WIREGUARD = Provider("W", "provider-w", "udp", 51820, "198.51.100.30", "2001:db8:a::30",
                     "10.66.0", "fd00:66::")


def mac(qube):
    return f"00:16:3e:5e:6c:{NUMBERS[qube]:02x}"


def vif(client):
    return f"vif{NUMBERS[client]}.0"


def own4(qube):
    return f"10.137.0.{NUMBERS[qube]}"


def own6(qube):
    return f"{PREFIX6}::a89:{NUMBERS[qube]:x}"


def gateway4(server):
    return f"10.138.0.{NUMBERS[server]}"


def gateway6(server):
    return f"{PREFIX6}::a8a:{NUMBERS[server]:x}"

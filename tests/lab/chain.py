# SPDX-License-Identifier: GPL-2.0-or-later
"""The chain appvm -> sys-firewall -> sys-dns -> sys-vpn -> sys-net -> internet, and the host of the
VPN servers beside the internet. Links are veth pairs; every qube is configured by one `ip -batch`
and one `nft -f`, all at the same time, because starting programs is what a lab's seconds go into."""
import subprocess

from . import addresses, platform_rules
from .qube import Qube


class Chain:
    def __init__(self, labdir, managed_uplink=True):
        """managed_uplink: sys-vpn's eth0 is left to NetworkManager, else it is set up here."""
        self.labdir = labdir
        self.managed_uplink = managed_uplink
        names = [*addresses.ROUTERS, "appvm", "internet", "vpn-server"]
        self.qubes = {name: Qube(name, labdir, router=name != "appvm") for name in names}

    def raise_all(self):
        """Links, addresses, routes, rules. Afterwards the chain forwards in the clear."""
        links = [_pair("isp", "internet", "eth0", "sys-net", peer_also="group 1"),
                 _pair("srv0", "internet", "eth0", "vpn-server")]
        batches = {"internet": _INTERNET, "sys-net": _NET_UPLINK, "vpn-server": _VPN_SERVER}
        rules = {name: platform_rules.base() + platform_rules.firewall()
                 for name in addresses.ROUTERS}
        rules["sys-net"] += platform_rules.dnat_dns(addresses.INTERNET_DNS4)
        for name in addresses.ROUTERS[1:]:
            rules[name] += platform_rules.dnat_dns(*addresses.DNS)
        rules["vpn-server"] = _server_nat()
        for hop in addresses.HOPS:
            links.append(_hop_link(hop))
            batches[hop.server] = batches.get(hop.server, "") + _server_side(hop)
            if not (hop.client == "sys-vpn" and self.managed_uplink):
                batches[hop.client] = batches.get(hop.client, "") + _client_side(hop)
            rules[hop.server] += platform_rules.client(hop.client)
        self._link(links)
        self._configure(batches, rules)
        for name in self.qubes:
            servers = {"sys-net": [addresses.INTERNET_DNS4]}.get(name, addresses.DNS)
            if name not in ("internet", "vpn-server"):
                self.qubes[name].write("/etc/resolv.conf",
                                       "".join(f"nameserver {one}\n" for one in servers))

    def add_netvm(self, name):
        """Another network qube for sys-vpn, behind sys-net like a firewall qube: plug() leads there."""
        hop = addresses.Hop(name, "sys-net")
        self.qubes[name] = Qube(name, self.labdir, router=True)
        self._link([_hop_link(hop)])
        rules = platform_rules.base() + platform_rules.firewall() + platform_rules.client("sys-vpn")
        self._configure({"sys-net": _server_side(hop), name: _client_side(hop)},
                        {"sys-net": platform_rules.client(name),
                         name: rules + platform_rules.dnat_dns(*addresses.DNS)})

    def plug(self, client, server=None):
        """Gives the client a new uplink, as changing its netvm does; without server, to its usual one."""
        server = server or next(hop.server for hop in addresses.HOPS if hop.client == client)
        hop = addresses.Hop(client, server)
        self._link([_hop_link(hop)])
        batches = {hop.server: _server_side(hop)}
        if not (client == "sys-vpn" and self.managed_uplink):
            batches[client] = _client_side(hop)
        self._configure(batches, {})

    def unplug(self, client):
        self.qubes[client].run(["ip", "link", "del", "eth0"])

    def firewall_stop(self, name):
        self.qubes[name].run(["nft", "-f", "-"], input=platform_rules.firewall_stopped())

    def firewall_start(self, name):
        self.qubes[name].run(["nft", "-f", "-"], input=platform_rules.firewall())

    def _link(self, links):
        pids = {name: qube.pid for name, qube in self.qubes.items()}
        subprocess.run(["ip", "-batch", "-"], text=True, check=True,
                       input="".join(link.format(**{k.replace("-", "_"): v
                                                    for k, v in pids.items()}) for link in links))

    def _configure(self, batches, rules):
        """Everything at once; the first complaint is raised after all have ended."""
        started = []
        for program, texts in ((["ip", "-batch", "-"], batches), (["nft", "-f", "-"], rules)):
            for name, text in texts.items():
                process = self.qubes[name].popen(program, stdin=subprocess.PIPE, text=True,
                                                 stderr=subprocess.PIPE)
                process.stdin.write(text)  # a few kB: fits the pipe, cannot block
                process.stdin.close()
                started.append((name, process))
        complaints = []
        for name, process in started:
            said = process.stderr.read()
            if process.wait():
                complaints.append(f"{name}: {said}")
        if complaints:
            raise RuntimeError("\n".join(complaints))


def _pair(name, qube, peer, peer_qube, also="", peer_also=""):
    """One line of `ip -batch`: both ends are born in their namespaces, no renaming, no moving."""
    return (f"link add name {name} {also} netns {{{qube.replace('-', '_')}}} type veth "
            f"peer name {peer} {peer_also} netns {{{peer_qube.replace('-', '_')}}}\n")


def _hop_link(hop):
    return _pair(addresses.vif(hop.client), hop.server, "eth0", hop.client,
                 f"address {addresses.VIF_MAC} group {addresses.GROUP_DOWNSTREAM}",
                 f"address {addresses.mac(hop.client)} group {addresses.GROUP_UPLINK}")


def _server_side(hop):
    vif, number = addresses.vif(hop.client), addresses.NUMBERS[hop.client]
    lines = [f"link set {vif} up"]
    for own, gateway in ((addresses.own4(hop.client), addresses.gateway4(hop.server) + "/32"),
                         (addresses.own6(hop.client), addresses.gateway6(hop.server) + "/128")):
        lines += [f"neigh replace {own} dev {vif} lladdr {addresses.mac(hop.client)} nud permanent",
                  f"route add {own} dev {vif} metric {32752 - number}",
                  f"addr add {gateway} dev {vif}"]
    return "\n".join(lines) + "\n"


def _client_side(hop):
    """What setup-ip does in a qube without NetworkManager."""
    lines = ["link set eth0 up"]
    for own, gateway, anywhere in (
            (addresses.own4(hop.client) + "/32", addresses.gateway4(hop.server), "0.0.0.0/0"),
            (addresses.own6(hop.client) + "/128", addresses.gateway6(hop.server), "::/0")):
        lines += [f"addr add {own} dev eth0",
                  f"neigh replace {gateway} dev eth0 lladdr {addresses.VIF_MAC} nud permanent",
                  f"route replace {gateway} dev eth0",
                  f"route replace {anywhere} via {gateway} dev eth0 onlink"]
    return "\n".join(lines) + "\n"


_INTERNET = f"""link set isp up
link set srv0 up
addr add {addresses.ISP4}/24 dev isp
addr add {addresses.ISP6}/64 dev isp nodad
addr add {addresses.SERVER_GATEWAY4}/24 dev srv0
addr add {addresses.SERVER_GATEWAY6}/64 dev srv0 nodad
addr add {addresses.ECHO4}/32 dev lo
addr add {addresses.ECHO6}/128 dev lo nodad
addr add {addresses.INTERNET_DNS4}/32 dev lo
addr add {addresses.INTERNET_DNS6}/128 dev lo nodad
addr add {addresses.ENCRYPTED_DNS4}/32 dev lo
"""

_NET_UPLINK = f"""link set eth0 up
addr add {addresses.NET4}/24 dev eth0
addr add {addresses.NET6}/64 dev eth0 nodad
route add default via {addresses.ISP4}
route add ::/0 via {addresses.ISP6}
"""

_VPN_SERVER = ("link set eth0 up\n" + "".join(
    f"addr add {one.egress4}/24 dev eth0\naddr add {one.egress6}/64 dev eth0 nodad\n"
    for one in addresses.PROVIDERS.values())
    + f"route add default via {addresses.SERVER_GATEWAY4}\n"
      f"route add ::/0 via {addresses.SERVER_GATEWAY6}\n")


def _server_nat():
    """Each provider's customers leave with that provider's address, v4 and v6."""
    text = ""
    for family in ("ip", "ip6"):
        rules = "".join(
            f'    iifname "{one.tunnel}" oifname "eth0" snat to '
            f'{one.egress4 if family == "ip" else one.egress6}\n'
            for one in addresses.PROVIDERS.values())
        text += (f"table {family} nat {{\n  chain postrouting {{\n"
                 f"    type nat hook postrouting priority srcnat; policy accept;\n{rules}  }}\n}}\n")
    return text

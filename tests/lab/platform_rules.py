# SPDX-License-Identifier: GPL-2.0-or-later
"""The packet filter that every network-providing qube has from Qubes itself, as its documentation
and behaviour describe it (facts/qubes.md 3.1, 3.2, 3.4), for both families. The product works on
top of it and must not depend on more than this."""
from . import addresses

_FAMILY = """
table {family} qubes {{
  set downstream {{ type {type}; }}
  set allowed {{ type ifname . {type}; }}

  chain antispoof {{
    iifname . {family} saddr @allowed accept
    {antispoof_also}
    counter drop
  }}
  chain prerouting {{
    type filter hook prerouting priority raw; policy accept;
    iifgroup 2 goto antispoof
    {family} saddr @downstream counter drop
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    oifgroup 2 accept
    oif "lo" accept
    masquerade
  }}

  chain custom-input {{ }}
  chain custom-forward {{ }}
  {input_chains}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    jump custom-forward
    ct state invalid counter drop
    ct state established,related accept
    oifgroup 2 counter drop
  }}
}}
"""

_INPUT4 = """chain input {
    type filter hook input priority filter; policy drop;
    jump custom-input
    ct state invalid counter drop
    iifgroup 2 udp dport 68 counter drop
    ct state established,related accept
    iifgroup 2 meta l4proto icmp accept
    iif "lo" accept
    iifgroup 2 counter reject with icmp type host-prohibited
    counter
  }"""

_INPUT6 = """chain from-downstream {
    meta l4proto != ipv6-icmp counter reject with icmpv6 type admin-prohibited
    icmpv6 type { nd-router-advert, nd-redirect } counter drop
    accept
  }
  chain input {
    type filter hook input priority filter; policy drop;
    jump custom-input
    ct state invalid counter drop
    ct state established,related accept
    iifgroup 2 goto from-downstream
    iif "lo" accept
    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    meta l4proto ipv6-icmp accept
    counter
  }"""

_FIREWALL = """
table {family} qubes-firewall {{
  chain qubes-forward {{ accept; }}
  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname != "vif*" accept
    jump qubes-forward
  }}
}}
"""


def base():
    """Tables ip qubes and ip6 qubes; loaded once, before any interface has traffic."""
    return (_FAMILY.format(family="ip", type="ipv4_addr", antispoof_also="", input_chains=_INPUT4)
            + _FAMILY.format(
                family="ip6", type="ipv6_addr", input_chains=_INPUT6,
                antispoof_also="icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"))


def firewall():
    """What qubes-firewall.service adds, all clients allowed (no qvm-firewall rules)."""
    return "".join(_FIREWALL.format(family=family) for family in ("ip", "ip6"))


def firewall_stopped():
    return "delete table ip qubes-firewall\ndelete table ip6 qubes-firewall\n"


def dnat_dns(*servers):
    """The clients' two resolver addresses go to servers; replaced as a whole, as Qubes does."""
    targets = (servers * 2)[:2]
    rules = "".join(f"    ip daddr {own} {proto} dport 53 dnat to {target}\n"
                    for own, target in zip(addresses.DNS, targets) for proto in ("udp", "tcp"))
    return ("add table ip qubes\nadd chain ip qubes dnat-dns\ndelete chain ip qubes dnat-dns\n"
            "table ip qubes {\n  chain dnat-dns {\n"
            "    type nat hook prerouting priority dstnat; policy accept;\n"
            f"{rules}  }}\n}}\n")


def client(name):
    """The client's vif may send from the client's addresses only, and nobody else may use them."""
    vif, own4, own6 = addresses.vif(name), addresses.own4(name), addresses.own6(name)
    return "".join(
        f'add element {family} qubes allowed {{ "{vif}" . {own} }}\n'
        f"add element {family} qubes downstream {{ {own} }}\n"
        for family, own in (("ip", own4), ("ip6", own6)))

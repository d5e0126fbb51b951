# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies forged by whoever sits at the uplink (CVE-2019-14899), and packets whose source is a lie."""
import contextlib
import itertools
import re
import select
import socket

import tap
from lab import addresses, capture

from . import forge
from .field import A, Field

PROVIDERS = addresses.PROVIDERS

ECHO = {4: addresses.ECHO4, 6: addresses.ECHO6}
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_PORT = 9997
_ports = itertools.count(1024)
_LIES = {4: ("127.0.0.1", "10.8.0.2", "10.9.0.2", "10.137.0.9", "10.137.0.20"),
         6: ("::1", "fd00:a::1000", "fd00:b::1000", addresses.own6("sys-vpn"),
             addresses.own6("appvm"))}


def run(build, record):
    with Field(build, record) as field:
        field.control("before the killswitch")
        field.world.nm.up(A.profile)
        field.wait_arrivals()
        for version in (4, 6):
            record.equal(f"control: plain Qubes delivers a forged reply, IPv{version}: to the client,"
                         " to sys-vpn", forged_replies(field, version), (True, True))
        control_of_lies(field)
        field.load()
        field.start_agent()
        field.ensure_up()
        replies(field)
        lies(field)
        beside_the_endpoint(field)
        field.end_control()


def replies(field):
    with field.attack("replies forged from the uplink, for the tunnel's address"):
        field.wait_arrivals()
        before = int(field.call("Status")["inject_drop"])
        for version in (4, 6):
            field.record.equal(f"forged replies are delivered to nobody, IPv{version}",
                               forged_replies(field, version), (False, False))
        tap.wait_for("the report to count them", lambda: int(
            field.call("Status")["inject_drop"]) - before >= 6, step=0.2)
        field.wait_arrivals()


def forged_replies(field, version):
    """Whether a reply to a flow of sys-dns, and one to a flow of sys-vpn, came from the uplink to
    where the flow began. A third packet is for the client's own address."""
    vpn, dns = field.world.vpn, field.world.qubes["sys-dns"]
    with contextlib.ExitStack() as stack:
        oracle = stack.enter_context(capture.Capture(dns, "eth0", vpn, addresses.vif("sys-dns")))
        flows = []
        for qube in (dns, vpn):
            with qube.network():
                flow = stack.enter_context(socket.socket(_FAMILY[version], socket.SOCK_DGRAM))
            flow.connect((ECHO[version], _PORT))
            flow.send(b"a question")
            flows.append(flow)
        places = tap.wait_for("both flows", lambda: _tracked(vpn, version, flows))
        before = _inject_drop(vpn)
        for address, port in places:
            _from_uplink(field, forge.udp(ECHO[version], address, _PORT, port))
        client = addresses.own4("sys-dns") if version == 4 else addresses.own6("sys-dns")
        port = flows[0].getsockname()[1]
        _from_uplink(field, forge.udp(ECHO[version], client, _PORT, port))

        received = []

        def arrived():
            received.extend(_received(flows[1]))
            return any(forge.MARK in one.data for one in oracle.seen()), bool(received)
        if before is None:
            with contextlib.suppress(TimeoutError):
                tap.wait_for("the forged replies", lambda: all(arrived()), timeout=5)
        else:
            tap.wait_for("the forged packets to be dropped",
                         lambda: _inject_drop(vpn) - before >= 3, timeout=10)
        return arrived()


def _tracked(vpn, version, flows):
    """[(address, port)] that replies to the flows come in for, once both are tracked."""
    text = vpn.run(["conntrack", "-L", "-f", f"ipv{version}", "-p", "udp", "--dport",
                    _PORT]).stdout
    found = []
    for flow in flows:
        port = flow.getsockname()[1]
        match = re.search(rf"sport={port} dport={_PORT} .*?dst=(\S+) sport={_PORT} dport=(\d+)", text)
        if match:
            found.append((match[1], int(match[2])))
    return found if len(found) == len(flows) else None


def _from_uplink(field, packet):
    forge.inject(field.world.net, addresses.vif("sys-vpn"), addresses.mac("sys-vpn"), packet)


def _received(flow):
    """What was forged and came for the flow. The real answer is that the port is closed."""
    while select.select([flow], [], [], 0)[0]:
        with contextlib.suppress(ConnectionRefusedError):
            if forge.MARK in (data := flow.recv(4096)):
                yield data


def _inject_drop(vpn):
    done = vpn.run(["nft", "list", "counter", "inet", "sysvpn", "inject_drop"], check=False)
    found = re.search(r"packets (\d+)", done.stdout)
    return int(found[1]) if found else None


# --- sources that are not the sender's

def tell_lies(field):
    """Every qube, every source; sys-vpn also straight to its uplink."""
    told = {4: 0, 6: 0}
    for version, sources in _LIES.items():
        for source in sources:
            for qube, device in (("appvm", None), ("sys-dns", None), ("sys-vpn", None),
                                 ("sys-vpn", "eth0")):
                # a port of its own: a flow that was masqueraded elsewhere would be dropped for that
                packet = forge.udp(source, ECHO[version], next(_ports), 9)
                told[version] += forge.send_raw(field.world.qubes[qube], packet, device)
    return told


def lies_seen(field):
    return {4 if one.family == "ip4" else 6 for one in field.oracle.seen() if forge.MARK in one.data}


def control_of_lies(field):
    tell_lies(field)
    with contextlib.suppress(TimeoutError):
        tap.wait_for("lies", lambda: lies_seen(field) == {4, 6}, timeout=5)
    field.record.equal("control: without the killswitch false sources get out, IPv4 and IPv6",
                       lies_seen(field), {4, 6})


def beside_the_endpoint(field):
    """What is open is one port of one protocol: sys-vpn's own packets to the servers' addresses at
    other ports, by the other protocol, by none, from any port, must not get out either."""
    field.ensure_up()
    with field.attack("sys-vpn's own packets beside the endpoint"):
        before = field.dropped()[4]
        count = 0
        for number in range(100):
            one = PROVIDERS["AB"[number % 2]]
            other = "tcp" if one.proto == "udp" else "udp"
            for proto, port in ((one.proto, one.port + 1), (other, one.port), ("udp", 53),
                                ("icmp", 0)):
                count += forge.ask(field.world.vpn, proto, (one.egress4, port), "eth0")
        field.record.equal("each is counted as dropped", field.dropped()[4] - before >= count > 0,
                           True)
        field.wait_arrivals()


def lies(field):
    for name, is_up in (("", True), (", without a tunnel", False)):
        if not is_up:
            field.call("Disconnect")
        with field.attack(f"packets with a loopback or tunnel source{name}", passes=is_up):
            for _ in range(20):
                told = tell_lies(field)
            field.record.point(f"false sources were sent{name}", all(told.values()), told)
            if is_up:
                field.wait_arrivals()

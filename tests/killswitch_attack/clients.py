# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose packets were dropped: the report names sources, and more of them than it can count open
nothing. Each qube masquerades, so all that the chain sends comes from sys-dns."""
import contextlib
import re

import tap
from lab import addresses

from . import forge
from .field import Field

SOURCES = 600   # the counting sets hold 256
_OWN = {4: addresses.own4("sys-dns"), 6: addresses.own6("sys-dns")}


def run(build, record):
    with Field(build, record) as field:
        field.control("before the killswitch")
        field.load()
        field.start_agent()
        counted_by_client(field, "both layers")
        for family in ("-4", "-6"):
            for preference in ("32764", "32765"):
                field.world.vpn.run(["ip", family, "rule", "del", "pref", preference])
        counted_by_client(field, "the table alone")
        too_many(field)
        table_missing(field)
        field.end_control()


def counted_by_client(field, name):
    """No tunnel: everything that clients send is dropped, and is counted for them."""
    with field.attack(f"counted by client, {name}", passes=False):
        before = {version: _packets(field, version) for version in (4, 6)}
        field.flood(20)

        def counted():
            return {version: _packets(field, version) > before[version] + 50 for version in (4, 6)}
        with contextlib.suppress(TimeoutError):  # the counters are read at each heartbeat
            tap.wait_for("the client in the report", lambda: all(counted().values()), step=0.2)
        field.record.equal(f"{name}: the report counts what was dropped of a client, IPv4 and IPv6",
                           counted(), {4: True, 6: True})


def _packets(field, version):
    for key, value in field.call("Status").items():
        if re.fullmatch(r"client_\d+", key) and value.split()[0] == _OWN[version]:
            return int(value.split()[1])
    return 0


def too_many(field):
    """A full set would end the rule that it stands in; it stands in none that decides."""
    sources = {4: [f"10.140.{number >> 8}.{number & 255}" for number in range(SOURCES)],
               6: [f"fd00:140::{number + 1:x}" for number in range(SOURCES)]}
    vif = addresses.vif("sys-dns")
    field.world.vpn.run(["nft", "-f", "-"], input="".join(
        f'add element {family} qubes allowed {{ "{vif}" . {one} }}\n'
        for family, version in (("ip", 4), ("ip6", 6)) for one in sources[version]))
    with field.attack(f"{SOURCES} source addresses of each family", passes=False):
        for version, echo in ((4, addresses.ECHO4), (6, addresses.ECHO6)):
            before = field.dropped()[version]
            forge.inject(field.world.qubes["sys-dns"], "eth0", addresses.VIF_MAC,
                         *(forge.udp(source, echo, 9, 9) for source in sources[version]))
            tap.wait_for(f"{SOURCES} drops", lambda: field.dropped()[version] - before >= SOURCES)
        counted = [key for key in field.call("Status") if key.startswith("client_")]
        field.record.point("the report names some of them, not all", 0 < len(counted) < SOURCES,
                           len(counted))


def table_missing(field):
    """The worst case, and nobody who loads it again."""
    field.load()
    field.ensure_up()
    since = field.watch.mark()
    field.world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"])
    field.watch.wait(since, killswitch="broken", killswitch_break="missing")
    field.check_refusals("table missing")

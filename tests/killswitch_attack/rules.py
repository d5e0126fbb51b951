# SPDX-License-Identifier: GPL-2.0-or-later
"""Others at work on packet filter and routes, up to root who takes the killswitch away."""
import time

from lab import addresses, platform_rules

from .field import A, B, ENDPOINTS, Field

RELOADS, RESTARTS = 50, 20


def run(build, record):
    with Field(build, record) as field:
        field.control("before the killswitch")
        field.load()
        field.start_agent()
        field.world.start_systemd_fake(build)
        for scenario in (reloads, firewall_restarted, base_reloaded, endpoints_replaced,
                         verdict_at_once, routing_rules_deleted, foreign_routing_rule,
                         foreign_routing_table, everything_flushed):
            scenario(field)
        field.world.product.systemd.kill()
        field.end_control()


def reloads(field):
    field.ensure_up()
    with field.attack(f"killswitch loaded {RELOADS} times"):
        for _ in range(RELOADS):
            field.load()
        field.wait_arrivals()
        field.record.equal("reloads never made it look broken", field.call("Status")["exposed_s"],
                           "0")
    field.call("Disconnect")
    with field.attack(f"killswitch loaded {RELOADS} times without a tunnel", passes=False):
        for _ in range(RELOADS):
            field.load()


def firewall_restarted(field):
    field.ensure_up()
    with field.attack(f"qubes-firewall stopped and started {RESTARTS} times"):
        for _ in range(RESTARTS):
            field.world.chain.firewall_stop("sys-vpn")
            field.flood(1)
            field.world.chain.firewall_start("sys-vpn")
        field.wait_arrivals()


def base_reloaded(field):
    """The platform's own tables deleted, and loaded again a moment later."""
    field.ensure_up()
    with field.attack("the platform's base rules deleted and loaded again, 5 times"):
        for _ in range(5):
            field.world.vpn.run(["nft", "-f", "-"],
                                input="delete table ip qubes\ndelete table ip6 qubes\n")
            field.flood(2)
            load_base(field)
        field.wait_arrivals()
    field.world.nm.down(A.profile)
    with field.attack("base rules deleted and loaded again without a tunnel", passes=False):
        for _ in range(5):
            field.world.vpn.run(["nft", "-f", "-"],
                                input="delete table ip qubes\ndelete table ip6 qubes\n")
            field.flood(1)
            load_base(field)


def load_base(field):
    field.world.vpn.run(["nft", "-f", "-"], input=platform_rules.base()
                        + platform_rules.client("sys-dns")
                        + platform_rules.dnat_dns(*addresses.DNS))


def endpoints_replaced(field):
    field.ensure_up()
    world = field.world
    with field.attack("endpoints replaced while up: the old server is cut off") as attack:
        field.wait_arrivals()
        since = field.watch.mark()
        world.write_endpoints([B.endpoint])
        field.load()
        attack.judge(ENDPOINTS)  # until now the old one was allowed
        field.flood(20)
        attack.judge([B.endpoint])
        field.connect(B)
        field.wait_arrivals(B)
        attack.judge([B.endpoint])
        field.watch.wait(since, killswitch="armed")
    world.write_endpoints(["198.51.100.10 1194 udp", "10.0.0.0/8 any"])
    with field.attack("endpoints replaced by a bad file: closed", passes=False) as attack:
        done = field.load(check=False)
        field.record.equal("a bad endpoints file is refused", done.returncode, 1)
        attack.judge(ENDPOINTS)
        field.flood(20)
        attack.judge([])
    world.write_endpoints(ENDPOINTS)
    field.load()


# what root may do to the table: the verdict says so at the next event
MUTATIONS = (
    ("insert rule inet sysvpn forward accept", "changed"),
    ("insert rule inet sysvpn output accept", "changed"),
    ("chain inet sysvpn forward { policy accept; }", "policy"),
    ("chain inet sysvpn output { policy accept; }", "policy"),
    ("flush chain inet sysvpn output", "changed"),
    ("flush set inet sysvpn endpoints4", "changed"),
    ("add element inet sysvpn endpoints4 { 203.0.113.80 . udp . 9999 }", "changed"),
    ("add table inet sysvpn { flags dormant; }", "policy"),
    ("delete table inet sysvpn", "missing"),
)


def verdict_at_once(field):
    """Broken is told before the next heartbeat could, and armed again when the loader was run."""
    field.ensure_up()
    for commands, reason in MUTATIONS:
        field.flood(3)
        since = field.watch.mark()
        field.world.vpn.run(["nft", commands])
        try:
            told = field.watch.wait(since, timeout=9, killswitch="broken")
            got = told["killswitch_break"]
            since = field.watch.mark()
            field.watch.wait(since - 1, killswitch="armed")
        except TimeoutError as error:
            got = str(error)
        field.record.equal(f"told at once, and mended: {commands}", got, reason)


def routing_rules_deleted(field):
    """The table alone holds until the agent notices and has them put back."""
    field.ensure_up()
    field.call("Disconnect")
    with field.attack("routing rules deleted"):
        since = field.watch.mark()
        for family in ("-4", "-6"):
            for preference in ("32762", "32763", "32764", "32765"):
                field.world.vpn.run(["ip", family, "rule", "del", "pref", preference])
        field.flood(20)
        broken = field.watch.wait(since, killswitch="broken", killswitch_break="routing")
        field.watch.wait(field.watch.after(broken), killswitch="armed")
        field.ensure_up()


def foreign_routing_rule(field):
    """Cannot be mended by loading, so it stays broken: what nothing may do meanwhile is tried here."""
    field.ensure_up()
    with field.attack("a foreign routing rule before ours"):
        for family in ("-4", "-6"):
            field.world.vpn.run(["ip", family, "rule", "add", "pref", "100", "lookup", "main"])
        since = field.watch.mark()
        field.watch.wait(since, killswitch="broken", killswitch_break="routing")
        field.check_refusals("foreign routing rule")
        field.world.nm.down(A.profile)
        field.flood(20)  # the table alone
        for family in ("-4", "-6"):
            field.world.vpn.run(["ip", family, "rule", "del", "pref", "100"])
        field.watch.wait(field.watch.mark() - 1, killswitch="armed", timeout=90)
        field.ensure_up()


def foreign_routing_table(field):
    """The same by a table of the attacker's own, which leads out of the uplink."""
    field.call("Disconnect")
    gateways = (("-4", addresses.gateway4("sys-net")), ("-6", addresses.gateway6("sys-net")))
    with field.attack("a foreign routing rule to a table that leads out", passes=False):
        since = field.watch.mark()
        for family, gateway in gateways:
            field.world.vpn.run(["ip", family, "route", "add", "default", "via", gateway, "dev", "eth0", "onlink",
                                 "table", "100"])
            field.world.vpn.run(["ip", family, "rule", "add", "pref", "100", "lookup", "100"])
        field.watch.wait(since, killswitch="broken", killswitch_break="routing")
        field.flood(20)
        since = field.watch.mark()
        for family, _ in gateways:
            field.world.vpn.run(["ip", family, "rule", "del", "pref", "100"])
            field.world.vpn.run(["ip", family, "route", "flush", "table", "100"])
        field.watch.wait(since, killswitch="armed", timeout=90)


def everything_flushed(field):
    """As Debian's nftables.service does when it is reloaded: ours, and Qubes' own rules. What clients
    send stays in; sys-vpn's own packets may leave until the loader has run."""
    field.ensure_up()
    own = []
    with field.attack("nft flush ruleset") as attack:
        field.wait_arrivals()
        field.world.nm.down(A.profile)
        field.flood(2)
        attack.leaked += field.leaks()
        field.oracle.clear()
        since, began = field.watch.mark(), time.monotonic()
        field.world.vpn.run(["nft", "flush", "ruleset"])
        broken = field.watch.wait(since, killswitch="broken", killswitch_break="missing")
        told = time.monotonic()
        field.watch.wait(field.watch.after(broken), killswitch="armed")
        armed = time.monotonic()
        window = field.leaks()
        field.oracle.clear()
        own = [one for one in window if one.hops == 64]
        attack.leaked += [one for one in window if one.hops != 64]
        field.flood(20)
        load_base(field)
        field.world.chain.firewall_start("sys-vpn")
        field.ensure_up()
    field.record.note(f"flush ruleset: told in dom0 after {(told - began) * 1000:.0f} ms, armed again after "
                      f"{(armed - began) * 1000:.0f} ms; sys-vpn's own packets that left meanwhile: {len(own)}")

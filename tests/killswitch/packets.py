# SPDX-License-Identifier: GPL-2.0-or-later
"""The points of the suite killswitch-load that send packets: through each layer alone, both, and none."""
import json
import pathlib
import sys
import time

from qube import LOCAL_RULES, nft, run, send


def passed():
    """Packets that arrived in the net beyond the uplink, by what they are for."""
    listed = json.loads(run("ip", "netns", "exec", "net", "nft", "-j", "list", "counters").stdout)
    return {item["counter"]["name"]: item["counter"]["packets"] for item in listed["nftables"] if "counter" in item}


def test_packets(plan, ks):
    run("ip", "netns", "exec", "net", "nft", "-f", "-", input="""
        table inet seen {
          counter endpoint { }
          counter nd { }
          counter other { }
          chain x {
            type filter hook prerouting priority -300
            ip daddr { 198.51.100.1, 203.0.113.9 } counter name endpoint accept
            ip6 daddr 2001:db8:a::1 counter name endpoint accept
            icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } counter name nd accept
            iifname e0 meta l4proto { tcp, udp, icmp, icmpv6 } counter name other
          }
        }""")
    ks.load()
    before, seen = ks.counters(), passed()
    for kind, address, port, wanted in (
            ("udp", "198.51.100.1", 1194, "endpoint"), ("udp", "203.0.113.9", 7, "endpoint"),
            ("tcp", "203.0.113.9", 443, "endpoint"), ("udp", "2001:db8:a::1", 51820, "endpoint"),
            ("tcp", "198.51.100.1", 1194, None), ("udp", "198.51.100.1", 1195, None),
            ("udp", "198.51.100.3", 1194, None), ("udp", "2001:db8:a::1", 51821, None),
            ("tcp", "8.8.8.8", 443, None), ("udp", "10.139.1.1", 53, None), ("udp", "2001:4860::1", 53, None)):
        was = passed()
        send(kind, address, port)
        time.sleep(0.02)
        now = passed()
        changed = {name for name in ("endpoint", "other") if now[name] != was[name]}
        plan.equal(changed, {wanted} if wanted else set(), f"own {kind} {address} {port}")
    after = ks.counters()
    plan.equal(after["output_endpoint"] - before["output_endpoint"], 4, "endpoint packets are counted")
    plan.ok(after["output_drop4"] - before["output_drop4"] == 5, "drops are counted, IPv4",
            f"{before}\n{after}")
    plan.equal(after["output_drop6"] - before["output_drop6"], 2, "drops are counted, IPv6")
    run("ping", "-c1", "-W1", "10.137.0.1", ok=False)
    plan.equal(passed()["other"], seen["other"], "no ping to the uplink's router")
    test_clients(plan, ks)
    test_tunnel(plan, ks)
    test_inject(plan, ks)


def test_clients(plan, ks):
    """Both layers together, then each alone, then none."""
    seen, sends = passed()["other"], (("udp", "8.8.8.8", 9), ("udp", "8.8.8.8", 53), ("tcp", "198.51.100.1", 1194),
                                      ("udp", "198.51.100.1", 1194), ("udp", "2001:4860::1", 53))
    endpoint = passed()["endpoint"]
    for each in sends:
        send(*each, namespace="client")
    plan.equal((passed()["other"], passed()["endpoint"]), (seen, endpoint), "clients: nothing passes both layers")
    plan.equal(ks.clients(), {"10.138.0.2": 4, "fd00:2::2": 1}, "clients: both layers together count by address")
    for family in ("-4", "-6"):
        for priority in LOCAL_RULES:
            run("ip", family, "rule", "del", "pref", priority)
    before = ks.counters()
    for each in sends:
        send(*each, namespace="client")
    after = ks.counters()
    plan.equal((passed()["other"], passed()["endpoint"]), (seen, endpoint), "clients: nothing passes the table alone")
    plan.equal([after[name] - before[name] for name in ("forward_drop4", "forward_drop6", "dns_drop")], [4, 1, 2],
               "clients: drops and DNS are counted")
    plan.equal(ks.clients(), {"10.138.0.2": 8, "fd00:2::2": 2}, "clients: counted by address")
    ks.load()
    plan.equal(ks.clients(), {"10.138.0.2": 8, "fd00:2::2": 2}, "clients: counts survive a load")
    nft("flush ruleset")
    for each in sends:
        send(*each, namespace="client")
    plan.equal((passed()["other"], passed()["endpoint"]), (seen, endpoint),
               "clients: nothing passes the routing rules alone")
    for family in ("-4", "-6"):
        for priority in LOCAL_RULES:
            run("ip", family, "rule", "del", "pref", priority)
    for each in sends:
        send(*each, namespace="client")
    time.sleep(0.1)
    plan.ok(passed()["other"] - seen >= 3 and passed()["endpoint"] > endpoint,
            "control: without both, they pass", passed())
    ks.load()


def test_tunnel(plan, ks):
    run("ip", "tuntap", "add", "strange-name", "mode", "tun")
    run("ip", "link", "set", "strange-name", "up")
    for family, prefixes in (("-4", ("0.0.0.0/1", "128.0.0.0/1")), ("-6", ("::/1", "8000::/1"))):
        for prefix in prefixes:
            run("ip", family, "route", "add", prefix, "dev", "strange-name")
    before = ks.counters()
    send("udp", "8.8.8.8", 53, namespace="client")
    send("tcp", "8.8.4.4", 443, namespace="client")
    send("udp", "2001:4860::1", 53, namespace="client")
    send("udp", "8.8.8.8", 9)
    after = ks.counters()
    plan.equal([after[name] - before[name] for name in ("forward_tunnel", "output_tunnel", "forward_drop4",
                                                        "forward_drop6", "dns_drop")], [3, 1, 0, 0, 0],
               "tunnel: a tun device of any name carries clients and us, through both layers")
    run("ip", "link", "del", "strange-name")
    seen = passed()["other"]
    send("udp", "8.8.8.8", 53, namespace="client")
    send("udp", "8.8.8.8", 9)
    time.sleep(0.05)
    plan.equal(passed()["other"], seen, "tunnel: gone, and nothing passes")


def test_inject(plan, ks):
    run("ip", "link", "add", "inner", "type", "veth", "peer", "name", "inner-peer")
    run("ip", "addr", "add", "10.8.0.2/32", "dev", "inner")
    run("ip", "link", "set", "inner", "up")
    before = ks.counters()
    run("ip", "-n", "net", "route", "add", "10.8.0.2", "via", "10.137.0.5")
    run("ip", "-n", "net", "route", "add", "10.138.0.2", "via", "10.137.0.5")
    send("udp", "10.8.0.2", 9, namespace="net")
    send("udp", "10.138.0.2", 9, namespace="net")
    after = ks.counters()
    plan.equal(after["inject_drop"] - before["inject_drop"], 2,
               "inject: from the uplink for another device or a client")
    send("udp", "10.137.0.5", 9, namespace="net")
    plan.equal(ks.counters()["inject_drop"], after["inject_drop"], "inject: for the uplink's own address passes")
    run("ip", "link", "del", "inner")


def test_full_set(plan, ks):
    """More clients than the counting set holds: they are dropped all the same."""
    for priority in LOCAL_RULES:
        run("ip", "rule", "del", "pref", priority)
    pathlib.Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("0")
    pathlib.Path("/proc/sys/net/ipv4/conf/vif1.0/rp_filter").write_text("0")
    middle, seen = ks.counters(), passed()["other"]
    run("ip", "netns", "exec", "client", sys.executable, "-c", """
import socket, struct
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for i in range(600):
    raw.sendto(struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 28, 0, 0, 64, 17, 0, bytes([10, 140, i >> 8, i & 255]),
                           bytes([8, 8, 8, 8]), 9, 9, 8, 0), ("8.8.8.8", 0))
""")
    time.sleep(0.1)
    after = ks.counters()
    plan.equal(after["forward_drop4"] - middle["forward_drop4"], 600, "600 source addresses: every packet is dropped")
    plan.equal(passed()["other"], seen, "600 source addresses: none passes")
    plan.ok(256 <= len(ks.clients()) <= 512, "600 source addresses: the set is bounded",
            len(ks.clients()))
    ks.load()
    plan.equal(ks.verdict(), "armed", "a full set changes no digest")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The points of the suite killswitch-load that send packets: through each layer alone, both, and none."""
import contextlib
import fcntl
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

import tap
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


class Tun:
    """The other end of a tun device: what the kernel sends into it, and what comes out of it."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))  # TUNSETIFF: tun, no header

    def syn(self):
        """The next TCP packet with SYN, as [addresses, ports, sequence number, its segment size]."""
        def find():
            with contextlib.suppress(BlockingIOError):
                while packet := os.read(self.fd, 65536):
                    head, proto = (20, packet[9]) if packet[0] >> 4 == 4 else (40, packet[6])
                    if proto == 6 and packet[head + 13] & 2:
                        return packet, head
            return None
        packet, head = tap.wait_for("a SYN in the tunnel", find)
        return packet, head, segment_size(packet[head:])

    def answer(self, packet, head, size):
        """SYN and ACK to a SYN, saying that segments of that size may come."""
        ip = packet[:12] + packet[16:20] + packet[12:16] if head == 20 else packet[:8] + packet[24:40] + packet[8:24]
        ip = ip[:2] + struct.pack("!H", 44) + ip[4:] if head == 20 else ip[:4] + struct.pack("!H", 24) + ip[6:]
        sport, dport, sequence = struct.unpack("!HHI", packet[head:head + 8])
        tcp = struct.pack("!HHIIBBHHHBBH", dport, sport, 1, sequence + 1, 6 << 4, 0x12, 65535, 0, 0, 2, 4, size)
        if head == 20:
            ip = ip[:10] + b"\0\0" + ip[12:]
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        pseudo = ip[head - (8 if head == 20 else 32):head] + struct.pack("!II", len(tcp), 6)
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        os.write(self.fd, ip + tcp)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment_size(tcp):
    """Of a SYN's options."""
    options = tcp[20:(tcp[12] >> 4) * 4]
    while options and options[0] != 2:
        options = options[1:] if options[0] == 1 else options[options[1]:]
    return struct.unpack("!H", options[2:4])[0] if options else None


def test_segment_size(plan):
    """Both sides of a connection through a tunnel that is narrower than the client's device."""
    run("ip", "link", "set", "strange-name", "mtu", "1300")
    tun = Tun("strange-name")
    for version, address, size in ((4, "8.8.4.4", 1260), (6, "2001:4860::1", 1240)):
        stream = subprocess.Popen(["ip", "netns", "exec", "client", sys.executable, "-c", f"""
import socket, struct
s = socket.create_connection(({address!r}, 443), timeout=20)
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), flush=True)
# nothing is sent again later, when drops are counted
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""], stdout=subprocess.PIPE, text=True)
        packet, head, seen = tun.syn()
        plan.equal(seen, size, f"tunnel: a client's SYN says what fits into it, IPv{version}")
        tun.answer(packet, head, 1460)
        got = stream.stdout.readline().strip()
        plan.ok(got and size - 12 <= int(got) <= size, f"tunnel: so does the answer to it, IPv{version}", got)
        stream.wait()
        stream.stdout.close()
    os.close(tun.fd)


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
    test_segment_size(plan)
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

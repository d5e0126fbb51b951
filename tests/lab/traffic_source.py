# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in a qube: sends one packet of every kind per round until its stdin ends, then prints as JSON
how many rounds there were, and how many packets of each kind were made; so far, for each line that
comes in before that. `traffic_source.py SECONDS_BETWEEN_ROUNDS KIND...`.

Everything carries a marker in the clear, so that the oracle recognises it even on its way to a VPN
server's address."""
import errno
import json
import os
import select
import socket
import struct
import sys
import zlib
from collections import Counter

MARKER = b"SYSVPN-CLEAR"
ECHO = {4: "203.0.113.80", 6: "2001:db8:80::80"}
INTERNET_DNS = "203.0.113.53"
RESOLVERS = ("10.139.1.1", "10.139.1.2", INTERNET_DNS)
SERVER_UDP, SERVER_TCP = ("198.51.100.10", 1194), ("198.51.100.20", 443)
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
UNASSIGNED = range(143, 253)  # protocol numbers
MOST_OPEN = 100  # new connections that wait for an answer; the oldest is dropped

_PENDING = (errno.EINPROGRESS, errno.EAGAIN)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Datagrams:
    """UDP of a size, to one place after another; larger than the MTU it leaves as fragments."""

    def __init__(self, version, size, *targets, payload=None):
        self.socket = socket.socket(FAMILY[version], socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        if version == 4:
            self.socket.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: may be fragmented
        self.payload = payload or (MARKER * (size // len(MARKER) + 1))[:size]
        self.targets = targets

    def send(self):
        return sum(attempt(self.socket.sendto, self.payload, target) for target in self.targets)


class Echo:
    """ICMP echo requests."""

    def __init__(self, version):
        self.target = (ECHO[version], 0)
        proto = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
        self.socket = socket.socket(FAMILY[version], socket.SOCK_RAW, proto)
        head = struct.pack("!BBHHH", 8 if version == 4 else 128, 0, 0, os.getpid() & 0xFFFF, 1)
        total = checksum(head + MARKER)  # the kernel does it for version 6
        self.packet = head[:2] + struct.pack("!H", total) + head[4:] + MARKER

    def send(self):
        return attempt(self.socket.sendto, self.packet, self.target)


class Raw:
    """A protocol that nobody knows, to each qube its own: with no ports, masquerade cannot tell two qubes' flows to
    one place apart, and drops the later one's."""

    def __init__(self, version):
        self.target = (ECHO[version], 0)
        number = UNASSIGNED[zlib.crc32(socket.gethostname().encode()) % len(UNASSIGNED)]
        self.socket = socket.socket(FAMILY[version], socket.SOCK_RAW, number)

    def send(self):
        return attempt(self.socket.sendto, MARKER, self.target)


class NewConnections:
    """A TCP connection per round; one that is accepted sends a request and is closed."""

    def __init__(self, version, port, host=None):
        self.version, self.target = version, (host or ECHO[version], port)
        self.open = []

    def send(self):
        if self.open:
            for stream in select.select([], self.open, [], 0)[1]:
                attempt(stream.send, b"GET /" + MARKER + b" HTTP/1.1\r\n\r\n")
                stream.close()
                self.open.remove(stream)
        stream = socket.socket(FAMILY[self.version], socket.SOCK_STREAM)
        stream.setblocking(False)
        sent = attempt(stream.connect, self.target)
        self.open.append(stream)
        if len(self.open) > MOST_OPEN:
            self.open.pop(0).close()
        return sent


class LongConnection:
    """One TCP connection that talks all the time and is opened again only when it breaks."""

    def __init__(self, version):
        self.version, self.stream = version, None

    def send(self):
        if not self.stream:
            self.stream = socket.socket(FAMILY[self.version], socket.SOCK_STREAM)
            self.stream.setblocking(False)
            return attempt(self.stream.connect, (ECHO[self.version], 7))
        try:
            sent = self.stream.send(MARKER) > 0
            while self.stream.recv(4096):
                pass
        except OSError as error:
            if error.errno in _PENDING:
                return sent if "sent" in locals() else False
        self.stream.close()
        self.stream = None
        return False


class ServerSyn:
    """A client's own packets for the VPN server's address: UDP, and a TCP SYN that carries data."""

    def __init__(self):
        self.udp = Datagrams(4, 64, SERVER_UDP)
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        self.port = 20000

    def send(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            try:
                asker.connect(SERVER_TCP)
                own = socket.inet_aton(asker.getsockname()[0])
            except OSError:
                return self.udp.send()
        self.port = 20000 + (self.port + 1) % 20000
        head = struct.pack("!HHIIBBHHH", self.port, SERVER_TCP[1], 1, 0, 5 << 4, 2, 65535, 0, 0)
        pseudo = own + socket.inet_aton(SERVER_TCP[0]) + struct.pack(
            "!BBH", 0, 6, len(head) + len(MARKER))
        head = head[:16] + struct.pack("!H", checksum(pseudo + head + MARKER)) + head[18:]
        return self.udp.send() + attempt(self.raw.sendto, head + MARKER, (SERVER_TCP[0], 0))


QUESTION = (struct.pack(">6H", 0x4242, 0x0100, 1, 0, 0, 0) + b"\x0csysvpn-clear\4test\0"
            b"\0\1\0\1")

KINDS = {
    "udp4": lambda: Datagrams(4, 200, (ECHO[4], 9999)),
    "udp6": lambda: Datagrams(6, 200, (ECHO[6], 9999)),
    "fragments4": lambda: Datagrams(4, 4000, (ECHO[4], 9998)),
    "fragments6": lambda: Datagrams(6, 4000, (ECHO[6], 9998)),
    "icmp4": lambda: Echo(4),
    "icmp6": lambda: Echo(6),
    "tcp4": lambda: NewConnections(4, 80),
    "tcp6": lambda: NewConnections(6, 80),
    "long4": lambda: LongConnection(4),
    "long6": lambda: LongConnection(6),
    "raw4": lambda: Raw(4),
    "raw6": lambda: Raw(6),
    "dns": lambda: Datagrams(4, 0, *((one, 53) for one in RESOLVERS), payload=QUESTION),
    "dot": lambda: NewConnections(4, 853, INTERNET_DNS),
    "server": ServerSyn,
}


def attempt(call, *arguments):
    """1 if the kernel made a packet of it, 0 if not (no route, buffer full). EPERM is a packet that
    this qube's own packet filter dropped."""
    try:
        call(*arguments)
    except OSError as error:
        return int(error.errno in (errno.EINPROGRESS, errno.EPERM))
    return 1


def main():
    interval, kinds = float(sys.argv[1]), sys.argv[2:] or list(KINDS)
    sources = {kind: KINDS[kind]() for kind in kinds}
    sent, rounds = Counter({kind: 0 for kind in kinds}), 0
    while True:
        if select.select([0], [], [], interval)[0]:
            goes_on = os.read(0, 1)
            print(json.dumps({"rounds": rounds, "sent": sent}), flush=True)
            if not goes_on:
                break
        for kind, source in sources.items():
            sent[kind] += source.send()
        rounds += 1


if __name__ == "__main__":
    main()

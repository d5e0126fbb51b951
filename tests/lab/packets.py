# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a pcap file, while it is being written or after: what went where. Judges nothing."""
import socket
import struct
from typing import NamedTuple, Optional

MARKER = b"SYSVPN-CLEAR"   # in everything that tests send in the clear, see traffic_source.py
FENCE_TYPE = 0x88B5        # an ethertype for local experiments
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
_EXTENSIONS = {0, 43, 60}  # hop-by-hop, routing, destination options


class Packet(NamedTuple):
    time: float
    family: str            # ip4, ip6, arp, fence, other
    proto: str             # tcp, udp, icmp, icmp6, else the number
    src: str
    dst: str
    sport: Optional[int]
    dport: Optional[int]   # for icmp and icmp6: the type
    hops: int              # time to live, hop limit
    fragment: Optional[tuple]   # (identity, offset) of a fragmented packet's part
    marked: bool           # carries MARKER in the clear
    size: int
    data: bytes            # as captured, cut at the snap length

    def __str__(self):
        part = f" fragment at {self.fragment[1]}" if self.fragment else ""
        return (f"{self.family} {self.proto} {self.src}:{self.sport} > {self.dst}:{self.dport}"
                f"{part} {self.size} bytes{' (marked)' if self.marked else ''}")


class Reader:
    """Packets that were appended to the file since the last call, oldest first."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._rest = b""
        self._format = None

    def read(self):
        self._rest += self._file.read()
        if self._format is None:
            if len(self._rest) < 24:
                return
            self._start()
        at, header = 0, self._format
        while at + 16 <= len(self._rest):
            seconds, fraction, kept, size = header.unpack_from(self._rest, at)
            if at + 16 + kept > len(self._rest):
                break
            yield decode(seconds + fraction * self._unit, self._rest[at + 16:at + 16 + kept], size)
            at += 16 + kept
        self._rest = self._rest[at:]

    def _start(self):
        order, magic = "<", struct.unpack_from("<I", self._rest)[0]
        if magic not in (0xA1B2C3D4, 0xA1B23C4D):
            order, magic = ">", struct.unpack_from(">I", self._rest)[0]
        link = struct.unpack_from(order + "I", self._rest, 20)[0]
        if magic not in (0xA1B2C3D4, 0xA1B23C4D) or link != 1:
            raise ValueError("not a pcap file of Ethernet packets")
        self._unit = 1e-9 if magic == 0xA1B23C4D else 1e-6
        self._format = struct.Struct(order + "IIII")
        self._rest = self._rest[24:]


def decode(time, data, size):
    """One Ethernet frame. What is too short or unknown becomes family "other", never an error."""
    try:
        kind = struct.unpack_from("!H", data, 12)[0]
        if kind == 0x0800:
            return _ip4(time, data, size)
        if kind == 0x86DD:
            return _ip6(time, data, size)
        family = {0x0806: "arp", FENCE_TYPE: "fence"}.get(kind, "other")
    except (struct.error, ValueError, IndexError):
        family = "other"
    return Packet(time, family, "", "", "", None, None, 0, None, MARKER in data, size, data)


def _ip4(time, data, size):
    identity, flags = struct.unpack_from("!HH", data, 18)
    hops, number = data[22], data[23]
    offset, more = (flags & 0x1FFF) * 8, bool(flags & 0x2000)
    return _transport(time, "ip4", number, socket.inet_ntoa(data[26:30]),
                      socket.inet_ntoa(data[30:34]), hops, (identity, offset)
                      if offset or more else None, 14 + (data[14] & 15) * 4, data, size)


def _ip6(time, data, size):
    number, hops = data[20], data[21]
    at, fragment = 54, None
    while number in _EXTENSIONS or number == 44:
        if number == 44:
            offset, identity = struct.unpack_from("!HI", data, at + 2)
            fragment = (identity, offset & 0xFFF8)
            number, at = data[at], at + 8
            if fragment[1]:
                break
        else:
            number, at = data[at], at + 8 + data[at + 1] * 8
    return _transport(time, "ip6", number, socket.inet_ntop(socket.AF_INET6, data[22:38]),
                      socket.inet_ntop(socket.AF_INET6, data[38:54]), hops, fragment, at, data, size)


def _transport(time, family, number, src, dst, hops, fragment, at, data, size):
    proto, sport, dport = PROTOCOLS.get(number, str(number)), None, None
    if not fragment or fragment[1] == 0:
        if proto in ("tcp", "udp"):
            sport, dport = struct.unpack_from("!HH", data, at)
        elif proto in ("icmp", "icmp6"):
            dport = data[at]
    return Packet(time, family, proto, src, dst, sport, dport, hops, fragment, MARKER in data, size,
                  data)

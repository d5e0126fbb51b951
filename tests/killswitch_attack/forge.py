# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that nobody should be able to send, made byte by byte."""
import errno
import ipaddress
import socket
import struct

MARK = b"SYSVPN-FORGED"


def udp(source, target, sport, dport, payload=MARK, hops=64):
    """An IP packet of either family."""
    src, dst = (ipaddress.ip_address(one).packed for one in (source, target))
    number, size = socket.IPPROTO_UDP, 8 + len(payload)
    head = struct.pack("!HHHH", sport, dport, size, 0)
    pseudo = src + dst + struct.pack("!IHBB", size, 0, 0, number)
    head = head[:6] + struct.pack("!H", _checksum(pseudo + head + payload) or 0xFFFF)
    if len(src) == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, 0, 0, hops, number, 0) + src + dst
        ip = ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:]
    else:
        ip = struct.pack("!IHBB", 6 << 28, size, number, hops) + src + dst
    return ip + head + payload


def inject(qube, interface, mac, *packets):
    """As frames out of the qube's interface, past its packet filter."""
    with qube.network():
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with link:
        link.bind((interface, 0))
        for packet in packets:
            kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
            link.send(bytes.fromhex(mac.replace(":", "")) + b"\2\0\0\0\0\2"
                      + struct.pack("!H", kind) + packet)


def send_raw(qube, packet, device=None):
    """Through the qube's own stack, with a source of our choice, and where a device is named past
    the routes to the tunnel; False if the kernel would not."""
    with qube.network():
        if packet[0] >> 4 == 4:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            target = (socket.inet_ntoa(packet[16:20]), 0)
        else:
            raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
            target = (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0)
    with raw:
        try:
            if device:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
            raw.sendto(packet, target)
        except OSError as error:
            return error.errno == errno.EPERM  # made, and dropped by a filter
    return True


def ask(qube, proto, target, device):
    """The first packet of a flow by udp, tcp or icmp, straight out of a device; whether it was made."""
    kind, number = {"udp": (socket.SOCK_DGRAM, 0), "tcp": (socket.SOCK_STREAM, 0),
                    "icmp": (socket.SOCK_RAW, socket.IPPROTO_ICMP)}[proto]
    with qube.network():
        flow = socket.socket(socket.AF_INET, kind, number)
    with flow:
        flow.setblocking(False)
        flow.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        try:
            flow.connect(target)
            flow.send(b"\x08\0" + struct.pack("!H", _checksum(b"\x08\0\0\0\0\1\0\1"))
                      + b"\0\1\0\1" if proto == "icmp" else MARK)
        except OSError as error:
            return error.errno in (errno.EPERM, errno.EINPROGRESS)
    return True


def _checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

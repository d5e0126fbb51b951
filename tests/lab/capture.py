# SPDX-License-Identifier: GPL-2.0-or-later
"""The oracle of every leak test: what really came out of sys-vpn, captured one hop upstream, judged
by addresses alone. It knows the endpoints and nothing of any packet filter."""
import ipaddress
import os
import socket
import struct
import subprocess
import time
from collections import Counter

from . import packets

_SNAP = 160        # headers and the first bytes of the payload, where the marker is
_NEIGHBOUR = {135, 136}


class Inconclusive(Exception):
    """The capture cannot vouch for having seen everything: not a pass, not a leak."""


class Capture:
    """Frames that arrive at listener's interface, from `with` to stop().

    fence() sends a frame from the other end and waits for it in the file: what was sent before has
    been seen then. A capture that cannot show its fence, or lost frames, is Inconclusive."""

    def __init__(self, listener, interface, sender, sender_interface="eth0"):
        self._listener, self._interface = listener, interface
        self._sender, self._sender_interface = sender, sender_interface
        self._file = listener.folder / f"{interface}-{os.urandom(3).hex()}.pcap"
        self._process = self._reader = None
        self._seen = []

    def __enter__(self):
        self._process = self._listener.popen(
            ["tcpdump", "-i", self._interface, "-Q", "in", "-n", "-s", _SNAP, "-B", "32768", "-U",
             "--immediate-mode", "-Z", "root", "-w", self._file],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self._process.stderr.readline()
        while "listening on" not in line:
            if not line:
                raise RuntimeError("tcpdump did not start")
            line = self._process.stderr.readline()
        self._wait(self._file.exists, "the capture's file")
        self._reader = packets.Reader(self._file)
        self.fence()
        return self

    def __exit__(self, kind, *_):
        self.stop(fence=kind is None)

    def stop(self, fence=True):
        """Ends the capture; what it saw stays readable. Raises Inconclusive if frames were lost, or
        if the interface went away meanwhile (the last fence does not arrive)."""
        if not self._process:
            return
        try:
            if fence:
                self.fence()
        finally:
            process, self._process = self._process, None
            process.terminate()
            said = process.stderr.read()
            process.wait()
        self._collect()
        lost = [line for line in said.splitlines() if "dropped by kernel" in line]
        if fence and not (lost and lost[0].startswith("0 ")):
            raise Inconclusive(f"tcpdump on {self._interface}: {said.strip()}")

    def fence(self):
        """Everything sent before this call is in seen() after it."""
        nonce = os.urandom(8)
        with self._sender.network():
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        with sender:
            try:
                sender.bind((self._sender_interface, 0))
                sender.send(b"\xff" * 6 + b"\2\0\0\0\0\1" + struct.pack("!H", packets.FENCE_TYPE)
                            + nonce)
            except OSError as error:
                raise Inconclusive(f"no fence from {self._sender.name}: {error}") from error

        def arrived():
            return any(one.family == "fence" and nonce in one.data for one in self._collect())
        self._wait(arrived, "the fence")

    def seen(self, fence=True):
        """All packets so far. fence=False where the sender's interface is gone."""
        if fence and self._process:
            self.fence()
        self._collect()
        return [one for one in self._seen if one.family != "fence"]

    def leaks(self, endpoints, fence=True):
        """Packets out of sys-vpn that are neither for an endpoint nor ARP or neighbour discovery.
        endpoints: lines as in endpoints.txt. Marked ones are leaks wherever they go."""
        return leaks(self.seen(fence), endpoints)

    def clear(self):
        """Forgets what was seen up to now: a new phase of a test begins."""
        self.fence()
        self._seen.clear()

    def _collect(self):
        new = list(self._reader.read())
        self._seen += new
        return new

    def _wait(self, question, what, timeout=5.0):
        end = time.monotonic() + timeout
        while not question():
            if time.monotonic() > end or self._process.poll() is not None:
                raise Inconclusive(f"{what} did not appear on {self._interface}")
            time.sleep(0.002)


def leaks(seen, endpoints):
    rules = [_endpoint(line) for line in endpoints]
    ours = {_flow(one) for one in seen if one.fragment and one.fragment[1] == 0
            and not one.marked and _to_endpoint(one, rules)}
    return [one for one in seen if not _harmless(one, rules, ours)]


def _harmless(one, rules, fragmented):
    if one.family == "arp":
        return True
    if one.marked:
        return False
    if one.proto == "icmp6" and one.dport in _NEIGHBOUR and one.hops == 255:
        return True
    if one.fragment and one.fragment[1]:
        return _flow(one) in fragmented  # later parts name no port: judged by the first
    return _to_endpoint(one, rules)


def _flow(one):
    return one.src, one.dst, one.proto, one.fragment[0]


def _endpoint(line):
    """ADDRESS[/PREFIX] [PORT [udp|tcp]]"""
    address, port, proto = (line.split() + [None, None])[:3]
    return ipaddress.ip_network(address), int(port) if port else None, proto


def _to_endpoint(one, rules):
    if one.proto not in ("tcp", "udp"):
        return False
    address = ipaddress.ip_address(one.dst)
    return any(address in network and port in (None, one.dport) and proto in (None, one.proto)
               for network, port, proto in rules)


def summary(found):
    """Packets in a few lines, most frequent first, for a failed test's message."""
    groups = Counter((one.family, one.proto, one.src, one.dst, one.dport) for one in found)
    return "\n".join(f"{count} x {family} {proto} {src} > {dst} port or type {port}"
                     for (family, proto, src, dst, port), count in groups.most_common(20))

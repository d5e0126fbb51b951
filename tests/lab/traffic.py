# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts and stops the traffic of traffic_source.py in a qube, and names the kind of a packet that
the oracle saw, for the positive control: every kind that is sent must be visible when nothing
blocks it."""
import json
import pathlib
import subprocess
import sys

from .traffic_source import UNASSIGNED

SOURCE = pathlib.Path(__file__).resolve().parent / "traffic_source.py"
KINDS = ("udp4", "udp6", "fragments4", "fragments6", "icmp4", "icmp6", "tcp4", "tcp6", "long4",
         "long6", "raw4", "raw6", "dns", "dot", "server")


class Traffic:
    """with Traffic(lab.appvm) as traffic: ...   afterwards traffic.sent is {kind: packets} and
    traffic.rounds how many of each it was meant to be."""

    def __init__(self, qube, kinds=KINDS, interval=0.02):
        self.qube = qube
        self.sent, self.rounds = {}, 0
        self._command = [sys.executable, "-IS", SOURCE, interval, *kinds]
        self._process = None

    def __enter__(self):
        self._process = self.qube.popen(self._command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it and returns what was sent, by kind."""
        if self._process:
            process, self._process = self._process, None
            out, complaint = process.communicate(timeout=20)
            if process.returncode:
                raise RuntimeError(f"traffic in {self.qube.name}: {complaint}")
            self._take(out.splitlines()[-1])
        return self.sent

    def count(self):
        """Brings sent and rounds up to date while it goes on; returns sent."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._take(self._process.stdout.readline())
        return self.sent

    def _take(self, line):
        if not line:
            raise RuntimeError(f"traffic in {self.qube.name}: {self._process.stderr.read()}")
        counts = json.loads(line)
        self.sent, self.rounds = counts["sent"], counts["rounds"]


def kind(packet):
    """Of which kind a packet seen in the clear is; None for what Traffic does not send."""
    version = packet.family[2:]
    if packet.marked and packet.dst.startswith("198.51.100."):
        return "server"
    if packet.fragment:
        return f"fragments{version}"
    if packet.proto in ("icmp", "icmp6"):
        return f"icmp{version}" if packet.dport in (8, 128) else None
    if packet.proto.isdecimal() and int(packet.proto) in UNASSIGNED:
        return f"raw{version}"
    return {("udp", 9999): f"udp{version}", ("tcp", 80): f"tcp{version}",
            ("tcp", 7): f"long{version}", ("udp", 53): "dns",
            ("tcp", 853): "dot"}.get((packet.proto, packet.dport))


def kinds_seen(found):
    return {kind(packet) for packet in found} - {None}

# SPDX-License-Identifier: GPL-2.0-or-later
# Run as root in a net qube by "sysvpn check", as the text of a command: looks at packet headers until the
# end of its input, then tells what left by the uplink, and what of the check came from client qubes. It
# sees packets after all filters on their way out, and before all on their way in. Neither an apostrophe
# nor a backslash may be in it.
import os
import select
import socket
import struct
import sys
import time

PROBED = {"1.1.1.1", "1.0.0.1", "9.9.9.9", "2606:4700:4700::1111", "2606:4700:4700::1001", "2620:fe::fe"}
MOST = 60
END = time.monotonic() + 120
NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
groups, flows, more = {}, {}, 0


def group(name):
    if name not in groups:
        try:
            with open("/sys/class/net/%s/netdev_group" % name) as file:
                groups[name] = int(file.read())
        except (OSError, ValueError):
            groups[name] = -1
    return groups[name]


def flow(data):
    version = data[0] >> 4
    if version == 4:
        start, protocol = (data[0] & 15) * 4, data[9]
        target = socket.inet_ntop(socket.AF_INET, data[16:20])
        whole = not struct.unpack(">H", data[6:8])[0] & 8191
    elif version == 6:
        start, protocol, whole = 40, data[6], True
        target = socket.inet_ntop(socket.AF_INET6, data[24:40])
        while protocol in (0, 43, 60):
            protocol, start = data[start], start + data[start + 1] * 8 + 8
        if protocol == 44:
            whole = not struct.unpack(">H", data[start + 2:start + 4])[0] & 65528
            protocol, start = data[start], start + 8
    else:
        return None
    if protocol == 58 and data[start] in (135, 136) and data[7] == 255:
        return None
    port = struct.unpack(">H", data[start + 2:start + 4])[0] if whole and protocol in (6, 17) else 0
    return version, NAMES.get(protocol, "other"), target, port


def take(data, place):
    global more
    name, ether, kind = place[:3]
    if ether not in (0x0800, 0x86dd) or name == "lo":
        return
    here = group(name)
    way = {1: "up", 2: "down"}.get(here, "tunnel") if kind == 4 else "in"
    if way == "down" or (way == "in" and here != 2):
        return
    try:
        seen = flow(data)
    except (IndexError, struct.error):
        seen = (0, "other", "0.0.0.0", 0)
    if seen is None or (way != "up" and seen[2] not in PROBED and seen[3] != 53):
        return
    key = (way,) + seen
    if key in flows or sum(1 for one in flows if one[0] == way) < MOST:
        flows[key] = flows.get(key, 0) + 1
    else:
        more += 1


def drain(seconds):
    global more
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            take(*watch.recvfrom(128))
        except BlockingIOError:
            return
    more += asked


watch = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
for option in (33, 8):
    # SO_RCVBUFFORCE, SO_RCVBUF
    try:
        watch.setsockopt(socket.SOL_SOCKET, option, 16 << 20)
        break
    except OSError:
        pass
watch.setblocking(False)
print("sysvpn-check 1")
print("ready", flush=True)
asked = False
while not asked and time.monotonic() < END:
    asked = 0 in select.select([watch, 0], [], [], 1)[0] and not os.read(0, 4096)
    drain(5 if asked else 0.1)  # at the end, all that has come until then
lost = struct.unpack("II", watch.getsockopt(263, 6, 8))[1]
uplinks = 0
for name in os.listdir("/sys/class/net"):
    uplinks += group(name) == 1
for key, count in sorted(flows.items()):
    print("%s=%d %s %s %d %d" % (key + (count,)))
print("uplinks=%d" % uplinks)
print("lost=%d" % lost)
print("more=%d" % more)
print("end", flush=True)
os._exit(0)

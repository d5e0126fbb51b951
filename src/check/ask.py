# SPDX-License-Identifier: GPL-2.0-or-later
# Run in a qube by "sysvpn check", as the text of a command: tells what the qube reaches, in words that
# dom0 knows. Neither an apostrophe nor a backslash may be in it: shells differ in what they make of them.
# "all" asks and sends everything; "address" asks for the public addresses alone.
import os
import socket
import ssl
import struct
import sys
import threading
import time

# Cloudflare has certificates for its numeric addresses, so that no name is needed
SERVICES = {4: ("1.1.1.1", "1.0.0.1"), 6: ("2606:4700:4700::1111", "2606:4700:4700::1001")}
RESOLVERS = ("10.139.1.1", "10.139.1.2")
OTHERS = {4: "9.9.9.9", 6: "2620:fe::fe"}
NAME = "example.com"
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
END = time.monotonic() + 9
found = {}


def left(most):
    return max(min(most, END - time.monotonic()), 0.05)


def word(error):
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, PermissionError):
        return "blocked"
    return "unreachable" if isinstance(error, OSError) else "garbage"


def has(version):
    with socket.socket(FAMILIES[version], socket.SOCK_DGRAM) as asker:
        try:
            asker.connect((SERVICES[version][0], 9))
            found["has%d" % version] = "yes"
        except OSError:
            found["has%d" % version] = "no"


def egress(version):
    for host in SERVICES[version]:
        try:
            with socket.create_connection((host, 443), left(3)) as plain:
                found["tcp%d" % version] = "open"
                plain.settimeout(left(4))
                with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as stream:
                    name = "[%s]" % host if version == 6 else host
                    stream.sendall(("GET /cdn-cgi/trace HTTP/1.0" + CRLF + "Host: " + name + CRLF + CRLF).encode())
                    text = b""
                    while len(text) < 4096:
                        more = stream.recv(4096)
                        if not more:
                            break
                        text += more
            lines = [line[3:] for line in text.decode("ascii", "replace").splitlines() if line.startswith("ip=")]
            socket.inet_pton(FAMILIES[version], lines[0])
            found["egress%d" % version] = lines[0]
            return
        except (OSError, ValueError, IndexError) as error:
            found["egress%d" % version] = word(error)
            found.setdefault("tcp%d" % version, word(error))


def names(key, version, server, kind):
    number = os.urandom(2)
    question = number + struct.pack(">5H", 256, 1, 0, 0, 0) + b"".join(
        bytes([len(part)]) + part.encode() for part in NAME.split(".")) + struct.pack(">BHH", 0, 1, 1)
    result = "timeout"
    for patience in (1.5, 3):
        try:
            with socket.socket(FAMILIES[version], kind) as asker:
                asker.settimeout(left(patience))
                asker.connect((server, 53))
                if kind == socket.SOCK_STREAM:
                    asker.sendall(struct.pack(">H", len(question)) + question)
                    reply = b""
                    while len(reply) < 14:
                        more = asker.recv(4096)
                        if not more:
                            raise ValueError
                        reply += more
                    reply = reply[2:]
                else:
                    asker.send(question)
                    reply = asker.recv(4096)
            if len(reply) < 12 or reply[:2] != number or not reply[2] & 128:
                raise ValueError
            rcode, answers = reply[3] & 15, reply[6] * 256 + reply[7]
            result = "error" if rcode else "answer" if answers else "empty"
            break
        except (OSError, ValueError) as error:
            result = word(error)
    found[key] = result


def ping(version):
    protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
    try:
        with socket.socket(FAMILIES[version], socket.SOCK_DGRAM, protocol) as asker:
            asker.settimeout(left(2))
            asker.connect((SERVICES[version][0], 0))
            asker.send(struct.pack(">BBHHH", 8 if version == 4 else 128, 0, 0, 0, 1) + b"sysvpn check")
            asker.recv(1024)
        found["ping%d" % version] = "answer"
    except OSError as error:
        found["ping%d" % version] = word(error)


def datagrams(version):
    # nobody answers; whoever watches the way sees them
    with socket.socket(FAMILIES[version], socket.SOCK_DGRAM) as sender:
        for _ in range(3):
            try:
                sender.sendto(b"sysvpn check", (SERVICES[version][0], 9))
            except OSError:
                pass
            time.sleep(0.1)


CRLF = chr(13) + chr(10)
work = [(has, 4), (has, 6), (egress, 4), (egress, 6)]
if sys.argv[1:] == ["all"]:
    UDP, TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
    work += [(ping, 4), (ping, 6), (datagrams, 4), (datagrams, 6),
             (names, "udp1", 4, RESOLVERS[0], UDP), (names, "tcp1", 4, RESOLVERS[0], TCP),
             (names, "udp2", 4, RESOLVERS[1], UDP), (names, "tcp2", 4, RESOLVERS[1], TCP),
             (names, "other_udp4", 4, OTHERS[4], UDP), (names, "other_tcp4", 4, OTHERS[4], TCP),
             (names, "other_udp6", 6, OTHERS[6], UDP), (names, "other_tcp6", 6, OTHERS[6], TCP)]
threads = [threading.Thread(target=one[0], args=one[1:], daemon=True) for one in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(max(END + 1 - time.monotonic(), 0))
print("sysvpn-check 1")
for key, value in sorted(found.items()):
    print("%s=%s" % (key, value))
print("end", flush=True)
os._exit(0)

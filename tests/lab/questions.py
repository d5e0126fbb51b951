# SPDX-License-Identifier: GPL-2.0-or-later
"""What a qube sees of the internet: its own address from the echo service, and DNS. The sockets are
made in the qube's network by this process, so that a question costs a millisecond and no program."""
import secrets
import socket
import ssl
import struct
import urllib.parse

from . import addresses


def egress(qube, url, timeout=2.0, ca_file=None):
    """The address that the echo service at url sees, or None if there was no answer in time.
    The host of the url is numeric; /path as in echo_service.py."""
    parts = urllib.parse.urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    family = socket.AF_INET6 if ":" in parts.hostname else socket.AF_INET
    try:
        with qube.network():
            stream = socket.socket(family, socket.SOCK_STREAM)
        with stream:
            stream.settimeout(timeout)
            stream.connect((parts.hostname, port))
            if tls:
                context = ssl.create_default_context(cafile=str(ca_file))
                stream = context.wrap_socket(stream, server_hostname=parts.hostname)
            stream.sendall(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
                           .encode())
            reply = b""
            while chunk := stream.recv(65536):
                reply += chunk
    except OSError:
        return None
    return reply.partition(b"\r\n\r\n")[2].decode(errors="replace").strip() or None


def resolve(qube, name, server=addresses.DNS[0], timeout=1.0, tcp=False):
    """The first A record of name as server tells it, or None."""
    number = secrets.randbits(16)
    question = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + b"".join(
        bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
    try:
        with qube.network():
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            asker = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        with asker:
            asker.settimeout(timeout)
            asker.connect((server, 53))
            asker.sendall(struct.pack(">H", len(question)) * tcp + question)
            reply = asker.recv(4096)[2 * tcp:]
    except OSError:
        return None
    if len(reply) < len(question) + 16 or reply[:2] != question[:2]:
        return None
    at = len(question)
    while at + 12 <= len(reply):  # answers: compressed name, type, class, ttl, length, data
        kind, _, _, size = struct.unpack(">HHIH", reply[at + 2:at + 12])
        if kind == 1 and size == 4:
            return socket.inet_ntoa(reply[at + 12:at + 16])
        at += 12 + size
    return None

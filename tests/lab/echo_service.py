# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in the internet: tells HTTP and HTTPS callers the address they come from; port 7 swallows
what long TCP connections send. Stands alone: `echo_service.py CERT KEY READY_FD ADDRESS...`.

/hang never answers, /garbage is no address, /two names two, /long never ends, /error is a 500:
what an echo service that is broken, or is lying, may do to the egress probe.
"""
import contextlib
import itertools
import os
import select
import socket
import ssl
import sys
import threading
import time

BODIES = {"/garbage": b"<html><b>hello</b>\x1b[31m</html>\n",
          "/two": b"192.0.2.77\n192.0.2.78\n"}


def answer(stream, peer):
    request = b""
    while b"\r\n\r\n" not in request and b"\n\n" not in request:
        chunk = stream.recv(4096)
        if not chunk or len(request) > 16384:
            return
        request += chunk
    path = (request.split(b" ", 2) + [b"/", b""])[1].decode("latin-1")
    if path == "/hang":
        time.sleep(600)
    if path == "/long":
        stream.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in itertools.count():
            stream.sendall(b"9" * 65536)
    if path == "/cdn-cgi/trace":  # as Cloudflare's service words it
        body = b"fl=29f1\nh=1.1.1.1\nip=" + peer.encode() + b"\nts=1\nvisit_scheme=https\n"
    else:
        body = BODIES.get(path, peer.encode() + b"\n")
    status = b"500 Internal Server Error" if path == "/error" else b"200 OK"
    stream.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain\r\nContent-Length: "
                   + str(len(body)).encode() + b"\r\nConnection: close\r\n\r\n" + body)


def serve_one(connection, peer, tls):
    with contextlib.suppress(OSError), connection:
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            with tls.wrap_socket(connection, server_side=True) as stream:
                answer(stream, peer)
        else:
            answer(connection, peer)


def swallow(connection):
    """Port 7 answers each chunk with one byte: long flows that go both ways."""
    with contextlib.suppress(OSError), connection:
        connection.settimeout(60)
        while connection.recv(65536):
            connection.sendall(b".")


def main():
    certificate, key, ready, *addresses = sys.argv[1:]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    listeners = {}
    for address, port in itertools.product(addresses, (7, 80, 443)):
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(256)
        listener.setblocking(False)
        listeners[listener] = port
    os.close(int(ready))
    while True:
        for listener in select.select(list(listeners), [], [])[0]:
            with contextlib.suppress(OSError):
                connection, peer = listener.accept()
                port = listeners[listener]
                work = ((swallow, (connection,)) if port == 7 else
                        (serve_one, (connection, peer[0], tls if port == 443 else None)))
                threading.Thread(target=work[0], args=work[1], daemon=True).start()


main()

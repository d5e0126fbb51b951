# SPDX-License-Identifier: GPL-2.0-or-later
"""Echo services that behave, lie and misbehave, for test_fetch.py.

    echo_server.py CERTIFICATE KEY ADDRESS...

Prints "ready" when all listen: HTTPS at 443, a listener that never says a word at 444, HTTP at 445.
"""
import http.server
import ipaddress
import socket
import ssl
import sys
import threading
import time

V4 = b"203.0.113.7"
TRACE = b"fl=1f1\nh=x\nip=%s\nts=1.1\nvisit_scheme=https\ntls=TLSv1.3\n"
BODIES = {
    "/plain": V4 + b"\n",
    "/plain6": b"2001:0DB8::0007\n",
    "/trace": TRACE % V4,
    "/trace6": TRACE % b"2001:db8::7",
    "/garbage": b"<html>\x1b[2J</html>",
    "/empty": b"",
    "/private": b"10.0.0.1\n",
    "/largest": V4.ljust(1024),
    "/too-large": V4.ljust(1025),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path in BODIES:
            self.answer(200, BODIES[self.path])
        elif self.path == "/agent":  # right only for a request without anything of ours
            good = self.headers["User-Agent"].startswith("curl/") and set(self.headers) == {
                "Host", "User-Agent", "Accept"}
            self.answer(200, V4 if good else b"no")
        elif self.path == "/redirect":
            self.answer(302, Location=f"https://{self.headers['Host']}/plain")
        elif self.path == "/error":
            self.answer(500, V4)
        elif self.path == "/headers":
            self.answer(200, V4, **{f"X-{i}": "x" * 1000 for i in range(20)})
        elif self.path == "/hang":
            time.sleep(60)
        elif self.path == "/drip":  # never long without a byte, never done
            self.send_response(200)
            self.end_headers()
            for _ in range(600):
                self.wfile.write(b" ")
                time.sleep(0.1)
        else:
            self.answer(404)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that refuse the certificate or hang up are what this server is for."""


def serve(address, port, tls):
    class FamilyServer(Server):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    server = FamilyServer((address, port), Handler)
    if tls:  # the handshake waits for the first read, in the connection's own thread
        server.socket = tls.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main(certificate, key, *addresses):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    silent = []
    for address in addresses:
        assert ipaddress.ip_address(address)
        serve(address, 443, tls)
        serve(address, 445, None)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        silent.append(socket.create_server((address, 444), family=family))
    print("ready", flush=True)
    sys.stdin.read()  # until the test is gone, however it went


if __name__ == "__main__":
    main(*sys.argv[1:])

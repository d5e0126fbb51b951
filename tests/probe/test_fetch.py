#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The egress probe as systemd runs it, against real TLS servers, and what it sends where.

Three network namespaces: the VPN qube (this process), the far end of its tunnel, its uplink. Both
lead anywhere, the uplink with the better route, as in a qube whose tunnel has lost its routes.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True
import tap  # noqa: E402

FAR, FAR_UNNAMED, FAR6 = "192.0.2.1", "192.0.2.2", "2001:db8:2::1"  # beyond the tunnel
OUTSIDE, OUTSIDE6 = "192.0.2.80", "2001:db8:80::1"  # beyond the uplink
UNPRIVILEGED = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                "--inh-caps=-all", "--bounding-set=-all"]
# a proxy beyond the uplink: whoever listens to these leaks
ENVIRONMENT = {**os.environ, **dict.fromkeys(
    ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], f"http://{OUTSIDE}:445")}

OK4, OK6 = "sysvpn=1\naddress=203.0.113.7\nresult=ok\n\n", "sysvpn=1\naddress=2001:db8::7\nresult=ok\n\n"
TCP_RST = 0x04  # alone; a reset of a living socket is bound to its device, and acknowledges
TUNNEL4, TUNNEL6 = b"interface=tun0\nfamily=4\n\n", b"interface=tun0\nfamily=6\n\n"


def code(word):
    return f"sysvpn=1\ncode={word}\nresult=error\n\n"


def far(path, more="", host=FAR):
    return f"service https://{host}{path} {more}\n"


NAMED = "service https://echo.example/plain"
CASES = [  # name, configuration after "ca", question, wanted answer
    ("plain answer", far("/plain"), TUNNEL4, OK4),
    ("answer in a line", far("/trace", "line ip="), TUNNEL4, OK4),
    ("v6, printed anew", far("/plain6", host=f"[{FAR6}]"), TUNNEL6, OK6),
    ("v6 in a line", far("/trace6", "line ip=", f"[{FAR6}]"), TUNNEL6, OK6),
    ("name with a pin", f"{NAMED} pin {FAR}\n", TUNNEL4, OK4),
    ("name with a pin for each family", f"{NAMED}6 pin {FAR} pin {FAR6}\n", TUNNEL6, OK6),
    ("nothing of ours in the request", far("/agent"), TUNNEL4, OK4),
    ("largest body", far("/largest"), TUNNEL4, OK4),
    ("too large a body", far("/too-large"), TUNNEL4, code("bad-answer")),
    ("too many headers", far("/headers"), TUNNEL4, code("bad-answer")),
    ("garbage", far("/garbage"), TUNNEL4, code("bad-answer")),
    ("nothing", far("/empty"), TUNNEL4, code("bad-answer")),
    ("private address", far("/private"), TUNNEL4, code("bad-answer")),
    ("lines where one address is expected", far("/trace"), TUNNEL4, code("bad-answer")),
    ("address of the other family", far("/plain6"), TUNNEL4, code("bad-answer")),
    ("redirect is not followed", far("/redirect"), TUNNEL4, code("bad-answer")),
    ("error status with an address", far("/error"), TUNNEL4, code("bad-answer")),
    ("address that the certificate does not name", far("/plain", host=FAR_UNNAMED), TUNNEL4,
     code("tls")),
    ("name that the certificate does not have",
     f"service https://other.example/plain pin {FAR}\n", TUNNEL4, code("tls")),
    ("not TLS", far("/plain", host=f"{FAR}:445"), TUNNEL4, code("tls")),
    ("answer that does not come", "timeout 1\n" + far("/hang"), TUNNEL4, code("timeout")),
    ("answer that drips", "timeout 2\n" + far("/drip"), TUNNEL4, code("timeout")),
    ("handshake that does not come", "timeout 1\n" + far("/", host=f"{FAR}:444"), TUNNEL4,
     code("timeout")),
    ("closed port", far("/", host=f"{FAR}:9"), TUNNEL4, code("unreachable")),
    ("second service after one that hangs", "timeout 4\n" + far("/hang") + far("/plain"),
     TUNNEL4, OK4),
    ("second service after one that lies", far("/garbage") + far("/plain"), TUNNEL4, OK4),
    ("of two failures the one that got further",
     far("/plain", host=FAR_UNNAMED) + far("/", host=f"{FAR}:9"), TUNNEL4, code("tls")),
    ("service beyond the uplink", far("/plain", host=OUTSIDE), TUNNEL4, code("unreachable")),
    ("v6 service beyond the uplink", far("/plain6", host=f"[{OUTSIDE6}]"), TUNNEL6,
     code("unreachable")),
    ("device that does not exist", far("/plain", host=OUTSIDE),
     b"interface=tun1\nfamily=4\n\n", code("unreachable")),
    ("no service of the family", far("/plain"), TUNNEL6, code("no-service")),
    ("no service at all", "", TUNNEL4, code("no-service")),
    ("http is refused", "service http://192.0.2.1/plain\n", TUNNEL4, code("no-service")),
    ("name without a pin is refused", NAMED + "\n", TUNNEL4, code("no-service")),
    ("question that breaks a rule", far("/plain"), b"interface=a/b\nfamily=4\n\n",
     code("bad-request")),
    ("question that goes on", far("/plain"), b"family=4\n" * 500, code("bad-request")),
]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


class Namespace:
    """A network namespace for a neighbour, alive as long as its process."""

    def __init__(self, stack):
        self.process = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL)
        stack.callback(self.process.communicate)
        own = os.readlink("/proc/self/ns/net")
        tap.wait_for("a namespace", lambda: os.readlink(self.path()) != own)

    def path(self):
        return f"/proc/{self.process.pid}/ns/net"

    def command(self, *command):
        return ["nsenter", f"--net={self.path()}", *command]


def no_detection(address):
    """Addresses of a wire with two ends are not taken; without this they take a second."""
    return ["nodad"] if ":" in address else []


def link(namespace, name, here, there, beyond, metric):
    """A wire to @namespace with a default route over it; @beyond are addresses of its servers."""
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "peer0", "netns",
        str(namespace.process.pid))
    run(*namespace.command("ip", "link", "set", "lo", "up"))
    run(*namespace.command("ip", "link", "set", "peer0", "up"))
    run("ip", "link", "set", name, "up")
    # a router says so when it has no route; a mere host is silent
    run(*namespace.command("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"))
    for address in here:
        run("ip", "address", "add", address, "dev", name, *no_detection(address))
    for address in there:
        run(*namespace.command("ip", "address", "add", address, "dev", "peer0",
                               *no_detection(address)))
        run("ip", "route", "add", "default", "via", address.split("/")[0], "dev", name,
            "metric", metric)
    for address in beyond:
        run(*namespace.command("ip", "address", "add", address, "dev", "lo"))


def start_server(stack, namespace, certificate, key, *addresses):
    server = subprocess.Popen(
        namespace.command(sys.executable, str(HERE / "echo_server.py"), certificate, key,
                          *addresses),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(server.communicate)
    if server.stdout.readline() != "ready\n":
        raise RuntimeError("the server does not start")


class Sniffer(threading.Thread):
    """Every TCP and UDP packet that leaves this namespace: (device, protocol, destination port).

    But for bare resets. The kernel answers segments with them that arrive when their socket is
    gone; then its device is forgotten too, and the main table chooses. No program can prevent it
    that ends a connection whose peer still sends; the killswitch is there to stop them.
    """

    def __init__(self):
        super().__init__(daemon=True)
        self.packets = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.start()

    def run(self):
        while True:
            packet, (device, ethertype, kind, *_) = self.socket.recvfrom(2048)
            if kind != socket.PACKET_OUTGOING or ethertype not in (0x0800, 0x86dd):
                continue
            v4 = ethertype == 0x0800
            protocol, start = (packet[9], (packet[0] & 15) * 4) if v4 else (packet[6], 40)
            if protocol == socket.IPPROTO_TCP and packet[start + 13] == TCP_RST:
                continue
            if protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
                self.packets.append((device, protocol,
                                     struct.unpack_from("!H", packet, start + 2)[0]))

    def by_uplink(self):
        return [packet for packet in self.packets if packet[0] == "uplink0"]

    def to_resolvers(self):
        return [packet for packet in self.packets if packet[2] in (53, 853)]


def make_certificates(folder):
    """An authority that signed for the server's addresses, and one that did not."""
    for name in ("ca", "other"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{folder}/{name}.key",
            "-out", f"{folder}/{name}.pem")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=echo", "-keyout", f"{folder}/echo.key", "-out", f"{folder}/echo.csr")
    names = [f"IP:{address}" for address in (FAR, FAR6, OUTSIDE, OUTSIDE6)] + ["DNS:echo.example"]
    (folder / "names").write_text(f"subjectAltName={','.join(names)}\n")
    run("openssl", "x509", "-req", "-in", f"{folder}/echo.csr", "-days", "2", "-CA",
        f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial", "-extfile",
        f"{folder}/names", "-out", f"{folder}/echo.pem")


class Probe:
    def __init__(self, folder, program):
        self.folder = folder
        self.ca = folder / "ca.pem"
        # a copy, because nobody may not be able to reach the build folder
        self.program = shutil.copy(program, folder / "sysvpn-egress-probe")

    def configure(self, text, place="etc/sysvpn"):
        path = self.folder / place / "egress.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, question, prefix=(), hang_up=False):
        """Asks over a socket, as systemd hands one over; returns answer, exit code, messages."""
        ours, theirs = socket.socketpair()
        with ours, subprocess.Popen([*prefix, self.program, "--root", str(self.folder)],
                                    stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                                    env=ENVIRONMENT) as process:
            theirs.close()
            ours.settimeout(30)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                ours.sendall(question)
                if hang_up:
                    ours.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := ours.recv(4096):
                    answer += piece
            messages = process.stderr.read().decode()
            return answer.decode(), process.wait(), messages

    def ask(self, text, question, **more):
        self.configure(f"ca {self.ca}\n{text}")
        return self.run(question, UNPRIVILEGED, **more)


def test_answers(plan, probe):
    for name, text, question, wanted in CASES:
        answer, status, messages = probe.ask(text, question)
        told = bool(messages) == ("code=" in wanted) and messages.count("\n") < 2 and all(
            " " <= c <= "~" for c in messages.rstrip("\n"))
        plan.ok((answer, status, told) == (wanted, 0, True), name,
                f"{answer!r} {status} {messages!r}")


def test_trust(plan, probe):
    probe.ca = probe.folder / "other.pem"
    plan.equal(probe.ask(far("/plain"), TUNNEL4)[0], code("tls"), "another authority")
    probe.ca = probe.folder / "missing.pem"
    plan.equal(probe.ask(far("/plain"), TUNNEL4)[0], code("tls"), "authority's file is missing")
    probe.ca = probe.folder / "ca.pem"
    probe.configure(far("/plain"))
    plan.equal(probe.run(TUNNEL4, UNPRIVILEGED)[0], code("tls"), "the system's authorities")


def test_configuration(plan, probe):
    users = probe.configure(f"ca {probe.ca}\n{far('/plain')}", "rw/config/vpn")
    plan.equal(probe.ask("", TUNNEL4)[0], OK4, "the user's file wins")
    users.write_text("nonsense\n")
    answer, _, messages = probe.ask(far("/plain"), TUNNEL4)
    plan.equal(answer, code("no-service"), "a bad file of the user's is not passed over")
    plan.ok(messages.startswith("line 1: "), "its bad line is named", messages)
    users.chmod(0)
    plan.equal(probe.ask(far("/plain"), TUNNEL4)[0], code("no-service"),
               "an unreadable file of the user's is not passed over")
    users.unlink()
    plan.equal(probe.ask(far("/plain"), TUNNEL4)[0], OK4, "without it, the package's file")


def test_conversation(plan, probe):
    plan.equal(probe.ask(far("/plain"), TUNNEL4[:-1], hang_up=True)[0], code("bad-request"),
               "a question that is cut off")
    began = time.monotonic()
    plan.equal(probe.ask(far("/plain"), TUNNEL4[:-1])[0], code("bad-request"),
               "a question that does not end")
    plan.ok(4.5 < time.monotonic() - began < 8, "it is given 5 seconds")
    answer, status, messages = probe.run(TUNNEL4)
    plan.ok(answer == "" and status == 1 and "ordinary user" in messages, "root is refused",
            f"{answer!r} {status} {messages}")


def test_other_ways(plan, probe, sniffer):
    """All of the above sent nothing by the uplink; neither does a tunnel that is down."""
    both = far("/plain", host=OUTSIDE)
    run("ip", "link", "set", "tun0", "down")
    plan.equal(probe.ask(both, TUNNEL4)[0], code("unreachable"), "tunnel is down")
    run("ip", "link", "delete", "tun0")
    plan.equal(probe.ask(both, TUNNEL4)[0], code("unreachable"), "tunnel is gone")
    time.sleep(0.2)  # the sniffer's thread
    plan.equal(sniffer.by_uplink(), [], "not a single packet by the uplink")
    plan.equal(sniffer.to_resolvers(), [], "not a single question to a resolver")
    plan.ok(any(packet[0] == "tun0" for packet in sniffer.packets), "control: tun0 was seen")

    plan.equal(probe.ask(both, b"interface=uplink0\nfamily=4\n\n")[0], OK4,
               "control: the uplink does lead to the service that no tunnel reaches")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as question:
        question.sendto(b"x", (OUTSIDE, 53))
    plan.ok(tap.wait_for("packets", lambda: sniffer.by_uplink() and sniffer.to_resolvers()),
            "control: such packets are seen")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path, help="the folder that Meson built in")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return
    if not options.inside:
        os.execvp("unshare", ["unshare", "--net", sys.executable, __file__, "--inside",
                              str(options.build)])

    with tap.Plan() as plan, contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        make_certificates(folder)
        run("ip", "link", "set", "lo", "up")
        tunnel, uplink = Namespace(stack), Namespace(stack)
        link(tunnel, "tun0", ["198.51.100.2/24", "2001:db8:1::2/64"],
             ["198.51.100.1/24", "2001:db8:1::1/64"], [FAR, FAR_UNNAMED, FAR6], "500")
        link(uplink, "uplink0", ["203.0.113.2/24", "2001:db8:3::2/64"],
             ["203.0.113.1/24", "2001:db8:3::1/64"], [OUTSIDE, OUTSIDE6], "100")
        certificate, key = str(folder / "echo.pem"), str(folder / "echo.key")
        start_server(stack, tunnel, certificate, key, FAR, FAR_UNNAMED, FAR6)
        start_server(stack, uplink, certificate, key, OUTSIDE, OUTSIDE6)
        sniffer = Sniffer()
        probe = Probe(folder, options.build / "src/probe/sysvpn-egress-probe")

        test_answers(plan, probe)
        test_trust(plan, probe)
        test_configuration(plan, probe)
        test_conversation(plan, probe)
        test_other_ways(plan, probe, sniffer)


if __name__ == "__main__":
    main()

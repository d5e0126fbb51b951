# SPDX-License-Identifier: GPL-2.0-or-later
"""The loader with files of its own, in a namespace that looks like a VPN qube. For the suite killswitch-load."""
import pathlib
import re
import subprocess
import sys
import tempfile

import tap

LOCAL_RULES = {"32762": "from all fwmark 0x40000000/0x40000000 lookup main suppress_ifgroup 1",
               "32763": "from all fwmark 0x40000000/0x40000000 unreachable",
               "32764": "not from all iif lo lookup main suppress_ifgroup 1",
               "32765": "not from all iif lo unreachable"}
ENDPOINTS = """\
# the lab's servers
198.51.100.1 1194 udp
198.51.100.2:443/tcp
198.51.101.0/24 443
203.0.113.9
[2001:db8:a::1]:51820/udp
2001:db8:b::/48
"""


def run(*command, ok=True, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if ok and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def nft(commands):
    # nft wants a line end where one would not write one in a one-line block
    return run("nft", "-f", "-", input=re.sub(r"\} *(?=\})", "}\n", commands))


def rules():
    """(chain, handle, text) of every rule, in order."""
    chain, found = None, []
    for line in run("nft", "-sa", "list", "table", "inet", "sysvpn").stdout.splitlines():
        opened = re.match(r"\tchain (\w+) \{", line)
        rule = re.match(r"\t\t(.*) # handle (\d+)$", line)
        if opened:
            chain = opened[1]
        elif line.startswith("\t}"):
            chain = None
        elif chain and rule:
            found.append((chain, rule[2], rule[1]))
    return found


class Killswitch:
    """The program with files of its own."""

    def __init__(self, program):
        self.program = program
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="killswitch-load-"))
        self.endpoints = self.root / "rw/config/vpn/endpoints.txt"
        self.imported = self.root / "rw/config/vpn/endpoints.imported"
        self.digest = self.root / "run/sysvpn/killswitch.digest"
        self.flag = self.root / "run/qubes-service/sysvpn"
        self.endpoints.parent.mkdir(parents=True)
        self.flag.parent.mkdir(parents=True)
        self.flag.touch()
        self.endpoints.write_text(ENDPOINTS)

    def __call__(self, *arguments, ok=False, **options):
        return run(self.program, "--root", self.root, *arguments, ok=ok, **options)

    def load(self):
        self(ok=True)

    def verdict(self):
        """armed, loading, the reason, or the error."""
        done = self("--check")
        if done.returncode == 0 and done.stdout.startswith("killswitch armed"):
            return "armed"
        broken = re.match(r"killswitch broken: ([a-z-]+): ", done.stdout)
        if done.returncode == 1 and broken:
            return "loading" if "being loaded" in done.stdout else broken[1]
        return f"exit {done.returncode}: {done.stdout}{done.stderr}"

    def settled(self):
        """The verdict when the sign that a killed loader left counts no more."""
        return tap.wait_for("no loading", lambda: (got := self.verdict()) != "loading" and got, timeout=10)

    def counters(self):
        text = self("--check", "--verbose").stdout
        return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+) packets", text, re.M)}

    def clients(self):
        text = self("--check", "--verbose").stdout
        return {name: int(count) for name, count in re.findall(r"^dropped from (\S+): (\d+)", text, re.M)}


def send(kind, address, port, namespace=None):
    """One UDP datagram, or a TCP SYN that nobody waits for."""
    text = (f"import socket\ns = socket.socket(socket.{'AF_INET6' if ':' in address else 'AF_INET'}, "
            f"socket.{'SOCK_DGRAM' if kind == 'udp' else 'SOCK_STREAM'})\ns.setblocking(False)\n"
            f"try: s.connect(({address!r}, {port})); s.send(b'x')\nexcept OSError: pass\n")
    run(*(["ip", "netns", "exec", namespace] if namespace else []), sys.executable, "-c", text)


def uplink():
    """eth0 (group 1) to a net that swallows everything, vif (group 2) to a client."""
    if run("ip", "link", "show", "eth0", ok=False).returncode == 0:
        return
    run("mount", "-t", "tmpfs", "none", "/run")
    for line in """
            ip netns add net
            ip netns add client
            ip link add eth0 group 1 type veth peer name e0 netns net
            ip link add vif1.0 group 2 type veth peer name e0 netns client
            ip link set eth0 up
            ip link set vif1.0 up
            ip addr add 10.137.0.5/24 dev eth0
            ip addr add fd00:1::5/64 dev eth0 nodad
            ip addr add 10.138.0.1/24 dev vif1.0
            ip addr add fd00:2::1/64 dev vif1.0 nodad
            ip -n net link set lo up
            ip -n net link set e0 up
            ip -n net addr add 10.137.0.1/24 dev e0
            ip -n net addr add fd00:1::1/64 dev e0 nodad
            ip -n net route add default via 10.137.0.5
            ip -n client link set e0 up
            ip -n client addr add 10.138.0.2/24 dev e0
            ip -n client addr add fd00:2::2/64 dev e0 nodad
            ip -n client route add default via 10.138.0.1
            ip -n client -6 route add default via fd00:2::1
            ip route add default via 10.137.0.1
            ip -6 route add default via fd00:1::1
            """.split("\n"):
        if line.strip():
            run(*line.split())
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        pathlib.Path("/proc/sys/net", name).write_text("1")

# SPDX-License-Identifier: GPL-2.0-or-later
"""A short chain for the guest, appvm -> sys-vpn -> sys-net, the last of which is the internet and the
VPN server too. In software emulation a process costs a tenth of a second, so there are hardly any:
a qube is a network namespace that this process steps into, nftables is spoken to by its library,
and the oracle is a table of counters in sys-net instead of a capture."""
import contextlib
import ctypes
import errno
import os
import re
import socket
import struct
import subprocess
import threading
import time

from . import addresses, kernel, platform_rules

APP, VPN = "appvm", "sys-vpn"
SERVER4, SERVER6 = "198.51.100.30", "2001:db8:a::30"
SERVER_PORT, FENCE_PORT, ECHO_PORT = 51820, 1194, 7
TUNNEL4, TUNNEL6 = "10.66.0.2", "fd00:66::2"
FWMARK = 51820
WG_SERVER = "wg-server"
DEADLINE = 60.0  # of whatever must happen: no measure
ECHO = {4: addresses.ECHO4, 6: addresses.ECHO6}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}

# What vif-route-qubes makes whenever a client's device appears, from Qubes 4.2 on.
FLOW_OFFLOAD = f"""
table inet qubes-nat-accel
delete table inet qubes-nat-accel
table inet qubes-nat-accel {{
  flowtable qubes-accel {{
    hook ingress priority filter
    devices = {{ eth0, lo, {addresses.vif(APP)} }}
  }}
  chain qubes-accel {{
    type filter hook forward priority filter + 5; policy accept;
    meta l4proto {{ tcp, udp }} iifgroup 2 oifgroup 1 flow add @qubes-accel
    counter
  }}
}}
"""

# Upstream of sys-vpn, after defragmentation: the fragments of a big packet of the tunnel have no port.
# Whatever is not for an endpoint is a leak, by its addresses alone.
ORACLE = f"""
table inet oracle {{
  counter clear4 {{ }}
  counter clear6 {{ }}
  counter endpoint {{ }}
  counter neighbour {{ }}
  counter tunnel4 {{ }}
  counter tunnel6 {{ }}
  chain tracked {{
    # somebody must ask for it, or there is neither tracking nor defragmentation
    type filter hook input priority filter; policy accept;
    ct state new accept
  }}
  chain upstream {{
    type filter hook prerouting priority -390; policy accept;
    iifname "{WG_SERVER}" meta nfproto ipv4 counter name tunnel4 accept
    iifname "{WG_SERVER}" counter name tunnel6 accept
    iifname != "{addresses.vif(VPN)}" accept
    ip daddr {SERVER4} udp dport {{ {SERVER_PORT}, {FENCE_PORT} }} counter name endpoint accept
    ip6 daddr {SERVER6} udp dport {SERVER_PORT} counter name endpoint accept
    icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} ip6 hoplimit 255 counter name neighbour accept
    meta nfproto ipv4 counter name clear4 accept
    counter name clear6
  }}
}}
"""


class Nft:
    """nftables of the namespace that it is made in."""
    _library = ctypes.CDLL("libnftables.so.1")
    _library.nft_ctx_new.restype = ctypes.c_void_p
    for _name in ("output", "error"):
        getattr(_library, f"nft_ctx_get_{_name}_buffer").restype = ctypes.c_char_p

    def __init__(self):
        self._context = ctypes.c_void_p(self._library.nft_ctx_new(0))
        self._library.nft_ctx_buffer_output(self._context)
        self._library.nft_ctx_buffer_error(self._context)

    def __call__(self, commands):
        failed = self._library.nft_run_cmd_from_buffer(self._context, commands.encode())
        said = self._library.nft_ctx_get_output_buffer(self._context).decode()
        complaint = self._library.nft_ctx_get_error_buffer(self._context).decode()
        if failed:
            raise RuntimeError(f"nft: {complaint}")
        return said


class Space:
    """A network namespace; inside `with` this thread, and what it starts, is in it."""

    def __init__(self, router=False):
        with contextlib.ExitStack() as back:
            self._enter_own(back)
            kernel.unshare(kernel.CLONE_NEWNET)
            self.descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            kernel.loopback_up()
            for name, value in {"ipv6/conf/default/accept_dad": 0, "ipv6/conf/all/accept_dad": 0,
                                "ipv6/conf/default/accept_ra": 0,
                                "ipv4/ip_forward": int(router),
                                "ipv6/conf/all/forwarding": int(router)}.items():
                with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
                    file.write(str(value))
            self.nft = Nft()
        self.path = f"/proc/{os.getpid()}/fd/{self.descriptor}"  # for `ip`
        self._backs = threading.local()

    @staticmethod
    def _enter_own(back):
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        back.callback(os.close, own)
        back.callback(kernel.setns, own, kernel.CLONE_NEWNET)

    def __enter__(self):
        self._backs.stack = contextlib.ExitStack()
        self._enter_own(self._backs.stack)
        kernel.setns(self.descriptor, kernel.CLONE_NEWNET)

    def __exit__(self, *_):
        self._backs.stack.close()

    def run(self, *command, check=True, **options):
        with self:
            done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def ip(self, lines, version=""):
        """Many `ip` commands by one process."""
        return self.run("ip", *([f"-{version}"] if version else []), "-batch", "-", input=lines).stdout

    def socket(self, version, kind=socket.SOCK_DGRAM, protocol=0):
        with self:
            return socket.socket(FAMILY[version], kind, protocol)

    def read(self, name):
        with self, open(name, encoding="ascii") as file:
            return file.read()


class Chain:
    """Everything up, forwarding in the clear; the platform's packet filter is loaded in sys-vpn."""

    def __init__(self):
        subprocess.run(["modprobe", "-a", "veth", "wireguard", "nf_tables", "nft_ct", "nft_chain_nat", "nft_masq",
                        "nft_fib_inet", "nft_flow_offload", "nf_flow_table_inet", "nft_limit", "nft_log",
                        "nft_reject_inet", "nf_log_syslog", "nf_conntrack_netlink"], check=True)
        self.app, self.vpn, self.net = Space(), Space(router=True), Space()
        self._link()
        self.vpn.nft(platform_rules.base() + platform_rules.firewall() + platform_rules.client(APP))
        self.net.nft(ORACLE)
        self._fence = self._bound(4, SERVER4, FENCE_PORT)
        self.echo = {version: self._bound(version, ECHO[version], ECHO_PORT) for version in (4, 6)}
        self.accepting = {}
        for version in (4, 6):
            listening = self.accepting[version] = self.net.socket(version, socket.SOCK_STREAM)
            listening.bind((ECHO[version], ECHO_PORT))
            listening.listen(1024)
        self._own = self.vpn.socket(4)
        # past NetworkManager's routing rules, as WireGuard's own packets go
        self._own.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, FWMARK)

    def _link(self):
        vif, up = addresses.vif(APP), addresses.vif(VPN)
        subprocess.run(["ip", "-batch", "-"], text=True, check=True, input="".join(
            f"link add {name} address {addresses.VIF_MAC} group {addresses.GROUP_DOWNSTREAM} netns {server.path} "
            f"type veth peer name eth0 address {addresses.mac(client)} group {addresses.GROUP_UPLINK} "
            f"netns {space.path}\n"
            for name, server, client, space in ((up, self.net, VPN, self.vpn), (vif, self.vpn, APP, self.app))))
        self.net.ip(_server_side(VPN, "sys-net") + "".join(
            f"addr add {one} dev lo\n" for one in (f"{SERVER4}/32", f"{ECHO[4]}/32", "198.51.100.31/32"))
            + "".join(f"addr add {one} dev lo nodad\n" for one in (f"{SERVER6}/128", f"{ECHO[6]}/128")))
        self.vpn.ip(_server_side(APP, VPN) + _client_side(VPN, "sys-net"))
        self.app.ip(_client_side(APP, VPN))

    def _bound(self, version, address, port):
        bound = self.net.socket(version)
        bound.bind((address, port))
        bound.settimeout(DEADLINE)
        return bound

    def fence(self):
        """Until everything that was sent before has been counted or is gone. Devices and backlog are
        queues: the first packet comes behind what has reached sys-vpn, the second behind what
        sys-vpn made of it."""
        for number in range(2):
            text = os.urandom(8)
            self._own.sendto(text, (SERVER4, FENCE_PORT))
            while self._fence.recv(64) != text:
                pass

    def counted(self):
        """The oracle's counters."""
        self.fence()
        text = self.net.nft("list counters table inet oracle")
        return {name: int(count) for name, count in
                re.findall(r"counter (\w+) \{\s+packets (\d+)", text)}

    def offloaded(self):
        return self.vpn.read("/proc/thread-self/net/nf_conntrack").count("[OFFLOAD]")


def _server_side(client, server):
    vif, lines = addresses.vif(client), [f"link set {addresses.vif(client)} up"]
    for own, gateway in ((addresses.own4(client), f"{addresses.gateway4(server)}/32 dev {vif}"),
                         (addresses.own6(client), f"{addresses.gateway6(server)}/128 dev {vif} nodad")):
        lines += [f"addr add {gateway}", f"route add {own} dev {vif}",
                  f"neigh replace {own} dev {vif} lladdr {addresses.mac(client)} nud permanent"]
    return "\n".join(lines) + "\n"


def _client_side(client, server):
    lines = ["link set eth0 up"]
    for own, gateway, anywhere in (
            (f"{addresses.own4(client)}/32 dev eth0", addresses.gateway4(server), "0.0.0.0/0"),
            (f"{addresses.own6(client)}/128 dev eth0 nodad", addresses.gateway6(server), "::/0")):
        lines += [f"addr add {own}", f"route replace {gateway} dev eth0",
                  f"neigh replace {gateway} dev eth0 lladdr {addresses.VIF_MAC} nud permanent",
                  f"route replace {anywhere} via {gateway} dev eth0 onlink"]
    return "\n".join(lines) + "\n"


# --- traffic


def _quietly(send, *arguments):
    """A packet that the own kernel refuses was tried all the same."""
    try:
        send(*arguments)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES,
                               errno.EINPROGRESS, errno.EAGAIN, errno.ECONNREFUSED):
            raise


class HeldUdp:
    """One flow of datagrams, from one port for as long as it lives."""

    packets = 1  # made by one send()

    def __init__(self, chain, version):
        self.version, self._chain = version, chain
        self._client, self._text = chain.app.socket(version), os.urandom(8)
        self.source = None  # as the server sees it

    def send(self):
        _quietly(self._client.sendto, self._text, (ECHO[self.version], ECHO_PORT))

    def open(self, rounds=4):
        """There and back, so that both kernels know it as established."""
        server = self._chain.echo[self.version]
        self._client.settimeout(DEADLINE)
        for _ in range(rounds):
            _drain(server.recv, 65536)  # what nobody read would fill the queue
            self.send()
            server.settimeout(DEADLINE)
            said, peer = server.recvfrom(65536)
            while said != self._text:
                said, peer = server.recvfrom(65536)
            server.sendto(b"back", peer)
            self._client.recv(64)
        self.source = peer[0]
        self._client.setblocking(False)
        return self


class HeldTcp:
    """One connection that stays."""

    packets = 1

    def __init__(self, chain, version):
        self.version, self._listening = version, chain.accepting[version]
        self._client = chain.app.socket(version, socket.SOCK_STREAM)
        self._server = self.source = None

    def open(self, rounds=4):
        _drain(self._listening.accept)
        self._client.settimeout(DEADLINE)
        self._client.connect((ECHO[self.version], ECHO_PORT))
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listening.settimeout(DEADLINE)
        self._server, (self.source, *_) = self._listening.accept()
        self._server.settimeout(DEADLINE)
        for _ in range(rounds):
            self._client.sendall(b"held")
            self._server.recv(64)
            self._server.sendall(b"back")
            self._client.recv(64)
        self._client.setblocking(False)
        return self

    def send(self):
        _quietly(self._client.send, b"held")


def _drain(take, *arguments):
    """Takes what earlier traffic left in a socket's queue."""
    take.__self__.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            left = take(*arguments)
            if isinstance(left, tuple):
                left[0].close()


class New:
    """Things that begin anew with each packet, from a qube: datagrams small and in fragments, TCP, ping."""

    packets = 4

    def __init__(self, space, version):
        self.version, self._space = version, space
        self._datagrams = []
        self._echo = space.socket(version, socket.SOCK_RAW,
                                  socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6)
        self._number = 0

    def send(self):
        target = (ECHO[self.version], ECHO_PORT)
        for size in (16, 3000):
            with self._space.socket(self.version) as datagram:
                _quietly(datagram.sendto, b"n" * size, target)
        with self._space.socket(self.version, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            _quietly(connection.connect, target)
        self._number += 1
        ping = bytearray(struct.pack(">BBHHH", 8 if self.version == 4 else 128, 0, 0, 1, self._number))
        total = sum(struct.unpack(">4H", ping))  # v6: the kernel fills it in
        struct.pack_into(">H", ping, 2, ~((total & 0xffff) + (total >> 16)) & 0xffff)
        _quietly(self._echo.sendto, bytes(ping), (ECHO[self.version], 0))


class Flood(threading.Thread):
    """Traffic that goes on while something else is done."""

    def __init__(self, sources):
        super().__init__(daemon=True)
        self._sources, self._ending, self.count = sources, threading.Event(), 0

    def run(self):
        while not self._ending.wait(0.01):
            for source in self._sources:
                source.send()
            self.count += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self.join()

    def wait_more(self, rounds):
        target, end = self.count + rounds, time.monotonic() + DEADLINE
        while self.count < target:
            if time.monotonic() > end or not self.is_alive():
                raise TimeoutError("no traffic is generated")
            time.sleep(0.01)


# --- WireGuard


class WireGuard:
    """The server, and tunnels of sys-vpn to it that are made as NetworkManager or wg-quick do."""

    def __init__(self, chain):
        self.chain = chain
        self.server_key, self.client_key = (self._wg("genkey") for _ in range(2))
        self.server_name, self.client_name = (self._wg("pubkey", key) for key in
                                              (self.server_key, self.client_key))
        chain.net.ip(f"link add {WG_SERVER} type wireguard\n"
                     f"addr add 10.66.0.1/24 dev {WG_SERVER}\naddr add fd00:66::1/64 dev {WG_SERVER} nodad\n"
                     f"link set {WG_SERVER} up\n")
        chain.net.run("wg", "set", WG_SERVER, "listen-port", str(SERVER_PORT), "private-key", "/dev/stdin",
                      "peer", self.client_name, "allowed-ips", f"{TUNNEL4}/32,{TUNNEL6}/128",
                      input=self.server_key)

    def _wg(self, command, key=""):
        return subprocess.run(["wg", command], input=key, text=True, check=True,
                              capture_output=True).stdout.strip()

    def up(self, name, endpoint, rules, port=51900):
        """rules: manager, with numbers; quick, where the kernel puts them."""
        vpn = self.chain.vpn
        vpn.ip(f"link add {name} type wireguard\n"
               f"addr add {TUNNEL4}/32 dev {name}\naddr add {TUNNEL6}/128 dev {name} nodad\n")
        vpn.run("wg", "set", name, "fwmark", str(FWMARK), "listen-port", str(port), "private-key", "/dev/stdin",
                "peer", self.server_name, "endpoint", endpoint, "allowed-ips", "0.0.0.0/0,::/0",
                input=self.client_key)
        vpn.ip(f"link set {name} mtu 1420 up\n"
               f"route add default dev {name} table {FWMARK}\nroute add ::/0 dev {name} table {FWMARK}\n")
        for version in (4, 6):
            vpn.ip(self._rules("add", rules), version)

    @staticmethod
    def _rules(verb, kind):
        mark = f"not from all fwmark {FWMARK} lookup {FWMARK}"
        main = "from all lookup main suppress_prefixlength 0"
        if kind == "manager":
            return f"rule {verb} priority 31220 {main}\nrule {verb} priority 31221 {mark}\n"
        return f"rule {verb} {mark}\nrule {verb} {main}\n"

    def take_rules(self, rules):
        for version in (4, 6):
            self.chain.vpn.ip(self._rules("del", rules), version)

    def profile(self, name, endpoint):
        """The same tunnel for NetworkManager, which connects it by itself."""
        return f"""[connection]
id={name}
uuid=11111111-8c3d-405f-a652-00163e5e6c09
type=wireguard
interface-name={name}
autoconnect=true
[wireguard]
private-key={self.client_key}
fwmark={FWMARK}
[wireguard-peer.{self.server_name}]
endpoint={endpoint}
allowed-ips=0.0.0.0/0;::/0;
[ipv4]
method=manual
address1={TUNNEL4}/32
[ipv6]
method=manual
address1={TUNNEL6}/128
"""

    def endpoint(self, name):
        return self.chain.vpn.run("wg", "show", name, "endpoints").stdout.split()[-1]

    def impostor(self, port):
        """The server once more, with its key, at another address and port: it speaks first."""
        self.chain.net.ip("link add wg-other type wireguard\nlink set wg-other up\n")
        self.chain.net.run("wg", "set", "wg-other", "listen-port", str(port), "private-key", "/dev/stdin",
                           "peer", self.client_name, "allowed-ips", "10.66.1.2/32",
                           "endpoint", f"{addresses.own4(VPN)}:51900", "persistent-keepalive", "1",
                           input=self.server_key)


class Manager:
    """The real NetworkManager in sys-vpn, with one profile. The guest's files are its own, so is its bus."""

    def __init__(self, chain, name, profile):
        self.chain, self.name = chain, name
        folder = "/etc/NetworkManager"
        subprocess.run(["rm", "-rf", folder, "/var/lib/NetworkManager"], check=True)
        for path in (f"{folder}/system-connections", "/run/dbus", "/var/lib/NetworkManager"):
            os.makedirs(path)
        with open(f"{folder}/NetworkManager.conf", "w", encoding="ascii") as file:
            file.write("[main]\nplugins=keyfile\nauth-polkit=false\nrc-manager=unmanaged\ndns=none\nno-auto-default=*\n"
                       f"[keyfile]\nunmanaged-devices=interface-name:eth0;interface-name:{addresses.vif(APP)}\n"
                       "[connectivity]\nenabled=false\n")
        path = f"{folder}/system-connections/{name}.nmconnection"
        with open(path, "w", encoding="ascii") as file:
            file.write(profile)
        os.chmod(path, 0o600)
        self._bus = self._start("dbus-daemon", "--system", "--nofork", "--nopidfile")
        self._wait("the bus", lambda: os.path.exists("/run/dbus/system_bus_socket"))
        self._manager = self._start("NetworkManager", "--no-daemon")

    def _start(self, *command):
        with self.chain.vpn:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, preexec_fn=self._own_sys)

    @staticmethod
    def _own_sys():
        """/sys shows the interfaces of the namespace that mounted it; read-only, or it waits for udev."""
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("sysfs", "/sys", "sysfs", kernel.MS_RDONLY)

    @staticmethod
    def _wait(what, question):
        end = time.monotonic() + DEADLINE
        while not question():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} does not come")
            time.sleep(0.2)

    def wait_up(self):
        """Until the tunnel has its rules and default routes of both families; the rules, as `ip` prints them."""
        vpn = self.chain.vpn
        self._wait(self.name, lambda: all(
            vpn.run("ip", f"-{version}", "route", "show", "default", "dev", self.name, "table", "all",
                    check=False).stdout and "suppress_prefixlength" in vpn.run("ip", f"-{version}", "rule").stdout
            for version in (4, 6)))
        return vpn.run("ip", "rule").stdout

    def down(self):
        self.chain.vpn.run("nmcli", "--wait", str(int(DEADLINE)), "connection", "down", self.name)

    def end(self):
        for process in (self._manager, self._bus):
            process.kill()
            process.wait()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Two OpenVPN providers with certificates of this run, and everything that goes wrong with servers."""
import os
import signal
import time

from . import addresses
from .internet import dnsmasq

_SERVER = """dev {tunnel}
dev-type tun
local {address}
proto {proto}
port {port}
server {pool4}.0 255.255.255.0
server-ipv6 {pool6}/64
topology subnet
ca {ca}
cert {certificate}
key {key}
dh none
keepalive 1 4
push "redirect-gateway def1 ipv6"
push "dhcp-option DNS {pool4}.1"
{exit_notify}
{more}
duplicate-cn
verb 3
"""

_PROFILE = """client
dev tun
proto {proto}
remote {address} {port}
nobind
persist-key
persist-tun
remote-cert-tls server
verb 3
<ca>
{ca}</ca>
<cert>
{certificate}</cert>
<key>
{key}</key>
"""


class Server:
    """One provider's server and resolver. The resolver answers dnsid.test with its own address, so
    a client can tell whose it asked."""

    def __init__(self, qube, provider, authority, credentials):
        self.qube = qube
        self.provider = addresses.PROVIDERS[provider]
        self._authority = authority
        self._certificate, self._key = credentials
        self._process = self._resolver = None

    @property
    def log(self):
        return self.qube.log_path(f"openvpn-{self.provider.key}")

    def start(self, pool4=None, exit_notify=False, wait=True, more=""):
        """pool4 other than the provider's (like "10.18.0"): a server that comes back with other
        tunnel addresses. exit_notify: a server that says goodbye (udp only). more: lines of its configuration."""
        one = self.provider
        pool4 = pool4 or one.pool4
        configuration = self.qube.write(f"run/openvpn-{one.key}.conf", _SERVER.format(
            tunnel=one.tunnel, address=one.egress4, port=one.port, pool4=pool4, pool6=one.pool6,
            proto="udp" if one.proto == "udp" else "tcp-server", ca=self._authority.certificate,
            certificate=self._certificate, key=self._key, more=more,
            exit_notify="explicit-exit-notify 1" if exit_notify and one.proto == "udp" else ""))
        self._began = self.log.stat().st_size if self.log.exists() else 0
        self._process = self.qube.daemon(["openvpn", "--config", f"/run/{configuration.name}"],
                                         self.log.name)
        if wait:
            self.wait()
            self._start_resolver(pool4)

    def wait(self, timeout=10.0):
        """Until it takes clients."""
        end = time.monotonic() + timeout
        while "Initialization Sequence Completed" not in self._new_log():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"server {self.provider.key}:\n{self._new_log()}")
            time.sleep(0.01)

    def kill(self):
        """Dies without a word; the client hears nothing."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ends politely."""
        self._end(signal.SIGTERM)

    def freeze(self):
        """Stops answering while its socket stays open; thaw() goes on."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self._process.pid, signal.SIGCONT)

    def restart(self, pool4=None, credentials=None, more=""):
        """credentials: another certificate and key from now on."""
        self.kill()
        if credentials:
            self._certificate, self._key = credentials
        self.start(pool4, more=more)

    def stop_dns(self):
        """The tunnel works, names do not."""
        if self._resolver:
            self._resolver.kill()
            self._resolver.wait()
            self._resolver = None

    def start_dns(self):
        self._start_resolver(self.provider.pool4)

    def profile(self, is_expired=False):
        """The text of the customer's .ovpn file; of one who has had it for too long."""
        one = self.provider
        certificate, key = self._authority.issue(f"client-{one.key}", "clientAuth", is_expired=is_expired)
        return _PROFILE.format(
            proto=one.proto, address=one.egress4, port=one.port,
            ca=self._authority.certificate.read_text(), certificate=certificate.read_text(),
            key=key.read_text())

    def _new_log(self):
        with open(self.log, "rb") as log:
            log.seek(self._began)
            return log.read().decode(errors="replace")

    def _start_resolver(self, pool4):
        self.stop_dns()
        self._resolver = dnsmasq(
            self.qube, f"dns-{self.provider.key}", "--bind-dynamic", "--except-interface=lo",
            f"--interface={self.provider.tunnel}", f"--address=/dnsid.test/{pool4}.1")

    def _end(self, number):
        if self._process:
            os.kill(self._process.pid, signal.SIGCONT)
            os.kill(self._process.pid, number)
            self._process.wait()
            self._process = None
        self.stop_dns()

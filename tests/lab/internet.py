# SPDX-License-Identifier: GPL-2.0-or-later
"""The internet of the lab: an address echo service by HTTP and HTTPS, and a DNS server that keeps a
record of who asked it (a question that arrives in the clear is a finding)."""
import os
import pathlib
import sys

from . import addresses, certificates


class Internet:
    def __init__(self, qube, authority):
        self.qube = qube
        self._authority = authority
        self.ca_file = authority.certificate
        self._certificate = authority.issue("echo", "serverAuth", certificates.echo_names())
        self.processes = {}

    def start(self):
        self.start_echo()
        self.start_dns()

    def start_echo(self):
        ready, done = os.pipe()
        here = pathlib.Path(__file__).resolve().parent
        self.processes["echo"] = self.qube.daemon(
            [sys.executable, "-IS", here / "echo_service.py", *self._certificate, done,
             addresses.ECHO4, addresses.ECHO6], "echo", pass_fds=[done])
        os.close(done)
        with open(ready, "rb") as pipe:
            pipe.read()  # ends when the service listens, or has died: then the first question fails
        if self.processes["echo"].poll() is not None:
            raise RuntimeError(self.qube.log_path("echo").read_text())

    def start_dns(self):
        self.processes["dns"] = dnsmasq(
            self.qube, "internet-dns", "--bind-interfaces",
            f"--listen-address={addresses.INTERNET_DNS4},{addresses.INTERNET_DNS6}",
            "--address=/dnsid.test/203.0.113.53", "--address=/example.com/203.0.113.53")

    def start_known_services(self):
        """At the addresses by which `sysvpn check` asks: who we are, and a resolver of somebody else's."""
        names = ",".join(f"IP:{address}" for address in addresses.KNOWN_ECHO)
        certificate = self._authority.issue("known-echo", "serverAuth", names)
        for address in (*addresses.KNOWN_ECHO, *addresses.KNOWN_DNS):
            self.qube.run(["ip", "address", "add", address, "dev", "lo"])
        ready, done = os.pipe()
        here = pathlib.Path(__file__).resolve().parent
        self.processes["known-echo"] = self.qube.daemon(
            [sys.executable, "-IS", here / "echo_service.py", *certificate, done, *addresses.KNOWN_ECHO],
            "known-echo", pass_fds=[done])
        os.close(done)
        with open(ready, "rb") as pipe:
            pipe.read()
        self.processes["known-dns"] = dnsmasq(
            self.qube, "known-dns", "--bind-interfaces", f"--listen-address={','.join(addresses.KNOWN_DNS)}",
            "--address=/example.com/203.0.113.53")

    def start_encrypted_dns(self):
        """DNS over TLS and over HTTPS at ENCRYPTED_DNS4, whose answer for dnsid.test tells it from the
        plain server. Runs only where a suite has a resolver in sys-dns."""
        if "encrypted-dns" not in self.processes:
            key_pair = self._authority.issue("dns", "serverAuth",
                                             f"DNS:{addresses.ENCRYPTED_DNS_NAME}")
            self.processes["encrypted-dns"] = unbound(
                self.qube, "encrypted-dns", _ENCRYPTED_DNS.format(
                    address=addresses.ENCRYPTED_DNS4, echo4=addresses.ECHO4, echo6=addresses.ECHO6,
                    certificate=key_pair[0], key=key_pair[1]))

    def stop(self, name):
        """Stops "echo", "dns" or "encrypted-dns"."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def dns_questions(self):
        """Names asked for in the clear, that is, at the internet's own server, oldest first."""
        log = self.qube.log_path("internet-dns").read_text(errors="replace")
        return [line.split("] ", 1)[1].split()[0]
                for line in log.splitlines() if " query[" in line]


_ENCRYPTED_DNS = """
  interface: {address}@853
  interface: {address}@443
  access-control: 0.0.0.0/0 allow
  tls-service-pem: {certificate}
  tls-service-key: {key}
  local-zone: "." static
  local-data: ". NS ns.dns.test."
  local-data: "dnsid.test. A {address}"
  local-data: "dnsid.example.com. A {address}"
  local-data: "example.com. A {address}"
  local-data: "myip.test. A {echo4}"
  local-data: "myip.test. AAAA {echo6}"
"""


def unbound(qube, name, server, more=""):
    """A DNS server or resolver: server is its configuration's part of that name, more what follows."""
    return qube.daemon(["unbound", "-d", "-c", unbound_config(qube, name, server, more)], name)


def unbound_config(qube, name, server, more=""):
    qube.write(f"run/{name}.conf", f"""server:
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "/run"
  pidfile: ""
  use-syslog: no
  log-queries: yes
  module-config: "iterator"
  num-threads: 1
  local-zone: "test." nodefault
{server}
remote-control:
  control-enable: no
{more}""")
    return f"/run/{name}.conf"


def dnsmasq(qube, log, *options):
    """A DNS server that answers from its command line only. Names: myip.test, vpn.test, dnsid.test."""
    return qube.daemon(
        ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
         "--pid-file=", "--user=root", "--log-queries", "--log-facility=-",
         f"--address=/myip.test/{addresses.ECHO4}", f"--address=/myip.test/{addresses.ECHO6}",
         "--address=/vpn.test/198.51.100.10", *options], log)

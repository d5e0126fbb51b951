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
            "--address=/dnsid.test/203.0.113.53")

    def stop(self, name):
        """Stops "echo" or "dns"."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def dns_questions(self):
        """Names asked for in the clear, that is, at the internet's own server, oldest first."""
        log = self.qube.log_path("internet-dns").read_text(errors="replace")
        return [line.split("] ", 1)[1].split()[0]
                for line in log.splitlines() if " query[" in line]


def dnsmasq(qube, log, *options):
    """A DNS server that answers from its command line only. Names: myip.test, vpn.test, dnsid.test."""
    return qube.daemon(
        ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
         "--pid-file=", "--user=root", "--log-queries", "--log-facility=-",
         f"--address=/myip.test/{addresses.ECHO4}", f"--address=/myip.test/{addresses.ECHO6}",
         "--address=/vpn.test/198.51.100.10", *options], log)

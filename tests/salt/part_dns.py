# SPDX-License-Identifier: GPL-2.0-or-later
"""sys-dns' part, in a qube of the lab, on the configuration that the package has there."""
import os

import machine
from lab import installed
from lab.qube import Qube

STATE = "qubes.network.sys-vpn"
RESOLVER = "rw/config/sysvpn-resolver/dnscrypt-proxy.toml"
SHIPPED = machine.TESTS.parent / "data/sys-dns/dnscrypt-proxy.toml"


def test_dns(plan, qube, salt):
    run = salt.apply(STATE)
    plan.ok(not run.fine() and "not in Debian 12" in str(run), "sys-dns without dnscrypt-proxy: it says so", run)
    qube.write("run/bin/dnscrypt-proxy", "#!/bin/sh\n", 0o755)
    run = salt.apply(STATE, test=True)
    plan.ok(run.fine() and run.changed() == [], "sys-dns with the package's own configuration: nothing to do", run)
    salt.set_pillar({"dns": {"resolvers": ["mullvad-doh", "cloudflare-doh"]}})
    run = salt.apply("qubes.network.sys-dns", test=True)
    plan.ok(run.fine() and "resolvers" in run.changed() and not qube.path(RESOLVER).exists(),
            "test=True in sys-dns changes nothing, and says what it would", run)
    run = salt.apply("qubes.network.sys-dns")
    text = qube.path(RESOLVER).read_text()
    plan.ok(run.fine() and "\nserver_names = ['mullvad-doh', 'cloudflare-doh']\n" in text, "the pillar's resolvers are used",
            text + str(run))
    plan.ok(text.count("\n") == qube.path("etc/sysvpn/dnscrypt-proxy.toml").read_text().count("\n") + 1,
            "the rest is the package's configuration")
    plan.ok("try-restart sysvpn-resolver.service" in qube.path("run/systemctl.log").read_text(), "the resolver is restarted")
    run = salt.apply("qubes.network.sys-dns")
    plan.ok(run.fine() and run.changed() == [], "a second run changes nothing", run)
    salt.set_pillar({"dns": {"resolvers": ["nobody-knows"]}})
    before = text
    run = salt.apply("qubes.network.sys-dns")
    plan.ok(not run.fine() and "no resolver of one of these names" in str(run) and qube.path(RESOLVER).read_text() == before,
            "a resolver that the configuration does not have is refused", run)
    salt.set_pillar(None)
    run = salt.apply("qubes.network.sys-dns")
    plan.ok(run.fine() and not qube.path(RESOLVER).exists(), "without the list the package's own is back", run)
    qube.write(RESOLVER, "server_names = ['mine']\n")
    run = salt.apply("qubes.network.sys-dns")
    plan.ok(run.fine() and run.changed() == [], "a configuration of the user's own is left alone", run)
    salt.set_pillar({"dns": {"resolvers": ["mullvad-doh"]}})
    run = salt.apply("qubes.network.sys-dns")
    plan.ok(not run.fine() and "is yours" in str(run) and qube.path(RESOLVER).read_text() == "server_names = ['mine']\n",
            "and is not replaced by the pillar's, which is said", run)


def run(plan, build):
    folder = os.environ["LABDIR"]
    qube = Qube("sys-dns", folder)
    installed.place(installed.stage(build, folder), qube)
    qube.write("etc/sysvpn/dnscrypt-proxy.toml", SHIPPED.read_text())
    test_dns(plan, qube, machine.in_qube(qube, build, machine.VERSIONS[-1], folder))

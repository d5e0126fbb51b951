# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to the tunnel and to the programs that hold it, with old flows going on all the time."""
import contextlib
import os
import pathlib
import signal
import threading
import time

import lab
import tap
from lab import capture, traffic

from .field import A, Field

DAY_S = 24 * 3600


def run(build, record):
    with Field(build, record) as field:
        field.control("before the killswitch")
        with field.attack("loaded while clear flows run", passes=False):
            field.load()
            field.oracle.clear()  # until the load was done they could leave
            field.flood(3)
        field.start_agent()
        for scenario in (connecting, up, server_gone, server_back_with_another_pool, openvpn_killed,
                         device_deleted, routes_emptied, agent_killed, manager_killed, all_frozen,
                         clocks_jump, disconnected):
            scenario(field)
        field.end_control()


def connecting(field):
    server = field.world.servers["A"]
    server.freeze()
    try:
        with field.attack("connecting, to a server that does not answer", passes=False):
            since = field.watch.mark()
            failure = []

            def connect():
                try:
                    field.connect()
                except RuntimeError as error:
                    failure.append(error)
            waiting = threading.Thread(target=connect)
            waiting.start()
            field.watch.wait(since, tunnel="connecting")
            field.flood()
    finally:
        server.thaw()
    with field.attack("coming up when the server answers"):
        waiting.join()
        if failure:
            raise failure[0]
        field.wait_arrivals()


def up(field):
    internet, server = (field.world.qubes[name] for name in ("internet", "vpn-server"))
    with field.attack("up") as attack:
        field.wait_arrivals(least=20)
        with capture.Capture(internet, "srv0", server) as beyond:
            attack.flood(20)
            seen = traffic.kinds_seen(beyond.seen())
        # resolvers and the servers' own addresses are found elsewhere than out there
        field.record.equal("up: every kind of traffic passes the tunnel, old flows too",
                           sorted(set(traffic.KINDS) - seen - {"server"}), [])


def server_gone(field):
    field.ensure_up()
    with field.attack("server gone"):
        field.wait_arrivals()
        field.world.servers["A"].kill()
        field.flood(20)


def server_back_with_another_pool(field):
    """OpenVPN comes back without addresses and routes, NetworkManager says activated."""
    server = field.world.servers["A"]
    with field.attack("server back with another address pool"):
        server.start(pool4="10.18.0")
        tap.wait_for("the ghost tunnel", lambda: field.world.tunnel_device() is None, timeout=60)
        field.flood(20)
        field.record.equal("server back with another pool: NetworkManager still says activated",
                           field.world.nm.active(), [A.profile])
        answer = field.call("Reconnect")
        if answer.get("result") != "ok":
            raise RuntimeError(f"Reconnect: {answer}\n{field.agent_log()}")
        field.wait_arrivals()
    server.restart()


def openvpn_killed(field):
    field.ensure_up()
    with field.attack("openvpn killed"):
        since = field.watch.mark()
        for process in processes(field.world.vpn, "openvpn"):
            os.kill(process, signal.SIGKILL)
        field.watch.wait(since, tunnel="down")
        field.flood()
        field.ensure_up()


def device_deleted(field):
    field.ensure_up()
    with field.attack("tunnel device deleted by hand"):
        field.world.vpn.run(["ip", "link", "del", field.world.tunnel_device()])
        field.flood()
        field.world.nm.down(A.profile, check=False)
        field.ensure_up()


def routes_emptied(field):
    field.ensure_up()
    with field.attack("routing tables emptied"):
        for family in ("-4", "-6"):
            field.world.vpn.run(["ip", family, "route", "flush", "table", "main"])
        field.flood()
        field.world.nm.nmcli("connection", "up", "id", "VM uplink eth0")
        restore_downstream(field)
        field.flood()
        field.ensure_up()


def agent_killed(field):
    field.ensure_up()
    with field.attack("agent killed"):
        field.world.product.stop_agent(signal.SIGKILL)
        field.flood()
        field.wait_arrivals()
        field.start_agent()
        field.watch.wait(tunnel="up", killswitch="armed")
        field.wait_arrivals()


def manager_killed(field):
    """The agent brings the tunnel up again by itself."""
    field.ensure_up()
    with field.attack("NetworkManager killed"):
        since = field.watch.mark()
        field.world.nm.kill("manager")
        field.watch.wait(since, tunnel=("down", "unknown"))
        field.flood()
        field.world.nm.start_manager()
        field.world.nm.wait_online()
        field.watch.wait(since, tunnel="up", timeout=60)
        field.wait_arrivals()


def all_frozen(field):
    """As over a suspend, every program stands still while the kernel passes packets."""
    field.ensure_up()
    with field.attack("every program of sys-vpn frozen and thawed, as by suspend"):
        frozen = [process for name in ("openvpn", "NetworkManager", "sysvpn-agent")
                  for process in processes(field.world.vpn, name)]
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            field.flood(20)
        finally:
            for process in frozen:
                os.kill(process, signal.SIGCONT)
        field.wait_arrivals()


def clocks_jump(field):
    """A running program's clocks cannot be set without the whole machine's, so it is the next agent
    that finds itself a day ahead, and the one after it a day back."""
    field.ensure_up()
    with field.attack("the agent's clocks a day ahead, then back"):
        for under in (["unshare", "--time", "--boottime", DAY_S, "--monotonic", DAY_S], ()):
            field.world.product.stop_agent(signal.SIGKILL)
            field.flood(2)
            field.start_agent(under)
            report = field.watch.wait(tunnel="up", killswitch="armed")
            ahead = int(report["boottime_ms"]) / 1000 - time.clock_gettime(time.CLOCK_BOOTTIME)
            field.record.equal("the agent's clock is where it should be",
                               round(ahead / DAY_S), 1 if under else 0)
            field.wait_arrivals()


def disconnected(field):
    field.ensure_up()
    with field.attack("disconnected by the user", passes=False):
        answer = field.call("Disconnect")
        field.record.equal("Disconnect is allowed while armed", answer.get("result"), "ok")
        field.oracle.clear()
        field.flood(20)


def processes(qube, name):
    """Ids of the programs of that name in this qube: all qubes share one list of processes."""
    own = os.readlink(f"/proc/{qube.pid}/ns/net")
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if ((entry / "comm").read_text().strip() == name[:15]
                    and os.readlink(entry / "ns/net") == own):
                yield int(entry.name)


def restore_downstream(field):
    """The routes to the client that Qubes' vif script had made."""
    for own in (lab.addresses.own4("sys-dns"), lab.addresses.own6("sys-dns")):
        field.world.vpn.run(["ip", "route", "replace", own, "dev",
                             lab.addresses.vif("sys-dns")])

# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to the uplink; the oracle sits at the ISP, because the link in front of it goes away."""
import lab
import tap

from .field import A, Field


def run(build, record):
    with Field(build, record, at_isp=True) as field:
        field.control("before the killswitch")
        boot(field)
        field.start_agent()
        for scenario in (carrier_flap, down_and_up, replugged, client_replugged):
            scenario(field)
        field.end_control()


def boot(field):
    """The order of a boot: an uplink that nobody has configured, the killswitch, NetworkManager."""
    world = field.world
    world.nm.kill("manager")
    world.chain.unplug("sys-vpn")
    with field.attack("boot: killswitch before NetworkManager, then the first tunnel"):
        field.load()
        field.oracle.clear()
        world.chain.plug("sys-vpn")
        field.flood()
        world.nm.start_manager()
        world.nm.wait_online()
        field.flood()
        world.nm.up(A.profile)
        field.wait_arrivals()


def carrier_flap(field):
    field.ensure_up()
    with field.attack("uplink's carrier lost and back, 10 times"):
        for _ in range(10):
            _carrier(field, "down")
            field.flood(1)
            _carrier(field, "up")
            field.flood(1)
        field.ensure_up()


def _carrier(field, state):
    """The other end of the cable; sys-net's own addresses and routes there are put back."""
    net, vif = field.world.net, lab.addresses.vif("sys-vpn")
    net.run(["ip", "link", "set", vif, state])
    if state == "up":
        for own, gateway in ((lab.addresses.own4("sys-vpn"), lab.addresses.gateway4("sys-net")),
                             (lab.addresses.own6("sys-vpn"), lab.addresses.gateway6("sys-net"))):
            net.run(["ip", "addr", "replace", gateway, "dev", vif])
            net.run(["ip", "route", "replace", own, "dev", vif, "metric", "32743"])
            net.run(["ip", "neigh", "replace", own, "dev", vif, "lladdr",
                     lab.addresses.mac("sys-vpn"), "nud", "permanent"])


def down_and_up(field):
    """NetworkManager loses the uplink and everything on it; the agent brings the tunnel back."""
    field.ensure_up()
    with field.attack("uplink down and up, 5 times"):
        for _ in range(5):
            since = field.watch.mark()
            field.world.nm.nmcli("device", "disconnect", "eth0")
            field.watch.wait(since, tunnel="down")
            field.flood(2)
            field.world.nm.nmcli("connection", "up", "id", "VM uplink eth0")
            field.ensure_up()
        field.world.vpn.run(["ip", "link", "set", "eth0", "down"])
        field.flood(2)
        field.world.vpn.run(["ip", "link", "set", "eth0", "up"])
        field.flood(2)
        field.world.nm.nmcli("connection", "up", "id", "VM uplink eth0")
        field.ensure_up()


def replugged(field):
    field.ensure_up()
    field.world.chain.add_netvm("sys-net-2")
    with field.attack("uplink unplugged and replugged as another netvm and back, twice"):
        for netvm in ("sys-net-2", "sys-net") * 2:
            since = field.watch.mark()
            field.world.chain.unplug("sys-vpn")
            field.watch.wait(since, tunnel="down")
            field.flood(2)
            field.world.nm.change_uplink(netvm)
            field.world.chain.plug("sys-vpn", netvm)
            field.flood(2)
            # the route is there a little before NetworkManager takes a VPN on top of it
            tap.wait_for("the uplink", lambda: field.world.nm.nmcli(
                "-g", "GENERAL.STATE", "connection", "show", "VM uplink eth0",
                check=False).stdout.strip() == "activated")
            field.ensure_up()
            field.record.equal(f"the way out is {netvm}", lab.addresses.gateway4(netvm) in field.world.vpn.run(
                ["ip", "route", "get", A.egress4]).stdout, True)


def client_replugged(field):
    """Also while there is no tunnel: a client that comes then finds nothing open."""
    field.ensure_up()
    with field.attack("client unplugged and plugged in again, with a tunnel and without"):
        for provider in (A, None, A):
            if provider:
                field.connect(provider)
            else:
                field.call("Disconnect")
            field.world.chain.unplug("sys-dns")
            field.flood(2)
            field.world.chain.plug("sys-dns")
            field.flood(2)
        field.wait_arrivals()

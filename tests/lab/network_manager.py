# SPDX-License-Identifier: GPL-2.0-or-later
"""Real NetworkManager, dbus-daemon and polkitd in sys-vpn. /run is the qube's own, so the bus is the
ordinary system bus there: every client, policy and activation helper works without a variable."""
import os
import pathlib
import shutil
import subprocess

from . import addresses, platform_rules

RULES = pathlib.Path(__file__).resolve().parents[2] / "data/polkit/50-sysvpn.rules"

_CONFIGURATION = """[main]
plugins=keyfile
auth-polkit=true
rc-manager=file
dns=default
no-auto-default=*
[keyfile]
# a veth has no permanent address, by which Qubes itself excludes them
unmanaged-devices=mac:fe:ff:ff:ff:ff:ff;interface-name:vif*
[connectivity]
enabled=false
[logging]
level={level}
"""

# as Qubes writes it, in the old format that NetworkManager still reads
_UPLINK = """[802-3-ethernet]
duplex=full
[ethernet]
mac-address={mac}
[connection]
id=VM uplink eth0
uuid=de85f79b-8c3d-405f-a652-{tail}
type=802-3-ethernet
[ipv4]
method=manual
may-fail=false
dns={dns}
addresses1={own4};32;{gateway4}
[ipv6]
method=manual
may-fail=false
addresses1={own6};128;{gateway6}
"""


class NetworkManager:
    def __init__(self, qube, level="INFO"):
        self.qube = qube
        self.level = level
        self.processes = {}

    def prepare(self):
        """Files only; the folders of this machine's own NetworkManager are emptied in the overlay."""
        qube = self.qube
        for name in ("etc/NetworkManager/system-connections", "var/lib/NetworkManager",
                     "etc/NetworkManager/conf.d", "etc/NetworkManager/dispatcher.d"):
            shutil.rmtree(qube.path(name), ignore_errors=True)
            qube.path(name).mkdir(parents=True)
        qube.path("run/NetworkManager").mkdir()
        qube.write("etc/NetworkManager/NetworkManager.conf",
                   _CONFIGURATION.format(level=self.level))
        self._write_uplink("sys-net")
        qube.write("etc/NetworkManager/dispatcher.d/qubes-nmhook", _DNS_HOOK, 0o755)
        shutil.rmtree(qube.path("etc/polkit-1/rules.d"), ignore_errors=True)
        qube.path("etc/polkit-1/rules.d").mkdir(parents=True, mode=0o755)
        qube.write("etc/polkit-1/rules.d/50-sysvpn.rules", RULES.read_text())

    def _write_uplink(self, netvm):
        mac = addresses.mac(self.qube.name)
        self.qube.write("etc/NetworkManager/system-connections/qubes-uplink-eth0", _UPLINK.format(
            mac=mac, tail=mac.replace(":", ""), dns=";".join(addresses.DNS),
            own4=addresses.own4(self.qube.name), gateway4=addresses.gateway4(netvm),
            own6=addresses.own6(self.qube.name), gateway6=addresses.gateway6(netvm)), 0o600)

    def change_uplink(self, netvm):
        """The uplink's profile for another network qube, as Qubes' setup-ip writes it."""
        self._write_uplink(netvm)
        self.nmcli("connection", "reload")

    def start(self):
        """Returns when the bus, polkit and NetworkManager answer and the uplink is up."""
        self.start_bus()
        self.start_polkit()
        self.start_manager()
        self.wait_online()

    def start_bus(self):
        ready, done = os.pipe()
        self.processes["bus"] = self.qube.daemon(
            ["dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog",
             f"--print-address={done}"], "dbus", pass_fds=[done])
        os.close(done)
        with open(ready, "rb") as pipe:
            if not pipe.readline():
                raise RuntimeError("dbus: " + self.qube.log_path("dbus").read_text())

    def start_polkit(self):
        # waited for, else NetworkManager's first question has the bus start a second one
        self.processes["polkit"] = self.qube.daemon(["/usr/lib/polkit-1/polkitd", "--no-debug"],
                                                    "polkit")
        self.qube.run(["gdbus", "wait", "--system", "--timeout", "20",
                       "org.freedesktop.PolicyKit1"])

    def start_manager(self):
        self.processes["manager"] = self.qube.daemon(
            ["NetworkManager", "--debug", "--pid-file=/run/NetworkManager.pid"], "nm")

    def wait_online(self):
        """Start-up complete: every profile that autoconnects has been tried."""
        self.qube.run(["nm-online", "-q", "-s", "-t", "30"])

    def kill(self, name, signal_name="KILL"):
        """Ends "manager", "bus" or "polkit" by a signal; start_... brings it back."""
        process = self.processes.pop(name)
        subprocess.run(["kill", f"-{signal_name}", str(process.pid)], check=True)
        process.wait()

    def up(self, profile, user=None, check=True, timeout=75):
        """nmcli connection up; returns when it is activated, or has failed (see check)."""
        return self.nmcli("connection", "up", "id", profile, user=user, check=check,
                          timeout=timeout)

    def down(self, profile, user=None, check=True):
        return self.nmcli("connection", "down", "id", profile, user=user, check=check)

    def active(self):
        """Names of the active vpn and wireguard profiles."""
        lines = self.nmcli("-g", "NAME,TYPE,STATE", "connection", "show", "--active").stdout
        found = [line.rsplit(":", 2) for line in lines.splitlines()]
        return [name for name, kind, state in found
                if kind in ("vpn", "wireguard") and state == "activated"]

    def uuid(self, profile):
        return self.nmcli("-g", "connection.uuid", "connection", "show", profile).stdout.strip()

    def nmcli(self, *arguments, user=None, check=True, timeout=75):
        return self.qube.run(["env", "HOME=/var/lib/lab-home", "LC_ALL=C.UTF-8", "nmcli",
                              *arguments], user=user, check=check, timeout=timeout)

    def import_openvpn(self, name, text):
        """NetworkManager's own importer; it stores certificates below $HOME, which is of the lab."""
        self.qube.path("var/lib/lab-home").mkdir(exist_ok=True)
        self.qube.write(f"run/{name}.ovpn", text, 0o600)
        self.nmcli("connection", "import", "type", "openvpn", "file", f"/run/{name}.ovpn")


# qubes-nmhook and qubes-setup-dnat-to-ns: after a change of connections, the clients' resolver
# addresses lead to the first two servers of resolv.conf. Not on `down`, as on Qubes.
_DNS_HOOK = """#!/bin/sh
case "$2" in up|vpn-up|vpn-down|dhcp4-change) ;; *) exit 0 ;; esac
set -- $(sed -n 's/^nameserver *//p' /etc/resolv.conf | grep -v :)
nft -f - <<RULES
""" + platform_rules.dnat_dns("@1@", "@2@").replace("@1@", "${1:-10.139.1.1}").replace(
    "@2@", "${2:-${1:-10.139.1.1}}") + "RULES\n"

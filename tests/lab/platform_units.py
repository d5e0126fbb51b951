# SPDX-License-Identifier: GPL-2.0-or-later
"""The units of Qubes that a network-providing qube's boot is made of, as facts about their order and
effects describe them, for systemd.py: rules, then qubes-firewall with the user's scripts, then
forwarding; the uplink beside them. Shorter than Qubes' own, with the same dependencies."""
from . import platform_rules

_FIREWALL = """#!/bin/bash
# In Qubes a Python program: tables, then the scripts, each to its end, then READY=1.
trap 'nft delete table ip qubes-firewall; nft delete table ip6 qubes-firewall; exit' TERM
nft -f {rules}
for script in /etc/qubes/qubes-firewall.d/* /rw/config/qubes-firewall.d/* \\
  /rw/config/qubes-firewall-user-script; do
  [ ! -x "$script" ] || "$script"
done
systemd-notify --ready
while :; do sleep 1000 & wait; done
"""

_UNITS = {
    "qubes-sysinit.service": """[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
""",
    "qubes-iptables.service": """[Unit]
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=nft -f {base}
[Install]
WantedBy=network-pre.target
""",
    "qubes-firewall.service": """[Unit]
After=qubes-iptables.service
Before=qubes-network.service
[Service]
Type=notify
NotifyAccess=all
ExecStart={firewall}
[Install]
WantedBy=multi-user.target
""",
    "qubes-network.service": """[Unit]
Wants=network-pre.target
After=network-pre.target qubes-iptables.service
Before=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
[Install]
WantedBy=multi-user.target
""",
    "qubes-network-uplink@.service": """[Unit]
Requires=network-pre.target
After=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
""",
    # udev starts it as soon as there is an eth0, which is before any of these
    "plugged.service": """[Unit]
Wants=qubes-network-uplink@eth0.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
""",
}


def add_to(systemd, rules):
    """rules: what qubes-iptables loads, in the order of platform_rules."""
    folder = systemd.folder
    (folder / "base.nft").write_text(rules)
    (folder / "firewall.nft").write_text(platform_rules.firewall())
    script = folder / "qubes-firewall"
    script.write_text(_FIREWALL.format(rules=folder / "firewall.nft"))
    script.chmod(0o755)
    for name, text in _UNITS.items():
        systemd.unit(name, text.format(base=folder / "base.nft", firewall=script))


def before_boot(qube):
    """A qube as it is before its units run: no rules, nothing forwarded."""
    qube.run(["nft", "flush", "ruleset"])
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        qube.run(["sh", "-c", f"echo 0 >/proc/sys/net/{name}"])


def forwards(qube):
    """Whether the qube passes packets on, of either family."""
    return "1" in qube.run(["cat", "/proc/sys/net/ipv4/ip_forward",
                            "/proc/sys/net/ipv6/conf/all/forwarding"]).stdout

# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of a boot, computed from the unit files: ours as they are built, NetworkManager's as Debian ships
it, Qubes' as facts about them say. For the suite killswitch-load."""
import pathlib
import re
import subprocess
import tempfile

# What is known of the platform's units: who comes before whom. None of them requires another.
PLATFORM = {
    "qubes-sysinit.service": "DefaultDependencies=no\nBefore=sysinit.target",
    "qubes-mount-dirs.service": "DefaultDependencies=no\nAfter=qubes-sysinit.service\nBefore=local-fs.target",
    "qubes-iptables.service": "Before=network-pre.target\nWants=network-pre.target",
    "qubes-antispoof.service": "Before=network-pre.target\nWants=network-pre.target",
    "qubes-firewall.service": "After=qubes-iptables.service\nBefore=qubes-network.service",
    "qubes-network.service": "After=network-pre.target qubes-iptables.service",
    "qubes-network-uplink@.service": "Requires=network-pre.target\nAfter=network-pre.target",
}
OURS = ("sysvpn-agent.service", "sysvpn-import.service", "sysvpn-killswitch.service")
SOCKETS = ("sysvpn-agent.socket",)
# What makes a network: without the killswitch none of it may start.
NETWORK = ("qubes-network.service", "NetworkManager.service", "qubes-network-uplink@.service")
MANAGER = pathlib.Path("/lib/systemd/system/NetworkManager.service")


def lay_out(folder, build, data):
    for name, text in PLATFORM.items():
        (folder / name).write_text(f"[Unit]\n{text}\n[Service]\nType=oneshot\nExecStart=/bin/true\n")
    (folder / "NetworkManager.service").write_text(MANAGER.read_text())
    for name in OURS:
        text = (build / "data" / name).read_text()
        # what the programs are is not the question, and they are not installed here
        (folder / name).write_text(re.sub(r"(?m)^(Exec\w+)=.*", r"\1=/bin/true", text))
    for name in SOCKETS:
        (folder / name).write_text((data / "systemd" / name).read_text())
    for name in NETWORK:
        (folder / f"{name}.d").mkdir()
        (folder / f"{name}.d/50-sysvpn.conf").write_text((data / "systemd/requires-killswitch.conf").read_text())
    wanted = folder / "multi-user.target.wants"
    wanted.mkdir()
    for name in (*PLATFORM, "NetworkManager.service", *OURS):
        (wanted / name.replace("@.", "@eth0.")).symlink_to(folder / name)


def settings(folder, name):
    """{key: [words]} of the section Unit, drop-ins included."""
    found = {}
    for path in (folder / name, *folder.glob(f"{name}.d/*.conf")):
        section = None
        for line in path.read_text().splitlines():
            if line.startswith("["):
                section = line
            elif section == "[Unit]" and "=" in line:
                key, words = line.split("=", 1)
                found.setdefault(key, []).extend(words.split())
    return found


def followers(units, name):
    """Everything that waits for name, at whatever distance."""
    after = {}
    for other, keys in units.items():
        for one in keys.get("Before", []):
            after.setdefault(other, set()).add(one)
        for one in keys.get("After", []):
            after.setdefault(one, set()).add(other)
    found, left = set(), [name]
    while left:
        for one in after.get(left.pop(), set()) - found:
            found.add(one)
            left.append(one)
    return found


def test_units(plan, build, data):
    with tempfile.TemporaryDirectory(prefix="killswitch-units-") as name:
        folder = pathlib.Path(name)
        lay_out(folder, build, data)
        units = {unit: settings(folder, unit) for unit in (*PLATFORM, "NetworkManager.service", *OURS)}
        loader = units["sysvpn-killswitch.service"]
        later = followers(units, "sysvpn-killswitch.service")
        plan.equal({unit: (unit in later, "sysvpn-killswitch.service" in units[unit].get("Requires", []))
                    for unit in NETWORK}, {unit: (True, True) for unit in NETWORK},
                   "units: what makes a network waits for the killswitch and does not start without it")
        plan.ok({"network-pre.target", "qubes-firewall.service", *OURS[:2]} <= later,
                "units: and so does whatever filters later, imports or controls", later)
        plan.ok("sysvpn-killswitch.service" in followers(units, "qubes-iptables.service")
                and "sysvpn-killswitch.service" in followers(units, "qubes-sysinit.service"),
                "units: the platform's own rules and the service flag are there before it")
        plan.equal((loader.get("RequiresMountsFor"), loader.get("ConditionPathExists"),
                    loader.get("Requires"), loader.get("BindsTo"), loader.get("Conflicts")),
                   (["/rw"], ["/var/run/qubes-service/sysvpn"], None, None, None),
                   "units: it needs /rw and the flag, and nothing whose failure could keep it from running")
        plan.ok(not re.search(r"(?m)^ExecStop", (folder / "sysvpn-killswitch.service").read_text()),
                "units: stopping it takes nothing away")
        done = subprocess.run(["systemd-analyze", "--man=no", "verify", "multi-user.target",
                               *(folder / one for one in OURS)], text=True, capture_output=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{folder}:"})
        said = [line for line in (done.stdout + done.stderr).splitlines() if name in line or "sysvpn" in line
                or "cycle" in line]
        plan.equal(said, [], "units: systemd finds no cycle and nothing to complain about")

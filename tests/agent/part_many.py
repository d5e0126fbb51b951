# SPDX-License-Identifier: GPL-2.0-or-later
"""More profiles than an answer takes, with names of every kind, and thousands of endpoints."""
import uuid

import lab
from calls import A, ENDPOINTS, Agent, is_like

PROFILE = """[connection]
id={name}
uuid={uuid}
type={type}
autoconnect=false
[vpn]
service-type=org.freedesktop.NetworkManager.openvpn
remote={remote}
connection-type=tls
"""
NAMES = {  # as NetworkManager has it, as the wire carries it
    "Zürich": "Z__rich", "a = b": "a = b", "<b>bold</b> & more": "<b>bold</b> & more",
    "\\tTab": "_Tab", "🔒": "____", "x" * 150: "x" * 100,
}


def run(plan, build):
    with lab.Lab() as world:
        folder = world.vpn.path("etc/NetworkManager/system-connections")

        def add(number, **fields):
            values = {"name": f"Many {number:04}", "uuid": uuid.uuid4(), "type": "vpn",
                      "remote": "203.0.113.9:1194"} | fields
            target = folder / f"many-{number}"
            target.write_text(PROFILE.format(**values))
            target.chmod(0o600)
        for number, name in enumerate(NAMES):
            add(number, name=name, remote="198.51.7.7:443:tcp")
        for number in range(len(NAMES), 1010):
            add(number)
        world.nm.nmcli("connection", "reload")
        agent = Agent(world, build, probe=False, endpoints=ENDPOINTS + [
            f"198.51.{number // 250}.{number % 250} 443 tcp" for number in range(2500)])
        agent.wait_status(tunnel="down", endpoints="2502")
        watch = agent.watch()
        listed = agent.ask("Profiles", timeout=10)
        values = [listed[f"profile_{number}"] for number in range(1000)]
        plan.equal(len(listed), 1002, "of 1012 profiles 1000 are told, within ten seconds")
        names = [value.split(" ", 3)[3] for value in values]
        plain = [name for name in names if "_" not in name]
        plan.ok(plain == sorted(plain, key=str.lower), "in the order of their names", plain[:9])
        plan.ok(set(list(NAMES.values())[1:4]) < set(names), "names are cleaned for the wire",
                [name for name in names if not name.startswith("Many")])
        flagged = {value.split(" ", 3)[3] for value in values if "pinned" in value.split(" ", 3)[2]}
        plan.ok("a = b" in flagged and "Many 0500" not in flagged, "pinned is told of each")
        plan.equal(agent.connect("A"), "ok", "one of them is connected")
        watch.wait(tunnel="up", profile_name=A.profile)
        serial = watch.last()["profiles_serial"]
        mark = watch.mark()
        world.nm.nmcli("connection", "modify", "Many 0500", "connection.id", "A new name")
        report = watch.wait(since=mark, tunnel="up",
                            profiles_serial={str(int(serial) + more) for more in range(1, 9)})
        plan.ok(is_like(report, {"profile_name": A.profile}), "a renamed profile is news", report)
        plan.ok(any(value.endswith(" A new name") for value in agent.ask("Profiles").values()),
                "and is told under its new name")
        mark = watch.mark()
        world.nm.nmcli("connection", "modify", A.profile, "connection.id", "Zürich <i>&")
        watch.wait(since=mark, tunnel="up", profile_name="Z__rich <i>&")
        plan.ok(True, "so is the active one's")
        plan.equal(agent.result("Disconnect"), "ok", "Disconnect")
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")

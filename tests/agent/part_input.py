# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input and strangers: without a tunnel, without NetworkManager."""
import socket
import sys
import time

import lab
import tap
from calls import Agent

UUID = "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
BAD_REQUEST = "sysvpn=1\ncode=bad-request\nresult=error\n\n"

BAD = (
    ("garbage", b"\xff\xfe\x01 garbage\0"),
    ("nothing but the end", b"\0"),
    ("an unknown service", b"qubes.VMShell dom0\0"),
    ("a service of ours that is not there", b"sysvpn.Reboot dom0\0"),
    ("no source", b"sysvpn.Status\0"),
    ("a source that is no name", b"sysvpn.Status ../dom0\0"),
    ("more words", b"sysvpn.Status dom0 dom0\0"),
    ("a UUID that is none", b"sysvpn.Connect+1234 dom0\0"),
    ("a UUID with the shell's characters",
     b"sysvpn.Connect+6f0a1f52-0c3e-4b5c-9a53-52f7a3d;id>x dom0\0"),
    ("a UUID in upper case", f"sysvpn.Connect+{UUID.upper()} dom0\0".encode()),
    ("an argument that is not taken", f"sysvpn.Disconnect+{UUID} dom0\0".encode()),
    ("markup", b"sysvpn.Connect+<b>x</b> dom0\0"),
)

# runs as another user in sys-vpn
STRANGER = """import socket, sys
caller = socket.socket(socket.AF_UNIX)
try:
    caller.connect(sys.argv[1])
    caller.sendall(b"sysvpn.Status dom0\\0")
    print("heard", len(caller.recv(4096)))
except ConnectionError as error:
    print("ended")
except PermissionError:
    print("denied")
"""


def run(plan, build):
    with lab.Lab(manager=False, providers=()) as world:
        agent = Agent(world, build, probe=False)
        for name, request in BAD:
            plan.equal(agent.raw(request), BAD_REQUEST, f"refused: {name}")
        silent(plan, agent)
        callers(plan, world, agent)
        strangers(plan, world, agent)
        fuzz(plan, agent)
        plan.equal(world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")


def silent(plan, agent):
    began = time.monotonic()
    waiting = [agent.later(lambda bytes_=bytes_: agent.raw(bytes_, shut=False))
               for bytes_ in (b"", b"sysvpn.Status dom0")]
    plan.equal(agent.raw(b"sysvpn.Status dom0"), "", "a descriptor that ends without its NUL")
    plan.equal(agent.raw(b"x" * 2048, shut=False), "", "2 KiB without a NUL")
    plan.equal(agent.raw(b"sysvpn.Status dom0" + b"\0" * 200)[:9], "sysvpn=1\n",
               "what follows the descriptor is nothing to the agent")
    plan.equal([one.answer() for one in waiting], ["", ""], "who says nothing whole is hung up on")
    plan.ok(time.monotonic() - began > 3, "after some seconds, not at once")
    plan.equal(agent.status()["result"], "ok", "the agent answers others")


def callers(plan, world, agent):
    def rights(source):
        return tuple(agent.result(service, source=source) != "refused"
                     for service in ("Status", "Profiles", "Disconnect", "Connect", "Reconnect"))
    plan.equal(rights("sys-gui"), (False,) * 5, "sys-gui may nothing without the file of callers")
    world.vpn.write("etc/sysvpn/callers", "# who\nsys-gui read\nsys-admin control\n")
    agent.start()
    plan.equal(rights("sys-gui"), (True, True, False, False, False), "with `read` it may read")
    plan.equal(rights("sys-admin"), (True,) * 5, "with `control` all")
    plan.equal(rights("sys-gui-2"), (False,) * 5, "a longer name is another")
    plan.equal(rights("dom0"), (True,) * 5, "dom0 may everything")
    watch = agent.watch(source="sys-gui")
    watch.wait(killswitch="armed")
    plan.ok(True, "a Watch for who may read")
    watch.close()
    refused = agent.watch(source="work")
    plan.ok(refused.wait_end() and refused.reports[0][1].get("code") == "refused",
            "and none for others", refused.reports)
    world.vpn.write("etc/sysvpn/callers", "sys-gui everything\n")
    plan.ok(world.product.stop_agent() == 0, "ended")
    process = agent.start(wait=False)
    plan.ok(process.wait(20) not in (0, None), "a file of callers with a bad line: it does not start")
    plan.ok("/etc/sysvpn/callers: line 1 is not NAME read or NAME control" in
            world.product.agent_log(), "and says which line")
    world.vpn.path("etc/sysvpn/callers").unlink()
    agent.start()


def strangers(plan, world, agent):
    def call(user):
        return world.vpn.run([sys.executable, "-ISc", STRANGER, agent.path], user=user).stdout.strip()
    plan.equal(call("mallory"), "denied", "another user cannot open the socket")
    plan.equal(call("sysvpn"), "denied", "not even the agent's own")
    agent.path.chmod(0o666)
    for folder in agent.path.parents:
        if str(folder).startswith(str(world.folder)):
            folder.chmod(0o755)
    plan.ok(call("mallory") in ("heard 0", "ended"), "where the mode lets them in, the agent does not")
    plan.ok(call("sysvpn-probe") in ("heard 0", "ended"), "nor the probe's user")
    plan.ok(call(None).startswith("heard "), "root is heard")
    plan.ok("a call from user id 2002 was refused" in world.product.agent_log(), "the log says so")
    agent.path.chmod(0o600)


def fuzz(plan, agent):
    """Broken off at every byte, and a crowd that says nothing: the agent is there afterwards."""
    request = b"sysvpn.Connect+" + UUID.encode() + b" dom0\0"
    for length in range(len(request)):
        plan_free = agent.raw(request[:length])
        assert plan_free == "", (length, plan_free)
    plan.ok(True, "a request that breaks off at any byte is none")
    crowd = []
    for _ in range(32):
        crowd.append(socket.socket(socket.AF_UNIX))
        crowd[-1].connect(str(agent.path))
    began = time.monotonic()
    tap.wait_for("room", lambda: agent.raw("sysvpn.Status", timeout=20) != "", step=0.2)
    tap.note(f"32 silent callers kept the agent busy for {time.monotonic() - began:.1f} s")
    plan.ok(True, "32 silent callers do not keep the agent for ever")
    for one in crowd:
        one.close()

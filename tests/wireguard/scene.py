# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts of the suite share: a WireGuard and an OpenVPN provider, whose files sysvpn-import takes."""
import lab
import tap
from calls import Agent, is_like
from lab import wireguard

A, W = lab.addresses.PROVIDERS["A"], lab.addresses.WIREGUARD
ENDPOINTS = [A.endpoint, W.endpoint]
BOUGHT = {"A": "bought-a", "W": W.profile}  # the profiles' names: those of the files
DEADLINE = 60.0  # of whatever must happen: no measure
_FOLDER = "rw/config/vpn"
_ROUNDS_APART = 0.5  # seconds; OpenVPN falls behind a heavier flood, and then nothing comes back


class Scene:
    def __init__(self, plan, world, build):
        self.plan, self.world, self.build = plan, world, build
        self.server = wireguard.Server(world.qubes["vpn-server"])
        self.server.start()
        self.agent = self.watch = None

    def flood(self, qube="appvm"):
        return self.world.traffic(qube, interval=_ROUNDS_APART)

    def write(self, name, text):
        """A provider's file."""
        self.world.vpn.write(f"{_FOLDER}/{name}", text, 0o600)

    def run_importer(self, *arguments):
        program = self.world.product.install(self.build, "import/sysvpn-import")
        done = self.world.vpn.run([program, *arguments], check=False)
        tap.note(done.stdout + done.stderr)
        return done.returncode

    def begin(self):
        """Imported, the killswitch loaded for what was imported, the agent at work, nothing up."""
        plan, world = self.plan, self.world
        self.write(f"{BOUGHT['W']}.conf", self.server.profile())
        self.write(f"{BOUGHT['A']}.ovpn", world.servers["A"].profile())
        plan.equal(self.run_importer("--autoconnect", "none"), 0, "sysvpn-import takes a .conf and an .ovpn")
        world.write_endpoints([])
        plan.equal(world.load_killswitch(self.build).stdout, "killswitch armed: 2 endpoints\n",
                   "their servers are the killswitch's endpoints")
        self.agent = Agent(world, self.build, endpoints=None)
        self.agent.uuids = {key: world.nm.uuid(name) for key, name in BOUGHT.items()}
        self.watch = self.agent.watch()
        report = self.wait(0, tunnel="down")
        plan.ok(is_like(report, {"killswitch": "armed", "endpoints": "2", "handshake_age_s": None}),
                "at start: down, armed", report)

    def add(self, name, **options):
        """One more WireGuard profile, imported, known to self.agent by its name."""
        self.write(f"{name}.conf", self.server.profile(**options))
        self.run_importer()
        self.world.load_killswitch(self.build)  # the importer has written its endpoints anew
        self.agent.uuids[name] = self.world.nm.uuid(name)

    def wait(self, since, **wanted):
        return self.watch.wait(since=since, timeout=DEADLINE, **wanted)

    def wait_egress(self, one, version=4):
        wanted = one.egress4 if version == 4 else one.egress6
        tap.wait_for(f"egress {wanted}", lambda: self.world.egress(version=version, timeout=5) == wanted, DEADLINE)

    def uses(self, one, what, versions=(4, 6)):
        """What the internet sees of the client."""
        for version in versions:
            with self.plan.case(f"{what}: the client's packets leave at the provider, IPv{version}"):
                self.wait_egress(one, version)

    def end(self):
        mark = self.watch.mark()
        self.plan.equal(self.agent.result("Disconnect"), "ok", "Disconnect")
        report = self.wait(mark, tunnel="down", cause="asked")
        self.plan.ok(is_like(report, {"wanted": "down", "handshake_age_s": None, "interface": None,
                                      "next_try_s": None}), "disconnected: the report", report)
        self.plan.equal(self.world.egress(timeout=2), None, "disconnected: nothing reaches the internet")
        self.plan.equal(self.world.product.stop_agent(), 0, "SIGTERM ends the agent with status 0")

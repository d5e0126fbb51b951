# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab under attack: traffic of every kind from a client, from the qube next to sys-vpn, and from
sys-vpn itself, all the time; what came out of sys-vpn, what arrived from a provider's address, what
the killswitch counted. Scenarios are written against this."""
import contextlib
import json
import time
import traceback

import lab
import tap
from lab import capture, traffic

from . import reports

A, B = lab.addresses.PROVIDERS["A"], lab.addresses.PROVIDERS["B"]
ENDPOINTS = [A.endpoint, B.endpoint]
# where traffic comes from, and its hop count as it leaves sys-vpn: the addresses are all the same
SOURCES = {"appvm": 61, "sys-dns": 63, "sys-vpn": 64}
ROUNDS = 8          # of every kind of traffic that a scenario waits for after each of its events
INTERVAL = 0.04
_DROPS = {4: ("forward_drop4", "output_drop4"), 6: ("forward_drop6", "output_drop6")}


class Field:
    """with Field(build, record) as field: ...   record takes what is found: see record.py.

    at_isp: the oracle is one hop further up, for scenarios that take sys-vpn's uplink away. Whatever
    sys-net itself sends is seen there too; it is left out where it is recognised as an answer."""

    def __init__(self, build, record, at_isp=False, endpoints=None):
        self.build, self.record, self.at_isp = build, record, at_isp
        self.endpoints = endpoints or ENDPOINTS
        self.world = lab.Lab()
        self.oracle = None
        self.sources = {}
        self.watch = None
        self._uuids = {}
        self._open = contextlib.ExitStack()

    def __enter__(self):
        world = self._open.enter_context(self.world)
        world.qubes["internet"].run(["nft", "-f", "-"], input=_ARRIVALS)
        world.write_endpoints(self.endpoints)
        self.oracle = self._open.enter_context(
            world.capture_at_isp() if self.at_isp else world.capture())
        self._start_sources()
        return self

    def __exit__(self, *details):
        return self._open.__exit__(*details)

    def _start_sources(self):
        for name in SOURCES:
            self.sources[name] = self._open.enter_context(
                self.world.traffic(name, interval=INTERVAL))

    # --- the product

    def load(self, check=True):
        return self.world.load_killswitch(self.build, check=check)

    def start_agent(self, under=()):
        """The agent, and a Watch on it from dom0."""
        self.world.start_agent(self.build, under=under)
        self.watch = self._open.enter_context(reports.Watch(self.world, self.build))

    def call(self, service, argument=None):
        """One call through qrexec; the answer's fields."""
        done = self.world.qrexec.call(self.build, f"sysvpn.{service}", argument, timeout=100)
        return reports.fields(done.stdout.decode())

    def uuid(self, provider):
        if provider not in self._uuids:
            self._uuids[provider] = self.world.nm.uuid(provider.profile)
        return self._uuids[provider]

    def connect(self, provider=A):
        answer = self.call("Connect", self.uuid(provider))
        if answer.get("result") != "ok":
            raise RuntimeError(f"Connect {provider.key}: {answer}\n{self.agent_log()}")

    def agent_log(self):
        return "\n".join(self.world.product.agent_log().splitlines()[-40:])

    # --- what is going on

    def sent(self):
        """Packets made so far by family."""
        total = {4: 0, 6: 0}
        for source in self.sources.values():
            for kind, count in source.count().items():
                total[6 if kind.endswith("6") else 4] += count
        return total

    def flood(self, rounds=ROUNDS):
        """Until every source has gone on for so many rounds."""
        for source in self.sources.values():
            source.count()
        wanted = {name: source.rounds + rounds for name, source in self.sources.items()}

        def done():
            for source in self.sources.values():
                source.count()
            return all(self.sources[name].rounds >= least for name, least in wanted.items())
        tap.wait_for(f"{rounds} rounds of traffic", done, timeout=60)

    def arrived(self):
        """Packets in the internet, by (key of the provider they came through, family)."""
        found = _counters(self.world.qubes["internet"], "inet", "arrivals")
        return {(name[0], int(name[1])): count for name, count in found.items()}

    def dropped(self):
        found = _counters(self.world.vpn, "inet", "sysvpn")
        return {family: sum(found.get(name, 0) for name in names)
                for family, names in _DROPS.items()}

    def wait_arrivals(self, provider=A, least=5, timeout=45):
        """Until so many more packets of each family came through the provider."""
        began = self.arrived()

        def done():
            now = self.arrived()
            return all(now[provider.key, family] - began[provider.key, family] >= least
                       for family in (4, 6))
        try:
            tap.wait_for(f"traffic through provider {provider.key}", done, timeout, step=0.05)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {began} {self.arrived()}\n{self.agent_log()}") from error

    def ensure_up(self, provider=A):
        self.connect(provider)
        self.wait_arrivals(provider)

    def leaks(self, endpoints=None):
        found = self.oracle.leaks(endpoints or self.endpoints)
        return [one for one in found if not (self.at_isp and _answer_of_net(one))]

    def check_refusals(self, name):
        """Not armed, provider A up: nothing that dom0 may ask takes the tunnel away."""
        for service, argument in (("Disconnect", None), ("Reconnect", None),
                                  ("Connect", self.uuid(B))):
            self.record.equal(f"{name}: {service} is refused",
                              self.call(service, argument).get("code"), "killswitch-broken")
            self.wait_arrivals()
            self.record.equal(f"{name}: the tunnel stays after {service}",
                              self.world.nm.active(), [A.profile])
        self.record.equal(f"{name}: Connect to what is up is allowed",
                          self.call("Connect", self.uuid(A)).get("result"), "ok")

    # --- scenarios

    @contextlib.contextmanager
    def attack(self, name, passes=True):
        """One scenario, from here to the end of the body: traffic ran, passed if it says so, and
        nothing came out. Its points and its lines of the table are recorded."""
        attack = Attack(self)
        why, began = "", time.monotonic()
        try:
            yield attack
            self.flood()
        except Exception:  # whatever went wrong is the failed point; the next scenario goes on
            why = traceback.format_exc()
        try:
            attack.end()
        except Exception:
            why += traceback.format_exc()
        self.record.scenario(name, attack, passes, why)
        self.record.note(f"took {time.monotonic() - began:.1f} s")

    def control(self, name):
        """Nothing protects: the oracle must see every kind of traffic of each of the sources."""
        self.oracle.clear()
        hops = {source: number - self.at_isp for source, number in SOURCES.items()}

        def missing():
            found = self.leaks()
            seen = {source: traffic.kinds_seen(one for one in found if one.hops == number)
                    for source, number in hops.items()}
            return {source: lacking for source in SOURCES if (lacking := {
                kind for kind in traffic.KINDS if (source, kind) != ("sys-vpn", "server")}
                - seen[source])}
        with contextlib.suppress(TimeoutError):
            tap.wait_for("every kind of traffic", lambda: not missing(), timeout=30, step=0.2)
        lacking = missing()
        self.record.point(f"control, {name}: with no killswitch the oracle sees all that leaks",
                          not lacking, f"INCONCLUSIVE: not seen: {lacking}")
        leaked = self.leaks()
        for family in (4, 6):
            self.record.row(f"control: {name}", family, "", "", "", sum(
                one.family == f"ip{family}" for one in leaked))
        self.oracle.clear()

    def end_control(self, name="table and routing rules removed"):
        """The same at the end: after all that was done the oracle still sees."""
        self.world.product.stop_agent()
        self.world.vpn.run(["bash", "-c", DISARM])
        for profile in self.world.nm.active():
            self.world.nm.down(profile)
        for source in self.sources.values():  # a long flow that broke is silent for minutes
            source.stop()
        # and a flow without ports is the same one when it starts anew: a source address that masquerade gave it while
        # an interface had no better one stays with it, and goes nowhere
        for name in ("sys-firewall", "sys-dns", "sys-vpn"):
            self.world.qubes[name].run(["conntrack", "--flush"])
        self._start_sources()
        self.control(name)


class Attack:
    """What went on during a scenario, by family."""

    def __init__(self, field):
        self.field = field
        field.oracle.clear()
        self._sent, self._dropped, self._arrived = field.sent(), field.dropped(), field.arrived()
        self.generated = self.passed = self.dropped = {4: 0, 6: 0}
        self.leaked = []

    def flood(self, rounds=ROUNDS):
        self.field.flood(rounds)

    def end(self):
        field = self.field
        sent, dropped, arrived = field.sent(), field.dropped(), field.arrived()
        self.generated = {family: sent[family] - self._sent[family] for family in (4, 6)}
        self.dropped = {family: max(0, dropped[family] - self._dropped[family])
                        for family in (4, 6)}
        self.passed = {family: sum(arrived[key, family] - self._arrived[key, family]
                                   for key in ("A", "B")) for family in (4, 6)}
        self.leaked += field.leaks()

    def judge(self, endpoints):
        """What left up to now is judged by these endpoints, and forgotten."""
        self.leaked += self.field.leaks(endpoints)
        self.field.oracle.clear()

    def leaked_of(self, family):
        others = family == 4  # what is of neither family counts once
        return sum(one.family == f"ip{family}" or others and one.family not in ("ip4", "ip6")
                   for one in self.leaked)

    def summary(self):
        return capture.summary(self.leaked)


def _answer_of_net(one):
    """At the ISP: not from sys-vpn, but what sys-net makes of packets for sys-vpn while that is not
    there: the packet itself, sent back, or an error to a VPN server; and sys-net's own words on its
    link, whose source no router passes on."""
    return one.src.startswith("fe80:") or one.dst in (lab.addresses.own4("sys-vpn"), lab.addresses.own6("sys-vpn")) or (
        one.proto == "icmp" and one.dport in (3, 11) and one.dst in (A.egress4, B.egress4)
        and not one.marked)


def _counters(qube, family, table):
    """{name: packets} of a table, nothing if there is no such table."""
    done = qube.run(["nft", "-j", "list", "counters", "table", family, table], check=False)
    listed = json.loads(done.stdout)["nftables"] if done.returncode == 0 else []
    return {item["counter"]["name"]: item["counter"]["packets"]
            for item in listed if "counter" in item}


# What an attacker with root could do, and what the positive control does
DISARM = """nft delete table inet sysvpn 2>/dev/null
for family in -4 -6; do for preference in 32764 32765; do
ip $family rule del pref $preference 2>/dev/null; done; done; true"""

# In the internet: what came for its services, by the link it came in from and the address it had
_ARRIVALS = "table inet arrivals {\n" + "".join(
    f"  counter {key}{family} {{ }}\n" for key in "AB" for family in (4, 6)) + """
  chain x {
    type filter hook prerouting priority -400; policy accept;
""" + "".join(f"""
    iifname srv0 ip saddr {one.egress4} ip daddr {{ {lab.addresses.ECHO4}, {lab.addresses.INTERNET_DNS4} }} counter name {one.key}4
    iifname srv0 ip6 saddr {one.egress6} ip6 daddr {lab.addresses.ECHO6} counter name {one.key}6
""" for one in (A, B)) + "  }\n}\n"

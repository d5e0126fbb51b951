# SPDX-License-Identifier: GPL-2.0-or-later
"""dom0's part: the qubes, the wiring and the way back, with each Salt that Qubes has had."""
import os
import sys

import machine
import tap

sys.path.insert(0, str(machine.TESTS / "applet"))
import fake_agent  # noqa: E402

STATE = "qubes.network.sys-vpn"
TEMPLATE = "fedora-42-vpn-min"
HEALTHY = {"/usr/libexec/sysvpn/resolver healthy": 0}
BEFORE = {"sys-firewall": "sys-net", "personal": "default", "bank": "sys-firewall", "vault": None,
          "sys-whonix": "sys-firewall", "sys-net": None, "default-dvm": "default"}


def start(dom0, healthy=True):
    """What a user does between the two runs: the qubes run, sys-dns answers."""
    dom0.change("sys-vpn", state="Running")
    dom0.change("sys-dns", state="Running", answers=HEALTHY if healthy else {})


def netvms_of(dom0, *names):
    return [dom0.netvms().get(name, "missing") for name in names]


def test_first_run(plan, dom0):
    before = dom0.qubes
    run = dom0.salt.apply(STATE, test=True)
    plan.ok(run.fine() and dom0.qubes == before, "test=True on a new machine changes nothing, and does not fail", run)
    plan.ok({"template", "sys-vpn-present", "sys-dns-present"} <= set(run.changed()),
            "it says that template and qubes would be made", run)
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine(), "the first run makes template and qubes", run)
    vpn, dns = dom0.qubes["sys-vpn"], dom0.qubes["sys-dns"]
    plan.equal(vpn["properties"], {"template": TEMPLATE, "label": "orange", "netvm": "sys-net", "memory": 500,
                                   "provides_network": True, "autostart": True}, "sys-vpn is as README says")
    plan.equal({key: value for key, value in vpn["features"].items() if key.startswith("service.")},
               {"service.network-manager": "1", "service.sysvpn": "1"},
               "sys-vpn has the services network-manager and sysvpn, and leaves DNS to sys-dns")
    plan.equal([dns["properties"][key] for key in ("template", "netvm", "provides_network")],
               [TEMPLATE, "sys-net", True], "sys-dns is made beside it")
    plan.equal(dns["features"].get("service.sysvpn-resolver"), "1", "sys-dns has the service sysvpn-resolver")
    plan.equal({name: dom0.netvms()[name] for name in BEFORE}, BEFORE, "no other qube is rewired yet")
    said = run.said("what-next")
    for words in ("sudo qubesctl --show-output --skip-dom0 --targets=fedora-42-vpn-min,sys-vpn,sys-dns state.sls "
                  "qubes.network.sys-vpn", "sys-vpn is not running: qvm-start sys-vpn",
                  "sys-whonix is not touched. Its netvm is sys-firewall, so its Tor will go through the VPN"):
        plan.ok(words in said, f"it says: {words[:60]}", said)
    after = dom0.qubes
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [] and dom0.qubes == after, "a second run changes nothing", run)
    run = dom0.salt.apply(STATE, test=True)
    plan.ok(run.fine() and run.changed() == [], "test=True after that finds nothing to change", run)


def test_hindrances(plan, dom0, agent):
    """Each thing that is missing keeps the chain as it is, and is named."""
    def waits(words, what):
        run = dom0.salt.apply(STATE)
        plan.ok(run.fine() and words in run.said("what-next") and netvms_of(dom0, "sys-dns", "sys-firewall")
                == ["sys-net", "sys-net"], f"{what}: it waits and says so", run)
        run = dom0.salt.apply(f"{STATE}.wire")
        plan.ok(not run.fine() and any(words in one for one in run.refusals())
                and netvms_of(dom0, "sys-dns", "sys-firewall") == ["sys-net", "sys-net"],
                f"{what}: {STATE}.wire refuses", run)

    dom0.change("sys-dns", state="Running", answers=HEALTHY)
    waits("sys-vpn is not running", "sys-vpn halted")
    dom0.change("sys-vpn", state="Running")
    agent.watch, agent.listed = fake_agent.DOWN, ()
    waits("sys-vpn has no VPN profile", "no profile")
    agent.listed = ((fake_agent.UUID, "autoconnect", "Provider A"),)
    waits("no server of a profile is among the endpoints", "no endpoint")
    agent.listed = ((fake_agent.UUID, "autoconnect,pinned", "Provider A"),)
    agent.watch = fake_agent.EXPOSED
    waits("does not see a working killswitch", "killswitch broken")
    agent.watch = b""
    waits("does not see a working killswitch", "agent silent")
    agent.watch = fake_agent.DOWN
    dom0.change("sys-dns", answers={})
    waits("the resolver of sys-dns does not answer", "resolver dead")
    dom0.change("sys-dns", state="Halted")
    waits("sys-dns is not running", "sys-dns halted")
    program = dom0.programs / "sysvpn"
    program.rename(program.with_suffix(".away"))
    start(dom0)
    waits("there is no program sysvpn in dom0", "sysvpn not installed")
    program.with_suffix(".away").rename(program)


def test_wiring(plan, dom0):
    before = dom0.qubes
    run = dom0.salt.apply(STATE, test=True)
    plan.ok(run.fine() and dom0.qubes == before, "test=True does not rewire, although qvm.prefs would", run)
    plan.ok({"sys-dns-wired-netvm", "sys-firewall-wired-netvm"} <= set(run.changed()),
            "it says which qubes would be rewired", run)
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and netvms_of(dom0, "sys-dns", "sys-firewall", "sys-vpn") == ["sys-vpn", "sys-dns", "sys-net"],
            "with a profile and its endpoint the chain is rewired", run)
    order = run.changed()
    plan.ok(order.index("sys-dns-wired") < order.index("sys-firewall-wired")
            and order[-1] == "sys-firewall-wired", "the firewall comes last of all", order)
    plan.equal({name: dom0.netvms()[name] for name in BEFORE if name != "sys-firewall"},
               {name: netvm for name, netvm in BEFORE.items() if name != "sys-firewall"},
               "no other qube is touched, nor Whonix")
    plan.ok("sys-firewall -> sys-dns -> sys-vpn -> sys-net" in run.said("what-next"), "it says what the chain is", run)
    after = dom0.qubes
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [] and dom0.qubes == after, "once more changes nothing", run)
    dom0.change("sys-vpn", state="Halted")
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [] and dom0.qubes == after | {"sys-vpn": dom0.qubes["sys-vpn"]},
            "a halted sys-vpn does not undo the wiring", run)


def test_removal(plan, dom0, original):
    before = dom0.qubes
    run = dom0.salt.apply(f"{STATE}.remove", test=True)
    plan.ok(run.fine() and dom0.qubes == before and "sys-firewall-unwired-netvm" in run.changed(),
            "removal with test=True changes nothing and says what it would", run)
    run = dom0.salt.apply(f"{STATE}.remove")
    plan.ok(run.fine() and {name: dom0.netvms()[name] for name in BEFORE} == BEFORE,
            "removal gives every qube the netvm that it had", run)
    order = run.changed()
    plan.ok(order.index("sys-firewall-unwired") < order.index("sys-dns-unwired"), "clients leave first", order)
    plan.ok("sys-vpn" in dom0.qubes and "remove" in run.said("what-is-left"), "the qubes stay, with the profiles", run)
    for name in ("sys-firewall", "sys-dns"):
        plan.ok(not [key for key in dom0.qubes[name]["features"] if key.startswith("sysvpn-netvm")]
                and "sysvpn-rewired" not in dom0.qubes[name]["tags"], f"nothing is left written on {name}")
    run = dom0.salt.apply(f"{STATE}.remove")
    plan.ok(run.fine() and run.changed() == [], "a second removal changes nothing", run)
    # a user's copy carries the marks along
    found = dom0.qubes
    found["my-vpn"] = {**found["sys-vpn"], "state": "Halted"}
    found["my-vpn"]["properties"] = {**found["sys-vpn"]["properties"], "template": "fedora-42-xfce"}
    dom0.reset(found)
    start(dom0)
    run = dom0.salt.apply(f"{STATE}.remove", pillar={"remove": {"qubes": True}})
    plan.ok(run.fine() and "my-vpn" in dom0.qubes, "deleting leaves a copy that the user made", run)
    left = dom0.qubes
    del left["my-vpn"]
    plan.equal(left, original, "what is left is the machine of before, to the last feature and tag")
    run = dom0.salt.apply(f"{STATE}.remove")
    plan.ok(run.fine() and run.changed() == [] and "nothing-to-do" in [one.id for one in run.states],
            "with nothing made it says that there is nothing to do", run)


def test_user_in_between(plan, dom0):
    """What the user did since is the user's."""
    found = machine.qubes()
    found["usb-net"] = found["sys-net"]
    dom0.reset(found)
    dom0.salt.apply(STATE, pillar={"wire": "force"})
    dom0.change("sys-firewall", netvm="usb-net")
    run = dom0.salt.apply(f"{STATE}.remove")
    plan.ok(run.fine() and netvms_of(dom0, "sys-firewall", "sys-dns") == ["usb-net", "sys-net"],
            "a netvm that the user gave since is kept by the removal", run)
    dom0.reset()
    dom0.salt.apply(STATE, pillar={"wire": "force"})
    dom0.change("personal", netvm="sys-vpn")
    before = dom0.qubes
    run = dom0.salt.apply(f"{STATE}.remove", pillar={"remove": {"qubes": True}})
    plan.ok(not run.fine() and any("personal uses sys-vpn" in one for one in run.refusals()) and dom0.qubes == before,
            "nothing is deleted that another qube uses", run)
    found = machine.qubes()
    found["sys-firewall"]["properties"]["netvm"] = "old-net"
    found["old-net"] = {**found["sys-net"], "state": "Halted"}
    dom0.reset(found)
    dom0.salt.apply(STATE, pillar={"wire": "force"})
    found = dom0.qubes
    del found["old-net"]
    dom0.reset(found)
    run = dom0.salt.apply(f"{STATE}.remove")
    plan.ok(not run.fine() and any("the netvm that sys-firewall had is gone: old-net" in one for one in run.refusals())
            and dom0.qubes == found, "a netvm that is gone is not set, and named", run)


    found = machine.qubes()
    found["usb-net"] = found["sys-net"]
    dom0.reset(found)
    dom0.salt.apply(STATE, pillar={"wire": "force"})
    dom0.change("sys-firewall", netvm="usb-net")
    dom0.salt.apply(STATE, pillar={"wire": "force"})
    plan.equal(netvms_of(dom0, "sys-firewall"), ["sys-dns"], "applied again, the chain takes the firewall back")
    dom0.salt.apply(f"{STATE}.remove")
    plan.equal(netvms_of(dom0, "sys-firewall"), ["usb-net"], "and removal gives back what the user had last")


def test_existing(plan, dom0):
    """Qubes of the user's own with these names."""
    found = machine.qubes()
    found["sys-vpn"] = {"class": "AppVM", "state": "Running", "features": {}, "tags": [],
                        "properties": {"template": "fedora-42-xfce", "netvm": "sys-firewall", "label": "blue"}}
    found["sys-dns"] = {"class": "AppVM", "state": "Running", "features": {}, "tags": [], "answers": HEALTHY,
                        "properties": {"template": "fedora-42-xfce", "netvm": "sys-firewall", "label": "blue",
                                       "provides_network": True}}
    dom0.reset(found)
    run = dom0.salt.apply(STATE, pillar={"wire": "force"})
    plan.ok(run.fine() and TEMPLATE not in dom0.qubes and dom0.qubes["sys-vpn"]["properties"]["template"]
            == "fedora-42-xfce", "a sys-vpn that is there keeps its template", run)
    plan.equal([{**dom0.qubes[name]["properties"], "netvm": None} for name in ("sys-vpn", "sys-dns")],
               [{**found[name]["properties"], "netvm": None, "provides_network": True} for name in ("sys-vpn", "sys-dns")],
               "qubes that are there keep what they have, but that they provide network")
    plan.equal(netvms_of(dom0, "sys-vpn", "sys-dns", "sys-firewall"), ["sys-net", "sys-vpn", "sys-dns"],
               "they are put into the chain")
    run = dom0.salt.apply(f"{STATE}.remove", pillar={"remove": {"qubes": True}})
    plan.ok(run.fine() and netvms_of(dom0, "sys-vpn", "sys-dns", "sys-firewall")
            == ["sys-firewall", "sys-firewall", "sys-net"], "removal gives them back what they had, and deletes neither", run)
    dom0.reset(found)
    before = dom0.qubes
    run = dom0.salt.apply(STATE, pillar={"template": {"name": "fedora-41-xfce"}})
    plan.ok(any("sys-vpn runs, so its template cannot be changed" in one for one in run.refusals())
            and dom0.qubes == before, "the template of a qube that runs is not changed, and it says what to do", run)
    dom0.change("sys-vpn", state="Halted")
    run = dom0.salt.apply(STATE, pillar={"template": {"name": "fedora-41-xfce"}})
    plan.ok(run.fine() and dom0.qubes["sys-vpn"]["properties"]["template"] == "fedora-41-xfce",
            "that of a halted one is", run)
    found["sys-vpn"]["class"] = "StandaloneVM"
    dom0.reset(found)
    run = dom0.salt.apply(STATE, pillar={"template": {"name": "fedora-41-xfce"}})
    plan.ok(any("sys-vpn is there already, and is no AppVM" in one for one in run.refusals()),
            "a qube of another kind is refused", run)


def run(plan, build):
    agents = {}
    for version in machine.VERSIONS:
        tap.note(f"Salt {version}")
        dom0 = machine.Dom0(build, version, os.environ["LABDIR"])
        agent = agents[version] = fake_agent.FakeAgent(dom0.qrexec, fake_agent.DOWN)
        original = dom0.qubes
        test_first_run(plan, dom0)
        if version == machine.VERSIONS[-1]:
            test_hindrances(plan, dom0, agent)
        start(dom0)
        test_wiring(plan, dom0)
        test_removal(plan, dom0, original)
    test_user_in_between(plan, dom0)
    test_existing(plan, dom0)

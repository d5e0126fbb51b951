# SPDX-License-Identifier: GPL-2.0-or-later
"""The pillar: every option does what it says, whatever is not understood is refused; tops, roles, the test state."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys

import machine
from part_dom0 import BEFORE, HEALTHY, STATE, netvms_of

SALT = pathlib.Path("/srv/salt")
PILLAR = pathlib.Path("/srv/pillar/sysvpn/init.sls")


def chain(dom0, name="sys-firewall"):
    """Who a qube's packets pass, up to the last one."""
    hops = [name]
    while (netvm := dom0.netvms().get(hops[-1])) not in (None, "default") and len(hops) < 9:
        hops.append(netvm)
    return hops


def test_topologies(plan, dom0):
    dom0.reset()
    run = dom0.salt.apply(STATE, pillar={"dns": {"enable": False}, "wire": "force"})
    plan.ok(run.fine() and chain(dom0) == ["sys-firewall", "sys-vpn", "sys-net"] and "sys-dns" not in dom0.qubes
            and dom0.qubes["sys-vpn"]["features"].get("service.sysvpn-dns") == "1",
            "dns:enable: false: no sys-dns, and sys-vpn answers DNS itself", run)
    run = dom0.salt.apply(STATE, pillar={"wire": "force"})
    plan.ok(run.fine() and chain(dom0) == ["sys-firewall", "sys-dns", "sys-vpn", "sys-net"]
            and "service.sysvpn-dns" not in dom0.qubes["sys-vpn"]["features"],
            "with sys-dns again the chain leads through it, and sys-vpn leaves DNS to it", run)

    dom0.reset()
    pillar = {"sandwich": {"enable": True}, "wire": "force"}
    run = dom0.salt.apply(STATE, pillar=pillar, test=True)
    plan.ok(run.fine() and "sys-firewall-vpn" not in dom0.qubes and "sys-firewall-vpn-present" in run.changed(),
            "sandwich with test=True changes nothing", run)
    run = dom0.salt.apply(STATE, pillar=pillar)
    plan.ok(run.fine() and chain(dom0) == ["sys-firewall", "sys-dns", "sys-vpn", "sys-firewall-vpn", "sys-net"],
            "sandwich: a second firewall stands between sys-vpn and sys-net", run)
    run = dom0.salt.apply(STATE, pillar=pillar)
    plan.ok(run.fine() and run.changed() == [], "sandwich: a second run changes nothing", run)
    run = dom0.salt.apply(f"{STATE}.remove", pillar={"remove": {"qubes": True}})
    plan.ok(run.fine() and dom0.qubes == machine.qubes(), "sandwich: removal leaves the machine of before", run)

    pillar = {"bypass": {"enable": True, "name": "sys-firewall-clear", "qubes": ["bank", "personal"]}, "wire": "force"}
    run = dom0.salt.apply(STATE, pillar=pillar)
    plan.ok(run.fine() and chain(dom0, "bank") == ["bank", "sys-firewall-clear", "sys-net"]
            and chain(dom0, "personal") == ["personal", "sys-firewall-clear", "sys-net"],
            "bypass: the qubes named go past the VPN", run)
    order = run.changed()
    plan.ok(order.index("bank-wired") < order.index("sys-firewall-wired"),
            "bypass: they leave before the firewall is behind the VPN", order)
    plan.ok("sys-whonix netvm sys-firewall-clear" in run.said("what-next"), "bypass: that is the way named for Whonix", run)
    run = dom0.salt.apply(STATE, pillar=pillar)
    plan.ok(run.fine() and run.changed() == [], "bypass: a second run changes nothing", run)
    fewer = copy.deepcopy(pillar)
    fewer["bypass"]["qubes"] = ["bank"]
    run = dom0.salt.apply(STATE, pillar=fewer)
    plan.ok(run.fine() and netvms_of(dom0, "bank", "personal") == ["sys-firewall-clear", "default"],
            "bypass: a qube that is not named any more gets its own netvm back", run)
    run = dom0.salt.apply(f"{STATE}.remove", pillar={**pillar, "remove": {"qubes": True}})
    plan.ok(run.fine() and dom0.qubes == machine.qubes(), "bypass: removal leaves the machine of before", run)


def test_names(plan, dom0):
    found = machine.qubes()
    found["wifi"] = found.pop("sys-net")
    found["wall"] = found.pop("sys-firewall")
    found["wall"]["properties"]["netvm"] = "wifi"
    found["sys-whonix"]["properties"]["netvm"] = found["bank"]["properties"]["netvm"] = "wall"
    dom0.reset(found)
    pillar = {"vpn": {"name": "vpn1", "label": "purple", "memory": 777},
              "dns": {"name": "names", "label": "blue", "memory": 333},
              "template": {"source": "fedora-41-xfce", "name": "tpl-vpn"},
              "chain": {"uplink": "wifi", "firewall": "wall"}, "sandwich": {"enable": True, "name": "wall2"},
              "wire": "force"}
    run = dom0.salt.apply(STATE, pillar=pillar)
    plan.ok(run.fine() and chain(dom0, "wall") == ["wall", "names", "vpn1", "wall2", "wifi"],
            "every qube may have another name", run)
    vpn, dns = (dom0.qubes[name]["properties"] for name in ("vpn1", "names"))
    plan.equal((vpn["label"], vpn["memory"], vpn["template"], dns["label"], dns["memory"]),
               ("purple", 777, "tpl-vpn", "blue", 333), "labels, memory and template are the pillar's")
    plan.ok("--targets=tpl-vpn,vpn1,names state.sls" in run.said("what-next"), "the command has these names", run)

    dom0.reset()
    run = dom0.salt.apply(STATE, pillar={"dns": {"template": "fedora-41-xfce"}})
    plan.ok(run.fine() and dom0.qubes["sys-dns"]["properties"]["template"] == "fedora-41-xfce"
            and "--targets=fedora-42-vpn-min,fedora-41-xfce,sys-vpn,sys-dns " in run.said("what-next"),
            "sys-dns may have a template of its own", run)
    dom0.change("sys-dns", state="Running", answers=HEALTHY)
    run = dom0.salt.apply(STATE, pillar={"wire": "never"})
    plan.ok(run.fine() and netvms_of(dom0, "sys-firewall") == ["sys-net"] and "wire: never" in run.said("what-next"),
            "wire: never leaves the chain alone", run)
    run = dom0.salt.apply(f"{STATE}.wire", pillar={"wire": "never"})
    plan.ok(not run.fine() and netvms_of(dom0, "sys-firewall") == ["sys-net"], f"and {STATE}.wire refuses then", run)
    run = dom0.salt.apply(f"{STATE}.wire", pillar={"wire": "force"})
    plan.ok(run.fine() and chain(dom0)[1:] == ["sys-dns", "sys-vpn", "sys-net"], f"{STATE}.wire with force rewires", run)

    found = machine.qubes()
    found["sys-dns"] = {**copy.deepcopy(found["sys-firewall"]), "state": "Halted"}
    dom0.reset(found)
    run = dom0.salt.apply(STATE, pillar={"dns": {"manage": False}, "wire": "force"})
    plan.ok(run.fine() and chain(dom0) == ["sys-firewall", "sys-dns", "sys-vpn", "sys-net"]
            and "service.sysvpn-resolver" not in dom0.qubes["sys-dns"]["features"]
            and "--targets=fedora-42-vpn-min,sys-vpn state.sls" in run.said("what-next"),
            "dns:manage: false puts a sys-dns of the user's into the chain, and does nothing else to it", run)


# a pillar, and what must be said of it
REFUSED = (
    ({"colour": "red"}, "sysvpn:colour is not known"),
    ({"vpn": {"lable": "red"}}, "sysvpn:vpn:lable is not known"),
    ({"vpn": "sys-vpn"}, "sysvpn:vpn must be a map"),
    ({"vpn": {"memory": "much"}}, "sysvpn:vpn:memory must be a number"),
    ({"vpn": {"memory": True}}, "sysvpn:vpn:memory must be a number"),
    ({"vpn": {"label": "pink"}}, "sysvpn:vpn:label must be one of red, orange"),
    ({"vpn": {"name": "a; reboot"}}, "sysvpn:vpn:name must be the name of a qube"),
    ({"vpn": {"name": ""}}, "sysvpn:vpn:name must be the name of a qube"),
    ({"vpn": {"profile": "a'b"}}, "sysvpn:vpn:profile must be the name of a file"),
    ({"template": {"source": "x y"}}, "sysvpn:template:source must be the name of a qube, or empty"),
    ({"template": {"remove_leftovers": "yes please"}}, "sysvpn:template:remove_leftovers must be true or false"),
    ({"template": {"leftovers": ["qubes-core-agent"]}}, "sysvpn:template:leftovers must not name packages of Qubes"),
    ({"template": {"leftovers": ["*"]}}, "sysvpn:template:leftovers must not name packages of Qubes"),
    ({"template": {"leftovers": ["a$(reboot)"]}}, "sysvpn:template:leftovers must be names of packages"),
    ({"template": {"leftovers": [1]}}, "sysvpn:template:leftovers must be a list of texts"),
    ({"package": {"name": "Sys VPN"}}, "sysvpn:package:name must be the name of a package"),
    ({"chain": {"uplink": "sys-vpn"}}, "the qubes of the chain must have different names"),
    ({"chain": {"firewall": "sys-whonix"}}, "Whonix is never touched"),
    ({"bypass": {"enable": True, "qubes": ["anon-whonix"]}}, "Whonix is never touched"),
    ({"bypass": {"qubes": ["a b"]}}, "sysvpn:bypass:qubes must be a list of names"),
    ({"dns": {"resolvers": ["a'; x"]}}, "sysvpn:dns:resolvers must be names"),
    ({"dns": {"enable": 1}}, "sysvpn:dns:enable must be true or false"),
    ({"wire": "please"}, "sysvpn:wire must be auto, force or never"),
    ({"endpoints": "198.51.100.1"}, "sysvpn:endpoints must be a list"),
    ({"endpoints": ["198.51.100.1 $(x)"]}, "sysvpn:endpoints must be lines"),
    ({"hosts": {"vpn.example.net": "198.51.100.1"}}, "sysvpn:hosts must be names"),
    ({"hosts": {"vpn.example.net": ["elsewhere.example.net"]}}, "sysvpn:hosts must be names"),
    ({"hosts": {"vpn example": ["198.51.100.1"]}}, "sysvpn:hosts must be names"),
    ({"check": {"client": "a b"}}, "sysvpn:check:client must be the name of a qube, or empty"),
    ("text", "the pillar sysvpn must be a map"),
)


def test_refusals(plan, dom0):
    dom0.reset()
    before = dom0.qubes
    for pillar, words in REFUSED:
        dom0.salt.set_pillar(pillar)
        run = dom0.salt.apply(STATE)
        plan.ok(any(words in one for one in run.refusals()) and len(run.states) == len(run.refusals())
                and dom0.qubes == before, f"refused: {words}", run)
    dom0.salt.set_pillar(None)
    for pillar, words in (
        ({"chain": {"uplink": "sys-wifi"}}, "there is no qube sys-wifi"),
        ({"template": {"source": "fedora-99-xfce"}}, "there is no template fedora-99-xfce to clone"),
        ({"template": {"source": "debian-12-xfce"}}, "packaged in Fedora and in Debian 13, not in Debian 12"),
        ({"dns": {"template": "debian-13-xfce"}}, "there is no template debian-13-xfce"),
        ({"dns": {"manage": False}}, "there is no qube sys-dns, and sysvpn:dns:manage is false"),
        ({"bypass": {"enable": True, "qubes": ["nobody"]}}, "there is no qube nobody"),
    ):
        run = dom0.salt.apply(STATE, pillar=pillar)
        plan.ok(any(words in one for one in run.refusals()) and dom0.qubes == before, f"dom0: {words}", run)
    run = dom0.salt.apply(STATE, pillar={"template": {"source": "debian-12-xfce"}, "dns": {"enable": False}})
    plan.ok(run.fine() and "debian-12-vpn-min" in dom0.qubes, "Debian 12 will do without sys-dns", run)

    found = {name: qube for name, qube in machine.qubes().items()
             if not name.startswith("fedora") and qube["properties"].get("template") != "fedora-42-xfce"}
    for name in ("sys-net", "sys-firewall"):
        found[name] = machine.qubes()[name]
        found[name]["properties"]["template"] = "debian-12-xfce"
    dom0.reset(found)
    run = dom0.salt.apply(STATE)
    plan.ok(any("no template fedora-NN-xfce or fedora-NN is installed" in one for one in run.refusals()),
            "without a Fedora it says what to install", run)

    dom0.reset()
    secret = SALT / "files/vpn/zurich.ovpn"
    secret.write_text("client\n<key>\nx\n</key>\n")
    run = dom0.salt.apply(STATE)
    secret.unlink()
    plan.ok(any("holds a key or a password, and /srv/salt is copied into other qubes" in one for one in run.refusals())
            and dom0.qubes == before, "a secret in /srv/salt stops dom0's part before it is copied anywhere", run)


def test_whonix_by_template(plan, dom0):
    """A Whonix qube is one by its template, whatever it is called."""
    found = machine.qubes()
    found["anon"] = {**copy.deepcopy(found["bank"]), "state": "Halted"}
    found["anon"]["properties"]["template"] = "whonix-gateway-17"
    dom0.reset(found)
    run = dom0.salt.apply(STATE, pillar={"bypass": {"enable": True, "qubes": ["anon"]}})
    plan.ok(any("anon is a Whonix qube" in one for one in run.refusals()) and dom0.qubes == found,
            "a Whonix qube of another name is not touched either", run)


def test_check(plan, dom0):
    """qubes.tests.sys-vpn fails when `sysvpn check` does, and shows what it says."""
    program = dom0.programs / "sysvpn"
    real = program.read_bytes()

    def play(code):
        program.write_text(f'#!/bin/sh\necho "asked: $*"\necho "not ok 3 - loud reason"\nexit {code}\n')

    play(0)
    run = dom0.salt.apply("qubes.tests.sys-vpn")
    said = str(run.states and run.states[-1].changes)
    plan.ok(run.fine() and "asked: --qube sys-vpn check\\n" in said, "the test state runs sysvpn check", run)
    play(1)
    run = dom0.salt.apply("qubes.tests.sys-vpn")
    plan.ok(not run.fine() and "loud reason" in str(run), "it fails when the check does, and shows its words", run)
    play(5)
    run = dom0.salt.apply("qubes.tests.sys-vpn")
    plan.ok(not run.fine(), "it fails, too, when the check does not know", run)
    play(0)
    run = dom0.salt.apply("qubes.tests.sys-vpn", pillar={
        "check": {"quick": True, "client": "personal"}, "sandwich": {"enable": True}, "vpn": {"name": "vpn1"}})
    plan.ok("asked: --qube vpn1 check --quick --sandwich --client personal" in str(run),
            "quick, client and sandwich are handed on", run)
    run = dom0.salt.apply("qubes.tests.sys-vpn", test=True)
    plan.ok(run.fine() and "asked" not in str(run), "test=True runs no check", run)
    program.write_bytes(real)


def show_top(salt, path):
    """What a target gets with this top alone."""
    top = SALT / "top.sls"
    top.write_text((SALT / path).read_text())
    try:
        return salt.show("state.show_top")
    finally:
        top.unlink()


def test_places(plan, dom0):
    """The same name on every kind of target, and the parts of others refused."""
    def other(name):
        salt = machine.Salt(dom0.salt.program, dom0.folder, name, environment=dom0.salt.environment,
                            grains={"osmajorrelease": 13})
        salt.set_pillar(None)
        return salt

    stranger = other("personal")
    for sls in (STATE, f"{STATE}.wire", f"{STATE}.remove", "qubes.tests.sys-vpn"):
        run = stranger.apply(sls)
        plan.ok(not run.fine() and len(run.states) == len(run.refusals()) == 1, f"{sls} is refused in another qube", run)
    for sls in (f"{STATE}.qube", f"{STATE}.template"):
        run = dom0.salt.apply(sls)
        plan.ok(not run.fine() and len(run.states) == len(run.refusals()) == 1, f"{sls} is refused in dom0", run)
    for name, wanted in (("dom0", "sys-vpn-present"), ("fedora-42-vpn-min", "packages"), ("sys-vpn", "user-script"),
                         ("sys-dns", "resolvers")):
        salt = dom0.salt if name == "dom0" else other(name)
        shown = salt.show("state.show_sls", STATE)
        plan.ok(isinstance(shown, dict) and wanted in shown, f"state.show_sls {STATE} for {name}", shown)
        shown = show_top(salt, "qubes/network/sys-vpn/init.top")
        sls = "qubes.network.sys-dns" if name == "sys-dns" else STATE
        plan.equal(shown, {"base": [sls]}, f"state.show_top for {name}")
    plan.equal(show_top(dom0.salt, "qubes/tests/sys-vpn.top"), {"base": ["qubes.tests.sys-vpn"]}, "the top of the test")
    plan.equal(show_top(salt, "qubes/network/sys-dns/init.top"), {"base": ["qubes.network.sys-dns"]}, "the top of sys-dns")
    shown = dom0.salt.show("state.show_sls", "qubes.network.sys-dns")
    plan.ok("sys-dns-present" in shown, "state.show_sls qubes.network.sys-dns for dom0", shown)


def test_pillar_file(plan, dom0):
    """The pillar that is installed: as it is, and with all of its lines in use."""
    text = PILLAR.read_text()
    shipped = dom0.salt.pillar / "sysvpn.sls"
    dom0.salt.set_pillar({})
    shipped.write_text(text)
    dom0.reset()
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and "sys-vpn" in dom0.qubes, "the installed pillar changes nothing until lines of it are in use", run)
    body = text[text.index("sysvpn:\n"):]
    used = re.sub(r"^# ((?: *)(?:[a-z-]))", r" \1", body, flags=re.M)
    shipped.write_text(used)
    shown = dom0.salt.show("pillar.get", "sysvpn")
    run = dom0.salt.apply(STATE)
    plan.ok(run.fine() and "sys-firewall-vpn" in dom0.qubes and netvms_of(dom0, "bank") == ["sys-firewall-novpn"],
            "with all its lines in use each option is known and of the right kind", f"{run}\n{used}")
    options = subprocess.run(
        [dom0.salt.program.with_name("python3"), "-c", "import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin)))"],
        input=(SALT / "qubes/network/sys-vpn/defaults.yaml").read_text(), text=True, capture_output=True, check=True)
    defaults = json.loads(options.stdout)
    missing = [f"{section}:{option}" for section, found in defaults.items() if isinstance(found, dict)
               for option in found if isinstance(shown, dict) and option not in shown.get(section, {})]
    missing += [section for section in defaults if section not in shown]
    plan.equal(missing, ["template:leftovers", "package:name", "dns:name", "dns:label", "dns:memory", "remove:qubes",
                         "remove"], "it has an example of every option but a few that explain themselves")
    dom0.salt.set_pillar(None)


def test_modes(plan):
    """What is installed is root's alone."""
    loose = [str(path) for path in [*SALT.rglob("*"), *PILLAR.parent.rglob("*")]
             if path.name not in ("salt", "qubes", "network") and path.stat().st_mode & 0o027]
    plan.equal(loose, [], "installed states and pillar are readable by root alone")


def run(plan, build):
    sys.path.insert(0, str(machine.TESTS / "applet"))
    dom0 = machine.Dom0(build, machine.VERSIONS[-1], os.environ["LABDIR"], key="options")
    test_modes(plan)
    test_topologies(plan, dom0)
    test_names(plan, dom0)
    test_refusals(plan, dom0)
    test_whonix_by_template(plan, dom0)
    test_check(plan, dom0)
    test_places(plan, dom0)
    test_pillar_file(plan, dom0)
    plan.equal({name: machine.qubes()[name]["properties"].get("netvm", "default") for name in BEFORE}, BEFORE,
               "the machine that all of this starts from is the one described")
